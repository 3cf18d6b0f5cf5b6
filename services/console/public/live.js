import * as boards from './alarm-board.js';
import { fitView, graticule, projection } from './alarm-map.js';

/** @typedef {import('./alarm-board.js').Alarm} Alarm */

/** More rows than a person reads; counters and map show all. */
const rowsMax = 200;
const retryMs = 3_000;
/** Of what is wrong with Haulwatch itself: the status has all of it. */
const platformShownMax = 5;
/** A storm of events is a few drawings a second. */
const drawEveryMs = 150;
/** The levels 1 to 4: circle, triangle, diamond, octagon. Colour is never the only code. */
const levels = [
  { name: 'notice', fill: '#2b6cb0', d: 'M-8,0a8,8 0 1,0 16,0a8,8 0 1,0 -16,0z' },
  { name: 'warning', fill: '#a15c00', d: 'M0,-11L11,8L-11,8z' },
  { name: 'serious', fill: '#c2410c', d: 'M0,-11L11,0L0,11L-11,0z' },
  { name: 'critical', fill: '#b00020', d: 'M-4,-10L4,-10L10,-4L10,4L4,10L-4,10L-10,4L-10,-4z' },
];
/** @type {Record<string, string>} */
const ruleNames = { overspeed: 'Overspeed', 'prohibited-zone': 'Zone', sos: 'SOS' };

const board = boards.createBoard();
/** @type {Map<string, HTMLTableRowElement>} */
const drawnRows = new Map();
/** @type {readonly string[]} */
let shownIds = [];
let pointedId = '';
let pinnedId = '';
let pointerInList = false;
let drawing = false;
let incomplete = false;
let connection = 'connecting';
let listProblem = '';
let lastSignalMs = Date.now();
/** The server's clock minus this page's: ages are right beside a wrong desk clock too. */
let clockAheadMs = 0;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const list = byId('list');
const rows = byId('rows');
const pill = byId('pill');
const map = byId('map');

/** Listens first and asks then, so that nothing falls between; the seq tells which of the two knows more. */
function connect() {
  const source = new EventSource('/v1/events');
  const on = (/** @type {string} */ type, /** @type {(event: MessageEvent) => void} */ take) =>
    source.addEventListener(type, (event) => {
      lastSignalMs = Date.now();
      connection = 'live';
      take(event);
      drawSoon();
    });
  for (const type of ['open', 'gap']) on(type, () => void fetchOpen());
  for (const type of ['raised', 'escalated', 'cleared']) {
    on(type, (event) => boards.applyAlarm(board, JSON.parse(event.data), Date.now()));
  }
  on('heartbeat', (event) => {
    const { atMs, platformAlarms } = JSON.parse(event.data);
    clockAheadMs = atMs - Date.now();
    byId('platform').hidden = platformAlarms.length === 0;
    byId('platform').replaceChildren(...platformAlarms.slice(0, platformShownMax).map(platformLine));
  });
  source.addEventListener('error', () => {
    connection = 'reconnecting';
    // After an HTTP error the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
  });
}

/** @param {{ kind: string, subject: string, sinceMs: number, detail: string }} alarm */
function platformLine({ kind, subject, sinceMs, detail }) {
  const line = document.createElement('li');
  const age = boards.formatAge(Date.now() + clockAheadMs - sinceMs);
  line.textContent = `Haulwatch itself, ${kind} of ${subject} for ${age}: ${detail}`;
  return line;
}

/** Out of the store that the events come from: a list that is behind them would clear what is open. */
async function fetchOpen() {
  const askedAtMs = Date.now();
  try {
    const answer = await fetch('/v1/alarms/open?limit=200');
    if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
    const { alarms, complete } = await answer.json();
    incomplete = !complete;
    listProblem = '';
    boards.applySnapshot(board, alarms, { complete, askedAtMs, nowMs: Date.now() });
  } catch (error) {
    listProblem = ` (the list of open alarms is missing, asking again: ${String(error)})`;
    setTimeout(() => void fetchOpen(), retryMs);
  }
  drawSoon();
}

function drawSoon() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => {
    drawing = false;
    draw(!pointerInList && list.scrollTop === 0);
  }, drawEveryMs);
}

