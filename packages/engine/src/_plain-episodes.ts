export type Found = {
  readonly kind: 'raised' | 'escalated' | 'cleared';
  readonly atS: number;
  readonly startedS: number;
  readonly endedS?: number;
  readonly gap?: boolean;
  readonly level: number;
  /** Place of the alarm's own tier in `tiers`. */
  readonly tier: number;
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
  /** Place in `tiers`. */
  readonly tier: number;
  readonly fromS?: number;
  readonly excess?: number;
  readonly value?: number;
  readonly limit?: number;
};

export type Timing = {
  readonly minS: number;
  /** It counts when it has lasted for more than that, unless that is nothing at all. */
  readonly isMore?: boolean;
  readonly clearS: number;
  readonly gapS: number;
};

/** Cuts what was seen into stretches in which a condition held, and tells the steps of each that is an alarm. */
export function stretches(all: readonly Seen[], timing: Timing): Found[] {
  const found: Found[] = [];
  let rest = all;
  let toldS = -Infinity;
  for (;;) {
    const from = rest.findIndex((seen) => seen.state === 'holds');
    if (from < 0) return found;
    rest = rest.slice(from);
    // No two alarms of one thing begin at one time.
    const [first, ...others] = rest as [Seen, ...Seen[]];
    if (startOf(first) < first.atS && startOf(first) <= toldS) rest = [{ ...first, fromS: first.atS }, ...others];
    const gapAt = firstGap(rest, timing.gapS);
    const known = rest.slice(0, gapAt).filter((seen) => seen.state !== 'unknown');
    const broken = known.findIndex((seen) => seen.state !== 'holds');
    const raisedAt = (broken < 0 ? known : known.slice(0, broken)).findIndex((seen) =>
      isLong(seen.atS - startOf(known[0]!), timing),
    );
    const endAt = raisedAt < 0 ? -1 : endOf(known, raisedAt, timing.clearS);
    const isOver = endAt >= 0 || gapAt < rest.length;
    if (raisedAt >= 0) {
      const last = endAt >= 0 ? known[endAt] : rest[gapAt];
      toldS = startOf(known[0]!);
      found.push(...told(endAt >= 0 ? known.slice(0, endAt + 1) : known, raisedAt, isOver ? last : undefined));
    }
    if (raisedAt < 0 && broken >= 0) rest = rest.slice(rest.indexOf(known[broken]!));
    else if (endAt >= 0) rest = rest.slice(rest.indexOf(known[endAt]!) + 1);
    else rest = rest.slice(gapAt);
  }
}

function isLong(heldS: number, { minS, isMore = false }: Timing): boolean {
  return isMore && minS > 0 ? heldS > minS : heldS >= minS;
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
  const least = gradeOf(known.slice(0, raisedAt + 1), Math.min);
  const worstTo = (i: number): Grade =>
    gradeOf([{ ...known[raisedAt]!, ...least }, ...known.slice(raisedAt + 1, i)], Math.max);
  for (const [i, seen] of known.entries()) {
    if (seen.state !== 'holds' || i < raisedAt) continue;
    const { atS, value, limit } = seen;
    const [before, now] = [worstTo(i), worstTo(i + 1)];
    if (i === raisedAt) steps.push({ kind: 'raised', atS, startedS, ...least, value, limit });
    else if (now.level > before.level || now.tier > before.tier)
      steps.push({ kind: 'escalated', atS, startedS, ...now, value, limit });
  }
  if (end === undefined) return steps;
  const held = known.filter(isHeld);
  const worst = held.toSorted((a, b) => excessOf(b) - excessOf(a))[0]!;
  const gap = !known.includes(end);
  const lastHeld = known.lastIndexOf(held.at(-1)!);
  const endedS = gap ? known[lastHeld]!.atS : known[lastHeld + 1]!.atS;
  const grade = worstTo(known.length);
  steps.push({
    kind: 'cleared',
    atS: end.atS,
    startedS,
    endedS,
    gap,
    ...grade,
    value: worst.value,
    limit: worst.limit,
  });
  return steps;
}

type Grade = Pick<Seen, 'level' | 'tier'>;

/** Level and tier, each by itself. */
function gradeOf(all: readonly Seen[], of: (...numbers: number[]) => number): Grade {
  const held = all.filter(isHeld);
  return { level: of(...held.map(({ level }) => level)), tier: of(...held.map(({ tier }) => tier)) };
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
