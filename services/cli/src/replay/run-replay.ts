import { fileURLToPath } from 'node:url';
import { Fleet, type Policy } from '@haulwatch/domain';
import { openLog } from '../broker-options.ts';
import { readFleetFile } from '../fleet/fleet-csv.ts';
import { httpApi } from '../http-api.ts';
import { readPolicy } from '../policy/policy-yaml.ts';
import { createProgress } from '../progress.ts';
import { waitDefaults } from '../targets/ingest-progress.ts';
import { printResult, type Terminal } from '../terminal.ts';
import { readCsv } from './csv-rows.ts';
import { readFrames } from './frame-rows.ts';
import { openInput, type Input } from './input.ts';
import { readJsonLines, readTraccarLines } from './jsonl-rows.ts';
import { RejectTally } from './reject-tally.ts';
import { replay } from './replay.ts';
import type { ReplayPlan } from './replay-plan.ts';
import type { ReplayResult } from './replay-result.ts';
import type { ReplayRows } from './replay-row.ts';
import type { ReplayTarget } from './replay-target.ts';

const defaultPolicyPath = fileURLToPath(new URL('../../../../deploy/policies/shanghai.yaml', import.meta.url));

/** Does what the plan says and prints the result. */
export async function runReplay(plan: ReplayPlan, terminal: Terminal): Promise<void> {
  const { signal } = terminal;
  await using stack = new AsyncDisposableStack();
  const input = stack.use(await openInput(plan.path, signal));
  // A line over a bar: the bar is drawn again by its next update.
  const say = (line: string): void => terminal.say(process.stderr.isTTY ? `\r\u001B[K${line}` : line);
  const tally = new RejectTally(plan.format === 'frames' ? 'frame ' : `${input.name}:`, say);
  let passedOver = 0;
  const { target, hint } = await openTarget(plan, tally, terminal, stack);
  const progress = createProgress(input.bytesRead, input.bytesTotal);
  stack.defer(() => progress.stop());
  const rows = readRows(plan, input, say, () => (passedOver += 1));
  const result = await replay({ rows, target, tally, speed: plan.speed, progress, signal });
  if (passedOver > 0) terminal.say(`${passedOver} lines hold no position (Traccar's events) and were passed over`);
  if ((result.rejects['vehicle-unknown'] ?? 0) > 0) terminal.say(`vehicles that nobody registered: ${hint}`);
  printResult(terminal, result satisfies ReplayResult);
}

function readRows(plan: ReplayPlan, input: Input, say: (line: string) => void, onPassedOver: () => void): ReplayRows {
  switch (plan.format) {
    case 'csv': {
      const { columns, delimiter, timeZone } = plan;
      return readCsv(input, {
        columns,
        ...(delimiter === undefined ? {} : { delimiter }),
        timeZone,
        onColumns: (bindings, found) => {
          const told = bindings.map((binding) => binding.told).join(', ');
          say(
            `columns (divided by ${found === '\t' ? 'tab' : found}): ${told}; times without an offset are ${timeZone}`,
          );
        },
      });
    }
    case 'jsonl':
      return readJsonLines(input.chunks);
    case 'frames':
      return readFrames(input.chunks);
    case 'traccar':
      return readTraccarLines(input.chunks, onPassedOver);
  }
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
      const { openEngineTarget } = await import('../targets/engine-target.ts');
      const [policy, fleet] = [await policyOf(plan), await fleetOf(plan)];
      const { partitions, out } = plan;
      const target = await openEngineTarget({
        policy,
        fleet,
        partitions,
        ...(out === undefined ? {} : { out }),
        tally,
      });
      return {
        target: stack.use(target),
        hint: plan.format === 'frames' ? frameHint : strangerHint,
      };
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

const strangerHint = '--class heavy takes them for heavy trucks, --fleet FILE.csv says what each of them is';
const frameHint =
  'frames name vehicles by number, --fleet FILE.csv says which vehicles were registered first, second …';
const registerHint =
  '`haulwatch fleet import FILE.csv` registers them, a policy with `unknownVehicles: heavy` takes them for heavy trucks';

async function policyOf({ policyPath, strangersAre }: ReplayPlan): Promise<Policy> {
  const policy = await readPolicy(policyPath ?? defaultPolicyPath, 1);
  return strangersAre === undefined ? policy : { ...policy, unknownVehicles: strangersAre };
}

/** Vehicles get the numbers that an empty registry gives them: 1, 2, 3 … in the order of the file. */
async function fleetOf({ fleetPath }: ReplayPlan): Promise<Fleet> {
  const fleet = new Fleet();
  if (fleetPath === undefined) return fleet;
  const { entries } = await readFleetFile(fleetPath);
  for (const vehicle of fleet.register(entries)) fleet.put(vehicle);
  return fleet;
}
