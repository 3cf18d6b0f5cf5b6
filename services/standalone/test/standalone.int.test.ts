import type { Alarm } from '@haulwatch/domain';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resultOf, standaloneToEnd, startStandalone } from './_standalone.ts';

const cli = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

describe('npm start', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'haulwatch-standalone-'));
  });
  afterEach(async () => await rm(dir, { recursive: true, force: true }));

  test('watches a simulated fleet, ends by itself and says what it saw', { timeout: 180_000 }, async () => {
    const { exitCode, stdout, stderr } = await standaloneToEnd([
      '--data',
      dir,
      '--port',
      '0',
      '--vehicles',
      '120',
      '--seconds',
      '50',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const result = resultOf(stdout) as {
      fixes: number;
      rejects: number;
      alarmsRaised: number;
      alarmsCleared: number;
      openAlarms: number;
    };
    expect(Object.keys(result)).toEqual([
      'fixes',
      'rejects',
      'alarmsRaised',
      'alarmsCleared',
      'alarmsByRule',
      'suppressed',
      'openAlarms',
      'p99Ms',
    ]);
    // 120 vehicles report every 5 s, 9 or 10 times each.
    expect(result.fixes).toBeGreaterThanOrEqual(120 * 9);
    expect(result.rejects).toBe(0);
    expect(result.alarmsRaised).toBeGreaterThan(0);
    expect(result.openAlarms).toBe(result.alarmsRaised - result.alarmsCleared);
  });

  test('keeps alarms over kill -9, each once, and takes them up again', { timeout: 240_000 }, async () => {
    const args = ['--data', dir, '--port', '0', '--no-simulator'];
    const first = await startStandalone(args);
    await replay(first.address, dir, 0, 8);
    const before = await alarmsOf(first.address, 1);
    expect(before[0]).toMatchObject({ status: 'open', rule: 'overspeed', vehicleId: 'truck-1' });
    await first.kill('SIGKILL');

    const second = await startStandalone(args);
    expect(await alarmsOf(second.address, 1)).toEqual(before);
    await replay(second.address, dir, 8, 30);
    const [after] = await alarmsOf(second.address, 1, 'cleared');
    expect(after).toMatchObject({ alarmId: before[0]!.alarmId, status: 'cleared', seq: 2 });
    const { exitCode, stderr } = await second.kill('SIGINT');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('a second one on the same folder is told who has it', { timeout: 120_000 }, async () => {
    const first = await startStandalone(['--data', dir, '--port', '0', '--no-simulator']);
    const { exitCode, stderr } = await standaloneToEnd(['--data', dir, '--port', '0', '--fresh']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/in use by process \d+/);
    expect((await fetch(`${first.address}/readyz`)).status).toBe(200);
    await first.kill('SIGINT');
  });

  test('a taken port is told with what to do', { timeout: 120_000 }, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { exitCode, stderr } = await standaloneToEnd(['--data', dir, '--port', String(port)]);
    await new Promise((resolve) => server.close(resolve));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`port ${port} on 127.0.0.1 is taken by another program: set --port`);
  });

  test.each([
    ['a folder that cannot be made', ['--data', '/dev/null/haulwatch'], 'give another folder with --data DIR'],
    ['a fleet that is too large', ['--vehicles', '100000'], 'expected a whole number from 1 to 5000'],
    ['an unknown option', ['--colour', 'red'], "unknown option '--colour'\n(--help says more)"],
  ])('%s is refused with what to do', { timeout: 60_000 }, async (_name, args, message) => {
    const { exitCode, stderr } = await standaloneToEnd(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});

/** Sends a part of a track of one speeding truck to a running standalone by the CLI, and waits for its RESULT. */
async function replay(address: string, dir: string, from: number, to: number): Promise<void> {
  const startMs = Date.parse('2026-11-22T02:00:00Z');
  const rows = Array.from({ length: to - from }, (_, i) => {
    const row = from + i;
    const at = new Date(startMs + row * 10_000).toISOString();
    return `truck-1,${at},121.9,${(31 + row * 0.001).toFixed(4)},${row < 15 ? 120 : 50}`;
  });
  const file = join(dir, `track-${from}.csv`);
  await writeFile(file, `vehicleId,fixedAt,lon,lat,speed\n${rows.join('\n')}\n`);
  const fleet = join(dir, 'fleet.csv');
  await writeFile(fleet, 'id,class\ntruck-1,heavy\n');
  await execa(process.execPath, [cli, 'fleet', 'import', fleet, '--to', address]);
  const { stdout } = await execa(process.execPath, [cli, 'replay', file, '--to', address]);
  expect(resultOf(stdout)).toMatchObject({ rows: rows.length, fixes: rows.length, rejects: {}, vehicles: 1 });
}

/** The alarms of a running standalone, once there are so many of that status. */
async function alarmsOf(address: string, count: number, status = 'open'): Promise<Alarm[]> {
  return await vi.waitFor(
    async () => {
      const answer = await fetch(`${address}/v1/alarms`);
      const { alarms } = (await answer.json()) as { alarms: Alarm[] };
      expect(alarms.map((alarm) => alarm.status)).toEqual(Array<string>(count).fill(status));
      return alarms;
    },
    { timeout: 20_000, interval: 200 },
  );
}
