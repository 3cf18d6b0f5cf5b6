/** From when to when the newest emergency of a vehicle lasted, by dense index: of each that has ever had one. */
export type Presses = Map<number, { readonly fromMs: number; readonly toMs: number }>;

/** A press: of the newest emergency, if no more than `clearAfterMs` lies between them, else of a new one. */
export function notePress(presses: Presses, vehicle: number, atMs: number, clearAfterMs: number): void {
  const newest = presses.get(vehicle);
  const goesOn = newest !== undefined && atMs - newest.toMs <= clearAfterMs;
  presses.set(vehicle, {
    fromMs: goesOn ? Math.min(newest.fromMs, atMs) : atMs,
    toMs: goesOn ? Math.max(newest.toMs, atMs) : atMs,
  });
}

/** Whether a press at this time belongs to the newest emergency, which people have been called for. */
export function isToldPress(presses: Presses, vehicle: number, atMs: number): boolean {
  const newest = presses.get(vehicle);
  return newest !== undefined && atMs >= newest.fromMs && atMs <= newest.toMs;
}
