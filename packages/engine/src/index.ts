export { Engine, type EngineOptions } from './engine.ts';
export type { NewestFix } from './newest-fixes.ts';
export type { EngineSnapshot } from './snapshot.ts';
export { SnapshotError } from './snapshot-error.ts';
