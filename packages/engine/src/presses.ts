type Emergency = { fromMs: number; toMs: number };

/** From when to when the newest emergencies of a vehicle lasted, the oldest first, by dense index: of each that has ever had one. */
export type Presses = Map<number, Emergency[]>;

/** What terminals tell again from a blind zone is a few days old at most. Our choice. */
const keptMs = 72 * 3_600_000;
/** Of one vehicle. */
const emergenciesMax = 16;

/** When a press is noted: what is longer ago than 72 h is forgotten, and how far apart presses of one emergency may lie. */
export type PressTimes = { readonly nowMs: number; readonly clearAfterMs: number };

/** A press: of a known emergency, if no more than `clearAfterMs` lies between them, else of a new one. */
export function notePress(presses: Presses, vehicle: number, atMs: number, { nowMs, clearAfterMs }: PressTimes): void {
  const known = presses.get(vehicle) ?? [];
  const same = known.findLast(({ fromMs, toMs }) => atMs >= fromMs - clearAfterMs && atMs <= toMs + clearAfterMs);
  if (same !== undefined) {
    same.fromMs = Math.min(same.fromMs, atMs);
    same.toMs = Math.max(same.toMs, atMs);
    return;
  }
  const kept = [...known.filter(({ toMs }) => toMs >= nowMs - keptMs), { fromMs: atMs, toMs: atMs }];
  presses.set(vehicle, kept.sort((a, b) => a.fromMs - b.fromMs).slice(-emergenciesMax));
}

/** Whether a press at this time would be noted as one of a known emergency. */
export function isKnownPress(presses: Presses, vehicle: number, atMs: number, clearAfterMs: number): boolean {
  return (
    presses.get(vehicle)?.some(({ fromMs, toMs }) => atMs >= fromMs - clearAfterMs && atMs <= toMs + clearAfterMs) ===
    true
  );
}

/** Whether a press at this time belongs to an emergency that people have been called for. */
export function isToldPress(presses: Presses, vehicle: number, atMs: number): boolean {
  return presses.get(vehicle)?.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs) === true;
}
