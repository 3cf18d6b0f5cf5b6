import { fixesAnswerSchema, statusSchema, type FixesAnswer } from '@haulwatch/contract';
import type { EngineCounters, RejectReason } from '@haulwatch/domain';
import { CliError } from '../cli-error.ts';
import { problemError, type HttpApi } from '../http-api.ts';
import type { RejectTally } from '../replay/reject-tally.ts';
import type { RecordRow, ReplayRow } from '../replay/replay-row.ts';
import type { ReplayTarget } from '../replay/replay-target.ts';
import {
  awaitCaughtUp,
  awaitRows,
  beforeReplay,
  wholeCounters,
  type IngestProgress,
  type WaitOptions,
} from './ingest-progress.ts';

export type HttpTargetOptions = {
  readonly api: HttpApi;
  readonly tally: RejectTally;
  /** Absent: do not wait for ingest. */
  readonly wait?: Omit<WaitOptions, 'read'>;
};

/** 2,000 fixes of 200 bytes are 0.4 MB: well within the API's limits, and few requests for its rate limit. */
const fixesPerRequest = 2_000;

/**
 * `POST /v1/fixes` of a running Haulwatch, as NDJSON. Delivery: at least once; a request that is repeated after a lost
 * answer may bring fixes twice, which the engine drops as duplicates.
 */
export async function openHttpTarget(options: HttpTargetOptions): Promise<ReplayTarget> {
  const { wait } = options;
  const before =
    wait === undefined
      ? undefined
      : await awaitCaughtUp({ ...wait, read: () => readStatus(options.api) }, beforeReplay);
  return new HttpTarget(options, before);
}

class HttpTarget implements ReplayTarget {
  readonly #options: HttpTargetOptions;
  readonly #before: IngestProgress | undefined;
  #rowsRefused = 0;

  constructor(options: HttpTargetOptions, before: IngestProgress | undefined) {
    this.#options = options;
    this.#before = before;
  }

  async take(rows: readonly ReplayRow[]): Promise<void> {
    const records: RecordRow[] = [];
    for (const row of rows) {
      if (row.kind === 'record') records.push(row);
      else if (row.kind === 'refused') this.#refuse(row.at, row.reject.reason, row.reject.detail);
      else throw new CliError('frames name vehicles by number and cannot go by HTTP: use --to kafka or --to engine');
    }
    for (let at = 0; at < records.length; at += fixesPerRequest)
      await this.#post(records.slice(at, at + fixesPerRequest));
  }

  async finish(rows: number): Promise<EngineCounters | undefined> {
    const { api, wait } = this.#options;
    if (wait === undefined || this.#before === undefined) return undefined;
    return await awaitRows(this.#before, rows - this.#rowsRefused, { ...wait, read: () => readStatus(api) });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #post(rows: readonly RecordRow[]): Promise<void> {
    const { api, tally } = this.#options;
    const { rejected } = await postFixes(api, rows.map((row) => row.value).join('\n'));
    for (const { index, reason, detail } of rejected) {
      const row = rows[index];
      if (row === undefined) throw new CliError(`${api.baseUrl} rejects line ${index} of ${rows.length}`);
      // Of a fix with the button pressed the API keeps the button: it comes out of ingest, and is counted there.
      if (row.buttonOnly) tally.show(row.at, { reason, detail });
      else this.#refuse(row.at, reason, detail);
    }
  }

  #refuse(at: number, reason: RejectReason, detail: string): void {
    this.#options.tally.count(at, { reason, detail });
    this.#rowsRefused += 1;
  }
}

async function postFixes(api: HttpApi, body: string): Promise<Pick<FixesAnswer, 'rejected'>> {
  const answer = await api.request({
    method: 'POST',
    path: '/v1/fixes',
    body,
    contentType: 'application/x-ndjson',
    answer: fixesAnswerSchema,
  });
  if (answer.ok) return answer.value;
  // None of them could be read: that is told item by item like a part of them would be.
  const { rejected } = answer.problem;
  if (rejected !== undefined) return { rejected: rejected as FixesAnswer['rejected'] };
  throw problemError(api.baseUrl, answer.problem);
}

async function readStatus(api: HttpApi): Promise<IngestProgress> {
  const answer = await api.request({ method: 'GET', path: '/v1/status', answer: statusSchema });
  if (!answer.ok) throw problemError(api.baseUrl, answer.problem);
  const { counters, partitions } = answer.value.ingest;
  const committed: number[] = [];
  const end: number[] = [];
  for (const one of partitions) {
    committed[one.partition] = one.committed;
    end[one.partition] = one.end;
  }
  return { counters: wholeCounters(counters), committed, end };
}
