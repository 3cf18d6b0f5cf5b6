import { once } from 'node:events';
import { connect } from 'node:net';
import { openMemoryStore } from '@haulwatch/embedded';
import type { LiveStore } from '@haulwatch/ports';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { describe, expect, test } from 'vitest';
import { apiForTests, nowMs, type ApiForTests } from '../test/api-for-tests.ts';

type Received = { readonly id: string; readonly type: string; readonly data: string };

/** An open event stream, read event by event; its heartbeats are left out. */
class Stream {
  readonly #blocks: AsyncIterator<string>;
  readonly #abort = new AbortController();
  readonly heartbeats: Received[] = [];

  private constructor(response: Response, abort: AbortController) {
    this.#blocks = blocksOf(response);
    this.#abort = abort;
  }

  static async open(
    api: ApiForTests,
    init: { query?: string; headers?: Record<string, string> } = {},
  ): Promise<Stream> {
    const abort = new AbortController();
    const url = `${await api.address()}/v1/events${init.query ?? ''}`;
    const response = await fetch(url, { signal: abort.signal, headers: init.headers ?? {} });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    return new Stream(response, abort);
  }

  /** The next event; undefined when the server has ended the stream. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const { value, done } = await this.#blocks.next();
      if (done === true) return undefined;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(value)?.[1] ?? '';
      const received = { id: field('id'), type: field('event'), data: field('data') };
      if (received.type === 'heartbeat') this.heartbeats.push(received);
      else if (received.type !== '') return received;
    }
  }

  async take(count: number): Promise<(Received | undefined)[]> {
    const received = [];
    for (let n = 0; n < count; n++) received.push(await this.next());
    return received;
  }

  /** Resolves with the first heartbeat: from then on the stream hangs on the hub. */
  async live(): Promise<Stream> {
    while (this.heartbeats.length === 0) {
      const { value = '' } = await this.#blocks.next();
      if (value.includes('event: heartbeat'))
        this.heartbeats.push({
          id: /^id: (.*)$/m.exec(value)?.[1] ?? '',
          type: 'heartbeat',
          data: /^data: (.*)$/m.exec(value)?.[1] ?? '',
        });
    }
    return this;
  }

  leave(): void {
    this.#abort.abort();
  }
}

async function* blocksOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks;
  }
}

const step = (n: number) => sampleStep({ alarmId: sampleAlarmId(n) });
const idOf = (n: number) => `${n}-0`;
const idsFrom = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => idOf(from + n));

