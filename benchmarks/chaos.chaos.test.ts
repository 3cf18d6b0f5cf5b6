import { ensureRequirements, UnavailableError } from '@haulwatch/local';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { allFaultKinds } from './chaos-plan.ts';

/** Some time to start and to drain, on a machine that does other things. */
const spareMs = 240_000;
/** And some to say what it waited for, when that was not enough. */
const endMs = 20_000;

type Result = Readonly<
  Record<'lost' | 'doubled' | 'differing' | 'differingBooks' | 'alarms' | 'repeats' | 'fixes', number>
> & {
  readonly faults: Readonly<Record<string, number>>;
};

async function chaos(
  minutes: number,
  ...args: readonly string[]
): Promise<{ exitCode: number | undefined; result: Result; told: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [new URL('chaos.ts', import.meta.url).pathname, '--minutes', String(minutes), ...args],
    { reject: false, timeout: minutes * 60_000 + spareMs, forceKillAfterDelay: 5_000 },
  );
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('RESULT ')) throw new Error(`no RESULT in:\n${stdout}\n${stderr}`);
  return { exitCode, result: JSON.parse(last.slice('RESULT '.length)) as Result, told: stderr };
}

/** The servers are killed in these runs, so they must be this machine's own. */
async function hasServers(): Promise<boolean> {
  try {
    await ensureRequirements(['kafka', 'redis', 'postgres']);
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError) || process.env['CI'] === 'true') throw error;
    return false;
  }
}

describe.skipIf(!(await hasServers()))(
  'chaos: Kafka, Redis, PostgreSQL and every service break while a fleet reports',
  () => {
    test('nothing is lost, doubled or changed, by any fault', { timeout: 3 * 60_000 + spareMs + endMs }, async () => {
      const { exitCode, result, told } = await chaos(3, '--seed', '1');
      expect(result, told).toMatchObject({ lost: 0, doubled: 0, differing: 0, differingBooks: 0 });
      expect(exitCode).toBe(0);
      expect(Object.keys(result.faults).sort()).toEqual([...allFaultKinds].sort());
      // There was something to lose, and it was told again and again.
      expect(result.alarms).toBeGreaterThan(1_000);
      expect(result.repeats).toBeGreaterThan(0);
      expect(result.fixes).toBeGreaterThan(200_000);
    });

    test('standalone is killed again and again', { timeout: 60_000 + spareMs + endMs }, async () => {
      const { exitCode, result, told } = await chaos(1, '--standalone', '--kills', '6', '--seed', '5');
      expect(result, told).toMatchObject({ lost: 0, doubled: 0, differing: 0, differingBooks: 0, missing: 0 });
      expect(exitCode).toBe(0);
      expect(result.faults).toEqual({ kill: 6 });
      expect(result.alarms).toBeGreaterThan(50);
    });

    test.each([
      ['input is committed before its alarms are durable', 'early-ack', 'lost'],
      ['a snapshot lacks the last batches', 'old-snapshot', 'differing'],
      ['a sink does not look at seq', 'unchecked-seq', 'doubled'],
    ] as const)('a mistake is found: %s', { timeout: 60_000 + spareMs + endMs }, async (_what, bug, finding) => {
      const { exitCode, result } = await chaos(0.8, '--seed', '3', '--only', 'kill-ingest', '--bug', bug);
      expect(result[finding]).toBeGreaterThan(0);
      expect(exitCode).toBe(1);
    });
  },
);
