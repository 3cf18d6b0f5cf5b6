import { readFile } from 'node:fs/promises';
import { parsePolicy } from '@haulwatch/contract';
import { vehicleClasses, type Fence, type Policy, type ScheduleWindow } from '@haulwatch/domain';
import { parse } from 'yaml';
import type { FenceWorld } from './fence-world.ts';
import { shapeOf } from './lattice-fence.ts';
import { Random } from './random.ts';

const policyFile = new URL('../deploy/policies/shanghai.yaml', import.meta.url);

/** Of the sites; most fences only tell who is where. */
const prohibitedShare = 0.03;
/** Of all fences but the districts. */
const limitedShare = 0.15;
const scheduledShare = 0.3;
const limitsKph = [60, 70, 80] as const;
const everyDay = [1, 2, 3, 4, 5, 6, 7] as const;
/** Two of them meet at 11:00, where streams of fixes begin (`FixStream`): some fences close on the way, others open. */
const windows: readonly ScheduleWindow[] = [
  { days: everyDay, fromMinute: 7 * 60, toMinute: 11 * 60 },
  { days: [1, 2, 3, 4, 5], fromMinute: 11 * 60, toMinute: 14 * 60 },
  { days: everyDay, fromMinute: 22 * 60, toMinute: 5 * 60 },
];

/**
 * The default policy's thresholds over the fences of a world: some closed to a class or two, some with a limit, some by the
 * hour. Of its rules the first three, which the plain engines know too.
 *
 * @param trouble so many times the usual share of closed ones.
 */
export async function policyOver(world: FenceWorld, seed: number, trouble = 1): Promise<Policy> {
  const { overspeed, ...policy } = await fullPolicyOver(world, seed, trouble);
  const { nightPercent: _, ...byDay } = overspeed;
  return { ...policy, overspeed: byDay, rules: {} };
}

/** The same with every rule that the default policy switches on. */
export async function fullPolicyOver(world: FenceWorld, seed: number, trouble = 1): Promise<Policy> {
  const parsed = parsePolicy(parse(await readFile(policyFile, 'utf8')), 1);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const random = Random.of(seed, 3);
  return { ...parsed.policy, fences: world.fences.map((_, number) => fenceOf(world, number, trouble, random)) };
}

function fenceOf(world: FenceWorld, number: number, trouble: number, random: Random): Fence {
  const isSite = number >= world.tiles;
  const prohibited = isSite && random.chance(prohibitedShare * trouble);
  const limited = !prohibited && number >= Math.min(49, world.tiles) && random.chance(limitedShare);
  const some = [random.pick(vehicleClasses), random.pick(vehicleClasses)];
  return {
    id: `fence-${number}`,
    name: `${isSite ? 'Site' : 'District'} ${number}`,
    shape: shapeOf(world.fences[number]!),
    prohibited,
    classes: prohibited ? some : vehicleClasses,
    schedule: random.chance(scheduledShare) ? [random.pick(windows)] : [],
    ...(limited ? { limitKph: random.pick(limitsKph) } : {}),
  };
}
