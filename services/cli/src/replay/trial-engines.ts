import { Fleet, type AlarmStep, type Policy } from '@haulwatch/domain';
import { readFleetFile } from '../fleet/fleet-csv.ts';
import { openEngineTarget } from '../targets/engine-target.ts';
import type { RejectTally } from './reject-tally.ts';
import type { ReplayPlan } from './replay-plan.ts';
import type { ReplayTarget } from './replay-target.ts';

/** Engines of their own for a policy, with the fleet and the strangers of the plan. */
export async function openTrialEngines(
  { strangersAre, fleetPath, partitions, out }: ReplayPlan,
  policy: Policy,
  tally: RejectTally,
  onStep?: (step: AlarmStep) => void,
): Promise<ReplayTarget> {
  return await openEngineTarget({
    policy: strangersAre === undefined ? policy : { ...policy, unknownVehicles: strangersAre },
    fleet: await fleetIn(fleetPath),
    partitions,
    ...(out === undefined ? {} : { out }),
    ...(onStep === undefined ? {} : { onStep }),
    tally,
  });
}

/** What to do about vehicles that are in no registry. */
export function strangersHint({ format }: ReplayPlan): string {
  return format === 'frames'
    ? 'frames name vehicles by number, --fleet FILE.csv says which vehicles were registered first, second …'
    : '--class heavy takes them for heavy trucks, --fleet FILE.csv says what each of them is';
}

/** Vehicles get the numbers that an empty registry gives them: 1, 2, 3 … in the order of the file. */
async function fleetIn(path: string | undefined): Promise<Fleet> {
  const fleet = new Fleet();
  if (path === undefined) return fleet;
  const { entries } = await readFleetFile(path);
  for (const vehicle of fleet.register(entries)) fleet.put(vehicle);
  return fleet;
}
