import { catalogueRuleIds, ruleSpec, type AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { busyLiveTracks, busyWorld } from './_catalogue.ts';
import { plainCatalogueAlarms } from './_plain-catalogue.ts';
import { plainAlarms, type PlainStep } from './_plain-engine.ts';
import { hushedAlike, plainStep, sortedSteps } from './_plain-step.ts';
import { basePolicy } from './_policy.ts';
import { shortStep, Trial, type TrackRow } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 120_000 });

const runs = { numRuns: 150 };
const truck = busyWorld.vehicles!.find(({ id }) => id === 'truck')!;
const policy = { ...basePolicy, ...busyWorld.policy };

/** What a truck tells at once, two days later, of a busy time; each fix at a time of its own. */
const bursts = busyLiveTracks.map((rows) => {
  const own = rows.filter(({ vehicle }) => vehicle === 'truck');
  const fixes = own.filter(({ atS }, i) => i === 0 || own[i - 1]!.atS !== atS);
  return fixes.map((row): TrackRow => ({ ...row, receivedS: 200_000, blind: true }));
});

/** A burst in the order of its times, the same in some order with some of it twice, and where it is cut. */
const told = bursts.chain((burst) =>
  fc.subarray(burst).chain((twice) => {
    const all = [...burst, ...twice];
    return fc.record({
      burst: fc.constant(burst),
      muddle: fc.shuffledSubarray(all, { minLength: all.length }),
      cuts: fc.array(fc.nat(all.length), { maxLength: 4 }).map((list) => list.sort((a, b) => a - b)),
    });
  }),
);

const nobodyPresses = (rows: readonly TrackRow[]): TrackRow[] => rows.map((row) => ({ ...row, sos: false }));

/** Feeds rows in pieces, with a restart between any two, and waits until they are judged. */
function feed(trial: Trial, rows: readonly TrackRow[], cuts: readonly number[] = []): AlarmStep[] {
  const ends = [...cuts, rows.length];
  const steps = ends.flatMap((end, i) => {
    if (i > 0) trial.restart();
    return trial.feed(rows.slice(ends[i - 1] ?? 0, end));
  });
  if (cuts.length > 0) trial.restart();
  return [...steps, ...trial.settled()];
}

/** Which record was the cause is a matter of the order. */
function uncaused(steps: readonly AlarmStep[]): object[] {
  return steps.map(({ cause: _cause, producedAtMs: _at, ...step }) => step);
}

test('a burst that is shuffled, told in part twice, cut and interrupted is the burst in order', () => {
  fc.assert(
    fc.property(told, ({ burst, muddle, cuts }) => {
      const whole = new Trial(busyWorld);
      const steps = feed(whole, nobodyPresses(burst));
      const trial = new Trial(busyWorld);
      expect(uncaused(feed(trial, nobodyPresses(muddle), cuts))).toEqual(uncaused(steps));
      const { fixes, late, alarmsRaised, alarmsByRule } = whole.engine.counters;
      const duplicates = muddle.length - burst.length;
      expect(trial.engine.counters).toMatchObject({ fixes, late, alarmsRaised, alarmsByRule, duplicates });
    }),
    runs,
  );
});

test('and where it is cut and interrupted changes nothing at all', () => {
  fc.assert(
    fc.property(told, ({ muddle, cuts }) => {
      const whole = new Trial(busyWorld);
      const trial = new Trial(busyWorld);
      expect(feed(trial, muddle, cuts)).toEqual(feed(whole, muddle));
      expect(trial.engine.counters).toEqual(whole.engine.counters);
      expect(trial.engine.snapshot()).toEqual(whole.engine.snapshot());
    }),
    runs,
  );
});

