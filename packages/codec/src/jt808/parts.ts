import type { Header } from './header.ts';
import { refusal, type Refusal } from './refusal.ts';

/** A batch of the 255 locations that one length byte could count has some 20 KB: 64 parts have 64 KB. */
const partsMax = 64;
/** Messages that wait for parts, and their bytes together; beyond, the one that has waited longest is given up. */
const messagesMax = 10_000;
const bytesMax = 16 * 1_024 * 1_024;

type Waiting = {
  readonly header: Header;
  /** The serial of part 1: a message's parts follow each other (§7.12). */
  readonly firstSerial: number;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
};

/** A message that was given up. */
export type LostMessage = { readonly header: Header; readonly refusal: Refusal };
export type PartAnswer =
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'waiting'; readonly lost?: LostMessage }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Puts messages together whose parts come in frames of their own, in any order, one message a terminal and id at a time. */
export class Parts {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  /** Takes a part. `header.part` must be there. */
  take(header: Header, body: Uint8Array): PartAnswer {
    const { total, index } = header.part!;
    if (index < 1 || index > total || total > partsMax) {
      return { kind: 'refused', refusal: refusal('parts-wrong', `part ${index} of ${total}; at most ${partsMax}`) };
    }
    if (total === 1) return { kind: 'whole', body };
    const key = `${header.phone} ${header.id}`;
    const before = this.#waiting.get(key);
    const isSame = before !== undefined && belongs(header, before);
    const lost = before === undefined || isSame ? undefined : this.#giveUp(key);
    const message = isSame ? before : newMessage(header, total);
    this.#waiting.set(key, message);
    if (message.parts[index - 1] === undefined) {
      // A copy: the frame's bytes are the reader's buffer, which would be held as a whole.
      message.parts[index - 1] = Uint8Array.from(body);
      message.missing -= 1;
      message.bytes += body.length;
      this.#bytes += body.length;
    }
    if (message.missing === 0) {
      this.#forget(key);
      return { kind: 'whole', body: joined(message) };
    }
    const evicted = lost ?? this.#makeRoom();
    return { kind: 'waiting', ...(evicted !== undefined && { lost: evicted }) };
  }

  /** Gives up all that still waits: nothing more will come. */
  end(): LostMessage[] {
    return [...this.#waiting.keys()].map((key) => this.#giveUp(key));
  }

  #makeRoom(): LostMessage | undefined {
    if (this.#waiting.size <= messagesMax && this.#bytes <= bytesMax) return undefined;
    const [oldest] = this.#waiting.keys();
    return this.#giveUp(oldest!);
  }

  #giveUp(key: string): LostMessage {
    const { header, parts, missing } = this.#forget(key);
    const detail = `${missing} of the ${parts.length} parts of message ${header.serial} never came`;
    return { header, refusal: refusal('parts-missing', detail) };
  }

  #forget(key: string): Waiting {
    const message = this.#waiting.get(key)!;
    this.#waiting.delete(key);
    this.#bytes -= message.bytes;
    return message;
  }
}

/** Serials that follow each other, or one serial for all parts, as some terminals have it. */
function belongs({ serial, part }: Header, { header, firstSerial, parts }: Waiting): boolean {
  const { total, index } = part!;
  return total === parts.length && (firstSerialOf(serial, index) === firstSerial || serial === header.serial);
}

function newMessage(header: Header, total: number): Waiting {
  const firstSerial = firstSerialOf(header.serial, header.part!.index);
  return { header, firstSerial, parts: Array.from({ length: total }), missing: total, bytes: 0 };
}

function firstSerialOf(serial: number, index: number): number {
  return (serial - index + 1) & 0xffff;
}

function joined({ parts, bytes }: Waiting): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    body.set(part!, at);
    at += part!.length;
  }
  return body;
}
