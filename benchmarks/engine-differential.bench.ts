import { parseArgs } from 'node:util';
import { compareEngines } from './engine-differential.ts';

/** Do the engine and a plain one tell the same alarms of late, duplicated and broken input? No speed is measured. */
export async function bench(args: readonly string[]): Promise<unknown> {
  const text = { type: 'string' } as const;
  const options = { fixes: text, vehicles: text, fences: text, seed: text };
  const { values } = parseArgs({ args: [...args], options });
  const seed = Number(values.seed ?? 1);
  const { records, steps, differing, counters } = await compareEngines({
    records: Number(values.fixes ?? 10_000_000),
    vehicles: Number(values.vehicles ?? 5_000),
    fences: Number(values.fences ?? 1_000),
    seed,
  });
  if (differing.length > 0)
    throw new Error(`${differing.length} differ, such as\n${differing.slice(0, 10).join('\n')}`);
  const { late, duplicates, reordered, rejects } = counters;
  return { records, steps, differing: differing.length, late, duplicates, reordered, rejects, seed };
}
