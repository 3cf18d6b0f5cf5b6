import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { beganAtMs, drive, jsonLines, policyFile } from '../targets/_samples.ts';

const { rules } = policyFile;

/** Of policy A: another limit, a longer minimum duration in closed zones, and a rule more. */
const trialFile = {
  ...policyFile,
  name: 'trial',
  rules: {
    ...rules,
    overspeed: { ...rules.overspeed, limitsKph: { ...rules.overspeed.limitsKph, heavy: 70 } },
    'prohibited-zone': { ...rules['prohibited-zone'], minDurationS: 300 },
    'overspeed-warning': { level: 1, tier: 'T0', minDurationS: 0, clearAfterS: 60, belowKph: 25 },
  },
};

type Row = { vehicleId: string; fixedAtMs: number; lonDeg: number; latDeg: number; speedKph: number };

/** Columns of other names, at Shanghai's time without an offset. */
function csvOf(rows: readonly Row[]): string {
  const time = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().replace('T', ' ').slice(0, 19);
  const cells = rows.map((row) => [row.vehicleId, time(row.fixedAtMs), row.lonDeg, row.latDeg, row.speedKph].join(','));
  return `truck,at,x,y,kph\n${cells.join('\n')}\n`;
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  await writeFile(join(dir, 'a.yaml'), JSON.stringify(policyFile));
  await writeFile(join(dir, 'b.yaml'), JSON.stringify(trialFile));
  await writeFile(join(dir, 'strict.yaml'), JSON.stringify({ ...policyFile, unknownVehicles: 'reject' }));
  await writeFile(join(dir, 'wrong.yaml'), 'name: wrong\ntimeZone: Shanghai\n');
  await writeFile(join(dir, 'drive.jsonl'), `${jsonLines(drive(2))}{broken\n`);
  await writeFile(join(dir, 'drive.csv'), csvOf(drive(2) as Row[]));
});
afterAll(() => rm(dir, { recursive: true }));

async function diff(...args: readonly string[]): Promise<{ exitCode: number; out: string[]; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const { signal } = new AbortController();
  const terminal = { signal, print: (line: string) => out.push(line), say: (line: string) => err.push(line) };
  const exitCode = await runCli(['policy', 'diff', ...args.map((arg) => arg.replace('DIR', dir))], terminal);
  return { exitCode, out: out.join('\n').replaceAll(dir, 'DIR').split('\n'), err: err.join('\n') };
}

