import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';
import { SetupError, say } from './progress.mjs';
import { findNode, findToolchainPnpmDir } from './toolchain.mjs';
import { isInstalled } from './workspace.mjs';

/** The repository's root folder. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Keeps sources stripped of their types: starting a program from it takes half the time. */
const compileCache = join(root, '.haulwatch', 'compile-cache');

/**
 * Sets the repository up where that is missing, then runs the target as this process: same stdio, same exit code, same
 * death. `argv` is [FILE.ts or :bin, ...args].
 *
 * @param {readonly string[]} argv
 */
export async function runTarget(argv) {
  try {
    const [target, ...args] = argv;
    if (target === undefined) throw new SetupError('usage: node deploy/local/run.mjs FILE.ts|:bin [args…]');
    const node = await setUp({ withDependencies: target !== ':pnpm' });
    const { command, prefix } = resolveTarget(target, node);
    await launch(command, [...prefix, ...args], { cwd: workingFolder(target), env: environment(node) });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/**
 * Returns the path of a Node that is new enough. The quick way reads a few files; everything that fetches is loaded
 * only when it is needed, so that a second run adds next to nothing.
 *
 * @param {{ withDependencies: boolean }} options
 */
async function setUp({ withDependencies }) {
  const node = findNode(root);
  const pnpmReady = withDependencies || findToolchainPnpmDir(root) !== undefined;
  if (node !== undefined && pnpmReady && (!withDependencies || isInstalled(root))) return node;
  const { setUpSlowly } = await import('./set-up.mjs');
  return setUpSlowly(root, { withDependencies });
}

/**
 * @param {string} target
 * @param {string} node
 * @returns {{ command: string, prefix: string[] }}
 */
function resolveTarget(target, node) {
  if (target === ':node') return { command: node, prefix: [] };
  if (target === ':pnpm') return { command: 'pnpm', prefix: [] };
  const path = target.startsWith(':') ? join(root, 'node_modules', '.bin', target.slice(1)) : join(root, target);
  if (!existsSync(path)) throw new SetupError(`there is no ${target.startsWith(':') ? path : target} in ${root}`);
  return target.startsWith(':') ? { command: path, prefix: [] } : { command: node, prefix: [path] };
}

/**
 * Files named by the user are relative to where they typed. npm changes to the root and leaves that folder in INIT_CWD;
 * without npm it is the working folder. A tool of node_modules/.bin run by npm works on the whole tree: it stays at the
 * root.
 *
 * @param {string} target
 */
function workingFolder(target) {
  const typedIn = process.env['INIT_CWD'];
  const byNpm = process.env['npm_lifecycle_event'] !== undefined && typedIn !== undefined;
  return byNpm && !target.startsWith(':') ? typedIn : process.cwd();
}

/** @param {string} node */
function environment(node) {
  const dirs = [join(root, 'node_modules', '.bin'), join(node, '..'), findToolchainPnpmDir(root)];
  const path = [...dirs.filter((dir) => dir !== undefined), process.env['PATH']].join(delimiter);
  return { NODE_COMPILE_CACHE: compileCache, ...process.env, PATH: path };
}
