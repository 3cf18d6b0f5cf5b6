import { idText, isReject, messageName, type Jt808Frame } from '@haulwatch/codec';

/** What became of the frames of a file. Each frame is one of `decoded` to `refused`; the others tell of them. */
export type FrameCounts = {
  readonly frames: number;
  /** Positions or drivers' cards, read. */
  readonly decoded: number;
  readonly badChecksum: number;
  /** Good frames of messages that nobody knows. */
  readonly unknownMessage: number;
  /** Good frames of messages of the standards that are not about where a vehicle is and who drives it. */
  readonly otherMessages: number;
  /** Parts that were put together with later ones, wait for them, or came before. */
  readonly parts: number;
  /** Those of them that came before. */
  readonly repeatedParts: number;
  /** Refused for anything but their checksum. */
  readonly refused: Readonly<Record<string, number>>;
  /** Decoded although their header tells of another length. */
  readonly lengthMismatch: number;
  /** Items of positions that were kept as they came: `unknown`, of another `length`, or cut off. */
  readonly unreadItems: Readonly<Record<string, number>>;
};

type Outcome = 'decoded' | 'badChecksum' | 'unknownMessage' | 'otherMessages' | 'parts' | 'refused';

/** Counts frames as they are decoded. */
export class FrameBooks {
  readonly #outcomes: Record<Outcome, number> = {
    decoded: 0,
    badChecksum: 0,
    unknownMessage: 0,
    otherMessages: 0,
    parts: 0,
    refused: 0,
  };
  readonly #refused: Record<string, number> = {};
  readonly #unread: Record<string, number> = {};
  /** By id, of messages that carry no position. */
  readonly #messages = new Map<number, number>();
  #frames = 0;
  #lengthMismatch = 0;
  #repeatedParts = 0;

  count(frame: Jt808Frame): void {
    // Its frames were counted as parts when they came.
    if (frame.kind === 'lost') return;
    const outcome = outcomeOf(frame);
    this.#frames += 1;
    this.#outcomes[outcome] += 1;
    if (frame.kind === 'refused' && outcome === 'refused') this.#refuse(frame.refusal.reason);
    if (frame.kind === 'part' && frame.isRepeated) this.#repeatedParts += 1;
    if (frame.kind !== 'message') return;
    if (outcome === 'refused') this.#refuse(refusedReason(frame));
    if (frame.isLengthWrong) this.#lengthMismatch += 1;
    if (outcome === 'unknownMessage' || outcome === 'otherMessages') {
      this.#messages.set(frame.header.id, (this.#messages.get(frame.header.id) ?? 0) + 1);
    }
    for (const problem of unreadItems(frame)) this.#unread[problem] = (this.#unread[problem] ?? 0) + 1;
  }

  /** A line that holds no frame at all. */
  countBroken(reason: string): void {
    this.#frames += 1;
    this.#outcomes.refused += 1;
    this.#refuse(reason);
  }

  counts(): FrameCounts {
    const { decoded, badChecksum, unknownMessage, otherMessages, parts } = this.#outcomes;
    const [refused, unread] = [{ ...this.#refused }, { ...this.#unread }];
    const good = { frames: this.#frames, decoded, badChecksum, unknownMessage, otherMessages, parts };
    const details = { repeatedParts: this.#repeatedParts, lengthMismatch: this.#lengthMismatch };
    return { ...good, ...details, refused, unreadItems: unread };
  }

  /** What a person wants to know of messages without positions. */
  told(): string[] {
    if (this.#messages.size === 0) return [];
    const named = [...this.#messages.entries()].toSorted(([a], [b]) => a - b);
    const list = named.map(([id, count]) => `${idText(id)} ${messageName(id) ?? 'unknown'} ${count}`);
    return [`messages without a position: ${list.join(', ')}`];
  }

  #refuse(reason: string): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
  }
}

type MessageFrame = Extract<Jt808Frame, { readonly kind: 'message' }>;

function outcomeOf(frame: Exclude<Jt808Frame, { readonly kind: 'lost' }>): Outcome {
  if (frame.kind === 'part') return 'parts';
  if (frame.kind === 'refused') return frame.refusal.reason === 'bad-checksum' ? 'badChecksum' : 'refused';
  switch (frame.message.kind) {
    case 'unknown':
      return 'unknownMessage';
    case 'driver':
      return 'decoded';
    case 'location':
    case 'batch':
    case 'broken':
      return frame.fixes.some(({ parsed }) => !isReject(parsed)) ? 'decoded' : 'refused';
    default:
      return 'otherMessages';
  }
}

/** Of a message none of whose positions was taken. */
function refusedReason({ message, fixes }: MessageFrame): string {
  if (message.kind === 'broken') return message.reason;
  const first = fixes.map(({ parsed }) => parsed).find(isReject);
  return first?.reason ?? 'empty-batch';
}

function unreadItems({ message }: MessageFrame): string[] {
  const locations =
    message.kind === 'location' ? [message.location] : message.kind === 'batch' ? message.locations : [];
  return locations.flatMap((location) =>
    'reason' in location ? [] : location.items.flatMap((item) => (item.kind === 'raw' ? [item.problem] : [])),
  );
}
