import { crc32c } from '../crc32c.ts';
import type { Header } from './header.ts';
import { refusal, type Refusal } from './refusal.ts';

/** A batch of the 255 locations that one length byte could count has some 20 KB: 64 parts have 64 KB. */
const partsMax = 64;
/** Messages that wait for parts, and their bytes together; beyond, the one that was silent longest is given up. */
const messagesMax = 10_000;
const bytesMax = 16 * 1_024 * 1_024;
/** Whole messages that are remembered: parts told again are told again soon, within some retries of seconds. */
const wholeMax = 10_000;
/** Messages of one terminal, id and number of parts, waiting and whole: a search looks through all of them. */
const alikeMax = 32;
/** A terminal asks and is asked again for minutes at most; a link that was down for longer begins the message anew. */
const silentMsMax = 1_800_000;
/** The same where nobody tells the time: the terminal's serial is so far ahead. */
const serialsAheadMax = 4_096;

type PartedMessage = {
  readonly key: string;
  /** Of the part that came first. */
  readonly header: Header;
  /** The serial that part 1 has where every part has its own. */
  readonly firstSerial: number;
  /** Known once there are two parts. */
  numbering?: 'each' | 'one';
  /** Empty again once the message is whole. */
  parts: (Uint8Array | undefined)[];
  /** Of each part that came: what tells a repeat from another message under the same serials. */
  readonly crcs: (number | undefined)[];
  missing: number;
  bytes: number;
  heardAtMs: number | undefined;
};

/** A message that was given up. */
export type LostMessage = { readonly header: Header; readonly refusal: Refusal };
export type PartAnswer = (
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'waiting' }
  /** The very part came before, whether or not its message is whole by now. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
) & { readonly lost: readonly LostMessage[] };

/**
 * Puts messages together whose parts come in frames of their own, in any order, any of them more than once, and parts of
 * several messages between each other.
 *
 * Parts are numbered one after the other (§7.12), so that a part's serial and index tell the serial of part 1, which is what
 * a message is known by, here and in a request for missing parts (0x8003, 0x0005). What is sent upon a request is the
 * original part, serial and all. A part under a fresh serial is one of a message of its own: to guess
 * whose gap it may fill would make up positions. Some terminals have one serial for all parts of a message.
 */
export class Parts {
  /** The most recently heard last. */
  readonly #waiting = new Set<PartedMessage>();
  readonly #whole = new Set<PartedMessage>();
  readonly #alike = new Map<string, PartedMessage[]>();
  #bytes = 0;
  /** The last receipt that was told. */
  #nowMs: number | undefined;

