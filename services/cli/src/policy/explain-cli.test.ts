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

const nights = [{ days: 'every-day', from: '22:00', to: '06:00' }];
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

test("a vehicle's permits are told, and whether they hold", async () => {
  const permits = [
    { id: 'P-1', from: '2026-01-01T00:00+08:00', to: '2027-01-01T00:00+08:00' },
    { id: 'P-2', from: '2026-01-01T00:00+08:00', to: '2026-02-01T00:00+08:00', routes: ['nowhere'] },
    { id: 'P-3', from: '2026-01-01T00:00+08:00', to: '2027-01-01T00:00+08:00', hours: nights },
  ];
  const cell = JSON.stringify(permits).replaceAll('"', '""');
  await writeFile(join(dir, 'permits.csv'), `id,class,permits\ntruck-9,earthwork,"${cell}"\ntruck-8,earthwork,\n`);
  const flags = ['--policy', join(dir, 'policy.yaml'), '--fleet', join(dir, 'permits.csv')];
  const { out } = await explain(['truck-9', ...flags, ...inTheFence, '--at', '2026-03-01T12:00']);
  const year = '2026-01-01T00:00+08:00 to 2027-01-01T00:00+08:00';
  expect(out).toContain(
    `PERMITS OF THE VEHICLE (3)

  WARNING: P-2 names nowhere, but the policy has no such fence with uses: [route]: while it holds, no route is watched

  P-1                HOLDS NOW; ${year}; always; everywhere
  P-2                does not hold now; 2026-01-01T00:00+08:00 to 2026-02-01T00:00+08:00; always; by nowhere; the place is on none of its routes
  P-3                does not hold now; ${year}; every day 22:00-06:00; everywhere
`,
  );
  expect((await explain(['truck-9', ...flags])).out).toContain(`P-1                ${year}; always; everywhere`);
  const none = (await explain(['truck-8', ...flags])).out;
  expect(none).toContain('PERMITS OF THE VEHICLE (0)');
  expect(none).not.toContain('WARNING');
  expect((await explain(['earthwork', ...flags])).out).not.toContain('PERMITS');
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
