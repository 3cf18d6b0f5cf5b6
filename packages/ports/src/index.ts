export {
  LogError,
  type Appended,
  type Closeable,
  type CommittedOffset,
  type GroupBatch,
  type GroupHandler,
  type GroupMember,
  type GroupOptions,
  type Log,
  type LogErrorCode,
  type LogRecord,
  type NewLogRecord,
  type TopicSpec,
} from './log.ts';
export {
  eventId,
  eventsKept,
  LiveStoreError,
  type EventPage,
  type KeptAlarm,
  type LastFix,
  type LiveBatch,
  type LiveEvent,
  type LiveStore,
  type LiveStoreErrorCode,
  type LiveWrite,
} from './live-store.ts';
export type { AlarmPage, AlarmQuery, History, HistoryBatch } from './history.ts';
