import type { TerminalEvent } from '@haulwatch/domain';

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** What an additional item says. */
export type ItemContent = {
  readonly value: Json;
  /** What of it becomes sensors of the fix, under names that tell the unit. */
  readonly sensors?: Readonly<Record<string, number | string | boolean>>;
  readonly events?: readonly TerminalEvent[];
};

type KnownItem = ItemContent & {
  readonly kind: 'known';
  readonly id: number;
  readonly name: string;
  readonly bytes: Uint8Array;
};

/** An item that is kept as it came: nobody knows its id, its length is not the one it has, or the list ends inside it. */
type RawItem = {
  readonly kind: 'raw';
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly problem: 'unknown' | 'length' | 'truncated';
};

/** An item that no standard reads and the terminal's vendor mapping does: its readings are sensors of the fix. */
type VendorItem = { readonly kind: 'vendor'; readonly id: number; readonly bytes: Uint8Array };

/** An additional item (附加信息项) of a location, in the order of the list. */
export type Item = KnownItem | VendorItem | RawItem;

/** How an item is read. `read` gives undefined where the length fits none of the layouts. */
export type ItemReader = {
  readonly name: string;
  readonly read: (bytes: Uint8Array) => ItemContent | undefined;
};

/** A reader for items of one length: the same number in more bytes would be another number. */
export function ofLength(
  name: string,
  length: number | readonly number[],
  read: (bytes: Uint8Array) => ItemContent,
): ItemReader {
  const lengths = typeof length === 'number' ? [length] : length;
  return { name, read: (bytes) => (lengths.includes(bytes.length) ? read(bytes) : undefined) };
}

/** A reader for items whose layouts only ever grow at the end: what a vendor adds there is not looked at. */
export function atLeast(name: string, lengthMin: number, read: (bytes: Uint8Array) => ItemContent): ItemReader {
  return { name, read: (bytes) => (bytes.length >= lengthMin ? read(bytes) : undefined) };
}
