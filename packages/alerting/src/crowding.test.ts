import { alarmAfter, vehicleClasses, type AlarmStep, type Fence, type Policy } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AlarmFold } from './alarm-fold.ts';
import { Crowding } from './crowding.ts';

const yard: Fence = {
  id: 'yard',
  name: 'the yard',
  shape: { kind: 'circle', centre: [121.4, 31.2], radiusM: 100 },
  prohibited: false,
  uses: ['enter'],
  crowdMax: 2,
  classes: vehicleClasses,
  schedule: [],
};
const { crowdMax, ...fenceWithout } = yard;
const none = { value: 0, source: 'test' };
const setting = {
  when: { classes: ['hazmat'] },
  level: 3,
  tier: 'T2',
  minDurationS: none,
  clearAfterS: none,
  thresholds: {},
  cases: [],
} as const;
const policy: Pick<Policy, 'fences' | 'rules' | 'version'> = {
  version: 7,
  fences: [yard],
  rules: { 'zone-crowding': setting },
};

void crowdMax;

/** `10 a in`, `20 a out`, with the class where it is not hazmat. */
function stepOf(line: string): AlarmStep {
  const [atS, vehicleId, what, vehicleClass = 'hazmat'] = line.split(' ');
  const isOut = what === 'out';
  const atMs = Number(atS) * 1_000;
  return {
    v: 1,
    kind: isOut ? 'cleared' : 'raised',
    alarmId: `enter-${vehicleId}`,
    seq: isOut ? 2 : 1,
    rule: 'fence-enter',
    vehicleId: vehicleId!,
    class: vehicleClass as AlarmStep['class'],
    fenceId: 'yard',
    fenceName: 'the yard',
    level: 1,
    tier: 'T0',
    late: what === 'late',
    atMs,
    startedAtMs: 0,
    raisedAtMs: atMs,
    ...(isOut ? { endedAtMs: atMs } : {}),
    distanceM: 0,
    explanation: '',
    policyVersion: 7,
    cause: { partition: 1, offset: Number(atS), index: 0 },
    producedAtMs: atMs,
  };
}

function short({ kind, vehicleId, startedAtMs, endedAtMs, seq, value, limit }: AlarmStep): string {
  const end = endedAtMs === undefined ? '' : `..${endedAtMs / 1_000}`;
  return `${kind} ${vehicleId} ${startedAtMs / 1_000}${end} #${seq} ${value}>${limit}`;
}

function play(lines: readonly string[], under: typeof policy | 'none' = policy): string[] {
  const crowding = new Crowding();
  return lines.flatMap((line) => crowding.see(stepOf(line), under === 'none' ? undefined : under).map(short));
}

describe('a crowd', () => {
  test('begins with the one too many and ends when enough have left', () => {
    expect(play(['10 a in', '20 b in', '30 c in', '40 d in', '50 a out', '60 b out'])).toEqual([
      'raised c 30 #1 3>2',
      'cleared c 30..60 #2 3>2',
    ]);
  });

  test('and begins anew', () => {
    expect(play(['10 a in', '20 b in', '30 c in', '40 c out', '50 d in'])).toEqual([
      'raised c 30 #1 3>2',
      'cleared c 30..40 #2 3>2',
      'raised d 50 #1 3>2',
    ]);
  });

  test.each<[string, string[], typeof policy | 'none']>([
    ['of other classes is none', ['10 a in', '20 b in', '30 c in coach'], policy],
    ['told late is none', ['10 a in', '20 b in', '30 c late'], policy],
    ['where no policy is known is none', ['10 a in', '20 b in', '30 c in'], 'none'],
    ['where the rule is off is none', ['10 a in', '20 b in', '30 c in'], { ...policy, rules: {} }],
    ['in a fence without a limit is none', ['10 a in', '20 b in', '30 c in'], { ...policy, fences: [fenceWithout] }],
    ['of as many as may be is none', ['10 a in', '20 b in', '30 a out', '40 c in'], policy],
  ])('%s', (_, lines, under) => {
    expect(play(lines, under)).toEqual([]);
  });

  test('whose fence the policy has dropped is over with the next step', () => {
    const crowding = new Crowding();
    for (const line of ['10 a in', '20 b in', '30 c in']) crowding.see(stepOf(line), policy);
    expect(crowding.see(stepOf('40 d in'), { ...policy, fences: [] }).map(short)).toEqual(['cleared c 30..40 #2 3>2']);
  });

  test('says why', () => {
    const crowding = new Crowding();
    const [crowd] = ['10 a in', '20 b in', '30 c in'].flatMap((line) => crowding.see(stepOf(line), policy));
    expect(crowd).toMatchObject({
      rule: 'zone-crowding',
      level: 3,
      tier: 'T2',
      fenceId: 'yard',
      explanation: "3 vehicles in 'the yard' at once, at most 2; c was one too many, policy v7",
      policyVersion: 7,
    });
  });
});

