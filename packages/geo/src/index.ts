export { distanceM, earthRadiusM } from './distance.ts';
export { FenceIndexBuilder, type FenceIndexData, type IndexedFence } from './fence-index-builder.ts';
export { FenceIndex, hitsMax } from './fence-index.ts';
export { crossingKind, Crossings, FenceTracker } from './fence-tracker.ts';
export { emptySeat, seatAt, seatWords } from './seat.ts';
