import type { LiveStore, LiveWrite } from '@haulwatch/ports';
import { describe, expect, test } from 'vitest';
import { event, type OpenLiveStore } from './live-store-under-test.ts';

/** What a LiveStore promises of its stream of events; part of liveStoreContract. */
export function liveEventsContract(open: OpenLiveStore): void {
  describe('in pages', () => pagesContract(open));
  describe('to those who wait', () => waitingContract(open));
  describe('and says when some are gone', () => gapContract(open));
}

function pagesContract(open: OpenLiveStore): void {
  test('oldest first, no more than asked for; pages meet without a double or a hole', async () => {
    await using subject = await open();
    await subject.store.apply({
      after: -1,
      upTo: 9,
      writes: [0, 1, 2, 3, 4, 5, 6].flatMap((n) => [event(n, 0), event(n, 1)]),
    });
    const seen: string[] = [];
    for (let next = '0-0'; ;) {
      const page = await subject.other.events(next, 3, 0);
      seen.push(...page.events.map((e) => `${e.id} ${e.type} ${e.data}`));
      if (page.events.length === 0) break;
      expect(page).toMatchObject({ gap: false, next: page.events.at(-1)!.id });
      next = page.next;
    }
    expect(seen).toEqual(
      [0, 1, 2, 3, 4, 5, 6].flatMap((n) => [0, 1].map((i) => `${n + 1}-${i} raised data of ${n}-${i}`)),
    );
  });

  test.each([
    ['the newest', '3-0', []],
    ['one before it', '2-5', ['3-0']],
    ['one that never was', '2-6', ['3-0']],
    ['one from before a rebuild that is still going on', '99-0', []],
  ])('after %s', async (_what, after, ids) => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 2, writes: [event(0), event(1, 5), event(2)] });
    const page = await subject.store.events(after, 10, 0);
    expect(page.events.map((e) => e.id)).toEqual(ids);
    expect(page).toMatchObject({ gap: false, next: ids.at(-1) ?? after });
  });

  test('asked after nothing, it tells only what comes now', async () => {
    await using subject = await open();
    const { store, other } = subject;
    const before = await other.events(undefined, 10, 0);
    expect(before).toMatchObject({ events: [], gap: false });
    await store.apply({ after: -1, upTo: 0, writes: [event(0)] });
    expect((await other.events(before.next, 10, 0)).events.map((e) => e.id)).toEqual(['1-0']);
    expect(await other.events(undefined, 10, 0)).toEqual({ events: [], gap: false, next: '1-0' });
  });

  test('what was applied is told at once, also by the connection that applied it', async () => {
    await using subject = await open();
    await subject.store.events(undefined, 1, 1);
    for (let n = 0; n < 50; n += 1) {
      await subject.store.apply({ after: n - 1, upTo: n, writes: [event(n)] });
      expect((await subject.store.events(`${n}-0`, 10, 0)).next).toBe(`${n + 1}-0`);
    }
  });
}

function waitingContract(open: OpenLiveStore): void {
  test('the first event ends the wait', async () => {
    await using subject = await open();
    const waits = [undefined, '0-0'].map((after) => subject.other.events(after, 10, waitLongMs));
    await applyOnceTheyWait(subject.store, -1, [event(0)]);
    for (const page of await Promise.all(waits)) {
      expect(page).toMatchObject({
        gap: false,
        next: '1-0',
        events: [{ id: '1-0', type: 'raised', data: 'data of 0-0' }],
      });
    }
  });

  test('an empty answer means that none came', async () => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 0, writes: [event(0)] });
    expect(await subject.store.events('1-0', 10, 50)).toEqual({ events: [], gap: false, next: '1-0' });
    expect(await subject.store.events(undefined, 10, 50)).toEqual({ events: [], gap: false, next: '1-0' });
  });

  test('hundreds of readers, each from its own place and at its own pace, are told everything once', async () => {
    await using subject = await open();
    const total = 300;
    await subject.store.apply({ after: -1, upTo: 99, writes: range(0, 100).map((n) => event(n)) });
    const readers = range(0, 120).map(async (reader) => {
      const from = reader % 100;
      const seen: string[] = [];
      for (let next = `${from}-0`; seen.length < total - from;) {
        const page = await subject.other.events(next, 5 + (reader % 50), waitLongMs);
        seen.push(...page.events.map((e) => e.id));
        next = page.next;
      }
      return (
        seen.join() ===
        range(from, total)
          .map((n) => `${n + 1}-0`)
          .join()
      );
    });
    for (let n = 100; n < total; n += 20) {
      await subject.store.apply({ after: n - 1, upTo: n + 19, writes: range(n, n + 20).map((m) => event(m)) });
    }
    expect((await Promise.all(readers)).filter((right) => !right)).toEqual([]);
  });

  test('closing lets nobody wait on', async () => {
    await using subject = await open();
    const wait = subject.store.events(undefined, 10, waitLongMs);
    const settled = Promise.allSettled([wait]);
    await subject.store.events(undefined, 10, 20);
    await subject.store.close();
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { code: 'failed' } }]);
  });
}

