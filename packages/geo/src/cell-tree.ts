/**
 * The layout of a fence index, in one place: a window of the lattice is cut into root cells, each root cell into 4 x 4
 * smaller ones where too many edges meet, down to cells that are *pure* (every point lies in the same fences) or *leaves*
 * (a few edges pass). All cells are powers of two wide, so that finding one is shift and mask.
 *
 * An entry of a cell is one number; its low two bits tell what it is:
 *
 *     0  16 entries of children at `entry >>> 2` in `cells`, row by row from the south-west
 *     1  pure: log2 of the cell's width in bits 2-6, its set from bit 7 on
 *     2  leaf: record at `entry >>> 2` in `cells`
 *
 * A leaf's record, in words of 32 bits:
 *
 *     0     log2 of the cell's width (bits 0-4), number of parts that have edges here (from bit 5 on)
 *     1     set of the fences that hold the whole cell
 *     2, 3  fingerprint of that set
 *     then for each part, ascending by fence:
 *       0     slot of its fence
 *       1     kind (bits 0-1), whether the reference point is inside (bit 2), whether an edge is too long for
 *             `shortOrientation` (bit 3), length of what follows (from bit 4 on)
 *       polygon:  chains of vertices: count, x0, y0, x1, y1 ...
 *       circle:   index into `metres` of the radius; x, y of the centre
 *       corridor: index into `metres` of the half width; chains as above
 *
 * A set is the range `setStarts[id]` to `setStarts[id + 1]` of `setSlots`; set 0 is empty. Its fingerprint is the xor of
 * its fences' hashes, so that two places are told apart without writing out what they lie in.
 */
export type CellTree = {
  /** log2 of a root cell's width in lattice units. */
  readonly rootShift: number;
  /** Column and row of the first root cell, as coordinate >> rootShift, and how many there are. */
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly columns: number;
  readonly rows: number;
  readonly roots: Int32Array;
  readonly cells: Int32Array;
  readonly setStarts: Int32Array;
  readonly setSlots: Int32Array;
  /** Two words a set. */
  readonly setPrints: Int32Array;
  readonly metres: Float64Array;
};

export const entryTag = { children: 0, pure: 1, leaf: 2 } as const;

/** A cell is cut into 4 x 4. */
export const fanShift = 2;
export const childrenPerCell = 16;

/** Words of a leaf before its parts, and of a part before what its kind needs. */
export const leafHeaderWords = 4;
export const partHeaderWords = 2;

/** Bits of a part's second word. */
export const partBit = { kind: 3, inside: 4, long: 8 } as const;
export const partLengthShift = 4;

/** The first word of a fence's hash; a set's fingerprint is the xor of both words over its fences. */
export function printLow(slot: number): number {
  return mixed(slot + 1, 0x9e3779b1);
}

export function printHigh(slot: number): number {
  return mixed(slot + 0x5bd1e995, 0x85ebca6b);
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) after a multiplication. */
function mixed(value: number, by: number): number {
  let h = Math.imul(value, by);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function pureEntry(set: number, shift: number): number {
  return (set << 7) | (shift << 2) | entryTag.pure;
}

/** The set of a pure entry. */
export function pureSet(entry: number): number {
  return entry >>> 7;
}

/** log2 of the width of a pure entry's cell. */
export function pureShift(entry: number): number {
  return (entry >>> 2) & 31;
}

/** Bytes of the whole index. */
export function treeBytes(tree: CellTree): number {
  const { roots, cells, setStarts, setSlots, setPrints, metres } = tree;
  return [roots, cells, setStarts, setSlots, setPrints, metres].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
