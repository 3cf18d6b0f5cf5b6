import { Random } from './random.ts';

/** What can go wrong, and for how long: seconds from and to; 0: it is over at once. */
export const faultKinds = {
  'kill-ingest': [0, 3],
  'kill-alerts': [0, 3],
  'kill-history': [0, 3],
  'kill-api': [0, 3],
  // Longer than a session lasts: the partitions have gone to others when the process wakes up.
  'freeze-ingest': [12, 15],
  'freeze-alerts': [12, 15],
  'freeze-history': [12, 15],
  'broker-stop': [1, 4],
  'broker-kill': [1, 4],
  'redis-kill': [1, 4],
  'redis-flush': [0, 0],
  'redis-full': [2, 6],
  // So far the replica is behind that takes over.
  'redis-failover': [0.5, 3],
  'postgres-stop': [1, 4],
  'scale-out': [0, 0],
  'scale-in': [0, 0],
  'cut-kafka': [0, 3],
  'cut-redis': [0, 3],
  'cut-postgres': [0, 3],
} as const satisfies Record<string, readonly [number, number]>;

export type FaultKind = keyof typeof faultKinds;

export type Fault = {
  readonly kind: FaultKind;
  /** Since the input began, ms. */
  readonly atMs: number;
  /** How long it lasts, ms: until the process is started again, wakes up, or connections are taken again. */
  readonly forMs: number;
  /** Which of the processes it meets: a share of their list, the one at work first. */
  readonly pick: number;
};

/** Before the first fault there is something to lose; after the last one alarms still come, to tell that all is well. */
const calmMs = { before: 10_000, after: 10_000 } as const;
/** Between two faults on the mean: each kind comes once within three minutes, and they overlap. */
const everyMs = 8_400;

export const allFaultKinds = Object.keys(faultKinds) as FaultKind[];

/**
 * The faults of a run, in order of time: every kind once in each round of them, in an order of its own. The same arguments
 * give the same plan.
 */
export function planFaults(minutes: number, seed: number, among: readonly FaultKind[] = allFaultKinds): Fault[] {
  const random = Random.of(seed, 21);
  const spanMs = minutes * 60_000 - calmMs.before - calmMs.after;
  const count = Math.max(1, Math.floor(spanMs / everyMs));
  const kinds: FaultKind[] = [];
  while (kinds.length < count) kinds.push(...round(random, among));
  return kinds.slice(0, count).map((kind, slot) => {
    const [fromS, toS] = faultKinds[kind];
    return {
      kind,
      // Anywhere in its slot.
      atMs: Math.round(calmMs.before + (slot + random.share()) * (Math.max(0, spanMs) / count)),
      forMs: Math.round(random.between(fromS, toS) * 1_000),
      pick: random.share(),
    };
  });
}

/** Every kind once, shuffled; workers are added before they are taken away. */
function round(random: Random, kinds: readonly FaultKind[]): FaultKind[] {
  const order = random.shuffle(Int32Array.from(kinds, (_, at) => at));
  const shuffled = [...order].map((at) => kinds[at]!);
  const [out, into] = [shuffled.indexOf('scale-out'), shuffled.indexOf('scale-in')];
  if (into >= 0 && out > into) [shuffled[out], shuffled[into]] = ['scale-in', 'scale-out'];
  return shuffled;
}

/** A line for people. */
export function faultLine({ kind, atMs, forMs }: Fault): string {
  return `${(atMs / 1_000).toFixed(1).padStart(6)} s  ${kind}${forMs > 0 ? ` for ${(forMs / 1_000).toFixed(1)} s` : ''}`;
}
