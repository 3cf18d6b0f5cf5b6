/** What terminals tell again from a blind zone is a few days old at most. Our choice. */
const keptMs = 72 * 3_600_000;
/** Stretches of one vehicle. Our choice. */
const stretchesMax = 32;

type Stretch = { fromMs: number; toMs: number };

/** How far apart two fixes of one stretch may lie, and what time it is. */
export type StretchTimes = { readonly gapMaxMs: number; readonly nowMs: number };

/**
 * The stretches of event time that late lanes have judged, by row. What is told of one of them again is known by its time alone:
 * the rules have judged that stretch, and a second telling is not a second alarm.
 */
export class JudgedStretches {
  readonly #stretches = new Map<number, Stretch[]>();

  has(lane: number, atMs: number): boolean {
    return this.#stretches.get(lane)?.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs) === true;
  }

  /**
   * Adds one; those that it meets without a gap become one with it. Of more than `stretchesMax` those that ended 72 h ago are
   * forgotten, then the shortest holes between them are closed: rather is something not judged than judged twice.
   */
  add(lane: number, fromMs: number, toMs: number, { gapMaxMs, nowMs }: StretchTimes): void {
    const all = [...(this.#stretches.get(lane) ?? []), { fromMs, toMs }].sort((a, b) => a.fromMs - b.fromMs);
    let stretches = joined(all, gapMaxMs);
    if (stretches.length > stretchesMax) {
      stretches = stretches.filter((one) => one.toMs >= nowMs - keptMs || one.toMs === toMs);
    }
    while (stretches.length > stretchesMax) {
      const holes = stretches.slice(1).map((one, i) => one.fromMs - stretches[i]!.toMs);
      stretches = joined(stretches, Math.min(...holes));
    }
    this.#stretches.set(lane, stretches);
  }

  /** Lane, beginning and end of each, by lane. */
  pack(): Float64Array {
    const lanes = [...this.#stretches].sort(([a], [b]) => a - b);
    return Float64Array.from(lanes.flatMap(([lane, list]) => list.flatMap(({ fromMs, toMs }) => [lane, fromMs, toMs])));
  }

  unpack(packed: Float64Array): void {
    for (let at = 0; at < packed.length; at += 3) {
      const list = this.#stretches.get(packed[at]!) ?? [];
      list.push({ fromMs: packed[at + 1]!, toMs: packed[at + 2]! });
      this.#stretches.set(packed[at]!, list);
    }
  }
}

/** Stretches in order, those without a longer hole between them as one. */
function joined(stretches: readonly Stretch[], holeMaxMs: number): Stretch[] {
  const all: Stretch[] = [];
  for (const { fromMs, toMs } of stretches) {
    const last = all.at(-1);
    if (last !== undefined && fromMs - last.toMs <= holeMaxMs) last.toMs = Math.max(last.toMs, toMs);
    else all.push({ fromMs, toMs });
  }
  return all;
}
