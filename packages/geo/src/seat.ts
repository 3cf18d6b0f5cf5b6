/**
 * Where a vehicle sits in a fence index: what it takes to see that a vehicle which moved a little lies in the same fences
 * as before, without looking anything up. Six words of 32 bits, inside whatever record its owner keeps of the vehicle.
 *
 * An empty seat has clearance 0: no move stays in it. A seat belongs to one index; its owner empties it when the index
 * is another (`emptySeat`), and takes the vehicle's last place as its first in the new one before it moves on, so that a
 * new fence is no entry and a deleted one no exit.
 */
export const seatAt = {
  /** The newest place. */
  x: 0,
  y: 1,
  /** log2 of the width of the cell. */
  shift: 2,
  /** The vehicle can move by less than this in both directions, within its cell, and lies in the same fences. */
  clearance: 3,
  /** Fingerprint of the fences that hold the vehicle. */
  low: 4,
  high: 5,
} as const;

export const seatWords = 6;

export function emptySeat(seats: Int32Array, seat: number): void {
  seats[seat + seatAt.clearance] = 0;
}
