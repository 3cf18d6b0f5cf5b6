import type { ReplayPlan } from './replay-plan.ts';
import type { ReplayResult } from './replay-result.ts';

/** What to try where not one row of a file is what its format says; undefined: some are. */
export function formatHint(
  { format, columns }: Pick<ReplayPlan, 'format' | 'columns'>,
  { rows, rejects }: Pick<ReplayResult, 'rows' | 'rejects'>,
): string | undefined {
  if (rows === 0) return undefined;
  if (format === 'jsonl' && rejects['field-missing'] === rows) {
    return "no line is a fix as JSON v1 has it; for Traccar's records say --format traccar";
  }
  if (format === 'jt808hex' && columns.length === 0 && rejects['row-broken'] === rows) {
    return 'no line is a frame in hex; where frames are a column, say --columns frame=NAME';
  }
  return undefined;
}
