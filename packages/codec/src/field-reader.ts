import type { Reject, RejectReason } from '@haulwatch/domain';
import { isJsonObject, named, type JsonObject } from './json-object.ts';
import { reject } from './reject.ts';

/**
 * Reads the fields of a JSON object one by one and remembers the first that was wrong, so that a decoder reads straight
 * through and asks once, at its end. What it hands out after a wrong field is not to be used: look at `reject` first.
 *
 * `null` is the same as absent. Reads in the plain form want the field; the `optional…` ones do not.
 */
export class FieldReader {
  reject: Reject | undefined;
  readonly #fields: JsonObject;
  readonly #path: string;

  /** `path` stands before each field's name in a reject: "device." makes "field device.uniqueId: …". */
  constructor(fields: JsonObject, path = '') {
    this.#fields = fields;
    this.#path = path;
  }

  number(name: string, range: NumberRange): number {
    return this.#wanted(name, range.expected, this.optionalNumber(name, range)) ?? Number.NaN;
  }

  optionalNumber(name: string, range: NumberRange): number | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.#wrong('field-type', name, range.expected);
    if (value < range.min || value > range.max || (range.whole === true && !Number.isInteger(value))) {
      return this.#wrong(range.reason ?? 'field-range', name, range.expected);
    }
    return value;
  }

  text(name: string, lengthMax: number): string {
    return this.#wanted(name, expectedText(lengthMax), this.optionalText(name, lengthMax)) ?? '';
  }

  /** Text of 1 to `lengthMax` characters (UTF-16 units), not blank, without halves of surrogate pairs: those have no UTF-8. */
  optionalText(name: string, lengthMax: number): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') return this.#wrong('field-type', name, expectedText(lengthMax));
    return isPlainText(value, lengthMax) ? value : this.#wrong('field-range', name, expectedText(lengthMax));
  }

  words(name: string, lengthMax: number): string {
    return this.#wanted(name, expectedWords(lengthMax), this.optionalWords(name, lengthMax)) ?? '';
  }

  /** Any text up to a length, for people to read: not an id, so it may be blank or odd. */
  optionalWords(name: string, lengthMax: number): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') return this.#wrong('field-type', name, expectedWords(lengthMax));
    return value.length <= lengthMax ? value : this.#wrong('field-range', name, expectedWords(lengthMax));
  }

  boolean(name: string): boolean {
    return this.#wanted(name, 'true or false', this.optionalBoolean(name)) ?? false;
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    return this.#wrong('field-type', name, 'true or false');
  }

  oneOf<T extends string | number>(name: string, values: readonly T[]): T {
    return this.#wanted(name, expectedOneOf(values), this.optionalOneOf(name, values)) ?? values[0]!;
  }

  optionalOneOf<T extends string | number>(name: string, values: readonly T[]): T | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return values.find((known) => known === value) ?? this.#wrong('field-range', name, expectedOneOf(values));
  }

  /** The object in a field. What is wrong inside it is told by a reader of its own. */
  optionalObject(name: string): JsonObject | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return isJsonObject(value) ? value : this.#wrong('field-type', name, 'an object');
  }

  object(name: string): JsonObject {
    return this.#wanted(name, 'an object', this.optionalObject(name)) ?? {};
  }

  optionalList(name: string): readonly unknown[] | undefined {
    const value: unknown = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value : this.#wrong('field-type', name, 'an array');
  }

  /** Notes a field as wrong, for checks that the reader does not know. */
  refuse(reason: RejectReason, name: string, expected: string): void {
    this.#wrong(reason, name, expected);
  }

  #wanted<T>(name: string, expected: string, value: T | undefined): T | undefined {
    if (value === undefined) this.#wrong('field-missing', name, expected);
    return value;
  }

  #wrong(reason: RejectReason, name: string, expected: string): undefined {
    this.reject ??= reject(
      reason,
      `field ${this.#path}${name}: expected ${expected}, found ${named(this.#fields[name])}`,
    );
    return undefined;
  }
}

export type NumberRange = {
  readonly min: number;
  readonly max: number;
  /** "degrees from -90 to 90": the end of the sentence "expected …". */
  readonly expected: string;
  readonly whole?: boolean;
  /** The reason outside the range, where it has one of its own. */
  readonly reason?: RejectReason;
};

/** Whether a text may be an id or a name: 1 to `lengthMax` UTF-16 units, not blank, expressible in UTF-8. */
export function isPlainText(value: string, lengthMax: number): boolean {
  return value.length <= lengthMax && value.trim() !== '' && value.isWellFormed();
}

function expectedText(lengthMax: number): string {
  return `text of 1 to ${lengthMax} characters`;
}

function expectedWords(lengthMax: number): string {
  return `text of at most ${lengthMax} characters`;
}

function expectedOneOf(values: readonly (string | number)[]): string {
  return `one of ${values.join(', ')}`;
}
