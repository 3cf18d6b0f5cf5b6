export { Engine, type EngineOptions } from './engine.ts';
export type { NewestFix } from './newest-fixes.ts';
export { SnapshotError, type EngineSnapshot } from './snapshot.ts';
