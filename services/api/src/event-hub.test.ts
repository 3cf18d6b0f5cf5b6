import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { LiveStoreError, type EventPage } from '@haulwatch/ports';
import { createLogger } from '@haulwatch/service';
import { afterEach, expect, test, vi } from 'vitest';
import { EventHub, isAfter } from './event-hub.ts';
import { frameOf, SseConnection } from './sse-connection.ts';

/** A response that keeps what is written to it. */
class Paper extends EventEmitter {
  text = '';
  writableEnded = false;
  destroyed = false;
  writableLength = 0;
  writableNeedDrain = false;

  write(frames: Buffer | string): boolean {
    this.text += frames.toString();
    return true;
  }

  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function paperReader(): { readonly paper: Paper; readonly reader: SseConnection } {
  const paper = new Paper();
  return { paper, reader: new SseConnection(paper as unknown as ServerResponse, 1_000) };
}

type Read = (after: string | undefined, limit: number, waitMs: number) => Promise<EventPage>;

const hubs: EventHub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
  vi.useRealTimers();
});

function hubOn(events: Read): EventHub {
  const hub = new EventHub({
    live: { events },
    logger: createLogger('test', 'silent'),
    nowMs: () => 7,
    platformAlarms: () => [],
  });
  hubs.push(hub);
  return hub;
}

const never = new Promise<never>(() => {});
const event = (n: number) => ({ id: `${n}-0`, type: 'raised', data: `${n}` });

test.each([
  ['2-0', '1-0', true],
  ['10-0', '9-9', true],
  ['1-2', '1-1', true],
  ['1-0', '1-0', false],
  ['0-0', '1-0', false],
])('isAfter(%s, %s) is %s', (a, b, after) => {
  expect(isAfter(a, b)).toBe(after);
});

test('data of several lines stays one event', () => {
  expect(frameOf({ id: '1-0', type: 'note', data: 'a\nb\r\nc' })).toBe(
    'id: 1-0\nevent: note\ndata: a\ndata: b\ndata: c\n\n',
  );
});

test('while the store is away there is no heartbeat; when it is back, the stream goes on where it was', async () => {
  vi.useFakeTimers();
  let away = false;
  let wake = () => {};
  const hub = hubOn(async (after) => {
    if (after === undefined) return { events: [], gap: false, next: '4-0' };
    await new Promise<void>((resolve) => (wake = resolve));
    if (away) throw new LiveStoreError('unreachable', 'connection refused', { retriable: true });
    return { events: [event(5)], gap: false, next: '5-0' };
  });
  hub.start();
  const { paper, reader } = paperReader();
  void hub.serve(reader, undefined);
  const heartbeat = 'id: 4-0\nevent: heartbeat\ndata: {"atMs":7,"platformAlarms":[]}\n\n';
  await vi.advanceTimersByTimeAsync(0);
  expect(paper.text).toBe(`retry: 1000\n\n${heartbeat}`);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(paper.text).toBe(`retry: 1000\n\n${heartbeat}${heartbeat}`);
  away = true;
  wake();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(paper.text).toBe(`retry: 1000\n\n${heartbeat}${heartbeat}`);
  away = false;
  wake();
  await vi.advanceTimersByTimeAsync(1_000);
  wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(paper.text.endsWith(frameOf(event(5)))).toBe(true);
});

test('a stream that is opened while the store is away waits for it', async () => {
  let answer = (_page: EventPage) => {};
  const first = new Promise<EventPage>((resolve) => (answer = resolve));
  const hub = hubOn((after) => (after === undefined ? first : never));
  hub.start();
  const { paper, reader } = paperReader();
  void hub.serve(reader, undefined);
  await new Promise(setImmediate);
  expect(paper.text).toBe('retry: 1000\n\n');
  answer({ events: [], gap: false, next: '3-0' });
  await new Promise(setImmediate);
  expect(paper.text).toContain('id: 3-0\nevent: heartbeat');
});

