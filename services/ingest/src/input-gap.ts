import type { Log } from '@haulwatch/ports';

/** Records that were committed as the next to be read, and that the log does not have any more: `from` to `to`, exclusive. */
export type Gap = { readonly from: number; readonly to: number };

/** What the log has of a partition: from `start` to before `end`. */
type Bounds = { readonly start: number; readonly end: number };

/** What lies between the offset that was to be read next and what the log has: undefined where it has it. */
function gapAt(offset: number, { start, end }: Bounds): Gap | undefined {
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
  #asked: Promise<Offsets> | undefined;

  constructor(log: Pick<Log, 'startOffsets' | 'endOffsets'>, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  async of(partition: number): Promise<Bounds> {
    this.#asked ??= this.#lookUp().finally(() => {
      this.#asked = undefined;
    });
    return boundsOf(await this.#asked, partition);
  }

  /**
   * The bounds of a partition, and what is missing before the offset that was committed as the next. Others may have asked before that
   * was committed, so a gap is believed when a look-up of its own shows it.
   */
  async around(partition: number, committed: number): Promise<{ readonly bounds: Bounds; readonly gap?: Gap }> {
    let bounds = await this.of(partition);
    if (gapAt(committed, bounds) === undefined) return { bounds };
    bounds = boundsOf(await this.#lookUp(), partition);
    const gap = gapAt(committed, bounds);
    return gap === undefined ? { bounds } : { bounds, gap };
  }

  #lookUp(): Promise<Offsets> {
    return Promise.all([this.#log.startOffsets(this.#topic), this.#log.endOffsets(this.#topic)]);
  }
}

type Offsets = readonly [starts: readonly number[], ends: readonly number[]];

function boundsOf([starts, ends]: Offsets, partition: number): Bounds {
  return { start: starts[partition] ?? 0, end: ends[partition] ?? 0 };
}
