import type { EngineCounters, VendorMapping } from '@haulwatch/domain';
import type { ReplayRow } from './replay-row.ts';

/** Where replayed rows go. */
export type ReplayTarget = AsyncDisposable & {
  /** What the target's policy says of vendors' terminals; undefined: it says nothing, or the target has none. */
  readonly vendors?: VendorMapping | undefined;
  /**
   * Takes rows in their order and resolves when it can take more: the back pressure. Rows that it refuses or that cannot
   * go out are counted in the tally that it was given.
   */
  take(rows: readonly ReplayRow[]): Promise<void>;
  /** Resolves when everything taken has arrived, with what the engines made of it; undefined where nobody waits for that. */
  finish(rows: number): Promise<EngineCounters | undefined>;
};