test('an event that falls between catching up and hanging on is not lost', async () => {
  const pages: Record<string, EventPage[]> = {
    // The reader asks twice: the first time the store has nothing yet, but the hub has been handed event 2.
    '1-0': [
      { events: [], gap: false, next: '1-0' },
      { events: [event(2)], gap: false, next: '2-0' },
    ],
  };
  const hub = hubOn(async (after, _limit, waitMs) => {
    if (after === undefined) return { events: [], gap: false, next: '2-0' };
    return waitMs === 1_000 ? never : (pages[after]?.shift() ?? { events: [], gap: false, next: after });
  });
  hub.start();
  const { paper, reader } = paperReader();
  void hub.serve(reader, '1-0');
  await new Promise(setImmediate);
  expect(paper.text).toContain(frameOf(event(2)));
});

test('a reader that is ahead of the hub by a moment is not shown the same event again', async () => {
  let page = (_page: EventPage) => {};
  let newest = '0-0';
  const hub = hubOn((after, _limit, waitMs) => {
    if (after === undefined) return Promise.resolve({ events: [], gap: false, next: newest });
    if (waitMs === 0) return Promise.resolve({ events: [], gap: false, next: after });
    return new Promise((resolve) => (page = resolve));
  });
  hub.start();
  await new Promise(setImmediate);
  newest = '2-0';
  const { paper, reader } = paperReader();
  void hub.serve(reader, '2-0');
  await new Promise(setImmediate);
  page({ events: [event(1), event(2), event(3)], gap: false, next: '3-0' });
  await new Promise(setImmediate);
  expect(paper.text.match(/^id: .*$/gm)).toEqual(['id: 2-0', 'id: 3-0']);
});

test.each(['0-0', '3-0'])('an id newer than the newest event, %s: a gap, and all that comes then', async (newest) => {
  let page = (_page: EventPage) => {};
  const hub = hubOn((after, _limit, waitMs) => {
    if (waitMs === 0) return Promise.resolve({ events: [], gap: false, next: after ?? newest });
    return new Promise((resolve) => (page = resolve));
  });
  hub.start();
  const { paper, reader } = paperReader();
  void hub.serve(reader, '900-0');
  await new Promise(setImmediate);
  page({ events: [event(4), event(5)], gap: false, next: '5-0' });
  await new Promise(setImmediate);
  expect(paper.text).toContain(`id: ${newest}\nevent: gap\ndata: {"next":"${newest}"}\n\n`);
  expect(paper.text.match(/^id: .*$/gm)).toEqual([newest, newest, '4-0', '5-0'].map((id) => `id: ${id}`));
});

test('a store that began anew under open streams: a gap, and all that comes then', async () => {
  let newest = '9-0';
  let answer = (_page: EventPage) => {};
  const asked: (string | undefined)[] = [];
  const hub = hubOn((after, _limit, waitMs) => {
    if (waitMs === 0) return Promise.resolve({ events: [], gap: false, next: after ?? newest });
    asked.push(after);
    return new Promise((resolve) => (answer = resolve));
  });
  const { paper, reader } = paperReader();
  hub.start();
  void hub.serve(reader, undefined);
  await new Promise(setImmediate);
  newest = '0-0';
  answer({ events: [], gap: false, next: '9-0' });
  await new Promise(setImmediate);
  answer({ events: [event(1)], gap: false, next: '1-0' });
  await new Promise(setImmediate);
  expect(asked).toEqual(['9-0', '0-0', '1-0']);
  expect(paper.text).toContain(`id: 0-0\nevent: gap\ndata: {"next":"0-0"}\n\n${frameOf(event(1))}`);
});

test('a store that has less than the hub handed out: a gap, not an endless catching up', async () => {
  const hub = hubOn(async (after, _limit, waitMs) => {
    if (after === undefined) return { events: [], gap: false, next: '9-0' };
    return waitMs === 1_000 ? never : { events: [], gap: false, next: after };
  });
  hub.start();
  const { paper, reader } = paperReader();
  void hub.serve(reader, '5-0');
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(paper.text).toContain('id: 9-0\nevent: gap\ndata: {"next":"9-0"}\n\n');
});