/** Vehicles come and go. */
const visits = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 30 }).map((vehicles) => {
  const visit = new Map<string, number>();
  return vehicles.map((vehicle, i) => {
    const count = visit.get(vehicle) ?? 0;
    visit.set(vehicle, count + 1);
    return `${10 * (i + 1)} ${vehicle}${Math.floor(count / 2)} ${count % 2 === 0 ? 'in' : 'out'}`;
  });
});

test('a process that begins anew from what the store holds tells the same under the same names', () => {
  fc.assert(
    fc.property(visits, fc.nat(30), fc.nat(30), fc.boolean(), (lines, cut, ahead, hasCome) => {
      const steps = lines.map(stepOf);
      const whole = new Crowding();
      const expected = steps.flatMap((step) => whole.see(step, policy));
      // What the store held when the former process ended, what was in the log by then, and what comes after.
      const held = Math.min(cut, ahead);
      const first = new Crowding();
      const log = steps.slice(0, cut).map((step) => [step, ...first.see(step, policy)]);
      // Crowds come back through the log; the store has those of the steps that it holds, or not yet.
      const told = log.flatMap(([step, ...crowds], i) => (i < held ? [step!, ...(hasCome ? crowds : [])] : []));
      const alarms = new Map(told.map((step) => [step.alarmId, alarmAfter(step)]));
      const second = new Crowding([...alarms.values()]);
      const waiting = log.flatMap(([step, ...crowds], i) => [
        ...(i < held ? [] : [step!]),
        ...(hasCome && i < held ? [] : crowds),
      ]);
      expect(waiting.flatMap((step) => second.see(step, undefined))).toEqual([]);
      expect(second.catchUp(policy)).toEqual([]);
      const after = steps.slice(cut).flatMap((step) => second.see(step, policy));
      expect(after).toEqual(expected.slice(expected.length - after.length));
      expect(after.length).toBe(steps.slice(cut).flatMap((step) => first.see(step, policy)).length);
    }),
  );
});

test('what the former process has not told any more is told when the log has no more of it', () => {
  const second = new Crowding(['10 a in', '20 b in'].map((line) => alarmAfter(stepOf(line))));
  expect(second.see(stepOf('30 c in'), undefined)).toEqual([]);
  expect(second.catchUp(undefined)).toEqual([]);
  expect(second.catchUp(policy).map(short)).toEqual(['raised c 30 #1 3>2']);
  expect(second.catchUp(policy)).toEqual([]);
});

test('a second look at the same records is folded away', () => {
  const lines = ['10 a in', '20 b in', '30 c in', '40 c out'];
  const fold = new AlarmFold();
  const tell = (): string[] => {
    const crowding = new Crowding();
    return lines.flatMap((line) => crowding.see(stepOf(line), policy)).map((step) => fold.fold(step, 0).verdict);
  };
  expect(tell()).toEqual(['applied', 'applied']);
  expect(tell()).toEqual(['duplicate', 'duplicate']);
});
