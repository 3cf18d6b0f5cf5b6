import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drive, jsonLines, policyFile } from '../src/targets/_samples.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Half a second each alone, more on a busy machine: programs are started. */
const timeout = 60_000;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  await writeFile(join(dir, 'policy.yaml'), JSON.stringify(policyFile));
  await writeFile(join(dir, 'drive.jsonl'), jsonLines(drive(9)));
});
afterAll(() => rm(dir, { recursive: true }));

/** Runs the command as a person would, in the folder of the samples. */
function haulwatch(args: readonly string[], options: { readonly input?: string | Uint8Array } = {}) {
  const env = { KAFKA_BROKERS: '', TOPIC_PREFIX: '' };
  return execa(process.execPath, [main, ...args], {
    cwd: dir,
    env,
    reject: false,
    stripFinalNewline: true,
    ...options,
  });
}

function resultOf(stdout: string): Record<string, unknown> {
  const last = stdout.split('\n').at(-1)!;
  expect(last).toMatch(/^RESULT \{/);
  return JSON.parse(last.slice('RESULT '.length)) as Record<string, unknown>;
}

const drove = {
  rows: 540,
  fixes: 540,
  rejects: {},
  late: 0,
  duplicates: 0,
  vehicles: 9,
  alarmsRaised: 12,
  alarmsByRule: { overspeed: 3, 'prohibited-zone': 9 },
  suppressed: {},
  seconds: expect.any(Number) as number,
};

describe.concurrent('replay', { timeout }, () => {
  test('gives the same bytes twice, from a file and packed from standard input', async ({ expect: expectHere }) => {
    const args = ['--policy', 'policy.yaml', '--out'];
    const [plain, again, piped] = await Promise.all([
      haulwatch(['replay', 'drive.jsonl', ...args, 'plain.jsonl']),
      haulwatch(['replay', 'drive.jsonl', ...args, 'again.jsonl']),
      haulwatch(['replay', '-', '--format', 'jsonl', ...args, 'piped.jsonl'], { input: gzipSync(jsonLines(drive(9))) }),
    ]);
    for (const { exitCode, stdout, stderr } of [plain, again, piped]) {
      expectHere({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expectHere(resultOf(stdout)).toEqual(drove);
    }
    const [first, ...others] = await Promise.all(
      ['plain', 'again', 'piped'].map((name) => readFile(join(dir, `${name}.jsonl`), 'utf8')),
    );
    expectHere(first!.split('\n')).toHaveLength(16);
    for (const other of others) expectHere(other).toBe(first);
  });

  test('tells which columns it took and the first row of each mistake', async ({ expect: expectHere }) => {
    const input = 'bus;t;X;Y\na;2026-01-26 15:57:02;-2.9;53.4\nb;soon;-2.9;53.4\nb;later;-2.9;53.4\n';
    const { exitCode, stdout, stderr } = await haulwatch(
      [
        'replay',
        '-',
        '--format',
        'csv',
        '--columns',
        'vehicleId=bus',
        '--class',
        'coach',
        '--time-zone',
        'Europe/London',
      ],
      { input },
    );
    expectHere(exitCode).toBe(0);
    expectHere(resultOf(stdout)).toMatchObject({ rows: 3, fixes: 1, rejects: { 'field-type': 2 }, vehicles: 1 });
    expectHere(stderr).toContain('columns (divided by ;): vehicleId = bus, fixedAt = t, lon = X, lat = Y');
    expectHere(stderr.match(/standard input:\d+: rejected/g)).toEqual(['standard input:3: rejected']);
  });

  test('says what to do about vehicles that the policy does not take', async ({ expect: expectHere }) => {
    const { stdout, stderr } = await haulwatch(['replay', 'drive.jsonl']);
    expectHere(resultOf(stdout)).toMatchObject({ rows: 540, rejects: { 'vehicle-unknown': 540 } });
    expectHere(stderr).toContain('--class heavy takes them for heavy trucks');
  });

  test('ends cleanly with Ctrl-C', async ({ expect: expectHere }) => {
    const running = haulwatch(['replay', '-', '--format', 'csv', '--class', 'heavy', '--speed', 'realtime'], {
      input: 'vehicleId,time,lon,lat\na,2026-01-26 15:00:00,121,31\na,2026-01-26 16:00:00,121,31\n',
    });
    // The header has been read: what follows is the wait for the second fix, an hour long.
    running.stderr.once('data', () => running.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await running;
    expectHere({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expectHere(stderr).toMatch(/haulwatch: interrupted: [01] rows have gone out, the rest of the file has not/);
  });

  test('ends with a damaged gzip file, saying so', async ({ expect: expectHere }) => {
    const packed = gzipSync(jsonLines(drive(9)));
    const { exitCode, stderr } = await haulwatch(['replay', '-', '--format', 'jsonl', '--policy', 'policy.yaml'], {
      input: packed.subarray(0, packed.length - 100),
    });
    expectHere(exitCode).toBe(1);
    expectHere(stderr).toContain('standard input: the gzip file is damaged or ends early');
  });
});

test('a mistake is told on standard error, with an exit code', { timeout }, async () => {
  const { exitCode, stdout, stderr } = await haulwatch(['replay', 'nothing.csv']);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'haulwatch: cannot read nothing.csv: there is no such file',
  });
});
