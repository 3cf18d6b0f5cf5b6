import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Type stripping is stable from here on (nodejs.org/api/typescript.html); sources run without a build. */
const nodeVersionMin = [24, 12];

const platform = `${process.platform}-${process.arch}`;

/** @param {string} root */
export const toolchainDir = (root) => join(root, '.haulwatch', 'toolchain');
/** The locked package list of the toolchain. @param {string} root */
export const toolchainLock = (root) => join(root, 'deploy', 'local', 'toolchain', 'package-lock.json');

/**
 * This process's Node where it is new enough, else the toolchain's, else undefined.
 *
 * @param {string} root
 */
export function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  return isToolchainWhole(root)
    ? join(toolchainDir(root), 'node_modules', `node-${platform}`, 'bin', 'node')
    : undefined;
}

/**
 * The folder of the toolchain's pnpm, to be put into PATH.
 *
 * @param {string} root
 */
export function findToolchainPnpmDir(root) {
  if (!isToolchainWhole(root)) return undefined;
  return join(toolchainDir(root), 'node_modules', '@pnpm', `exe.${platform}`);
}

/** @param {string} version such as "24.12.0" */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = nodeVersionMin;
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/**
 * The folder is put in place by one rename when it is complete, so it is whole when it is there; the copy of the lock
 * file tells whether it is the one that this commit wants.
 *
 * @param {string} root
 */
export function isToolchainWhole(root) {
  const own = join(toolchainDir(root), 'package-lock.json');
  return existsSync(own) && readFileSync(own, 'utf8') === readFileSync(toolchainLock(root), 'utf8');
}

/**
 * The platforms that the lock file has programs for, such as "linux-x64".
 *
 * @param {string} lockText
 */
export function platformsOf(lockText) {
  return [...lockText.matchAll(/"node_modules\/node-([a-z0-9]+-[a-z0-9]+)"/g)].map((match) => match[1]);
}
