import { decodeVehicle, encodeVehicle, isReject } from '@haulwatch/codec';
import { Fleet, type Reject, type VehicleEntry } from '@haulwatch/domain';
import { LogError, type Log } from '@haulwatch/ports';
import { followTopic } from './followed-topic.ts';

/** The registry of vehicles as it stands in the topic `fleet`, kept up to date, and the way to write to it. */
export type FleetRegistry = AsyncDisposable & {
  readonly fleet: Fleet;
  /** Resolves when the entries stand in `fleet`. Idempotent: what is the same already is not written. */
  register(entries: readonly VehicleEntry[]): Promise<{ readonly registered: number; readonly unchanged: number }>;
};

/** Two writers at once cost a second attempt; more than a few mean that something is wrong. */
const attemptsMax = 5;

/**
 * Follows the topic `fleet` (one partition). A record that cannot be read is told to `onReject` and skipped.
 *
 * A number names one vehicle for ever, so where two programs have given the same number at the same moment, the first
 * record in the topic stands and the second is skipped, by every reader alike; its writer sees that and registers anew.
 */
export async function openFleetRegistry(
  log: Pick<Log, 'append' | 'follow'>,
  topic: string,
  onReject: (reject: Reject, offset: number) => void = () => {},
): Promise<FleetRegistry> {
  const fleet = new Fleet();
  const ownerByNumber = new Map<number, string>();
  const followed = await followTopic(log, topic, ({ value, offset }) => {
    if (value === null) return;
    const vehicle = decodeVehicle(value);
    if (isReject(vehicle)) return onReject(vehicle, offset);
    const owner = ownerByNumber.get(vehicle.number) ?? vehicle.id;
    if (owner !== vehicle.id) return;
    ownerByNumber.set(vehicle.number, vehicle.id);
    fleet.put(vehicle);
  });

  async function register(entries: readonly VehicleEntry[]): Promise<{ registered: number; unchanged: number }> {
    let registered = 0;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const vehicles = fleet.register(entries);
      if (attempt === 1) registered = vehicles.length;
      if (vehicles.length === 0) return { registered, unchanged: entries.length - registered };
      await followed.append(vehicles.map((vehicle) => ({ key: vehicle.id, value: encodeVehicle(vehicle) })));
    }
    throw new LogError('failed', `${topic}: other programs register vehicles all the time; try again`, {
      retriable: true,
    });
  }

  const inTurn = oneAtATime();
  return {
    fleet,
    register: (entries) => inTurn(() => register(entries)),
    [Symbol.asyncDispose]: () => followed.close(),
  };
}

/** Runs one task after the other: numbers and versions are given by looking at what stands. */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
