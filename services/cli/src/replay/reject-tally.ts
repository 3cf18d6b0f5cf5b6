import type { Reject, RejectReason } from '@haulwatch/domain';

/** Counts refused rows by reason and shows the first of each reason to the person. */
export class RejectTally {
  readonly counts: Partial<Record<RejectReason, number>> = {};
  readonly #shown = new Set<RejectReason>();
  readonly #say: (line: string) => void;
  /** "buses.csv:" before a line's number, "frame " before a frame's. */
  readonly #place: string;

  constructor(place: string, say: (line: string) => void) {
    this.#place = place;
    this.#say = say;
  }

  count(at: number, reject: Reject, rows = 1): void {
    this.counts[reject.reason] = (this.counts[reject.reason] ?? 0) + rows;
    this.show(at, reject);
  }

  /** Shows a reject that somebody else counts. */
  show(at: number, { reason, detail }: Reject): void {
    if (this.#shown.has(reason)) return;
    this.#shown.add(reason);
    this.#say(
      `${this.#place}${at}: rejected, ${reason}: ${detail} (the first of its kind; the others are only counted)`,
    );
  }
}