describe('GET /v1/events', () => {
  test('tells what happens from now on, as it happened', async () => {
    const api = await apiForTests();
    await api.happened(step(1));
    const stream = await (await Stream.open(api)).live();
    expect(stream.heartbeats).toEqual([
      { id: idOf(1), type: 'heartbeat', data: JSON.stringify({ atMs: nowMs, platformAlarms: [] }) },
    ]);
    await api.happened(step(2), step(3));
    const [first, second] = await stream.take(2);
    expect([first?.id, first?.type, second?.id]).toEqual([idOf(2), 'raised', idOf(3)]);
    expect(JSON.parse(first?.data ?? '')).toMatchObject({ alarmId: sampleAlarmId(2), status: 'open' });
  });

  test.each([
    ['the header', { headers: { 'last-event-id': idOf(2) } }],
    ['the address', { query: `?lastEventId=${idOf(2)}` }],
    [
      'the header, which knows better than the address',
      { headers: { 'last-event-id': idOf(2) }, query: '?lastEventId=0-0' },
    ],
  ])('resumes after the id in %s, and goes on', async (_name, init) => {
    const api = await apiForTests();
    await api.happened(...[1, 2, 3, 4].map(step));
    const stream = await Stream.open(api, init);
    expect((await stream.take(2)).map((event) => event?.id)).toEqual(idsFrom(3, 4));
    await api.happened(step(5));
    expect((await stream.next())?.id).toBe(idOf(5));
  });

  test('resumes over many pages while more comes in: each event once, in order, none missing', async () => {
    const api = await apiForTests();
    await api.happened(...Array.from({ length: 1_800 }, (_, n) => step(n)));
    const stream = await Stream.open(api, { headers: { 'last-event-id': '0-0' } });
    const taken = stream.take(2_000);
    for (let n = 0; n < 20; n++) await api.happened(...Array.from({ length: 10 }, (_, m) => step(1_800 + n * 10 + m)));
    expect((await taken).map((event) => event?.id)).toEqual(idsFrom(1, 2_000));
  });

  test('says so when events in between are gone, and goes on from the newest', async () => {
    const api = await apiForTests({ live: openMemoryStore({ eventsKept: 5 }) });
    await api.happened(...Array.from({ length: 30 }, (_, n) => step(n)));
    const stream = await Stream.open(api, { headers: { 'last-event-id': idOf(1) } });
    expect(await stream.next()).toEqual({ id: idOf(30), type: 'gap', data: JSON.stringify({ next: idOf(30) }) });
    await api.happened(step(31));
    expect((await stream.next())?.id).toBe(idOf(31));
  });

  test('an id of a log that is gone: a gap, and then all that happens', async () => {
    const api = await apiForTests();
    await api.happened(step(1));
    const stream = await Stream.open(api, { headers: { 'last-event-id': idOf(900) } });
    expect(await stream.next()).toEqual({ id: idOf(1), type: 'gap', data: JSON.stringify({ next: idOf(1) }) });
    await api.happened(step(2));
    expect((await stream.next())?.id).toBe(idOf(2));
  });

  test('many streams cost the store the reads of one', async () => {
    const store = openMemoryStore();
    let reads = 0;
    const live: LiveStore = {
      ...store,
      events: (after, limit, waitMs) => {
        reads += 1;
        return store.events(after, limit, waitMs);
      },
    };
    const api = await apiForTests({ live });
    const streams = await Promise.all(Array.from({ length: 100 }, () => Stream.open(api)));
    await Promise.all(streams.map((stream) => stream.live()));
    const before = reads;
    await api.happened(step(1), step(2));
    const received = await Promise.all(streams.map((stream) => stream.take(2)));
    for (const events of received) expect(events.map((event) => event?.id)).toEqual(idsFrom(1, 2));
    expect(reads - before).toBeLessThanOrEqual(3);
    expect((await api.app.inject('/v1/status')).json().eventStreams).toBe(100);
  });

  test('a reader that has gone is forgotten', async () => {
    const api = await apiForTests();
    const stream = await (await Stream.open(api)).live();
    stream.leave();
    await expect.poll(async () => (await api.app.inject('/v1/status')).json().eventStreams).toBe(0);
  });

  test('a reader that does not read is cut off and counted; the others go on', async () => {
    const api = await apiForTests({ limits: { streamBytesMax: 1_000 } });
    const good = await (await Stream.open(api)).live();
    const slow = connect(Number(new URL(await api.address()).port), '127.0.0.1');
    slow.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(async () => (await api.app.inject('/v1/status')).json().eventStreams).toBe(2);
    slow.pause();
    const closed = once(slow, 'close');
    slow.on('error', () => {});
    const explanation = 'x'.repeat(500_000);
    let dropped = '';
    for (let n = 1; dropped !== 'haulwatch_api_event_streams_dropped_total 1' && n <= 100; n++) {
      await api.happened({ ...step(n), explanation });
      expect((await good.next())?.id).toBe(idOf(n));
      dropped = /^haulwatch_api_event_streams_dropped_total \d+$/m.exec(await api.registry.metrics())?.[0] ?? '';
    }
    expect(dropped).toBe('haulwatch_api_event_streams_dropped_total 1');
    slow.resume();
    await closed;
  });

  test('closing the API ends every stream, the slow ones too', async () => {
    const api = await apiForTests();
    const streams = [await Stream.open(api), await Stream.open(api, { headers: { 'last-event-id': '0-0' } })];
    await Promise.all(streams.map((stream) => stream.live()));
    await api.app.close();
    expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual([undefined, undefined]);
  });

  test('no more streams than the limit', async () => {
    const api = await apiForTests({ limits: { eventStreamsMax: 1 } });
    await (await Stream.open(api)).live();
    const answer = await api.app.inject('/v1/events');
    expect(answer.json()).toMatchObject({ status: 503, type: 'urn:haulwatch:problem:too-many-listeners' });
  });

  test.each(['abc', '1', '-1-0', '1-0-0'])('lastEventId=%s is a problem', async (id) => {
    const { app } = await apiForTests();
    expect((await app.inject(`/v1/events?lastEventId=${id}`)).json()).toMatchObject({
      status: 400,
      errors: [{ path: ['lastEventId'] }],
    });
    const byHeader = await app.inject({ url: '/v1/events', headers: { 'last-event-id': id } });
    expect(byHeader.json()).toMatchObject({ status: 400, errors: [{ path: ['last-event-id'] }] });
  });
});
