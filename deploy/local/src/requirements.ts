import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../bootstrap/lock.mjs';
import { runInstaller, say } from '../bootstrap/progress.mjs';
import { ignoredDir } from './paths.ts';
import { findJava, findPostgresFolder, findProgram } from './programs.ts';
import { UnavailableError } from './server-error.ts';

export type ServerName = 'kafka' | 'redis' | 'postgres';

export const serverNames: readonly ServerName[] = ['kafka', 'redis', 'postgres'];

type Requirement = {
  readonly title: string;
  readonly debianPackages: readonly string[];
  readonly elsewhere: string;
  readonly isMet: () => Promise<boolean>;
};

const requirements: Record<ServerName, readonly Requirement[]> = {
  kafka: [
    {
      title: 'Java 17 or later (for Apache Kafka)',
      debianPackages: ['default-jre-headless'],
      elsewhere: 'brew install openjdk, or adoptium.net',
      isMet: async () => (await findJava()) !== undefined,
    },
    {
      title: 'Maven (fetches Apache Kafka)',
      debianPackages: ['maven'],
      elsewhere: 'brew install maven, or maven.apache.org',
      isMet: async () => findProgram('mvn') !== undefined,
    },
  ],
  redis: [
    {
      title: 'redis-server',
      debianPackages: ['redis-server', 'redis-tools'],
      elsewhere: 'brew install redis, or redis.io',
      isMet: async () => findProgram('redis-server') !== undefined,
    },
  ],
  postgres: [
    {
      title: 'PostgreSQL',
      debianPackages: ['postgresql'],
      elsewhere: 'brew install postgresql@17, or postgresql.org',
      isMet: async () => findPostgresFolder() !== undefined,
    },
  ],
};

/** What the servers need and this machine lacks, with the command that provides it; undefined when nothing is missing. */
async function explainMissing(servers: readonly ServerName[]): Promise<string | undefined> {
  const missing = await findMissing(servers);
  if (missing.length === 0) return undefined;
  const packages = missing.flatMap((requirement) => requirement.debianPackages).join(' ');
  const titles = missing.map((requirement) => requirement.title).join(' and ');
  const elsewhere = missing.map((requirement) => requirement.elsewhere).join('; ');
  return `${titles} missing here. Debian or Ubuntu: sudo apt-get install ${packages}. Elsewhere: ${elsewhere}`;
}

/** Installs what is missing where that is ours to do (root on Debian, not forbidden), else throws with the command. */
export async function ensureRequirements(servers: readonly ServerName[]): Promise<void> {
  if ((await findMissing(servers)).length > 0 && mayInstall()) {
    const onWait = () => say('waiting for another installation …');
    await withLock(join(ignoredDir, 'apt.lock'), onWait, async () => {
      const missing = await findMissing(servers);
      if (missing.length > 0) await aptInstall(missing);
    });
  }
  const explanation = await explainMissing(servers);
  if (explanation !== undefined) throw new UnavailableError(explanation);
}

async function findMissing(servers: readonly ServerName[]): Promise<Requirement[]> {
  const needed = servers.flatMap((server) => requirements[server]);
  const met = await Promise.all(needed.map((requirement) => requirement.isMet()));
  return needed.filter((_, index) => met[index] === false);
}

function mayInstall(): boolean {
  const forbidden = process.env['HAULWATCH_NO_INSTALL'] === '1';
  return !forbidden && process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/**
 * Debian starts what it installs; policy-rc.d is its own way to say no, as we start servers ourselves, on our ports.
 * A package that is marked as installed although its program is gone is put back by --reinstall.
 */
const aptScript = `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
wait='-o DPkg::Lock::Timeout=120'
apt-get $wait update -qq
again=''
for package in "$@"; do
  if dpkg-query -W -f='\${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then again=--reinstall; fi
done
apt-get $wait install -y -qq --no-install-recommends $again "$@"
`;

async function aptInstall(missing: readonly Requirement[]): Promise<void> {
  const packages = missing.flatMap((requirement) => requirement.debianPackages);
  say(`missing: ${missing.map((requirement) => requirement.title).join(', ')}`);
  say('installing with apt-get, without starting services (HAULWATCH_NO_INSTALL=1 forbids this)');
  const title = `apt-get install ${packages.join(' ')}`;
  const args = ['-c', aptScript, 'apt', ...packages];
  const { ok, output } = await runInstaller(title, '/bin/sh', args, { cwd: '/', finishAlone: true });
  if (!ok)
    throw new UnavailableError(
      `${output.split('\n').slice(-15).join('\n')}\napt-get failed: repair it and run this again`,
    );
}
