import { commitCountersSchema, type Status } from '@haulwatch/contract';
import { addCounters, countersZero, groupOf, type EngineCounters } from '@haulwatch/domain';
import type { CommittedOffset } from '@haulwatch/ports';
import { checkReady } from '@haulwatch/service';
import type { ApiPorts } from './api-ports.ts';

/**
 * Where the pipeline stands. It answers above all when something is away, for then people look: of a part that does not answer
 * it tells what it knew last, and why it does not.
 */
export class PipelineStatus {
  readonly #ports: ApiPorts;
  #commits: readonly CommittedOffset[] = [];
  #telemetryEnds: readonly number[] = [];
  #alarmEnd = 0;
  #livePosition = -1;
  #openCounts: Readonly<Partial<Record<string, number>>> = {};
  #historyPosition = -1;

  constructor(ports: ApiPorts) {
    this.#ports = ports;
  }

  async read(eventStreams: number): Promise<Omit<Status, 'platformAlarms'>> {
    const { parts } = await checkReady({
      log: () => this.#readLog(),
      live: () => this.#readLive(),
      history: async () => {
        this.#historyPosition = await this.#ports.history.position();
      },
    });
    const unreachable = Object.fromEntries(Object.entries(parts).filter(([, reason]) => reason !== 'ok'));
    const policyVersion = this.#ports.policies.active()?.version;
    const byRule = told(this.#openCounts);
    return {
      atMs: this.#ports.nowMs(),
      ingest: this.#ingest(),
      alarmLog: {
        end: this.#alarmEnd,
        livePosition: this.#livePosition,
        historyPosition: this.#historyPosition,
        liveLag: Math.max(0, this.#alarmEnd - 1 - this.#livePosition),
        historyLag: Math.max(0, this.#alarmEnd - 1 - this.#historyPosition),
      },
      openAlarms: { total: Object.values(byRule).reduce((sum, count) => sum + count, 0), byRule },
      vehicles: this.#ports.fleet.fleet.size,
      ...(policyVersion !== undefined && { policyVersion }),
      eventStreams,
      ...(Object.keys(unreachable).length > 0 && { unreachable }),
    };
  }

  async #readLog(): Promise<void> {
    const { log, topics } = this.#ports;
    [this.#commits, this.#telemetryEnds, [this.#alarmEnd = 0]] = await Promise.all([
      log.committed(groupOf(topics, 'ingest'), topics.telemetry),
      log.endOffsets(topics.telemetry),
      log.endOffsets(topics.alarmLog),
    ]);
  }

  async #readLive(): Promise<void> {
    const { live } = this.#ports;
    [this.#livePosition, this.#openCounts] = await Promise.all([live.position(), live.openCounts()]);
  }

  #ingest(): Status['ingest'] {
    const committed = new Map(this.#commits.map(({ partition, offset }) => [partition, offset]));
    const partitions = this.#telemetryEnds.map((end, partition) => ({
      partition,
      committed: committed.get(partition) ?? 0,
      end,
    }));
    const counters = this.#commits
      .map(({ metadata }) => countersOf(metadata))
      .reduce((a, b) => addCounters(a, b), countersZero());
    return {
      counters: {
        ...counters,
        rejects: told(counters.rejects),
        alarmsByRule: told(counters.alarmsByRule),
        suppressed: told(counters.suppressed),
      },
      lagRecords: partitions.reduce((sum, { committed: at, end }) => sum + Math.max(0, end - at), 0),
      partitions,
    };
  }
}

/** The counters of a commit; a commit of another making (an operator reset the offsets by hand) counts as nothing. */
function countersOf(metadata: string): EngineCounters {
  try {
    const parsed = commitCountersSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? ({ ...countersZero(), ...parsed.data.counters } as EngineCounters) : countersZero();
  } catch {
    return countersZero();
  }
}

function told(tally: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(Object.entries(tally).filter((entry): entry is [string, number] => entry[1] !== undefined));
}
