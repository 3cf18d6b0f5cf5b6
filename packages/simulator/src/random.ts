/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/**
 * One draw, 0 to 4,294,967,295, from the stream whose state lies in `states[index]`: mulberry32 (Tommy Ettinger,
 * public domain). A stream is one 32-bit word, so that each vehicle has its own and none depends on another.
 */
export function draw(states: Uint32Array, index: number): number {
  const state = ((states[index] ?? 0) + 0x6d2b79f5) >>> 0;
  states[index] = state;
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}

/** `draw` as a number in [from, to). */
export function drawBetween(states: Uint32Array, index: number, from: number, to: number): number {
  return from + ((to - from) * draw(states, index)) / 0x1_0000_0000;
}

/** A stream of its own for a purpose, so that what one part draws does not move what another part sees. */
export function createRandom(seed: number, purpose: number): Random {
  const state = Uint32Array.of(streamSeed(seed, purpose));
  return () => draw(state, 0) / 0x1_0000_0000;
}

/** The first state of stream `index` of a seed: both mixed with MurmurHash3's finalizer (Austin Appleby, public domain). */
export function streamSeed(seed: number, index: number): number {
  return mix(mix(seed >>> 0) ^ mix((index + 0x9e37_79b9) >>> 0));
}

/** Fisher-Yates, in place. */
export function shuffle<T extends { [index: number]: number; readonly length: number }>(items: T, random: Random): T {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const moved = items[last] ?? 0;
    items[last] = items[other] ?? 0;
    items[other] = moved;
  }
  return items;
}

function mix(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
