import type { Alarm } from '@haulwatch/domain';
import type { LiveStore, LiveWrite } from '@haulwatch/ports';

/** A store to test. */
export type LiveStoreUnderTest = AsyncDisposable & {
  readonly store: LiveStore;
  /** A second connection to the same data; the store itself where it lives in one process alone. */
  readonly other: LiveStore;
  /** Loses all data behind the store's back, as a restart without persistence does; returns the store to go on with. */
  readonly lose: () => Promise<LiveStore>;
};

/** Opens an empty store that nobody else uses. */
export type OpenLiveStore = (options?: { eventsKept?: number }) => Promise<LiveStoreUnderTest>;

export function put(position: number, alarm: Alarm): LiveWrite {
  return { op: 'put-alarm', position, alarm };
}

export function event(position: number, index = 0): LiveWrite {
  return { op: 'event', position, index, type: 'raised', data: `data of ${position}-${index}` };
}
