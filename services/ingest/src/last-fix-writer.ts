import type { Engine } from '@haulwatch/engine';
import type { LastFix } from '@haulwatch/ports';
import type { IngestPorts } from './ingest-ports.ts';

/**
 * Newest positions that are written in one go, of all partitions together: with five goes a second 10,000 a second, some 3 %
 * of a core here and in Redis. A map that shows 200,000 vehicles is 20 s old at most; with 10,000 it is as new as the fixes.
 */
const lastFixesMax = 2_000;

/** Writes the newest positions of vehicles that moved; a failure costs the map its freshness and nothing else. */
export class LastFixWriter {
  readonly #ports: Pick<IngestPorts, 'lastFixes' | 'logger'>;
  #isWriting = false;
  #hasFailed = false;
  /** The partition whose newest positions are written next. */
  #next = 0;

  constructor(ports: Pick<IngestPorts, 'lastFixes' | 'logger'>) {
    this.#ports = ports;
  }

  async write(engines: readonly Engine[]): Promise<void> {
    if (this.#isWriting) return;
    const fixes = this.#drain(engines);
    if (fixes.length === 0) return;
    this.#isWriting = true;
    try {
      await this.#ports.lastFixes.putLastFixes(fixes);
      this.#hasFailed = false;
    } catch (error) {
      // Once for an outage: it is tried five times a second.
      if (!this.#hasFailed) this.#ports.logger.warn({ error: String(error) }, 'newest positions are not written');
      this.#hasFailed = true;
    } finally {
      this.#isWriting = false;
    }
  }

  /** The partitions take turns, so that each gets its share where there is more than one go can take. */
  #drain(engines: readonly Engine[]): LastFix[] {
    const fixes: LastFix[] = [];
    for (let looked = 0; looked < engines.length && fixes.length < lastFixesMax; looked += 1) {
      const engine = engines[this.#next % engines.length]!;
      this.#next = (this.#next + 1) % engines.length;
      for (const fix of engine.drainNewest(lastFixesMax - fixes.length)) fixes.push(fix);
    }
    return fixes;
  }
}
