import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet } from '@haulwatch/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clashes, readFleetFile } from './fleet-csv.ts';
import { importResult } from './import-fleet.ts';

async function fleetFile(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'fleet.csv');
  await writeFile(path, text);
  return path;
}

const header = 'id,class,plate,aliases,retired';

test('vehicles with the lines they stand in', async () => {
  const path = await fleetFile(
    `\uFEFF${header}\r\ntruck-1,hazmat,沪A12345,13800000001;t1,\r\n\r\n" truck-2 ",heavy,,,yes\r\n`,
  );
  expect(await readFleetFile(path)).toEqual({
    entries: [
      { id: 'truck-1', class: 'hazmat', plate: '沪A12345', aliases: ['13800000001', 't1'] },
      { id: 'truck-2', class: 'heavy', retired: true },
    ],
    lines: [2, 4],
  });
});

describe('what is wrong is told by line and column, and all of it', () => {
  test.each([
    [
      'a class that there is not',
      `${header}\na,lorry,,,\nb,heavy,,,maybe`,
      ['2: class: expected one of', '3: retired: "maybe" is not true or false'],
    ],
    ['an id twice', `${header}\na,heavy,,,\na,heavy,,,`, ['3: id: the id "a" stands twice']],
    [
      'an alias that is another vehicle',
      `${header}\na,heavy,,,\nb,heavy,,a,`,
      ['3: aliases: "a" names the vehicle "a" already'],
    ],
    ['no id', `${header}\n,heavy,,,`, ['2: id: is missing']],
    ['a column that is not known', 'id,class,colour\na,heavy,red', ['1: colour: is not a column of a fleet file']],
    ['a column that is missing', 'id,plate\na,b', ['1: class: the column is missing']],
    ['too few cells', `${header}\na,heavy\n`, ['2: Invalid Record Length']],
    ['a quote that is never closed', `${header}\n"a,heavy,,,\n`, ['Quote Not Closed']],
  ])('%s', async (_what, text, expected) => {
    const path = await fleetFile(text);
    const error: unknown = await readFleetFile(path).catch((thrown: unknown) => thrown);
    for (const part of expected) expect(String(error)).toContain(part);
  });
});

test.each([
  ['a file that is not there', '/nowhere/fleet.csv', 'cannot read /nowhere/fleet.csv: there is no such file'],
  ['a folder', tmpdir(), 'it is a folder'],
])('%s', async (_what, path, message) => await expect(readFleetFile(path)).rejects.toThrow(message));

describe('against what is registered', () => {
  const fleet = new Fleet();
  for (const vehicle of fleet.register([
    { id: 'a', class: 'heavy', aliases: ['1'] },
    { id: 'b', class: 'coach' },
  ])) {
    fleet.put(vehicle);
  }

  test('new, changed and unchanged are told apart', () => {
    const entries = [
      { id: 'a', class: 'heavy', aliases: ['1'] },
      { id: 'b', class: 'hazmat' },
      { id: 'c', class: 'mixer' },
    ] as const;
    expect(importResult(fleet, entries)).toEqual({
      rows: 3,
      registered: 2,
      new: 1,
      changed: 1,
      unchanged: 1,
      vehicles: 3,
    });
  });

  test('an alias of another vehicle is not taken', () => {
    expect(clashes([{ id: 'c', class: 'heavy', aliases: ['1'] }], [7], fleet)).toEqual([
      { line: 7, column: 'aliases', message: '"1" names the vehicle "a" already' },
    ]);
  });
});
