export { Crowding } from './crowding.ts';
export { AlarmFold, clearedKeptMax, isPushed, type FoldResult, type FoldVerdict } from './alarm-fold.ts';
