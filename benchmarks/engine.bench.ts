import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AlarmStep } from '@haulwatch/domain';
import { compilePolicy } from '@haulwatch/rules';
import { differingAlarms } from './alarm-lines.ts';
import { EngineFeed } from './engine-feed.ts';
import { makeFenceWorld } from './fence-world.ts';
import { FixStream } from './fix-stream.ts';
import { runPaced } from './paced-run.ts';
import type { PlainAlarm } from './plain-episode.ts';
import { PlainSide } from './plain-side.ts';
import { barLine, rounded, roundedSpread, spreadOf } from './spread.ts';
import { costOfRules } from './rule-cost.ts';
import { policyOver } from './world-policy.ts';

const vertices = 64;
/** Seconds of the stream before the first round: alarms have been raised by then, and the first are cleared. */
const warmUpTicks = 72;
const rounds = 6;
const ticksPerRound = 5;
/** As many vehicles as the plain engine gets through in a round's time. The fewer, the kinder to its caches. */
const plainVehiclesMax = 10_000;
/** Of the live fleet of a city. */
const pace = 200_000;
/** V8 gives the pages of collected garbage back to the system 8 s later, all at once: 65 ms for those of the preparation (measured 2026-12). */
const pagesGoneMs = 10_000;

/**
 * How many fixes a second does one core take from a record's bytes to the steps of alarms, and does anything stall at the pace
 * of a city? One engine with every vehicle, frames v1, beside the same work done plainly (`PlainEngine`) on JSON texts of the
 * same fixes for some of the vehicles, in turns within one run. Both must tell the same alarms. Input: see `FixStream`.
 *
 * `--curve`: over the number of vehicles and fences. `--rules`: what each rule of the catalogue costs.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const options = readOptions(args);
  if (options.rules) return costOfRules(options);
  return options.curve ? curve(options) : race(options);
}

type Options = {
  readonly vehicles: number;
  readonly fences: number;
  readonly seconds: number;
  readonly seed: number;
  readonly curve: boolean;
  readonly rules: boolean;
};

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { vehicles: text, fences: text, seconds: text, seed: text, curve: flag, rules: flag } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    vehicles: Number(values.vehicles ?? 198_083),
    fences: Number(values.fences ?? 10_000),
    seconds: Number(values.seconds ?? 30),
    seed: Number(values.seed ?? 1),
    curve: values.curve ?? false,
    rules: values.rules ?? false,
  };
}

async function race({ vehicles, fences, seconds, seed }: Options): Promise<unknown> {
  const plainVehicles = Math.min(vehicles, plainVehiclesMax);
  const { stream, feed, compared } = await compare({ vehicles, fences, seed, plainVehicles });
  const ready = Array.from({ length: Math.ceil((seconds * pace) / vehicles) }, () => stream.next(false));
  collectGarbage();
  await sleep(pagesGoneMs);
  const paced = await runPaced(feed, ready, pace);
  feed.expectAllTaken(compared.rows + ready.reduce((sum, tick) => sum + tick.fixes, 0));

  const [ours, theirs] = [spreadOf(compared.ours), spreadOf(compared.plain)];
  const { gcMs } = paced;
  const result = {
    fixesPerS: rounded(ours.median),
    plainFixesPerS: rounded(theirs.median),
    ratio: rounded(ours.median / theirs.median),
    spread: { ours: roundedSpread(ours), plain: roundedSpread(theirs) },
    bytesPerVehicle: rounded(feed.engine.bytesPerVehicle),
    pacedFixesPerS: rounded(paced.fixesPerS),
    pacedBusy: rounded(paced.busy),
    maxStallMs: rounded(paced.maxStallMs),
    gcMs: { total: rounded(gcMs.total), max: rounded(gcMs.max), count: gcMs.count },
    alarms: feed.engine.counters.alarmsByRule,
    comparedSteps: compared.steps,
    plainVehicles,
    vehicles,
    fences,
    seed,
  };
  process.stdout.write(barLine('fixes a second', result.fixesPerS, 'at least', 5e6));
  process.stdout.write(barLine('times the plain engine', result.ratio, 'at least', 30));
  process.stdout.write(barLine('bytes a vehicle', result.bytesPerVehicle, 'at most', 256));
  process.stdout.write(barLine('ms of the longest stall', result.maxStallMs, 'at most', 20));
  return result;
}

type Compared = {
  readonly stream: FixStream;
  readonly feed: EngineFeed;
  readonly compared: {
    readonly rows: number;
    /** Fixes a second, round by round. */
    readonly ours: readonly number[];
    readonly plain: readonly number[];
    readonly steps: number;
  };
};

