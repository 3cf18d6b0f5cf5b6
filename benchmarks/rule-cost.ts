import type { CatalogueRuleId, Policy } from '@haulwatch/domain';
import { compilePolicy, type RuleSet } from '@haulwatch/rules';
import { EngineFeed } from './engine-feed.ts';
import { makeFenceWorld } from './fence-world.ts';
import { FixStream, type StreamTick } from './fix-stream.ts';
import { rounded, spreadOf } from './spread.ts';
import { fullPolicyOver } from './world-policy.ts';

const vertices = 64;
/** So many that their lanes do not fit the caches, and so few that forty runs take no hour. */
const vehiclesMax = 30_000;
const warmUpTicks = 6;
const rounds = 15;
const ticksPerRound = 1;

/**
 * What does a rule cost? The same fixes in turns through two engines, one whose policy has the first three rules and one that
 * has one more, and in the end all that the default policy switches on: the median of what it takes more, ns a fix. A fleet
 * that drives steadily: rules of signals and events have nothing to do.
 */
export async function costOfRules(options: { vehicles: number; fences: number; seed: number }): Promise<unknown> {
  const { fences, seed } = options;
  const vehicles = Math.min(options.vehicles, vehiclesMax);
  const world = makeFenceWorld({ fences, vertices, seed });
  const full = await fullPolicyOver(world, seed);
  const stream = new FixStream(world, { vehicles, seed });
  const ticks = Array.from({ length: warmUpTicks + rounds * ticksPerRound }, () => stream.next(false));
  // One index of fences for all: it is the same, and building it takes longer than the rest.
  const { fenceIndex } = compilePolicy(full);
  const ruleSetOf = (rules: Policy['rules']): RuleSet => compilePolicy({ ...full, rules }, fenceIndex);
  const costOf = (rules: Policy['rules']): Cost => compare(stream, ruleSetOf({}), ruleSetOf(rules), ticks);
  // The compiler gets to know all of it first.
  costOf(full.rules);
  const ids = Object.keys(full.rules) as CatalogueRuleId[];
  const lines = ids.map((id) => ({ rule: id as string, ...costOf({ [id]: full.rules[id] }) }));
  const all = { rule: 'all', ...costOf(full.rules) };
  process.stdout.write('rule                          ns/fix  more\n');
  for (const { rule, ns, more } of [...lines, all]) {
    process.stdout.write(`${rule.padEnd(28)}${ns.toFixed(0).padStart(8)}${more.toFixed(0).padStart(6)}\n`);
  }
  return {
    nsThree: rounded(all.ns - all.more),
    nsAll: rounded(all.ns),
    timesThree: rounded(all.ns / (all.ns - all.more)),
    nsMore: Object.fromEntries(lines.map(({ rule, more }) => [rule, Math.round(more)])),
    vehicles,
    fences,
    seed,
  };
}

type Cost = { readonly ns: number; readonly more: number };

function compare(stream: FixStream, base: RuleSet, other: RuleSet, ticks: readonly StreamTick[]): Cost {
  const [ours, theirs] = [base, other].map((rules) => new EngineFeed(stream.fleet, rules));
  if (ours === undefined || theirs === undefined) throw new Error('two policies make two engines');
  const warmUp = ticks.slice(0, warmUpTicks);
  take(ours, warmUp);
  take(theirs, warmUp);
  const pairs = Array.from({ length: rounds }, (_, round) => {
    const from = warmUpTicks + round * ticksPerRound;
    const some = ticks.slice(from, from + ticksPerRound);
    // Who goes second finds the frames in the cache: they take turns.
    const isFirst = round % 2 === 0;
    const early = isFirst ? take(ours, some) : take(theirs, some);
    const late = isFirst ? take(theirs, some) : take(ours, some);
    const [ns, otherNs] = isFirst ? [early, late] : [late, early];
    return { ns, more: otherNs - ns };
  });
  const more = spreadOf(pairs.map((pair) => pair.more)).median;
  return { ns: spreadOf(pairs.map((pair) => pair.ns)).median + more, more };
}

/** Nanoseconds a fix. */
function take(feed: EngineFeed, ticks: readonly StreamTick[]): number {
  let [fixes, ms] = [0, 0];
  for (const tick of ticks) {
    ms += feed.time(tick, []);
    fixes += tick.fixes;
  }
  return (ms * 1e6) / fixes;
}