/** @param {boolean} free Whether rows may move. */
function draw(free) {
  const nowMs = Date.now();
  const held = free ? undefined : shownIds;
  boards.sweep(board, new Set(held), nowMs);
  const alarms = boards.newestFirst(board);
  const { ids, waiting } = boards.arrange(alarms, held, rowsMax);
  shownIds = ids;
  pill.hidden = waiting === 0;
  pill.textContent = `${waiting} new`;
  byId('caption').textContent =
    alarms.length === 0 ? 'No open alarm' : `Open alarms, newest first (${ids.length} listed)`;
  drawState(nowMs - lastSignalMs);
  drawCounters();
  drawRows(nowMs + clockAheadMs);
  drawMap(alarms);
}

/** A frozen page must not look calm. */
function drawState(/** @type {number} */ silentMs) {
  const stale = silentMs > boards.staleAfterMs;
  document.body.classList.toggle('stale', stale);
  byId('stale').hidden = !stale;
  byId('stale').textContent = `Not live: nothing heard for ${boards.formatAge(silentMs)}. What you see is old.`;
  byId('connection').textContent = stale
    ? '○ stale'
    : `${connection === 'live' ? '●' : '○'} ${connection}${listProblem}`;
}

function drawCounters() {
  const { open, byRule, byLevel } = boards.countOpen(board);
  const counter = (/** @type {string | number} */ count, /** @type {(Node | string)[]} */ ...name) =>
    element('span', {}, ...name, ' ', element('b', {}, String(count)));
  byId('counters').replaceChildren(
    counter(incomplete ? `${open}+` : open, 'open'),
    ...levels.map(({ name }, index) => counter(byLevel.get(index + 1) ?? 0, markOf(index + 1, undefined), name)),
    ...[...new Set([...Object.keys(ruleNames), ...byRule.keys()])].map((rule) =>
      counter(byRule.get(rule) ?? 0, ruleNames[rule] ?? rule),
    ),
  );
}

/** Rows stay the same elements while they are shown, so that focus and pointer stay where they are. */
function drawRows(/** @type {number} */ nowMs) {
  for (const [id, row] of drawnRows) {
    if (shownIds.includes(id)) continue;
    row.remove();
    drawnRows.delete(id);
  }
  for (const [place, id] of shownIds.entries()) {
    const alarm = board.rows.get(id)?.alarm;
    if (alarm === undefined) continue;
    const row = drawnRows.get(id) ?? document.createElement('tr');
    drawnRows.set(id, row);
    const version = `${alarm.seq} ${alarm.status}`;
    if (row.dataset['version'] !== version) fillRow(row, alarm);
    Object.assign(row.dataset, { id, version });
    const age = row.querySelector('time');
    if (age) age.textContent = `${boards.formatAge(nowMs - alarm.raisedAtMs)} ago`;
    row.classList.toggle('chosen', id === (pointedId || pinnedId));
    if (rows.children[place] !== row) rows.insertBefore(row, rows.children[place] ?? null);
  }
}

function fillRow(/** @type {HTMLTableRowElement} */ row, /** @type {Alarm} */ alarm) {
  const cell = (/** @type {(Node | string)[]} */ above, /** @type {Node | string} */ below) =>
    element('td', {}, ...above, element('small', {}, below));
  row.tabIndex = 0;
  row.className = alarm.status;
  row.replaceChildren(
    cell(
      [markOf(alarm.level, alarm.rule), levels[alarm.level - 1]?.name ?? ''],
      alarm.status === 'open' ? '' : 'cleared',
    ),
    cell([new Date(alarm.raisedAtMs).toLocaleTimeString('en-GB')], document.createElement('time')),
    cell([nameOf(alarm)], alarm.fenceName ?? alarm.subjectName ?? ''),
    cell([alarm.plate ?? alarm.vehicleId], `${alarm.class} ${alarm.plate === undefined ? '' : alarm.vehicleId}`),
    cell([alarm.explanation], alarm.company ?? ''),
  );
}

function nameOf(/** @type {Alarm} */ { rule, late, suppressedBy }) {
  return (
    (ruleNames[rule] ?? rule) + (late ? ', told late' : '') + (suppressedBy === undefined ? '' : ', nobody called')
  );
}

