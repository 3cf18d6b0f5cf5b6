import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { policyFile } from '../targets/_samples.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  await writeFile(join(dir, 'policy.yaml'), JSON.stringify(policyFile));
  await writeFile(join(dir, 'fleet.csv'), 'id,class,plate,company\ntruck-7,hazmat,沪A12345,Shen Tanker\n');
});
afterAll(() => rm(dir, { recursive: true }));

async function explain(args: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const { signal } = new AbortController();
  const terminal = { signal, print: (line: string) => out.push(line), say: (line: string) => err.push(line) };
  const exitCode = await runCli(['policy', 'explain', ...args], terminal);
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}

const inTheFence = ['--lon', '121.43', '--lat', '31.2'];

test('a vehicle of a fleet file in a fence, for people and for programs', async () => {
  const args = ['truck-7', '--policy', join(dir, 'policy.yaml'), '--fleet', join(dir, 'fleet.csv'), ...inTheFence];
  const told = await explain([...args, '--at', '2026-03-01T02:30']);
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toContain(
    'Vehicle truck-7, 沪A12345, Shen Tanker\nClass hazmat 危险货物运输车辆\nAt 2026-03-01T02:30:00+08:00',
  );
  expect(told.out).toContain('end-of-the-road    CLOSED NOW;');
  const { exitCode, out } = await explain([...args, '--at', '2026-03-01T02:30', '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    vehicle: { id: 'truck-7' },
    class: 'hazmat',
    place: { at: '2026-03-01T02:30:00+08:00', limitKph: 60 },
    fences: [{ id: 'end-of-the-road', isClosed: true }],
  });
});

test('without --policy it is the default one', async () => {
  const { exitCode, out } = await explain(['mixer']);
  expect(exitCode).toBe(0);
  expect(out).toContain("Policy 'Shanghai', times in Asia/Shanghai\nClass mixer 混凝土搅拌车");
});

test('a place without a time is told as it is now, and that is said', async () => {
  const { exitCode, err } = await explain(['heavy', '--policy', join(dir, 'policy.yaml'), ...inTheFence]);
  expect([exitCode, err]).toEqual([0, 'no --at: the place is told as it is now']);
});

test.each([
  [['lorry'], "haulwatch: 'lorry' is no class (coach, hazmat, earthwork, mixer, heavy)"],
  [['heavy', '--lon', '121'], 'haulwatch: --lon: say --lat too'],
])('%j is wrong usage', async (args, message) => {
  const { exitCode, out, err } = await explain([...args, '--policy', join(dir, 'policy.yaml')]);
  expect([exitCode, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

test.each(['explain', 'rules'])('the help of policy %s has an example', async (command) => {
  const out: string[] = [];
  const terminal = { signal: AbortSignal.abort(), print: (line: string) => out.push(line), say: () => {} };
  expect(await runCli(['policy', command, '--help'], terminal)).toBe(0);
  expect(out.join('\n')).toMatch(/Examples?:\n {2}haulwatch policy /);
});
