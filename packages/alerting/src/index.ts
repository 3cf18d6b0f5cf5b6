export { AlarmFold, clearedKeptMax, isPushed, type FoldResult, type FoldVerdict } from './alarm-fold.ts';
