import { policyJsonSchema } from '@haulwatch/contract';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';
import { drive, jsonLines, policyFile } from './targets/_samples.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  await writeFile(join(dir, 'policy.yaml'), JSON.stringify(policyFile));
  await writeFile(join(dir, 'drive.jsonl'), jsonLines(drive(1)));
});
afterAll(() => rm(dir, { recursive: true }));

/** `DIR` in an argument stands for the folder of the samples. */
async function run(args: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const { signal } = new AbortController();
  const terminal = { signal, print: (line: string) => out.push(line), say: (line: string) => err.push(line) };
  const exitCode = await runCli(
    args.map((arg) => arg.replace('DIR', dir)),
    terminal,
  );
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}

describe('what is wrong is told in a line, with an exit code', () => {
  test.each<[string, string[], number, string]>([
    ['no command', [], 2, 'Usage: haulwatch'],
    ['an unknown command', ['fly'], 2, "unknown command 'fly'"],
    ['an unknown option', ['replay', 'a.csv', '--fast'], 2, "unknown option '--fast'"],
    ['half a number', ['replay', 'a.csv', '--partitions', '1.5'], 2, 'Expected a whole number from 1 to 10000'],
    ['a class that there is not', ['replay', 'a.csv', '--class', 'lorry'], 2, 'Allowed choices are coach, hazmat'],
    [
      'options that speak past each other',
      ['replay', 'a.csv', '--to', 'kafka', '--class', 'heavy'],
      2,
      '--class is for --to engine',
    ],
    [
      'a target that takes no fleet',
      ['fleet', 'import', 'a.csv', '--to', 'engine'],
      2,
      '--to: expected kafka or http://host:port',
    ],
    [
      'no broker named',
      ['policy', 'publish', 'DIR/policy.yaml', '--brokers', ''],
      2,
      'where is Kafka? Say --brokers host:port',
    ],
    ['a file that is not there', ['replay', 'DIR/nothing.csv'], 1, 'nothing.csv: there is no such file'],
    ['a folder to read', ['replay', 'DIR', '--format', 'csv'], 1, 'it is a folder'],
    [
      'a folder to write to',
      ['replay', 'DIR/drive.jsonl', '--policy', 'DIR/policy.yaml', '--out', 'DIR'],
      1,
      'it is a folder',
    ],
    [
      'no folder to write to',
      ['replay', 'DIR/drive.jsonl', '--policy', 'DIR/policy.yaml', '--out', 'DIR/a/b'],
      1,
      'there is no such folder',
    ],
    ['a policy that is none', ['policy', 'check', 'DIR/drive.jsonl'], 1, 'drive.jsonl:2:1: '],
  ])('%s', async (_what, args, exitCode, message) => {
    const result = await run(args);
    expect(result.err).toContain(message);
    expect(result.err).not.toMatch(/^\s+at /m);
    expect({ exitCode: result.exitCode, out: result.out }).toEqual({ exitCode, out: '' });
  });
});

test.each([
  [['--help']],
  [['replay', '--help']],
  [['fleet', 'import', '--help']],
  [['policy', 'publish', '--help']],
  [['policy', 'check', '--help']],
  [['policy', 'diff', '--help']],
  [['policy', 'schema', '--help']],
  [['topics', 'create', '--help']],
])('%j has an example', async (args) => {
  const { exitCode, out } = await run(args);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/Examples?:\n {2}haulwatch /);
});

test('a good policy is told to be one', async () => {
  const { exitCode, out } = await run(['policy', 'check', 'DIR/policy.yaml']);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/policy\.yaml: no mistakes; the policy "low limits" with 1 fences$/);
});

test('the schema of policy files is printed as JSON alone', async () => {
  const { exitCode, out } = await run(['policy', 'schema']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual(policyJsonSchema());
});
