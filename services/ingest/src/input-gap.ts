import type { Log } from '@haulwatch/ports';

/** Records that were committed as the next to be read, and that the log does not have any more: `from` to `to`, exclusive. */
export type Gap = { readonly from: number; readonly to: number };

/** What the log has of a partition: from `start` to before `end`. */
export type Bounds = { readonly start: number; readonly end: number };

/** What lies between the offset that was to be read next and what the log has: undefined where it has it. */
export function gapAt(offset: number, { start, end }: Bounds): Gap | undefined {
  return offset < start || offset > end ? { from: offset, to: start } : undefined;
}

/** A gap in words, for whoever has to find out what is missing. */
export function gapDetail({ from, to }: Gap): string {
  return to > from
    ? `${to - from} records were removed by retention before anybody read them: alarms of that time may be missing`
    : `the topic was made anew: the next record was to be ${from}, it goes on at ${to}`;
}

/** The bounds of a topic's partitions, looked up once for those that are assigned together. */
export class TopicBounds {
  readonly #log: Pick<Log, 'startOffsets' | 'endOffsets'>;
  readonly #topic: string;
  #asked: Promise<readonly [readonly number[], readonly number[]]> | undefined;

  constructor(log: Pick<Log, 'startOffsets' | 'endOffsets'>, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  async of(partition: number): Promise<Bounds> {
    this.#asked ??= Promise.all([this.#log.startOffsets(this.#topic), this.#log.endOffsets(this.#topic)]).finally(
      () => {
        this.#asked = undefined;
      },
    );
    const [starts, ends] = await this.#asked;
    return { start: starts[partition] ?? 0, end: ends[partition] ?? 0 };
  }
}
