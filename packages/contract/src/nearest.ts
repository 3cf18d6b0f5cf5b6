import type { z } from 'zod';

/** Names in a message: more are a list that nobody reads. */
const toldMax = 5;

/** "the nearest are 'a', 'b'": what was meant, where `word` is none of those that there are. */
export function nearestWords(word: string, known: Iterable<string>): string {
  const sorted = byDistance(word, known);
  const told = sorted.slice(0, toldMax).map(({ one }) => `'${one}'`);
  return `${sorted.length > told.length ? 'the nearest are' : 'there are'} ${told.join(', ')}`;
}

/**
 * For `safeParse`: of a key that is not known it says which one may have been meant. A line for each of the issue's keys,
 * as `problemsOf` takes them apart.
 */
export const namingKeys: { readonly error: z.core.$ZodErrorMap } = {
  error: (issue) => {
    if (issue.code !== 'unrecognized_keys') return undefined;
    const { shape } = (issue.inst as Partial<z.ZodObject> | undefined)?.def ?? {};
    return issue.keys.map((key) => unknownKey(key, Object.keys(shape ?? {}))).join('\n');
  },
};

/** 'is not a known key', and which one is near enough to be a slip of the pen. */
function unknownKey(key: string, known: readonly string[]): string {
  const [nearest] = byDistance(key, known);
  const isSlip = nearest !== undefined && nearest.edits <= Math.max(2, key.length / 3) && nearest.edits < key.length;
  return isSlip ? `${notKnown}; did you mean '${nearest.one}'?` : notKnown;
}

export const notKnown = 'is not a known key';

function byDistance(word: string, known: Iterable<string>): { readonly one: string; readonly edits: number }[] {
  return Array.from(known, (one) => ({ one, edits: editsBetween(word, one) })).sort((a, b) => a.edits - b.edits);
}

/** Levenshtein's distance: letters to add, drop or change. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
