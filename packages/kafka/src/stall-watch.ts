/** Where a member stands in one partition, and where the partition ends. */
export type Reading = {
  readonly partition: number;
  readonly position: number;
  readonly end: number;
};

/** Since when each partition has had records waiting at the same position. */
export type Stalls = ReadonlyMap<number, { readonly position: number; readonly sinceMs: number }>;

/** What stands still now, given what stood still before: a step forward, or nothing to wait for, clears a partition. */
export function observeStalls(before: Stalls, readings: readonly Reading[], nowMs: number): Stalls {
  const stalls = new Map<number, { position: number; sinceMs: number }>();
  for (const { partition, position, end } of readings) {
    if (position >= end) continue;
    const known = before.get(partition);
    stalls.set(partition, known?.position === position ? known : { position, sinceMs: nowMs });
  }
  return stalls;
}

/** The partition that has stood still for too long, if there is one. */
export function stalledPartition(stalls: Stalls, stallMs: number, nowMs: number): number | undefined {
  for (const [partition, { sinceMs }] of stalls) if (nowMs - sinceMs >= stallMs) return partition;
  return undefined;
}

/** Looks this often in the time that a stall may last. */
const looksPerStall = 4;

/**
 * kafkajs may stop fetching a partition, or altogether, without a word (tulios/kafkajs#1163, #1299, #1616). Looks at
 * the positions now and then, and reports the first partition that stands still; an empty `read` clears all.
 */
export function watchStalls(
  stallMs: number,
  read: () => Promise<readonly Reading[]>,
  onStall: (partition: number) => void,
): { stop(): void } {
  let stalls: Stalls = new Map();
  const look = async (): Promise<void> => {
    const readings = await read();
    const nowMs = performance.now();
    stalls = observeStalls(stalls, readings, nowMs);
    const partition = stalledPartition(stalls, stallMs, nowMs);
    if (partition !== undefined) onStall(partition);
  };
  const timer = setInterval(() => void look(), stallMs / looksPerStall).unref();
  return { stop: () => clearInterval(timer) };
}
