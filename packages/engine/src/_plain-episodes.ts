export type Found = {
  readonly kind: 'raised' | 'escalated' | 'cleared';
  readonly atS: number;
  readonly startedS: number;
  readonly endedS?: number;
  readonly gap?: boolean;
  readonly level: number;
  /** Place of the alarm's own tier in `tiers`, for those that may be suppressed by rank. */
  readonly tier?: number | undefined;
  readonly value?: number | undefined;
  readonly limit?: number | undefined;
};

/**
 * What was seen of a condition at a time. `fromS`: since when it has been there, where that is known better than "since now".
 * `excess`: how bad it is, where that is not the value's part of the limit.
 */
export type Seen = {
  readonly atS: number;
  readonly state: 'holds' | 'band' | 'over' | 'unknown';
  readonly level: number;
  /** Place in `tiers`, where `Found` is to have it. */
  readonly tier?: number;
  readonly fromS?: number;
  readonly excess?: number;
  readonly value?: number;
  readonly limit?: number;
};

export type Timing = { readonly minS: number; readonly clearS: number; readonly gapS: number };

/** Cuts what was seen into stretches in which a condition held, and tells the steps of each that is an alarm. */
export function stretches(all: readonly Seen[], timing: Timing): Found[] {
  const found: Found[] = [];
  let rest = all;
  for (;;) {
    const from = rest.findIndex((seen) => seen.state === 'holds');
    if (from < 0) return found;
    rest = rest.slice(from);
    const gapAt = firstGap(rest, timing.gapS);
    const known = rest.slice(0, gapAt).filter((seen) => seen.state !== 'unknown');
    const broken = known.findIndex((seen) => seen.state !== 'holds');
    const raisedAt = (broken < 0 ? known : known.slice(0, broken)).findIndex(
      (seen) => seen.atS - startOf(known[0]!) >= timing.minS,
    );
    const endAt = raisedAt < 0 ? -1 : endOf(known, raisedAt, timing.clearS);
    const isOver = endAt >= 0 || gapAt < rest.length;
    if (raisedAt >= 0) {
      const last = endAt >= 0 ? known[endAt] : rest[gapAt];
      found.push(...told(endAt >= 0 ? known.slice(0, endAt + 1) : known, raisedAt, isOver ? last : undefined));
    }
    if (raisedAt < 0 && broken >= 0) rest = rest.slice(rest.indexOf(known[broken]!));
    else if (endAt >= 0) rest = rest.slice(rest.indexOf(known[endAt]!) + 1);
    else rest = rest.slice(gapAt);
  }
}

/** The first that comes more than the gap after what was known before it. */
function firstGap(seen: readonly Seen[], gapS: number): number {
  const at = seen.findIndex(({ atS }, i) => {
    const before = seen.slice(0, i).findLast(({ state }) => state !== 'unknown');
    return before !== undefined && atS - before.atS > gapS;
  });
  return at < 0 ? seen.length : at;
}

/** Where it has been over for so long without a break. */
function endOf(known: readonly Seen[], raisedAt: number, clearS: number): number {
  return known.findIndex((seen, i) => {
    if (i <= raisedAt || seen.state !== 'over') return false;
    const lastOther = known.slice(0, i).findLastIndex(({ state }) => state !== 'over');
    return seen.atS - known[lastOther + 1]!.atS >= clearS;
  });
}

function told(known: readonly Seen[], raisedAt: number, end: Seen | undefined): Found[] {
  const startedS = startOf(known[0]!);
  const steps: Found[] = [];
  // What has held from the beginning to the raise is the least of it.
  const least = leastOf(known.slice(0, raisedAt + 1));
  for (const [i, seen] of known.entries()) {
    if (seen.state !== 'holds' || i < raisedAt) continue;
    const before = Math.max(least.level, ...levelsOf(known.slice(raisedAt + 1, i)));
    const { atS, level, tier, value, limit } = seen;
    if (i === raisedAt) steps.push({ kind: 'raised', atS, startedS, ...least, value, limit });
    else if (level > before) steps.push({ kind: 'escalated', atS, startedS, level, tier, value, limit });
  }
  if (end === undefined) return steps;
  const held = known.filter(isHeld);
  const worst = held.toSorted((a, b) => excessOf(b) - excessOf(a))[0]!;
  const gap = !known.includes(end);
  const lastHeld = known.lastIndexOf(held.at(-1)!);
  const endedS = gap ? known[lastHeld]!.atS : known[lastHeld + 1]!.atS;
  const level = Math.max(least.level, ...levelsOf(known.slice(raisedAt + 1)));
  steps.push({ kind: 'cleared', atS: end.atS, startedS, endedS, gap, level, value: worst.value, limit: worst.limit });
  return steps;
}

function levelsOf(all: readonly Seen[]): number[] {
  return all.filter(isHeld).map(({ level }) => level);
}

/** The lowest level, and the tier of the first that had it. */
function leastOf(all: readonly Seen[]): Pick<Seen, 'level' | 'tier'> {
  const { level, tier } = all.filter(isHeld).toSorted((a, b) => a.level - b.level)[0]!;
  return tier === undefined ? { level } : { level, tier };
}

function isHeld({ state }: Seen): boolean {
  return state === 'holds';
}

function excessOf({ value, limit, excess }: Seen): number {
  if (excess !== undefined) return excess;
  return value === undefined || limit === undefined ? 0 : value / limit;
}

function startOf({ atS, fromS = atS }: Seen): number {
  return Math.min(atS, fromS);
}