test('told again when it has been judged it is nothing new', () => {
  fc.assert(
    fc.property(told, ({ burst, muddle, cuts }) => {
      const trial = new Trial(busyWorld);
      feed(trial, burst);
      const { alarmsRaised, derivedSpeeds } = trial.engine.counters;
      expect(feed(trial, muddle, cuts)).toEqual([]);
      expect(trial.engine.counters).toMatchObject({ alarmsRaised, derivedSpeeds, fixes: expect.any(Number) as number });
    }),
    runs,
  );
});

test('the late lane tells of a muddled burst what a plain engine finds in the sorted one', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(told, ({ burst, muddle, cuts }) => {
      const steps = sortedSteps(feed(new Trial(busyWorld), nobodyPresses(muddle), cuts).map(plainStep));
      for (const { rule } of steps) seen.add(rule);
      const journey = { fixes: nobodyPresses(burst), policy, vehicleClass: truck.class, permits: truck.permits ?? [] };
      const plain = [
        ...plainAlarms(journey.fixes, policy, new Map([['truck', truck.class]])),
        // No timer asks a late lane.
        ...plainCatalogueAlarms('truck', journey, []),
      ];
      expect(steps).toEqual(hushedAlike(plain, steps));
    }),
    { numRuns: 300 },
  );
  // Not for want of alarms.
  expect(seen.size).toBeGreaterThan(catalogueRuleIds.length / 2);
});

/** Not copied when a gap begins: what of the hour has been driven. */
const notCopied = ['daily-driving', 'weekly-driving'];
/** Of a vehicle that is still silent a long stop has been taken for a rest. */
const ofHours = ['continuous-driving', 'continuous-driving-warning'];

test('what is told late of a gap is what would have been told live, but for what had begun before', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(bursts, fc.nat(), fc.boolean(), (burst, place, isBack) => {
      fc.pre(burst.length > 2);
      // With speeds, at places that can be driven to: no fix is doubted.
      const rows = nobodyPresses(burst).map((row) => {
        const kph = Math.min(row.kph ?? 30, 95);
        return { ...row, kph, x: row.x / 10, y: row.y / 10, blind: false, receivedS: row.atS + 1 };
      });
      const cut = 1 + (place % (rows.length - 1));
      const first = rows[cut]!.atS;
      // Shorter than a gap, and nothing live behind it: nobody knows that there was one.
      fc.pre(isBack || rows.at(-1)!.atS - rows[cut - 1]!.atS > policy.time.gapMaxS.value);
      const whole = new Trial(busyWorld).feed(rows).map(plainStep);
      const trial = new Trial(busyWorld);
      const live = trial.feed(rows.slice(0, cut));
      trial.restart();
      if (isBack) live.push(...trial.feed([{ ...rows[0]!, atS: 150_000, receivedS: 150_001 }]));
      const late = feed(
        trial,
        rows.slice(cut).map((row) => ({ ...row, blind: true, receivedS: 200_000 })),
      );
      const toldLive = [...live, ...late.filter((step) => !step.late)].map(plainStep);
      const toldLate = late.filter((step) => step.late).map(plainStep);
      expect(toldTwice(toldLive, toldLate, rows[cut - 1]!.atS)).toEqual([]);
      const hasBegun = new Set(
        whole
          .filter(({ startedS, endedS }) => startedS < first && !(endedS !== undefined && endedS < first))
          .map(keyOf),
      );
      const left = isBack ? notCopied : [...notCopied, ...ofHours];
      const began = (steps: readonly PlainStep[]): PlainStep[] =>
        sortedSteps(
          steps.filter(
            (step) =>
              step.kind !== 'escalated' &&
              step.startedS >= first &&
              !left.includes(step.rule) &&
              !hasBegun.has(keyOf(step)),
          ),
        );
      const ofLate = began(toldLate);
      for (const { rule } of ofLate) seen.add(rule);
      const ofLive = began(whole);
      // A zone that had begun hushes the live one alone.
      expect(hushedAlike(ofLate, ofLive)).toEqual(hushedAlike(ofLive, ofLate));
    }),
    { numRuns: 300 },
  );
  expect(seen.size).toBeGreaterThan(10);
});

