/**
 * Times outside these years are mistakes, not telemetry: seconds taken for milliseconds fall into 1970, an
 * unset terminal clock (month 00) often too. The narrower check, a clock that runs ahead, is the engine's.
 */
export const earliestMs = 946_684_800_000;
/** 2100-01-01T00:00:00Z, exclusive. */
export const latestMs = 4_102_444_800_000;

export function isPlausibleTime(epochMs: number): boolean {
  return epochMs >= earliestMs && epochMs < latestMs;
}
