import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { endRunningInstaller, runInstaller, say, SetupError } from './progress.mjs';
import {
  findNode,
  findToolchainPnpmDir,
  isToolchainWhole,
  platformsOf,
  toolchainDir,
  toolchainLock,
} from './toolchain.mjs';
import { clearStamp, isInstalled, workspaceStamp, writeStamp } from './workspace.mjs';

/** pnpm before 12 does not read our `allowBuilds` and `catalog` the same way. */
const pnpmMajorMin = 12;

/**
 * Fetches what is missing, one process at a time; returns the path of a Node that is new enough.
 *
 * @param {string} root
 * @param {{ withDependencies: boolean }} options
 */
export async function setUpSlowly(root, { withDependencies }) {
  const removeHandlers = endOnSignal();
  const lock = join(root, '.haulwatch', 'setup.lock');
  const onWait = (/** @type {number | undefined} */ pid) =>
    say(`waiting for the set-up that process ${pid ?? '?'} runs …`);
  const ready = await withLock(lock, onWait, async () => {
    const ownPnpm = hasOwnPnpm();
    if (findNode(root) === undefined || (!ownPnpm && !isToolchainWhole(root))) await fetchToolchain(root);
    const node = findNode(root);
    if (node === undefined) throw new SetupError(`${toolchainDir(root)} is unusable: delete it and run this again`);
    if (withDependencies && !isInstalled(root)) await installDependencies(root, node);
    return node;
  });
  removeHandlers();
  return ready;
}

/** Ctrl-C during an installation ends the installer and gives the lock back (at exit). */
function endOnSignal() {
  const onInt = () => end(130);
  const onTerm = () => end(143);
  const end = (/** @type {number} */ code) => {
    endRunningInstaller();
    process.exit(code);
  };
  process.once('SIGINT', onInt).once('SIGTERM', onTerm);
  return () => process.removeListener('SIGINT', onInt).removeListener('SIGTERM', onTerm);
}

function hasOwnPnpm() {
  const { status, stdout } = spawnSync('pnpm', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 && Number.parseInt(stdout, 10) >= pnpmMajorMin;
}

/**
 * `npm ci` into a folder beside, a try of what came, then one rename: whatever ends this early leaves no half toolchain.
 *
 * @param {string} root
 */
async function fetchToolchain(root) {
  const platform = `${process.platform}-${process.arch}`;
  const platforms = platformsOf(readFileSync(toolchainLock(root), 'utf8'));
  if (!platforms.includes(platform)) {
    throw new SetupError(
      `this needs Node >= 24.12 and pnpm >= ${pnpmMajorMin}, and fetches them for ${platforms.join(' and ')} alone. ` +
        `Here is Node ${process.versions.node} on ${platform}: install both (nodejs.org; \`npm install -g pnpm@12\`) and run this again.`,
    );
  }
  const target = toolchainDir(root);
  removeLeftovers(dirname(target));
  const partial = `${target}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  cpSync(join(dirname(toolchainLock(root)), 'package.json'), join(partial, 'package.json'));
  cpSync(toolchainLock(root), join(partial, 'package-lock.json'));
  const retries = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--include=optional', ...retries];
  const title = `fetching Node 24 and pnpm ${pnpmMajorMin} into .haulwatch/toolchain (80 MB, once)`;
  const { ok, output } = await runInstaller(title, 'npm', ['ci', ...flags, '--prefix', partial], {
    cwd: partial,
    env: installerEnv(),
    // The programs are optional dependencies, one a platform: npm passes over those that it cannot fetch.
    succeeded: () =>
      runs(join(partial, 'node_modules', `node-${platform}`, 'bin', 'node')) &&
      runs(join(partial, 'node_modules', '@pnpm', `exe.${platform}`, 'pnpm')),
  });
  if (!ok) {
    rmSync(partial, { recursive: true, force: true });
    throw new SetupError(explainNpm(output));
  }
  const previous = `${target}.partial-old-${process.pid}`;
  if (existsSync(target)) renameSync(target, previous);
  renameSync(partial, target);
  rmSync(previous, { recursive: true, force: true });
}

/**
 * npm hands its settings to its scripts as npm_config_*; an outer `npm run` must not steer this installation. Those that
 * a user sets to reach a registry stay. And Node does not know the certificates that this machine trusts (a company's
 * proxy signs with its own) unless it is told.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function installerEnv() {
  const keep = /^npm_config_(registry|userconfig|globalconfig|cache|.*proxy|cafile|strict_ssl)$/i;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || keep.test(name)),
  );
  const systemCertificates = '/etc/ssl/certs/ca-certificates.crt';
  return existsSync(systemCertificates) ? { NODE_EXTRA_CA_CERTS: systemCertificates, ...env } : env;
}

/** @param {string} program */
function runs(program) {
  return spawnSync(program, ['--version'], { timeout: 30_000 }).status === 0;
}

/** Partial folders of runs that were killed; we hold the lock, so nobody works in them. @param {string} dir */
function removeLeftovers(dir) {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    if (name.startsWith('toolchain.partial-')) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** @param {string} output of npm */
function explainNpm(output) {
  if (/failed to execute npm|spawn npm ENOENT/.test(output)) {
    return 'npm is missing, so Node 24 and pnpm cannot be fetched. Install npm (Debian: apt-get install npm), or Node >= 24.12 and pnpm >= 12, then run this again.';
  }
  return `${lastLines(output)}\nNode 24 and pnpm could not be fetched from the npm registry. Check the network (or the proxy, or \`npm config get registry\`), then run this again: nothing half-installed was kept.`;
}

/**
 * @param {string} root
 * @param {string} node
 */
async function installDependencies(root, node) {
  const stamp = workspaceStamp(root);
  clearStamp(root);
  const dirs = [findToolchainPnpmDir(root), dirname(node)].filter((dir) => dir !== undefined);
  const env = { ...installerEnv(), PATH: [...dirs, process.env['PATH']].join(delimiter) };
  const args = ['install', '--frozen-lockfile', '--reporter=append-only', '--config.confirmModulesPurge=false'];
  const { ok, output } = await runInstaller('installing the dependencies with pnpm', 'pnpm', args, { cwd: root, env });
  if (ok) return writeStamp(root, stamp);
  const remedy = /OUTDATED_LOCKFILE|frozen-lockfile/.test(output)
    ? 'A package.json changed and pnpm-lock.yaml did not: run `node deploy/local/run.mjs :pnpm install`.'
    : 'The dependencies could not be installed: check the network, then run this again.';
  throw new SetupError(`${lastLines(output)}\n${remedy}`);
}

/** @param {string} output */
function lastLines(output) {
  return output.split('\n').slice(-15).join('\n');
}
