export { AlarmFold, clearedKeptMax, type FoldResult, type FoldVerdict } from './alarm-fold.ts';
