/** Sorts the first `count` values in place, ascending. By insertion: a point lies in a handful of fences. */
export function sortFew(values: Int32Array, count: number): void {
  for (let i = 1; i < count; i += 1) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at -= 1) values[at] = values[at - 1]!;
    values[at] = value;
  }
}
