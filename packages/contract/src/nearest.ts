import type { z } from 'zod';

/** As near as this to a word, and there are more: a longer list would be no suggestion. */
const suggestedMax = 3;

/** "did you mean 'a' or 'b'?": the nearest to a word that is none of those known, if it is near enough to be a slip of the pen; else ''. */
export function suggestion(word: string, known: Iterable<string>): string {
  const sorted = byDistance(word, known);
  const edits = sorted[0]?.edits ?? Infinity;
  if (edits > Math.max(2, word.length / 3) || edits >= word.length) return '';
  const nearest = sorted.filter((one) => one.edits === edits).slice(0, suggestedMax);
  return `did you mean ${nearest.map(({ one }) => `'${one}'`).join(' or ')}?`;
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

/** 'is not a known key', and which one may have been meant. */
function unknownKey(key: string, known: readonly string[]): string {
  const meant = suggestion(key, known);
  return meant === '' ? notKnown : `${notKnown}; ${meant}`;
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
