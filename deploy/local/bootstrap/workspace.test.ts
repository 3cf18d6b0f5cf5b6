import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clearStamp, isInstalled, packageFiles, workspacePatterns, workspaceStamp, writeStamp } from './workspace.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'haulwatch-workspace-'));
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - deploy/local\n\ncatalog:\n  - packages/not-this\n');
  write('pnpm-lock.yaml', 'lockfileVersion: 9\n');
  write('package.json', '{}');
  write('packages/b/package.json', '{"name":"b"}');
  write('packages/a/package.json', '{"name":"a"}');
  write('packages/no-package/readme.md', '');
  write('deploy/local/package.json', '{"name":"local"}');
  mkdirSync(join(root, 'node_modules'));
});

afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
}

test('finds the package files of the workspace', () => {
  expect(packageFiles(root)).toEqual([
    'packages/a/package.json',
    'packages/b/package.json',
    'deploy/local/package.json',
  ]);
});

test('reads the patterns of our own workspace file', () => {
  const yaml = readFileSync(new URL('../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
  expect(workspacePatterns(yaml)).toEqual(['packages/*', 'services/*', 'deploy/local', 'benchmarks']);
});

describe('an installation', () => {
  beforeEach(() => writeStamp(root, workspaceStamp(root)));

  test('is known until something changes', () => {
    expect(isInstalled(root)).toBe(true);
  });

  test.each([
    ['the lock file', () => write('pnpm-lock.yaml', 'lockfileVersion: 10\n')],
    ['the workspace file', () => write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n')],
    ['a package', () => write('packages/a/package.json', '{"name":"a","dependencies":{}}')],
    ['a new package', () => write('packages/c/package.json', '{"name":"c"}')],
    ['a package that has gone', () => rmSync(join(root, 'packages/b/package.json'))],
    ['node_modules that have gone', () => rmSync(join(root, 'node_modules'), { recursive: true })],
    ['an installation that began and did not end', () => clearStamp(root)],
  ])('is stale after a change: %s', (_, change) => {
    change();
    expect(isInstalled(root)).toBe(false);
  });
});
