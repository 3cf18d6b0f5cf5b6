import type { Reject } from '@haulwatch/domain';
import { reject } from './reject.ts';
import { decodeUtf8 } from './utf8.ts';

/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The one JSON object in the bytes of a record. A byte order mark before it is let pass. It is handed out wrapped: the
 * object itself may have any field, `reason` too.
 */
export function parseJsonObject(bytes: Uint8Array | null): { readonly object: JsonObject } | Reject {
  if (bytes === null || bytes.length === 0) return reject('empty-record', 'the record has no value');
  const text = decodeUtf8(bytes);
  if (text === undefined) return reject('json-broken', 'the record is not UTF-8');
  if (text.trim() === '') return reject('empty-record', 'the record holds nothing but white space');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return reject('json-broken', String(error));
  }
  if (isJsonObject(value)) return { object: value };
  return reject('json-broken', `expected one JSON object a record, found ${named(value)}`);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for the person who reads a reject: short, whatever was sent. */
export function named(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'string') return `an ${typeof value}`;
  return value.length <= quotedLengthMax ? JSON.stringify(value) : `a text of ${value.length} characters`;
}

/** Long enough for a number or an id sent as text, short enough for a record's header. */
const quotedLengthMax = 40;

/**
 * The object without its undefined fields: in the domain's types a field that is not there is absent, never
 * undefined. A field that a type calls optional may be given as undefined here, the others may not.
 */
export function present<T extends object>(fields: Told<T>): T {
  const told: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) told[name] = value;
  }
  return told as T;
}

/** Every field of T, told: none is forgotten, the optional ones may be undefined. */
export type Told<T> = {
  [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? T[K] | undefined : T[K];
};
