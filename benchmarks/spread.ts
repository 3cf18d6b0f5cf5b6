/** What some rounds measured: the machine is shared, so one number alone says little. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Three digits are what a shared machine can tell. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function roundedSpread({ median, min, max }: Spread): Spread {
  return { median: rounded(median), min: rounded(min), max: rounded(max) };
}

/** One line on a bar that a figure must clear. */
export function barLine(what: string, value: number, is: 'at least' | 'at most', bar: number): string {
  const passes = is === 'at least' ? value >= bar : value <= bar;
  return `${passes ? 'pass' : 'FAIL'}: ${what} ${rounded(value)}, ${is} ${bar}\n`;
}
