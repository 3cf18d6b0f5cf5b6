/**
 * What the live page knows of the open alarms: a fold of the API's answer and of its events, without a browser.
 *
 * @typedef {object} Alarm The fields of the API's Alarm that the page shows.
 * @property {string} alarmId
 * @property {number} seq Counts the steps of the alarm from 1.
 * @property {'open' | 'cleared'} status
 * @property {string} rule
 * @property {1 | 2 | 3 | 4} level
 * @property {string} vehicleId
 * @property {string} class
 * @property {string} [plate]
 * @property {string} [company]
 * @property {string} [fenceName]
 * @property {string} [subjectName]
 * @property {string} [suppressedBy] Nobody is called for it.
 * @property {boolean} late
 * @property {number} raisedAtMs
 * @property {string} explanation
 * @property {number} [lonDeg]
 * @property {number} [latDeg]
 *
 * @typedef {{ alarm: Alarm, changedAtMs: number, unlisted?: boolean }} Row `changedAtMs`: when the page learned of it, by
 * the page's clock. `unlisted`: taken for cleared since a list did not name it; no step has said so.
 *
 * @typedef {object} Board
 * @property {Map<string, Row>} rows Open alarms and those just cleared, by alarmId.
 * @property {Map<string, number>} gone The last seq of alarms that left, so that a repeated event cannot bring one back.
 */

/** A cleared alarm stays this long, faded, so that a row does not vanish from under the reader's eyes. */
export const fadeMs = 8_000;
/** Without an event or heartbeat (every 5 s) for so long, two heartbeats are missing: the page shows old data. */
export const staleAfterMs = 12_000;
/** Alarms remembered after they left; a server repeats at most what it sent while the connection was down. */
const goneMax = 5_000;

/** @returns {Board} */
export function createBoard() {
  return { rows: new Map(), gone: new Map() };
}

/**
 * Takes an alarm if it is newer than what is shown: at least once becomes effectively once.
 * @param {Board} board
 * @param {Alarm} alarm
 * @param {number} nowMs
 * @returns {boolean} Whether anything changed.
 */
export function applyAlarm(board, alarm, nowMs) {
  const { alarmId, seq, status } = alarm;
  // What is told after the fact is for the books; an emergency button is for people, however late.
  if (alarm.late && alarm.rule !== 'sos') return false;
  const known = board.rows.get(alarmId);
  const seen = known === undefined ? (board.gone.get(alarmId) ?? 0) : seqSeen(known);
  if (seq <= seen) return false;
  if (known === undefined && status === 'cleared') forget(board, alarmId, seq);
  else board.rows.set(alarmId, { alarm, changedAtMs: nowMs });
  return true;
}

/**
 * Takes the list of open alarms. What a complete list does not name was cleared while nobody told us - unless it
 * changed after the list was asked for: then the event knows better.
 * @param {Board} board
 * @param {readonly Alarm[]} open
 * @param {{ complete: boolean, askedAtMs: number, nowMs: number }} list
 */
export function applySnapshot(board, open, { complete, askedAtMs, nowMs }) {
  const listed = new Set(open.map((alarm) => alarm.alarmId));
  for (const alarm of open) {
    const row = board.rows.get(alarm.alarmId);
    // A list that was asked for before the one that left the alarm out does not know better.
    const older = row?.unlisted === true && row.changedAtMs >= askedAtMs && alarm.seq <= row.alarm.seq;
    if (!older) applyAlarm(board, alarm, nowMs);
  }
  for (const [alarmId, row] of board.rows) {
    const silent = complete && !listed.has(alarmId) && row.changedAtMs < askedAtMs;
    if (!silent || row.alarm.status === 'cleared') continue;
    board.rows.set(alarmId, { alarm: { ...row.alarm, status: 'cleared' }, changedAtMs: nowMs, unlisted: true });
  }
}

/**
 * Lets go of the alarms that have faded, but for those that must stay where they are.
 * @param {Board} board
 * @param {ReadonlySet<string>} kept
 * @param {number} nowMs
 * @returns {boolean} Whether any went.
 */
export function sweep(board, kept, nowMs) {
  const before = board.rows.size;
  for (const [alarmId, row] of board.rows) {
    const { alarm, changedAtMs } = row;
    if (alarm.status === 'open' || nowMs - changedAtMs < fadeMs || kept.has(alarmId)) continue;
    board.rows.delete(alarmId);
    forget(board, alarmId, seqSeen(row));
  }
  return board.rows.size !== before;
}

/**
 * The alarms newest first, below them those that nobody is called for; of two raised at once the one with the smaller id,
 * so that the order never wavers.
 * @param {Board} board
 * @returns {Alarm[]}
 */
export function newestFirst(board) {
  return [...board.rows.values()]
    .map((row) => row.alarm)
    .sort(
      (a, b) =>
        Number(isSuppressed(a)) - Number(isSuppressed(b)) ||
        b.raisedAtMs - a.raisedAtMs ||
        (a.alarmId < b.alarmId ? -1 : 1),
    );
}

/** @param {Alarm} alarm */
function isSuppressed({ suppressedBy }) {
  return suppressedBy !== undefined;
}

/**
 * @param {Board} board
 * @returns {{ open: number, byRule: Map<string, number>, byLevel: Map<number, number> }}
 */
export function countOpen(board) {
  const counts = { open: 0, byRule: new Map(), byLevel: new Map() };
  for (const { alarm } of board.rows.values()) {
    if (alarm.status !== 'open') continue;
    counts.open += 1;
    counts.byRule.set(alarm.rule, (counts.byRule.get(alarm.rule) ?? 0) + 1);
    counts.byLevel.set(alarm.level, (counts.byLevel.get(alarm.level) ?? 0) + 1);
  }
  return counts;
}

/**
 * The rows to show. While the reader's pointer is in the list (`held`, what is shown now) nothing moves: what is new waits.
 * @param {readonly Alarm[]} alarms Newest first.
 * @param {readonly string[] | undefined} held
 * @param {number} rowsMax
 * @returns {{ ids: readonly string[], waiting: number }}
 */
export function arrange(alarms, held, rowsMax) {
  if (held === undefined) return { ids: alarms.slice(0, rowsMax).map((alarm) => alarm.alarmId), waiting: 0 };
  const shown = new Set(held);
  // Older ones that never were shown are not news: they wait behind the last row.
  const oldest = alarms.findLastIndex((alarm) => shown.has(alarm.alarmId));
  const news = oldest < 0 ? alarms : alarms.slice(0, oldest);
  return {
    ids: held,
    waiting: news.filter((alarm) => alarm.status === 'open' && !isSuppressed(alarm) && !shown.has(alarm.alarmId))
      .length,
  };
}

/**
 * @param {number} ageMs
 * @returns {string} "7 s", "3 min", "2 h 05 min"
 */
export function formatAge(ageMs) {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * The step that need not be shown again. An alarm that a list did not name may be told once more as it was: a live store
 * that is being rebuilt gives a short list first, and then repeats its events.
 * @param {Row} row
 */
function seqSeen({ alarm, unlisted }) {
  return unlisted === true ? alarm.seq - 1 : alarm.seq;
}

/**
 * @param {Board} board
 * @param {string} alarmId
 * @param {number} seq
 */
function forget(board, alarmId, seq) {
  board.gone.delete(alarmId);
  board.gone.set(alarmId, seq);
  const [oldest] = board.gone.keys();
  if (board.gone.size > goneMax && oldest !== undefined) board.gone.delete(oldest);
}
