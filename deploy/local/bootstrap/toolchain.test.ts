import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isNewEnough, isToolchainWhole, platformsOf, toolchainDir, toolchainLock } from './toolchain.mjs';

const ourLock = toolchainLock(new URL('../../../', import.meta.url).pathname);

test.each([
  ['18.20.8', false],
  ['24.11.9', false],
  ['24.12.0', true],
  ['24.21.0', true],
  ['26.0.0', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('our lock file has hashes for both platforms of Linux', () => {
  const text = readFileSync(ourLock, 'utf8');
  expect(platformsOf(text)).toEqual(['linux-arm64', 'linux-x64']);
  expect(text.match(/"integrity": "sha512-/g)).toHaveLength(4);
});

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'haulwatch-toolchain-'));
  mkdirSync(join(toolchainLock(root), '..'), { recursive: true });
  copyFileSync(ourLock, toolchainLock(root));
});

afterEach(() => rmSync(root, { recursive: true }));

test('a toolchain is whole when it came from the lock file of this commit', () => {
  expect(isToolchainWhole(root)).toBe(false);
  mkdirSync(toolchainDir(root), { recursive: true });
  expect(isToolchainWhole(root)).toBe(false);
  copyFileSync(ourLock, join(toolchainDir(root), 'package-lock.json'));
  expect(isToolchainWhole(root)).toBe(true);
  writeFileSync(toolchainLock(root), '{}');
  expect(isToolchainWhole(root)).toBe(false);
});
