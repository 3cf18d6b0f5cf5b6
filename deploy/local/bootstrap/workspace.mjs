import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lies in node_modules, so that it goes when they go. */
const stampName = '.haulwatch-stamp';

/**
 * True when node_modules came from exactly these lock and package files.
 *
 * @param {string} root
 */
export function isInstalled(root) {
  return readStamp(root) === workspaceStamp(root);
}

/** Before an installation: a broken one must not be taken for whole. @param {string} root */
export function clearStamp(root) {
  rmSync(join(root, 'node_modules', stampName), { force: true });
}

/**
 * @param {string} root
 * @param {string} stamp of the files that were installed, taken before the installation
 */
export function writeStamp(root, stamp) {
  writeFileSync(join(root, 'node_modules', stampName), stamp);
}

/**
 * Hash of everything that decides what `pnpm install` does: the lock file, the workspace file, every package.json.
 *
 * @param {string} root
 */
export function workspaceStamp(root) {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packageFiles(root)]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * The package.json files of the workspace, by the patterns `folder` and `folder/*` of pnpm-workspace.yaml.
 *
 * @param {string} root
 */
export function packageFiles(root) {
  const files = [];
  for (const pattern of workspacePatterns(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))) {
    const parent = pattern.endsWith('/*') ? pattern.slice(0, -2) : undefined;
    const dirs = parent === undefined ? [pattern] : subfolders(root, parent);
    for (const dir of dirs) {
      if (hasPackageFile(root, dir)) files.push(`${dir}/package.json`);
    }
  }
  return files;
}

/**
 * The list under `packages:`. Not a YAML parser: this file is ours, and none is installed yet.
 *
 * @param {string} yaml
 */
export function workspacePatterns(yaml) {
  const lines = yaml.split('\n');
  const start = lines.findIndex((line) => line.trimEnd() === 'packages:');
  const patterns = [];
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    const item = /^\s+-\s+['"]?([^'"\s]+)['"]?\s*$/.exec(line);
    if (item === null) break;
    patterns.push(String(item[1]));
  }
  return patterns;
}

/**
 * @param {string} root
 * @param {string} parent
 */
function subfolders(root, parent) {
  const entries = readdirSync(join(root, parent), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
    .sort();
}

/**
 * @param {string} root
 * @param {string} dir
 */
function hasPackageFile(root, dir) {
  return readdirSync(join(root, dir)).includes('package.json');
}

/** @param {string} root */
function readStamp(root) {
  try {
    return readFileSync(join(root, 'node_modules', stampName), 'utf8');
  } catch {
    return undefined;
  }
}