function drawMap(/** @type {readonly Alarm[]} */ alarms) {
  const places = alarms.flatMap(({ lonDeg, latDeg, ...alarm }) =>
    lonDeg === undefined || latDeg === undefined ? [] : [{ ...alarm, lonDeg, latDeg }],
  );
  const view = fitView(places);
  const toPixels = projection(view, map.clientWidth, map.clientHeight);
  const [low, high] = [toPixels(view.westDeg, view.southDeg), toPixels(view.eastDeg, view.northDeg)];
  const meridians = graticule(view.westDeg, view.eastDeg, view.stepDeg).flatMap((deg) => {
    const { x } = toPixels(deg, 0);
    const label = { x, y: low.y + 18, class: 'degrees', 'text-anchor': 'middle' };
    return [svg('path', { d: `M${x},${low.y}V${high.y}`, class: 'line' }), svg('text', label, `${deg}°`)];
  });
  const parallels = graticule(view.southDeg, view.northDeg, view.stepDeg).flatMap((deg) => {
    const { y } = toPixels(0, deg);
    const label = { x: low.x - 6, y: y + 4, class: 'degrees', 'text-anchor': 'end' };
    return [svg('path', { d: `M${low.x},${y}H${high.x}`, class: 'line' }), svg('text', label, `${deg}°`)];
  });
  const chosenId = pointedId || pinnedId;
  // The newest are drawn above the older, the chosen above all.
  const order = places.reverse().sort((a, b) => Number(a.alarmId === chosenId) - Number(b.alarmId === chosenId));
  const dots = order.map(({ alarmId, lonDeg, latDeg, ...alarm }) => {
    const { x, y } = toPixels(lonDeg, latDeg);
    const state = `dot ${alarm.status} ${alarmId === chosenId ? 'chosen' : ''}`;
    const title = svg('title', {}, `${alarm.plate ?? alarm.vehicleId}: ${alarm.explanation}`);
    const attributes = { transform: `translate(${x} ${y})`, class: state, 'data-id': alarmId };
    return svg('g', attributes, title, ...markOf(alarm.level, alarm.rule).childNodes);
  });
  map.replaceChildren(...meridians, ...parallels, ...dots);
}

function markOf(/** @type {number} */ level, /** @type {string | undefined} */ rule) {
  const shape = svg('path', { d: levels[level - 1]?.d ?? '', fill: levels[level - 1]?.fill ?? '' });
  const letter = rule === undefined ? '' : (ruleNames[rule] ?? rule).slice(0, 1);
  const attributes = { viewBox: '-12 -12 24 24', class: 'mark', 'aria-hidden': 'true' };
  return svg('svg', attributes, shape, svg('text', { y: level === 2 ? 6 : 4, class: 'letter' }, letter));
}

/** @typedef {(name: string, attributes: Record<string, string | number>, ...content: (Node | string)[]) => Element} Make */
/** @type {(namespace: string) => Make} */
const maker =
  (namespace) =>
  (name, attributes, ...content) => {
    const made = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.append(...content);
    return made;
  };
const element = maker('http://www.w3.org/1999/xhtml');
const svg = maker('http://www.w3.org/2000/svg');

for (const part of [rows, map]) {
  for (const type of ['pointerover', 'pointerleave', 'focusin', 'focusout', 'click']) {
    part.addEventListener(type, ({ target }) => {
      const marked = target instanceof Element ? target.closest('[data-id]') : null;
      pointedId = type === 'pointerleave' || type === 'focusout' ? '' : (marked?.getAttribute('data-id') ?? '');
      if (type === 'click') pinnedId = pinnedId === pointedId ? '' : pointedId;
      if (type === 'click' && part === map) drawnRows.get(pinnedId)?.scrollIntoView({ block: 'nearest' });
      drawSoon();
    });
  }
}
for (const type of ['pointerenter', 'pointerleave']) {
  list.addEventListener(type, () => {
    pointerInList = type === 'pointerenter';
  });
}
pill.addEventListener('click', () => {
  list.scrollTo(0, 0);
  draw(true);
});
setInterval(drawSoon, 1_000);
connect();
