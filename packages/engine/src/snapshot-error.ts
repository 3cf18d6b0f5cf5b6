/** A snapshot cannot be used: it must not be taken for an empty state. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code = 'snapshot-unusable';
}
