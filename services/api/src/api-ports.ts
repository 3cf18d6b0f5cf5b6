import type { TopicNames } from '@haulwatch/domain';
import type { History, LiveStore, Log } from '@haulwatch/ports';
import type { FleetRegistry, Logger, PolicyRegistry, Registry } from '@haulwatch/service';

/** What the API is made of: the three stores, the two registries, and the process around them. */
export type ApiPorts = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly live: LiveStore;
  readonly history: History;
  readonly fleet: FleetRegistry;
  readonly policies: PolicyRegistry;
  /** What /metrics tells; the API adds its own metrics to it. */
  readonly registry: Registry;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** The folder of the live page; absent: there is none. */
  readonly publicDir?: string;
  readonly limits?: Partial<ApiLimits>;
};

export type ApiLimits = {
  /** The largest body. */
  readonly bodyBytesMax: number;
  /** Requests a minute of one client, fixes aside. */
  readonly requestsPerMinute: number;
  /** `POST /v1/fixes` a minute of one client. */
  readonly fixRequestsPerMinute: number;
  /** Event streams open at once. */
  readonly eventStreamsMax: number;
  /** What a slow reader of events may have waiting before it is dropped. */
  readonly streamBytesMax: number;
};

export const apiLimits: ApiLimits = {
  // 10,000 fixes of 300 bytes are 3 MB, and the fences of a city's policy some 4 MB.
  bodyBytesMax: 5 * 1024 * 1024,
  // A console page asks some 30 times a minute; 20 of them behind one proxy are one client.
  requestsPerMinute: 1_200,
  // 500 requests a second: enough for a gateway that sends each fix by itself, and a stop for a client gone mad.
  fixRequestsPerMinute: 30_000,
  // A control room has tens of screens. Each may hold `streamBytesMax` of memory: 256 MB at worst.
  eventStreamsMax: 1_000,
  // Some 300 alarms, 12 s of a usual rate: who is further behind reads them from the store when it comes back.
  streamBytesMax: 256 * 1024,
};
