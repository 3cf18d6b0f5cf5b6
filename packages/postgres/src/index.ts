export { HistoryError, type HistoryErrorCode } from './history-error.ts';
export { openHistory } from './history.ts';
export { postgresDialect } from './postgres-dialect.ts';