function resultOf(out: readonly string[]): unknown {
  expect(out.at(-1)).toMatch(/^RESULT \{/);
  return JSON.parse(out.at(-1)!.slice('RESULT '.length));
}

const unchanged = { appeared: 0, vanished: 0, changed: 0, changes: {} };
const counts = {
  alarmsA: 3,
  alarmsB: 4,
  appeared: 3,
  vanished: 2,
  changed: 1,
  byRule: {
    overspeed: { ...unchanged, alarmsA: 1, alarmsB: 1, changed: 1, changes: { limit: 1 } },
    'overspeed-warning': { ...unchanged, alarmsA: 0, alarmsB: 3, appeared: 3 },
    'prohibited-zone': { ...unchanged, alarmsA: 2, alarmsB: 0, vanished: 2 },
  },
};

test('a limit, a minimum duration and a rule make their differences', async () => {
  const { exitCode, out, err } = await diff('DIR/a.yaml', 'DIR/b.yaml', '--input', 'DIR/drive.jsonl');
  expect(exitCode).toBe(0);
  expect(resultOf(out)).toEqual(counts);
  expect(out.slice(0, 2)).toEqual([
    'A  DIR/a.yaml "low limits", 120 fixes taken',
    'B  DIR/b.yaml "trial", 120 fixes taken',
  ]);
  const changed = out.indexOf('~ truck-0  overspeed  limit');
  expect(out.slice(changed + 1, changed + 3)).toEqual([
    expect.stringMatching(
      /^ {4}A: 2026-03-01 16:01:50\.\.16:06:40 {2}level 1 T1, peak 80 km\/h, limit 60 km\/h: up to 80 km\/h .* where 60 applies/,
    ),
    expect.stringMatching(/^ {4}B: .* limit 70 km\/h: up to 80 km\/h .* where 70 applies \(class heavy\)$/),
  ]);
  // The broken line is a row of both, and said once.
  expect(err.match(/json-broken/g)).toHaveLength(1);
});

test('the other way round, what appeared vanishes', async () => {
  const { out } = await diff('DIR/b.yaml', 'DIR/a.yaml', '--input', 'DIR/drive.jsonl');
  expect(resultOf(out)).toMatchObject({ alarmsA: 4, alarmsB: 3, appeared: 2, vanished: 3, changed: 1 });
});

test('a policy does not differ from itself', async () => {
  const { exitCode, out } = await diff('DIR/b.yaml', 'DIR/b.yaml', '--input', 'DIR/drive.jsonl', '--exit-code');
  expect(exitCode).toBe(0);
  expect(resultOf(out)).toMatchObject({ alarmsA: 4, alarmsB: 4, appeared: 0, vanished: 0, changed: 0 });
});

test('with --exit-code a difference ends with 1, after all of it was printed', async () => {
  const { exitCode, out, err } = await diff('DIR/a.yaml', 'DIR/b.yaml', '--input', 'DIR/drive.jsonl', '--exit-code');
  expect(exitCode).toBe(1);
  expect(resultOf(out)).toEqual(counts);
  expect(err).toContain('haulwatch: the policies differ: 3 alarms appear, 2 vanish, 1 change');
});

test('columns, their time zone and a limit of the list, as replay has them', async () => {
  const columns = 'vehicleId=truck,fixedAt=at,lon=x,lat=y,speed=kph';
  const reading = ['--input', 'DIR/drive.csv', '--columns', columns, '--time-zone', 'Asia/Shanghai'];
  const { out } = await diff('DIR/a.yaml', 'DIR/b.yaml', ...reading, '--limit', '1');
  expect(resultOf(out)).toEqual(counts);
  expect(out).toContain('appear under B: 3, the first 1');
  expect(out.filter((line) => line.startsWith('+ '))).toHaveLength(1);
});

test('--json is one document with every alarm', async () => {
  const { out } = await diff('DIR/a.yaml', 'DIR/b.yaml', '--input', 'DIR/drive.jsonl', '--json', '--limit', '1');
  const told = JSON.parse(out.join('\n')) as Record<string, unknown>;
  expect(told).toMatchObject({ rows: 121, vehicles: 2, fixes: { a: 120, b: 120 }, counts });
  expect(told['appeared']).toHaveLength(3);
  expect(told['changed']).toMatchObject([
    { a: { limit: 60 }, b: { limit: 70, startedAtMs: beganAtMs + 110_000 }, changes: ['limit'] },
  ]);
});

describe('vehicles that nobody registered', () => {
  test('each policy says what they are, and the books of both balance', async () => {
    const { out, err } = await diff('DIR/a.yaml', 'DIR/strict.yaml', '--input', 'DIR/drive.jsonl');
    expect(resultOf(out)).toMatchObject({ alarmsA: 3, alarmsB: 0, vanished: 3 });
    expect(out[1]).toBe('B  DIR/strict.yaml "low limits", 0 fixes taken');
    expect(err).toContain('vehicles that nobody registered: --class heavy');
  });

  test('--class says it for both', async () => {
    const { out } = await diff('DIR/a.yaml', 'DIR/strict.yaml', '--input', 'DIR/drive.jsonl', '--class', 'heavy');
    expect(resultOf(out)).toMatchObject({ alarmsA: 3, alarmsB: 3, appeared: 0, vanished: 0, changed: 0 });
  });
});

describe('what is wrong is told before anything is played', () => {
  test.each<[string, string[], number, string]>([
    ['policy A', ['DIR/wrong.yaml', 'DIR/b.yaml', '--input', 'DIR/drive.jsonl'], 1, 'wrong.yaml is not a valid policy'],
    ['policy B', ['DIR/a.yaml', 'DIR/wrong.yaml', '--input', 'DIR/drive.jsonl'], 1, 'wrong.yaml:2:1: timeZone'],
    ['no policy B', ['DIR/a.yaml', 'DIR/none.yaml', '--input', 'DIR/drive.jsonl'], 1, 'none.yaml: there is no such'],
    ['no telemetry', ['DIR/a.yaml', 'DIR/b.yaml', '--input', 'DIR/none.csv'], 1, 'none.csv: there is no such file'],
    ['no input', ['DIR/a.yaml', 'DIR/b.yaml'], 2, "required option '--input <file>' not specified"],
    ['one policy', ['DIR/a.yaml', '--input', 'DIR/drive.jsonl'], 2, "missing required argument 'B'"],
    ['half an alarm', ['DIR/a.yaml', 'DIR/b.yaml', '--input', 'a.csv', '--limit', '0.5'], 2, 'a whole number from 0'],
    ['a name that does not tell', ['DIR/a.yaml', 'DIR/b.yaml', '--input', '-'], 2, 'standard input has no name'],
  ])('%s', async (_what, args, exitCode, message) => {
    const result = await diff(...args);
    expect(result.err).toContain(message);
    expect({ exitCode: result.exitCode, out: result.out }).toEqual({ exitCode, out: [''] });
  });
});
