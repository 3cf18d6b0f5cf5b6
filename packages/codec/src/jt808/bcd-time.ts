/** All times of JT/T 808 are GMT+8, whatever the vehicle's own zone (§4.2). */
const offsetMs = 8 * 3_600_000;

/**
 * YY-MM-DD-hh-mm-ss in BCD as ms since the epoch, years 2000 to 2099; undefined where a digit is none or there is no
 * such moment. A terminal whose clock is not set sends month 00, which is nothing to guess at.
 */
export function readBcdTime(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 6) return undefined;
  const parts: number[] = [];
  for (const byte of bytes) {
    if (byte >>> 4 > 9 || (byte & 15) > 9) return undefined;
    parts.push((byte >>> 4) * 10 + (byte & 15));
  }
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const localMs = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  const date = new Date(localMs);
  // Date.UTC carries what is too much into the next month and day 0 into the one before.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? localMs - offsetMs : undefined;
}

/** The same moment as the terminal's standard writes it: 2018-10-15T10:10:10+08:00. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs + offsetMs).toISOString().slice(0, 19)}+08:00`;
}
