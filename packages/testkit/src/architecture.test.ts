import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@haulwatch/local';
import { describe, expect, test } from 'vitest';

/** Who may use whom (ARCHITECTURE.md). A new arrow here is the change that deserves the scrutiny. */
const ring0 = ['domain', 'ports', 'codec', 'geo', 'rules', 'engine', 'alerting', 'contract'];
const ring1 = ['kafka', 'redis', 'postgres', 'embedded', 'service'];
const packages = [...ring0, ...ring1, 'simulator'];

const allowed: Record<string, readonly string[]> = {
  'packages/domain': [],
  'packages/ports': ['domain'],
  'packages/codec': ['domain'],
  'packages/geo': ['domain'],
  'packages/rules': ['domain', 'geo'],
  'packages/engine': ['domain', 'geo', 'rules'],
  'packages/alerting': ['domain', 'ports'],
  'packages/contract': ['domain'],
  // Its gateway packs frames, as a real one does.
  'packages/simulator': ['domain', 'codec'],
  'packages/kafka': ring0,
  'packages/redis': ring0,
  'packages/postgres': ring0,
  'packages/embedded': ring0,
  'packages/service': ring0,
  'packages/testkit': ['domain', 'ports', 'local'],
  'services/ingest': packages,
  'services/alerts': packages,
  'services/history': packages,
  'services/api': packages,
  'services/cli': packages,
  'services/console': ['contract'],
  // The written exception to "nothing imports services": it is all of them in one process.
  'services/standalone': [...packages, 'ingest', 'alerts', 'history', 'api'],
  'deploy/local': [],
  benchmarks: [...packages, 'local'],
};

/** What tests may use beside that; devDependencies alone. */
const allowedInTests = ['testkit', 'embedded', 'simulator', 'local', ...ring0];

/** One vendor each, one package each. */
const homes: Record<string, string> = {
  kafkajs: 'packages/kafka',
  ioredis: 'packages/redis',
  pg: 'packages/postgres',
  '@electric-sql/pglite': 'packages/embedded',
};

/** Ring 0 computes; these compute too. */
const turf = ['area', 'buffer', 'clean-coords', 'helpers', 'kinks', 'simplify'].map((name) => `@turf/${name}`);
const outsideOfRing0: Record<string, readonly string[]> = {
  contract: ['zod', ...turf],
  geo: ['flatbush'],
  rules: ['temporal-polyfill'],
};

type Manifest = { readonly dependencies?: Record<string, string>; readonly devDependencies?: Record<string, string> };

const folders = globSync(['packages/*/package.json', 'services/*/package.json', 'deploy/local/package.json'], {
  cwd: repositoryRoot,
}).map((file) => dirname(file));

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8')) as Manifest;
}

function ours(modules: readonly string[]): string[] {
  return modules.filter((name) => name.startsWith('@haulwatch/')).map((name) => name.slice('@haulwatch/'.length));
}

/** The modules that a folder's sources import: `@scope/name` or `name`, without what is relative or Node's own. */
function importsOf(folder: string): { file: string; module: string; inTest: boolean }[] {
  const cwd = join(repositoryRoot, folder);
  const files = globSync('**/*.{ts,mts,mjs,js}', {
    cwd,
    exclude: (name) => /node_modules|public|toolchain/.test(name),
  });
  return files.flatMap((file) => {
    const text = readFileSync(join(cwd, file), 'utf8');
    const found = text.matchAll(/^(?:import|export|\}).*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm);
    const inTest = /\.test\.ts$|(^|\/)_|^test\//.test(file);
    return [...found].flatMap((match) => {
      const name = /^(@[^/]+\/[^/]+|[^./@][^/]*)/.exec(match[1] ?? match[2] ?? match[3] ?? '')?.[1];
      return name === undefined || name.startsWith('node:') ? [] : [{ file, module: name, inTest }];
    });
  });
}

test('the table names every package and no other', () => {
  expect(
    Object.keys(allowed)
      .filter((folder) => folder !== 'benchmarks')
      .toSorted(),
  ).toEqual(folders.toSorted());
});

describe.each(Object.keys(allowed).filter((folder) => existsSync(join(repositoryRoot, folder))))('%s', (folder) => {
  const mayUse = allowed[folder] ?? [];

  test('declares what the table allows', () => {
    const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
    expect(ours(Object.keys(dependencies)).filter((name) => !mayUse.includes(name))).toEqual([]);
    const inTests = [...mayUse, ...allowedInTests];
    expect(ours(Object.keys(devDependencies)).filter((name) => !inTests.includes(name))).toEqual([]);
  });

  test('imports what the table allows', () => {
    const inSource = importsOf(folder).filter(({ inTest }) => !inTest);
    expect(inSource.filter(({ module }) => ours([module]).some((name) => !mayUse.includes(name)))).toEqual([]);
  });

  test('leaves each vendor to its home', () => {
    const strays = importsOf(folder).filter(({ module }) => (homes[module] ?? folder) !== folder);
    expect(strays).toEqual([]);
  });
});

test.each([...ring0, 'simulator'])('ring 0 computes and does nothing else: %s', (name) => {
  const inSource = importsOf(`packages/${name}`).filter(({ inTest }) => !inTest);
  const foreign = inSource.filter(({ module }) => !module.startsWith('@haulwatch/'));
  expect(foreign.filter(({ module }) => outsideOfRing0[name]?.includes(module) !== true)).toEqual([]);
});

test('the scan does find imports', () => {
  const scanned = folders.map((folder) => [folder, importsOf(folder).length] as const);
  expect(scanned.filter(([folder, count]) => count === 0 && allowed[folder]?.length !== 0)).toEqual([]);
  expect(scanned.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(100);
});