function gapContract(open: OpenLiveStore): void {
  test('for every id: a gap, or all events after it; never a hole', async () => {
    await using subject = await open({ eventsKept: 200 });
    const total = 700;
    for (let n = 0; n < total; n += 50) {
      await subject.store.apply({ after: n - 1, upTo: n + 49, writes: range(n, n + 50).map((m) => event(m)) });
    }
    const kept: number[] = [];
    for (let n = 0; n <= total; n += 1) {
      const page = await subject.store.events(`${n}-0`, total, 0);
      if (page.gap) expect(page).toEqual({ events: [], gap: true, next: `${total}-0` });
      else kept.push(page.events.length);
    }
    expect(kept).toEqual(range(0, kept.length).toReversed());
    expect(kept.length).toBeGreaterThan(200);
    expect(kept.length).toBeLessThan(total);
  });

  test('a storm that overruns its readers leaves them a gap, never a hole', async () => {
    await using subject = await open({ eventsKept: 100 });
    const total = 12_000;
    const readers = range(0, 5).map(async (reader) => {
      const holes: string[] = [];
      for (let last = 0; last < total;) {
        const page = await subject.other.events(`${last}-0`, 10 ** reader, waitLongMs);
        const ids = page.events.map((e) => Number.parseInt(e.id, 10));
        if (ids.some((id, n) => id !== last + 1 + n)) holes.push(`${ids.join()} after ${last}`);
        last = Number.parseInt(page.next, 10);
      }
      return holes;
    });
    for (let n = 0; n < total; n += 3_000) {
      await subject.store.apply({ after: n - 1, upTo: n + 2_999, writes: range(n, n + 3_000).map((m) => event(m)) });
    }
    expect((await Promise.all(readers)).flat()).toEqual([]);
  });

  test.each(['', '0', 'x', '1-', '-1-0', '1-0 ', '99999999999999999999-0'])(
    'an id that no event can have is one: %j',
    async (after) => {
      await using subject = await open();
      await subject.store.apply({ after: -1, upTo: 0, writes: [event(0)] });
      expect(await subject.store.events(after, 10, waitLongMs)).toEqual({ events: [], gap: true, next: '1-0' });
    },
  );

  test('a reader goes on after a loss and a rebuild, without a double', async () => {
    await using subject = await open();
    const writes = range(0, 10).map((n) => event(n));
    await subject.store.apply({ after: -1, upTo: 9, writes });
    const store = await subject.lose();
    const wait = store.events('10-0', 10, waitLongMs);
    await applyOnceTheyWait(store, -1, [...writes, event(10)]);
    expect((await wait).events.map((e) => e.id)).toEqual(['11-0']);
    expect((await store.events('7-0', 10, 0)).events.map((e) => e.id)).toEqual(['8-0', '9-0', '10-0', '11-0']);
  });

  test('a rebuild from a log that has lost its beginning is one for a reader from before it', async () => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 100, writes: [event(100)] });
    expect(await subject.store.events('50-0', 10, waitLongMs)).toEqual({ events: [], gap: true, next: '101-0' });
    expect(await subject.store.events('0-0', 10, 0)).toMatchObject({ gap: false, next: '101-0' });
  });

  test.each([
    ['since before the loss', true],
    ['since the loss', false],
  ])('so it is for one who has been reading %s, and waits', async (_what, readBefore) => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 9, writes: range(0, 10).map((n) => event(n)) });
    if (readBefore) await subject.store.events('10-0', 10, 20);
    const store = await subject.lose();
    const wait = store.events('10-0', 10, waitLongMs);
    await applyOnceTheyWait(store, -1, [event(100)]);
    expect(await wait).toEqual({ events: [], gap: true, next: '101-0' });
    await store.apply({ after: 100, upTo: 101, writes: [event(101)] });
    expect((await store.events('101-0', 10, waitLongMs)).events.map((e) => e.id)).toEqual(['102-0']);
  });
}

/** Longer than a test may take: whoever waits it out fails. */
const waitLongMs = 60_000;

/** Applies writes after readers had time to begin their wait; were they late, they would be told all the same. */
async function applyOnceTheyWait(store: LiveStore, after: number, writes: LiveWrite[]): Promise<void> {
  await store.events('999999-0', 1, 30);
  await store.apply({ after, upTo: writes.at(-1)!.position, writes });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}
