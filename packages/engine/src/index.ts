export { Engine, type EngineOptions, type NewestFix } from './engine.ts';
export { SnapshotError, type EngineSnapshot } from './snapshot.ts';
