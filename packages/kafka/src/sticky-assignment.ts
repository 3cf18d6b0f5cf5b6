/** A partition that a member holds, and the offset that it awaits there. */
export type PartitionClaim = { readonly partition: number; readonly offset: number };

export type ClaimingMember = { readonly memberId: string; readonly claims: readonly PartitionClaim[] };

/**
 * Shares partitions out so that as few as possible move: each that changes its member costs that member a restore. Numbers of two
 * members differ by at most one. What two claim goes to the one that has come further: the other was asleep while it was
 * not its own any more. The same members with the same claims give the same, whoever asks.
 */
export function shareOut(partitions: readonly number[], members: readonly ClaimingMember[]): Map<string, number[]> {
  const held = heldBy(partitions, members);
  const inOrder = members.toSorted((a, b) => compare(a.memberId, b.memberId)).map(({ memberId }) => memberId);
  // Who holds most keeps one more where the numbers do not come out even.
  const byHolding = inOrder.toSorted((a, b) => held.get(b)!.length - held.get(a)!.length);
  const least = Math.floor(partitions.length / members.length);
  const shares = new Map(byHolding.map((id, i) => [id, least + (i < partitions.length % members.length ? 1 : 0)]));
  const shared = new Map(inOrder.map((id) => [id, held.get(id)!.slice(0, shares.get(id))]));
  const kept = new Set([...shared.values()].flat());
  const free = partitions.filter((partition) => !kept.has(partition));
  for (const id of inOrder) shared.get(id)!.push(...free.splice(0, shares.get(id)! - shared.get(id)!.length));
  return shared;
}

/** Who holds which of the partitions; each has one holder at most. */
function heldBy(partitions: readonly number[], members: readonly ClaimingMember[]): Map<string, number[]> {
  const holders = new Map<number, { readonly memberId: string; readonly offset: number }>();
  for (const { memberId, claims } of members) {
    for (const { partition, offset } of claims) {
      const other = holders.get(partition);
      const isFurther =
        other === undefined ||
        offset > other.offset ||
        (offset === other.offset && compare(memberId, other.memberId) < 0);
      if (isFurther) holders.set(partition, { memberId, offset });
    }
  }
  const held = new Map(members.map(({ memberId }): [string, number[]] => [memberId, []]));
  for (const partition of partitions) {
    const holder = holders.get(partition);
    if (holder !== undefined) held.get(holder.memberId)!.push(partition);
  }
  return held;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
