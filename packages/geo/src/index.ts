export { distanceM, earthRadiusM } from './distance.ts';
export { FenceIndex, hitsMax } from './fence-index.ts';