/** Both engines in turns, each in a thread of its own. The plain one ends here. */
async function compare(options: {
  vehicles: number;
  fences: number;
  seed: number;
  plainVehicles: number;
}): Promise<Compared> {
  const { vehicles, fences, seed, plainVehicles } = options;
  const world = makeFenceWorld({ fences, vertices, seed });
  const policy = await policyOver(world, seed);
  const stream = new FixStream(world, { vehicles, seed, textsBelow: plainVehicles });
  const feed = new EngineFeed(stream.fleet, compilePolicy(policy));
  await using plain = new PlainSide({ policy, vehicles: [...stream.fleet.vehicles()] });
  const [steps, plainSteps]: [AlarmStep[], PlainAlarm[]] = [[], []];
  let [rows, late] = [0, 0];
  /** Takes some ticks with both, and tells the fixes a second of each. */
  const takeTicks = async (count: number): Promise<{ readonly ours: number; readonly plain: number }> => {
    let [ourFixes, ourMs, plainFixes, plainMs] = [0, 0, 0, 0];
    for (let i = 0; i < count; i += 1) {
      const tick = stream.next();
      rows += tick.fixes;
      ourFixes += tick.fixes;
      ourMs += feed.time(tick, steps);
      plainFixes += tick.texts.length;
      const turn = await plain.take(tick.texts);
      plainMs += turn.ms;
      late = turn.late;
      for (const step of turn.steps) plainSteps.push(step);
    }
    return { ours: (ourFixes / ourMs) * 1_000, plain: (plainFixes / plainMs) * 1_000 };
  };
  await takeTicks(warmUpTicks);
  const speeds = [];
  for (let round = 0; round < rounds; round += 1) speeds.push(await takeTicks(ticksPerRound));
  if (late > 0) throw new Error(`${late} fixes are late: the plain engine has no lane for them`);
  const comparedSteps = compareAlarms(steps, plainSteps, plainVehicles);
  const [ours, theirs] = [speeds.map((speed) => speed.ours), speeds.map((speed) => speed.plain)];
  return { stream, feed, compared: { rows, ours, plain: theirs, steps: comparedSteps } };
}

/** @throws Error where the two engines do not tell the same of the vehicles that both have seen. */
function compareAlarms(steps: readonly AlarmStep[], plainSteps: readonly PlainAlarm[], plainVehicles: number): number {
  const isCompared = ({ vehicleId }: AlarmStep): boolean => Number(vehicleId.slice(2)) < plainVehicles;
  const compared = steps.filter(isCompared);
  const differing = differingAlarms(compared, plainSteps);
  if (differing.length > 0) {
    throw new Error(
      `${differing.length} of ${compared.length} steps differ, such as ${differing.slice(0, 5).join('; ')}`,
    );
  }
  if (compared.length === 0) throw new Error('no alarm was raised: nothing was compared');
  return compared.length;
}

/** What the preparation left behind must not be collected in the window that is watched. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Ours alone over the number of vehicles, and over that of fences: ns a fix. */
async function curve({ vehicles, fences, seed }: Options): Promise<unknown> {
  process.stdout.write('  vehicles    fences  ns/fix     min     max  bytes/vehicle\n');
  const over: Point[] = [];
  for (const count of [1_000, 10_000, 100_000, 1_000_000]) over.push(await pointAt(count, fences, seed));
  for (const count of [10, 1_000, 10_000, 100_000]) over.push(await pointAt(vehicles, count, seed));
  return { points: over, seed };
}

type Point = { vehicles: number; fences: number; nsPerFix: ReturnType<typeof roundedSpread>; bytesPerVehicle: number };

async function pointAt(vehicles: number, fences: number, seed: number): Promise<Point> {
  const world = makeFenceWorld({ fences, vertices, seed });
  const stream = new FixStream(world, { vehicles, seed });
  const feed = new EngineFeed(stream.fleet, compilePolicy(await policyOver(world, seed)));
  let rows = 0;
  const nsPerFix = (): number => {
    let [fixes, ms] = [0, 0];
    while (fixes < 400_000) {
      const tick = stream.next();
      ms += feed.time(tick, []);
      fixes += tick.fixes;
    }
    rows += fixes;
    return (ms * 1e6) / fixes;
  };
  for (let warm = 0; warm < 3; warm += 1) nsPerFix();
  const spread = roundedSpread(spreadOf(Array.from({ length: rounds }, nsPerFix)));
  feed.expectAllTaken(rows);
  const bytesPerVehicle = rounded(feed.engine.bytesPerVehicle);
  const cells = [spread.median, spread.min, spread.max].map((ns) => ns.toFixed(0).padStart(6));
  process.stdout.write(
    `${String(vehicles).padStart(10)}${String(fences).padStart(10)}  ${cells.join('  ')}  ${String(bytesPerVehicle).padStart(13)}\n`,
  );
  return { vehicles, fences, nsPerFix: spread, bytesPerVehicle };
}
