import { describe, expect, test } from 'vitest';
import { PlatformAlarms, type PlatformReading, type StagePart } from './platform-alarms.ts';

const startMs = 1_700_000_000_000;

/** Looks 5 s apart; each is told as "kind subject since-second". */
function play(looks: readonly Partial<PlatformReading>[]): string[][] {
  const judge = new PlatformAlarms();
  return looks.map((look, i) =>
    judge
      .see({ atMs: startMs + i * 5_000, away: {}, stages: {}, graveLetters: [], newLetters: 0, ...look })
      .map(({ kind, subject, sinceMs }) => `${kind} ${subject} ${(sinceMs - startMs) / 1_000}`),
  );
}

const ingest = (...parts: readonly (readonly [position: number, end: number])[]): Partial<PlatformReading> => ({
  stages: { ingest: parts.map(([position, end], i): StagePart => ({ name: `partition ${i}`, position, end })) },
});
const times = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
/** The first look at which something is told, in seconds, and what. */
function firstTold(looks: readonly Partial<PlatformReading>[]): [number, string[]] | undefined {
  const told = play(looks);
  const at = told.findIndex((alarms) => alarms.length > 0);
  return at < 0 ? undefined : [at * 5, told[at]!];
}

describe('a stage', () => {
  test.each<[string, Partial<PlatformReading>[], [number, string[]] | undefined]>([
    ['that has nothing to do is well', times(60, () => ingest([7, 7])), undefined],
    ['that commits each 10 s what comes is well', times(60, (i) => ingest([i - (i % 2), i + 1])), undefined],
    [
      'that stands still while records wait is told after a minute, once it stands for longer',
      times(20, (i) => ingest([5, 5 + i])),
      [65, ['no-progress ingest 0']],
    ],
    [
      'that had nothing to do for long and then stands still is not told early',
      [...times(40, () => ingest([5, 5])), ...times(20, () => ingest([5, 9]))],
      [260, ['no-progress ingest 195']],
    ],
    [
      'that moves, but falls behind, is told: what waited at a mark was not reached in a minute',
      times(40, (i) => ingest([i, 10 * i + 1])),
      [120, ['lag ingest 55']],
    ],
    ['one of whose parts stands still', times(20, (i) => ingest([i, i], [3, 4])), [65, ['no-progress ingest 0']]],
  ])('%s', (_what, looks, told) => {
    expect(firstTold(looks)).toEqual(told);
  });

  test('the alarm ends when it moves, and says where and how much', () => {
    const judge = new PlatformAlarms();
    const see = (i: number, parts: Partial<PlatformReading>) =>
      judge.see({ atMs: startMs + i * 5_000, away: {}, stages: {}, graveLetters: [], newLetters: 0, ...parts });
    for (let i = 0; i < 14; i += 1) see(i, ingest([i, i], [3, 4], [0, 9]));
    expect(see(14, ingest([14, 14], [3, 4], [0, 9]))).toEqual([
      {
        kind: 'no-progress',
        subject: 'ingest',
        sinceMs: startMs,
        detail: 'no progress for 70 s: is ingest running?, 10 records wait (partition 1, partition 2)',
      },
    ]);
    expect(see(15, ingest([15, 15], [4, 4], [9, 9]))).toEqual([]);
  });

  test('a topic that was made anew does not make it late', () => {
    expect(firstTold([...times(5, () => ingest([100, 100])), ...times(60, (i) => ingest([i, i]))])).toBeUndefined();
  });
});

test('a part that does not answer is told after 15 s, and no longer when it does', () => {
  const away = { away: { live: 'Redis is gone' } };
  expect(play([{}, away, away, away, away, {}, away])).toEqual([[], [], [], [], ['away live 5'], [], []]);
});

test('what cannot be undone stays for an hour', () => {
  const letter = { reason: 'poison', atMs: startMs + 1_000, place: 'telemetry[3] at 9', detail: 'it fails' } as const;
  const told = play([{ graveLetters: [letter] }, ...times(730, () => ({}))]);
  expect(told[0]).toEqual(['poison telemetry[3] at 9 1']);
  expect(told.findIndex((alarms) => alarms.length === 0) * 5).toBe(3_605);
});

test('dead letters are told by their rate', () => {
  const looks = [50, 50, 1, ...Array<number>(12).fill(0)].map((newLetters) => ({ newLetters }));
  expect(play(looks).map((alarms) => alarms.length)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
  expect(play(looks)[5]).toEqual(['dead-letters telemetry.dlq 10']);
});

test('a record from the future tells of a clock that is behind', () => {
  const ahead = (ms: number) => play([{ newestRecordAtMs: startMs + ms }])[0];
  expect([ahead(-5_000), ahead(2_000), ahead(2_001)]).toEqual([[], [], ['host-clock api 0']]);
});