/** Alarms told late that began by the last fix before the gap and were told live. */
function toldTwice(live: readonly PlainStep[], late: readonly PlainStep[], lastS: number): PlainStep[] {
  return late.filter((step) => {
    if (step.kind !== 'raised' || step.startedS > lastS || !ruleSpec(step.rule).lastsAcrossGaps) return false;
    const own = live.filter((one) => keyOf(one) === keyOf(step) && one.startedS <= lastS);
    return own.some(({ kind, startedS }) => {
      const end = own.find((one) => one.kind === 'cleared' && one.startedS === startedS);
      return kind === 'raised' && (end?.endedS ?? Infinity) >= lastS;
    });
  });
}

function keyOf({ rule, fence }: PlainStep): string {
  return `${rule} ${fence}`;
}

test('of an emergency in a burst people are told at once and once, in whatever order it comes', () => {
  const pressedAt = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 8 }));
  fc.assert(
    fc.property(pressedAt, fc.nat(), fc.boolean(), ([from, more], seed, restarts) => {
      const isPressed = (i: number): boolean => i >= from && i <= from + more;
      const rows = Array.from({ length: 50 }, (_, i) => `${i * 10} 20 ${i % 7},1 blind ${isPressed(i) ? 'sos' : ''}`);
      const order = rows.map((_, i) => i).sort((a, b) => hash(a, seed) - hash(b, seed));
      const trial = new Trial();
      const steps = order.flatMap((i) => {
        if (restarts) trial.restart();
        const now = trial.steps(`${rows[i]} @1000`);
        expect(now.every(({ cause }) => isPressed(i) && cause.offset === order.indexOf(i))).toBe(true);
        return now;
      });
      expect(steps.map(({ kind, rule, late }) => [kind, rule, late])).toEqual([['raised', 'sos', true]]);
      const endS = (from + more + 1) * 10;
      const [cleared, ...rest] = trial
        .settled()
        .filter(({ rule }) => rule === 'sos')
        .map(shortStep);
      expect(cleared).toMatch(new RegExp(`^${endS + 20} cleared sos late \\d+\\.\\.${endS}$`));
      expect(rest).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** Some number that is another for each of both. */
function hash(i: number, seed: number): number {
  return Math.imul(Math.imul(i + 1, 0x9e3779b1) ^ seed, 0x85ebca6b) >>> 0;
}

describe('more than is held', () => {
  const long = (count: number, kph = 50): string[] =>
    Array.from({ length: count }, (_, i) => `${i} ${i >= 100 && i < 150 ? 70 : kph} @200000`);

  test('is judged in parts; in order it is the same', () => {
    const trial = new Trial();
    const steps = trial.takeSettled(`199000 50 @199000 \n ${long(3_000).join('\n')}`);
    expect(steps).toEqual(['130 raised overspeed late 70>60 L2', '170 cleared overspeed late 100..150 70>60']);
    expect(trial.engine.counters).toMatchObject({ fixes: 3_001, late: 3_000, lateCut: 4, duplicates: 0 });
  });

  test('is judged in parts, newest first too, and the state stays small', () => {
    const trial = new Trial();
    trial.take('199000 50 @199000');
    const empty = trial.engine.snapshot().columns.byteLength;
    let most = 0;
    const newestFirst = long(3_000).toReversed();
    const steps: string[] = [];
    for (let from = 0; from < newestFirst.length; from += 100) {
      steps.push(...trial.take(newestFirst.slice(from, from + 100).join('\n')));
      most = Math.max(most, trial.engine.snapshot().columns.byteLength);
    }
    steps.push(...trial.settle());
    expect(steps).toEqual(['130 raised overspeed late 70>60 L2', '170 cleared overspeed late 100..150 70>60']);
    expect(most - empty).toBeLessThan(1_024 * 220);
    expect(trial.engine.snapshot().columns.byteLength - empty).toBeLessThan(1_000);
  });
});
