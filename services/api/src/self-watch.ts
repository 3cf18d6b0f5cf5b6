import { platformAlarmKinds, type PlatformAlarm } from '@haulwatch/contract';
import { groupOf } from '@haulwatch/domain';
import { gaugeFrom } from '@haulwatch/service';
import type { ApiPorts } from './api-ports.ts';
import {
  graveReasons,
  PlatformAlarms,
  type GraveLetter,
  type PlatformReading,
  type StagePart,
} from './platform-alarms.ts';

const lookEveryMs = 5_000;
/** A part that does not answer within this is away. */
const answerWithinMs = 4_000;
/** Letters of one reading: each may have 256 kB. */
const lettersPerRead = 100;
/** Letters that are read at the first look: what was written before is known to whoever looked then. */
const lettersAtFirst = 2_000;

type SelfWatchPorts = Pick<ApiPorts, 'log' | 'topics' | 'live' | 'history' | 'registry' | 'logger' | 'nowMs'>;

/**
 * Watches Haulwatch itself by what stands in the log and the stores, whatever processes run or do not: who has died tells
 * nobody. What it finds is in the status, in each heartbeat of the event streams, and in a metric.
 */
export class SelfWatch {
  #alarms: readonly PlatformAlarm[] = [];
  readonly #ports: SelfWatchPorts;
  readonly #judge = new PlatformAlarms();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** The dead letter to be read next; undefined: not looked yet. */
  #nextLetter: number | undefined;
  /** Where the dead letters ended at the newest look. */
  #lettersEnd = 0;
  /** What was read of them and not yet judged: a look that was not answered in time leaves it to the next. */
  #graveLetters: GraveLetter[] = [];
  #newLetters = 0;
  #reading: Promise<void> | undefined;

  constructor(ports: SelfWatchPorts) {
    this.#ports = ports;
    gaugeFrom(ports.registry, {
      name: 'haulwatch_platform_alarms',
      help: 'What is wrong with Haulwatch itself at this moment, by kind.',
      label: 'kind',
      read: () => this.#countByKind(),
    });
  }

  /** What is wrong, as of the newest look. */
  alarms(): readonly PlatformAlarm[] {
    return this.#alarms;
  }

  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const found = this.#judge.see(await this.#read());
      const known = new Set(this.#alarms.map(({ kind, subject }) => `${kind} ${subject}`));
      for (const alarm of found) {
        if (!known.has(`${alarm.kind} ${alarm.subject}`)) this.#ports.logger.error(alarm, 'platform alarm');
      }
      this.#alarms = found;
    } finally {
      this.#isLooking = false;
    }
  }

  async #read(): Promise<PlatformReading> {
    const away: Record<string, string> = {};
    const ask = async <Answer>(part: 'log' | 'live' | 'history', question: () => Promise<Answer>) => {
      try {
        return await within(question(), answerWithinMs);
      } catch (error) {
        away[part] = error instanceof Error ? error.message : String(error);
        return undefined;
      }
    };
    const { log, topics, live, history, nowMs } = this.#ports;
    const [ingest, alarmEnds, livePosition, historyPosition] = await Promise.all([
      ask('log', async () => await this.#ingestParts()),
      ask('log', async () => await log.endOffsets(topics.alarmLog)),
      ask('live', async () => await live.position()),
      ask('history', async () => await history.position()),
      ask('log', async () => await this.#letters()),
    ]);
    const end = alarmEnds?.[0];
    const partOf = (position: number | undefined): StagePart[] | undefined =>
      end === undefined || position === undefined ? undefined : [{ name: 'alarm-log', position: position + 1, end }];
    const newest =
      end === undefined || end === 0 ? [] : await ask('log', () => log.read(topics.alarmLog, 0, end - 1, 1));
    const [graveLetters, newLetters] = [this.#graveLetters, this.#newLetters];
    [this.#graveLetters, this.#newLetters] = [[], 0];
    const [liveParts, historyParts] = [partOf(livePosition), partOf(historyPosition)];
    return {
      atMs: nowMs(),
      away,
      stages: {
        ...(ingest !== undefined && { ingest }),
        ...(liveParts !== undefined && { live: liveParts }),
        ...(historyParts !== undefined && { history: historyParts }),
      },
      graveLetters,
      newLetters,
      newestRecordAtMs: newest?.[0]?.timestampMs,
    };
  }

  async #ingestParts(): Promise<StagePart[]> {
    const { log, topics } = this.#ports;
    const [commits, ends] = await Promise.all([
      log.committed(groupOf(topics, 'ingest'), topics.telemetry),
      log.endOffsets(topics.telemetry),
    ]);
    const committed = new Map(commits.map(({ partition, offset }) => [partition, offset]));
    return ends.map((end, partition) => ({
      name: `partition ${partition}`,
      position: committed.get(partition) ?? 0,
      end,
    }));
  }

  /**
   * Reads what was written to the dead letters since the look before; at first, the newest. One reading at a time: of a flood it goes
   * on over as many looks as it takes, for among its letters may be a grave one.
   */
  async #letters(): Promise<void> {
    this.#reading ??= this.#readLetters().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readLetters(): Promise<void> {
    const { log, topics } = this.#ports;
    const [[start = 0], [end = 0]] = await Promise.all([
      log.startOffsets(topics.deadLetters),
      log.endOffsets(topics.deadLetters),
    ]);
    const isFirst = this.#nextLetter === undefined || this.#nextLetter > end;
    if (!isFirst) this.#newLetters += end - this.#lettersEnd;
    this.#lettersEnd = end;
    this.#nextLetter = Math.max(start, isFirst ? end - lettersAtFirst : this.#nextLetter!);
    while (this.#nextLetter < end) {
      const count = Math.min(lettersPerRead, end - this.#nextLetter);
      const records = await log.read(topics.deadLetters, 0, this.#nextLetter, count);
      if (records.length === 0) break;
      for (const { headers, timestampMs: atMs } of records) {
        const { detail = '', topic, partition, offset } = headers;
        const reason = graveReasons.find((it) => it === headers['reason']);
        if (reason === undefined) continue;
        this.#graveLetters.push({ reason, atMs, place: `${topic}[${partition}] at ${offset}`, detail });
      }
      this.#nextLetter = records.at(-1)!.offset + 1;
    }
    this.#nextLetter = end;
  }

  #countByKind(): Record<string, number> {
    const counts: Record<string, number> = Object.fromEntries(platformAlarmKinds.map((kind) => [kind, 0]));
    for (const { kind } of this.#alarms) counts[kind]! += 1;
    return counts;
  }
}

async function within<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
