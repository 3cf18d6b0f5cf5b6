import type { Reject, RejectReason } from '@haulwatch/domain';

/** Counts refused rows by reason and shows the first of each reason, or the first few, to the person. */
export class RejectTally {
  readonly counts: Partial<Record<RejectReason, number>> = {};
  readonly #shown = new Map<RejectReason, number>();
  readonly #shownMax: number;
  readonly #say: (line: string) => void;
  /** "buses.csv:" before a line's number, "frame " before a frame's. */
  readonly #place: string;

  constructor(place: string, say: (line: string) => void, shownMax = 1) {
    this.#shownMax = shownMax;
    this.#place = place;
    this.#say = say;
  }

  count(at: number, reject: Reject, rows = 1): void {
    this.counts[reject.reason] = (this.counts[reject.reason] ?? 0) + rows;
    this.show(at, reject);
  }

  /** Shows a reject that somebody else counts. */
  show(at: number, { reason, detail }: Reject): void {
    const shown = (this.#shown.get(reason) ?? 0) + 1;
    if (shown > this.#shownMax) return;
    this.#shown.set(reason, shown);
    const kind = this.#shownMax === 1 ? 'the first of its kind' : `${shown} of its kind`;
    const last = shown === this.#shownMax ? ` (${kind}; the others are only counted)` : '';
    this.#say(`${this.#place}${at}: rejected, ${reason}: ${detail}${last}`);
  }
}
