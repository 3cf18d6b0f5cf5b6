import { openLog } from '../broker-options.ts';
import { httpApi } from '../http-api.ts';
import { defaultPolicyPath, readPolicy } from '../policy/policy-yaml.ts';
import { waitDefaults } from '../targets/ingest-progress.ts';
import { printResult, type Terminal } from '../terminal.ts';
import { formatHint } from './format-hint.ts';
import type { RejectTally } from './reject-tally.ts';
import type { ReplayPlan } from './replay-plan.ts';
import { openReplayRoad } from './replay-road.ts';
import type { ReplayTarget } from './replay-target.ts';

/** Does what the plan says and prints the result. */
export async function runReplay(plan: ReplayPlan, terminal: Terminal): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const road = await openReplayRoad(plan, terminal, stack);
  const tally = road.newTally();
  const { target, hint } = await openTarget(plan, tally, terminal, stack);
  const result = await road.play(target, tally);
  if ((result.rejects['vehicle-unknown'] ?? 0) > 0) terminal.say(`vehicles that nobody registered: ${hint}`);
  const otherFormat = formatHint(plan, result);
  if (otherFormat !== undefined) terminal.say(otherFormat);
  printResult(terminal, { ...result, ...road.frameCounts() });
}

/** `hint`: what to do about vehicles that are not in the registry. */
type OpenTarget = { readonly target: ReplayTarget; readonly hint: string };

/** Opens the target and puts what must be closed after it on the stack. Each loads only what it needs. */
async function openTarget(
  plan: ReplayPlan,
  tally: RejectTally,
  { signal }: Terminal,
  stack: AsyncDisposableStack,
): Promise<OpenTarget> {
  const wait = plan.wait ? { wait: { ...waitDefaults, signal } } : {};
  switch (plan.target.kind) {
    case 'engine': {
      const { openTrialEngines, strangersHint } = await import('./trial-engines.ts');
      const policy = await readPolicy(plan.policyPath ?? defaultPolicyPath, 1);
      return { target: stack.use(await openTrialEngines(plan, policy, tally)), hint: strangersHint(plan) };
    }
    case 'kafka': {
      const { openLogTarget } = await import('../targets/log-target.ts');
      const { openFleetRegistry } = await import('@haulwatch/service');
      const { log, topics } = stack.use(await openLog(plan.broker));
      const { fleet } = stack.use(await openFleetRegistry(log, topics.fleet));
      const target = await openLogTarget({ log, topics, fleet, tally, ...wait, rawTraccar: plan.rawTraccar });
      return { target: stack.use(target), hint: registerHint };
    }
    case 'http': {
      const { openHttpTarget } = await import('../targets/http-target.ts');
      const target = await openHttpTarget({ api: httpApi(plan.target.url, signal), tally, ...wait });
      return { target: stack.use(target), hint: registerHint };
    }
  }
}

const registerHint =
  '`haulwatch fleet import FILE.csv` registers them, a policy with `unknownVehicles: heavy` takes them for heavy trucks';
