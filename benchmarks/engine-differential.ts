import { decodeRecord, isReject } from '@haulwatch/codec';
import {
  addCounters,
  countersZero,
  FixBatch,
  type AlarmStep,
  type EngineCounters,
  type FirstRuleCase,
  type Policy,
} from '@haulwatch/domain';
import { Engine } from '@haulwatch/engine';
import { compilePolicy } from '@haulwatch/rules';
import { differingAlarms } from './alarm-lines.ts';
import { makeFenceWorld } from './fence-world.ts';
import { MuddledFleet, type MuddledRecord } from './muddled-fleet.ts';
import { PlainEngine } from './plain-engine.ts';
import type { PlainAlarm } from './plain-episode.ts';
import { policyOver } from './world-policy.ts';

export type DifferentialOptions = {
  readonly records: number;
  readonly vehicles: number;
  readonly fences: number;
  readonly seed: number;
};

export type Differential = {
  readonly records: number;
  readonly steps: number;
  readonly differing: readonly string[];
  readonly counters: EngineCounters;
  /** How often each kind of step was told: `overspeed raised late`. */
  readonly kinds: ReadonlyMap<string, number>;
};

/** The same muddled records through the engine and through the plain one: every step and every count of both. */
export async function compareEngines({ records, vehicles, fences, seed }: DifferentialOptions): Promise<Differential> {
  const world = makeFenceWorld({ fences, vertices: 12, seed });
  const policy = withCases(await policyOver(world, seed, 6));
  const fleet = new MuddledFleet(world, vehicles, seed);
  const plain = new PlainEngine(policy, fleet.stream.fleet.vehicles());
  const options = { fleet: fleet.stream.fleet, rules: compilePolicy(policy), partition: 0, isHome: () => true };
  const ours = new EngineUnderTest(new Engine(options));
  const kinds = new Map<string, number>();
  const differing: string[] = [];
  let [taken, steps] = [0, 0];
  while (taken < records) {
    const second = fleet.next();
    const told = ours.take(second);
    const theirs: PlainAlarm[] = second.flatMap(({ text, producedAtMs }) => plain.take(text, producedAtMs));
    differing.push(...differingAlarms(told, theirs));
    for (const { rule, kind, late } of told) {
      const name = `${rule} ${kind} ${late ? 'late' : 'live'}`;
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
    }
    taken += second.length;
    steps += told.length;
  }
  differing.push(...differingCounters(ours.counters, plain));
  return { records: taken, steps, differing, counters: ours.counters, kinds };
}

/** Streams begin at 11:00: these hours open and close on the way. */
const late = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 11 * 60 + 5, toMinute: 11 * 60 + 15 }];

/** Cases of the first three rules, so that they are told and silenced by class, hour and place, too. */
function withCases({ overspeed, prohibitedZone, sos, ...policy }: Policy): Policy {
  const [first, second] = policy.fences.filter(({ prohibited }) => prohibited);
  const cases: FirstRuleCase[] = [
    { when: { classes: ['coach', 'mixer'] }, level: 4 },
    { when: { hours: late, classes: ['coach', 'heavy'] }, off: true },
    { when: { fences: [first!.id, second!.id] }, level: 1 },
  ];
  return {
    ...policy,
    overspeed: { ...overspeed, cases },
    prohibitedZone: { ...prohibitedZone, cases },
    sos: { ...sos, cases: [{ when: { hours: late, classes: ['coach', 'heavy'] }, level: 2 }] },
  };
}

/** Decodes and processes as the service does. */
class EngineUnderTest {
  readonly #engine: Engine;
  readonly #batch = new FixBatch(2_000);
  #offset = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get counters(): EngineCounters {
    return addCounters(this.#engine.counters, countersZero());
  }

  take(records: readonly MuddledRecord[]): AlarmStep[] {
    const steps: AlarmStep[] = [];
    const batch = this.#batch;
    for (const { text, producedAtMs } of records) {
      const record = { value: Buffer.from(text), offset: this.#offset++, timestampMs: producedAtMs };
      const decoded = decodeRecord(record, this.#engine.vehicles, batch);
      if (isReject(decoded)) this.#engine.countReject(decoded.reason);
      if (batch.room === 0) steps.push(...this.#run());
    }
    return [...steps, ...this.#run()];
  }

  #run(): AlarmStep[] {
    const steps = this.#engine.process(this.#batch);
    this.#batch.clear();
    return steps;
  }
}

function differingCounters(ours: EngineCounters, plain: PlainEngine): string[] {
  const pairs = {
    fixes: [ours.fixes, plain.fixes],
    late: [ours.late, plain.late],
    reordered: [ours.reordered, plain.reordered],
    duplicates: [ours.duplicates, plain.duplicates],
    derivedSpeeds: [ours.derivedSpeeds, plain.derivedSpeeds],
    rejects: [sorted(ours.rejects), sorted(plain.rejects)],
  };
  return Object.entries(pairs)
    .filter(([, [a, b]]) => a !== b)
    .map(([name, [a, b]]) => `${name}: ${String(a)} and ${String(b)}`);
}

function sorted(tallies: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(tallies).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