  /** Takes a part. `header.part` must be there. */
  take(header: Header, body: Uint8Array, receivedAtMs?: number): PartAnswer {
    const { total, index } = header.part!;
    if (index < 1 || index > total || total > partsMax) {
      const wrong = refusal('parts-wrong', `part ${index} of ${total}; at most ${partsMax}`);
      return { kind: 'refused', refusal: wrong, lost: [] };
    }
    if (total === 1) return { kind: 'whole', body, lost: [] };
    const key = `${header.phone} ${header.id} ${total}`;
    this.#nowMs = receivedAtMs ?? this.#nowMs;
    const lost = [...this.#giveUpSilent(), ...this.#giveUpPassed(key, header.serial)];
    const crc = crc32c(body);
    const before = messageOf(this.#alike.get(key) ?? [], header);
    if (before?.crcs[index - 1] === crc) {
      if (before.missing > 0) this.#hear(before);
      return { kind: 'repeated', lost };
    }
    // Other bytes in the same place: the terminal has begun its serials anew.
    const isOther = before !== undefined && before.crcs[index - 1] !== undefined;
    if (isOther) lost.push(...this.#drop(before));
    const message = before === undefined || isOther ? this.#begin(key, header) : before;
    this.#add(message, header, body, crc);
    this.#hear(message);
    if (message.missing === 0) return { kind: 'whole', body: this.#complete(message), lost };
    return { kind: 'waiting', lost: [...lost, ...this.#makeRoom(key)] };
  }

  /** Gives up all that still waits: nothing more will come. */
  end(): LostMessage[] {
    return [...this.#waiting].flatMap((message) => this.#drop(message));
  }

  #begin(key: string, header: Header): PartedMessage {
    const { total, index } = header.part!;
    const message: PartedMessage = {
      key,
      header,
      firstSerial: firstSerialOf(header.serial, index),
      parts: Array.from({ length: total }),
      crcs: Array.from({ length: total }),
      missing: total,
      bytes: 0,
      heardAtMs: undefined,
    };
    this.#alike.set(key, [...(this.#alike.get(key) ?? []), message]);
    return message;
  }

  #add(message: PartedMessage, { serial, part }: Header, body: Uint8Array, crc: number): void {
    const at = part!.index - 1;
    if (message.missing < message.parts.length) message.numbering ??= serial === message.header.serial ? 'one' : 'each';
    // A copy: the frame's bytes are the reader's buffer, which would be held as a whole.
    message.parts[at] = Uint8Array.from(body);
    message.crcs[at] = crc;
    message.missing -= 1;
    message.bytes += body.length;
    this.#bytes += body.length;
  }

  #hear(message: PartedMessage): void {
    message.heardAtMs = this.#nowMs;
    this.#waiting.delete(message);
    this.#waiting.add(message);
  }

  #complete(message: PartedMessage): Uint8Array {
    const body = joined(message);
    this.#bytes -= message.bytes;
    message.parts = [];
    this.#waiting.delete(message);
    this.#whole.add(message);
    const [oldest] = this.#whole;
    if (this.#whole.size > wholeMax) this.#drop(oldest!);
    return body;
  }

  #giveUpSilent(): LostMessage[] {
    const lost: LostMessage[] = [];
    const nowMs = this.#nowMs;
    if (nowMs === undefined) return lost;
    for (const message of this.#waiting) {
      if (nowMs - (message.heardAtMs ?? nowMs) <= silentMsMax) break;
      lost.push(...this.#drop(message));
    }
    return lost;
  }

  #giveUpPassed(key: string, serial: number): LostMessage[] {
    const passed = (this.#alike.get(key) ?? []).filter(({ missing, firstSerial }) => {
      const ahead = (serial - firstSerial) & 0xffff;
      return missing > 0 && ahead > serialsAheadMax && ahead < 0x8000;
    });
    return passed.flatMap((message) => this.#drop(message));
  }

  #makeRoom(key: string): LostMessage[] {
    const lost: LostMessage[] = [];
    const alike = this.#alike.get(key)!;
    if (alike.length > alikeMax) lost.push(...this.#drop(alike.find(({ missing }) => missing === 0) ?? alike[0]!));
    while (this.#waiting.size > messagesMax || this.#bytes > bytesMax) {
      const [silent] = this.#waiting;
      lost.push(...this.#drop(silent!));
    }
    return lost;
  }

  /** Forgets a message, which is lost unless it was whole. */
  #drop(message: PartedMessage): LostMessage[] {
    const { key, header, crcs, missing } = message;
    const rest = (this.#alike.get(key) ?? []).filter((one) => one !== message);
    if (rest.length === 0) this.#alike.delete(key);
    else this.#alike.set(key, rest);
    if (this.#whole.delete(message)) return [];
    this.#waiting.delete(message);
    this.#bytes -= message.bytes;
    const detail = `${missing} of the ${crcs.length} parts of message ${header.serial} never came`;
    return [{ header, refusal: refusal('parts-missing', detail) }];
  }
}

/**
 * The message that a part is of. One serial for two parts is a terminal that numbers messages: it comes first, as its next
 * message may look like a later part of the one before.
 */
function messageOf(alike: readonly PartedMessage[], { serial, part }: Header): PartedMessage | undefined {
  const { index } = part!;
  const underOne = alike.findLast(
    ({ numbering, header }) =>
      header.serial === serial && (numbering === 'one' || (numbering === undefined && header.part!.index !== index)),
  );
  return (
    underOne ??
    alike.findLast(({ numbering, firstSerial }) => numbering !== 'one' && firstSerial === firstSerialOf(serial, index))
  );
}

function firstSerialOf(serial: number, index: number): number {
  return (serial - index + 1) & 0xffff;
}

function joined({ parts, bytes }: PartedMessage): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    body.set(part!, at);
    at += part!.length;
  }
  return body;
}
