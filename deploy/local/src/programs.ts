import { accessSync, constants, globSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';

/** Kafka 4 brokers need Java 17 (kafka.apache.org/43/operations/java-version). */
const javaMajorMin = 17;

/** Folders where packagers put PostgreSQL's server programs, which are rarely in PATH; newest version last. */
const postgresFolders = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin'];

/** The full path of a program in PATH or in the extra folders. */
export function findProgram(name: string, extraFolders: readonly string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...extraFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Java of JAVA_HOME or PATH, where it is new enough. */
export async function findJava(): Promise<string | undefined> {
  const home = process.env['JAVA_HOME'];
  const java = findProgram('java', home === undefined ? [] : [join(home, 'bin')]);
  if (java === undefined) return undefined;
  const { stderr, exitCode } = await execa(java, ['-version'], { reject: false });
  const major = /version "(\d+)/.exec(stderr)?.[1];
  return exitCode === 0 && Number(major) >= javaMajorMin ? java : undefined;
}

/** The folder with initdb, postgres and their like; behind a link, as a lone link in PATH has not the others beside it. */
export function findPostgresFolder(): string | undefined {
  const versions = postgresFolders.flatMap((pattern) => globSync(pattern)).toSorted(byVersion);
  const initdb = findProgram('initdb', versions.toReversed());
  return initdb === undefined ? undefined : dirname(realpathSync(initdb));
}

function byVersion(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
