import { alarmAfter, type Alarm, type EngineCounters, type Policy } from '@haulwatch/domain';
import { CliError } from '../cli-error.ts';
import { openReplayRoad, type ReplayRoad } from '../replay/replay-road.ts';
import type { ReplayPlan } from '../replay/replay-plan.ts';
import { replayResult, type ReplayResult } from '../replay/replay-result.ts';
import type { ReplayTarget } from '../replay/replay-target.ts';
import { openTrialEngines, strangersHint } from '../replay/trial-engines.ts';
import { printResult, type Terminal } from '../terminal.ts';
import { diffAlarms, type AlarmDiff } from './diff-alarms.ts';
import { diffText } from './diff-text.ts';
import { readPolicy } from './policy-yaml.ts';

/** What a diff is to do. */
export type DiffPlan = {
  readonly pathA: string;
  readonly pathB: string;
  /** The telemetry, for engines of its own. */
  readonly input: ReplayPlan;
  /** Alarms shown of each kind of difference. */
  readonly limit: number;
  /** Everything as one JSON document and nothing else. */
  readonly json: boolean;
  /** To end with 1 where the alarms differ. */
  readonly exitCode: boolean;
};

/** Plays the telemetry under both policies and prints what is different. @throws CliError where they differ and the plan wants that. */
export async function diffPolicies(plan: DiffPlan, terminal: Terminal): Promise<void> {
  // Neither is published: both are a first version, and their alarms have the ids that a replay gives them.
  const [a, b] = [await readPolicy(plan.pathA, 1), await readPolicy(plan.pathB, 1)];
  await using stack = new AsyncDisposableStack();
  const road = await openReplayRoad(plan.input, terminal, stack);
  const [sideA, sideB] = await playBoth(plan.input, [a, b], road, stack);
  const unknown = [sideA, sideB].some(({ result }) => (result.rejects['vehicle-unknown'] ?? 0) > 0);
  if (unknown) terminal.say(`vehicles that nobody registered: ${strangersHint(plan.input)}`);
  const diff = diffAlarms(sideA.alarms, sideB.alarms);
  const counts = countsOf(diff);
  const { rows, vehicles } = sideA.result;
  const fixes = { a: sideA.result.fixes, b: sideB.result.fixes };
  if (plan.json) {
    const { appeared, vanished, changed } = diff;
    const policies = { a: { path: plan.pathA, name: a.name }, b: { path: plan.pathB, name: b.name } };
    terminal.print(
      JSON.stringify({ policies, rows, vehicles, fixes, counts, appeared, vanished, changed }, undefined, 2),
    );
  } else {
    terminal.print(`A  ${plan.pathA} ${JSON.stringify(a.name)}, ${fixes.a} fixes taken`);
    terminal.print(`B  ${plan.pathB} ${JSON.stringify(b.name)}, ${fixes.b} fixes taken`);
    terminal.print('');
    const timeZones = { a: a.timeZone, b: b.timeZone };
    for (const line of diffText(diff, { limit: plan.limit, timeZones })) terminal.print(line);
    printResult(terminal, counts);
  }
  const { appeared, vanished, changed } = counts;
  if (plan.exitCode && appeared + vanished + changed > 0) {
    throw new CliError(`the policies differ: ${appeared} alarms appear, ${vanished} vanish, ${changed} change`);
  }
}

type Side = { readonly alarms: readonly Alarm[]; readonly result: ReplayResult };

/** The same rows in the same order through the engines of either policy; of their steps only the alarms are kept. */
async function playBoth(
  plan: ReplayPlan,
  [a, b]: readonly [Policy, Policy],
  road: ReplayRoad,
  stack: AsyncDisposableStack,
): Promise<[Side, Side]> {
  const [openA, openB] = [await openSide(plan, a, road, stack), await openSide(plan, b, road, stack)];
  let engineB: EngineCounters | undefined;
  const both: ReplayTarget = {
    // The recording is read once, as the first policy says.
    vendors: openA.target.vendors,
    take: async (rows) => {
      await openA.target.take(rows);
      await openB.target.take(rows);
    },
    finish: async (rows) => {
      engineB = await openB.target.finish(rows);
      return await openA.target.finish(rows);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const resultA = await road.play(both, openA.tally);
  const { rows, vehicles, seconds } = resultA;
  const resultB = replayResult({ rows, vehicles, seconds, localRejects: openB.tally.counts }, engineB);
  return [
    { alarms: [...openA.alarms.values()], result: resultA },
    { alarms: [...openB.alarms.values()], result: resultB },
  ];
}

async function openSide(plan: ReplayPlan, policy: Policy, road: ReplayRoad, stack: AsyncDisposableStack) {
  const alarms = new Map<string, Alarm>();
  const tally = road.newTally();
  const target = await openTrialEngines(plan, policy, tally, (step) => alarms.set(step.alarmId, alarmAfter(step)));
  return { target: stack.use(target), tally, alarms };
}

function countsOf({ alarmsA, alarmsB, appeared, vanished, changed, byRule }: AlarmDiff) {
  return {
    alarmsA,
    alarmsB,
    appeared: appeared.length,
    vanished: vanished.length,
    changed: changed.length,
    byRule,
  };
}
