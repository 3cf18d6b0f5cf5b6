import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { problemCodes, problemContentType, problemType } from '@haulwatch/contract';
import { countersZero, type EngineCounters } from '@haulwatch/domain';
import { expect, onTestFinished, test } from 'vitest';
import { httpApi } from '../http-api.ts';
import { inPieces } from '../replay/_chunks.ts';
import { readJsonLines } from '../replay/jsonl-rows.ts';
import { RejectTally } from '../replay/reject-tally.ts';
import { drive, jsonLines } from './_samples.ts';
import { openHttpTarget } from './http-target.ts';

type Answer = { readonly status: number; readonly body: object; readonly headers?: Record<string, string> };
type Lines = readonly string[];

/** An API that answers `POST /v1/fixes` as told and takes what it accepted for fixes. */
async function serve(answers: (lines: Lines, request: number) => Answer) {
  const counters: EngineCounters = countersZero();
  const requests: Lines[] = [];
  const status = () => ({
    atMs: 0,
    ingest: { counters, lagRecords: 0, partitions: [{ partition: 0, committed: counters.fixes, end: counters.fixes }] },
    alarmLog: { end: 0, livePosition: -1, historyPosition: -1, liveLag: 0, historyLag: 0 },
    openAlarms: { total: 0, byRule: {} },
    vehicles: 0,
    eventStreams: 0,
    platformAlarms: [],
  });
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    if (request.url === '/v1/status') return { status: 200, body: status() };
    expect(request.headers['content-type']).toBe('application/x-ndjson');
    const lines = (await text(request)).split('\n');
    requests.push(lines);
    const told = answers(lines, requests.length);
    if (told.status === 202) counters.fixes += (told.body as { accepted: number }).accepted;
    return told;
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status: code, body, headers } = await answer(request);
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const accept = (lines: Lines): Answer => ({ status: 202, body: { accepted: lines.length, rejected: [] } });

function problem(code: keyof typeof problemCodes, more: object = {}): Answer {
  const { status, title } = problemCodes[code];
  return {
    status,
    body: { type: problemType(code), title, status, ...more },
    headers: { 'content-type': problemContentType },
  };
}

async function play(url: string, file: string) {
  const signal = new AbortController().signal;
  const tally = new RejectTally('a:', () => {});
  const api = httpApi(url, signal, { failuresMax: 2, pauseMs: 1 });
  await using target = await openHttpTarget({ api, tally, wait: { stallMs: 1_000, pollMs: 5, signal } });
  let count = 0;
  for await (const rows of readJsonLines(inPieces(file, 1_000_000))) {
    await target.take(rows);
    count += rows.length;
  }
  return { counters: await target.finish(count), tally };
}

test('fixes go in requests of 2,000 lines', async () => {
  const { url, requests } = await serve(accept);
  const { counters } = await play(url, jsonLines(drive(40)));
  expect(requests.map((lines) => lines.length)).toEqual([2_000, 400]);
  expect(counters).toMatchObject({ fixes: 2_400 });
});

test('what the API rejects is counted, and what cannot be read is not even sent', async () => {
  const rejected = [{ index: 1, reason: 'field-range', detail: 'field speedKph: too fast for this version' }];
  const { url, requests } = await serve((lines) => ({ status: 202, body: { accepted: lines.length - 1, rejected } }));
  const { counters, tally } = await play(url, `${jsonLines(drive(1).slice(0, 3))}{broken\n`);
  expect(counters).toMatchObject({ fixes: 2 });
  expect(tally.counts).toEqual({ 'field-range': 1, 'json-broken': 1 });
  expect(requests[0]).toHaveLength(3);
});

test('an answer that takes none of them is no failure', async () => {
  const rejected = [{ index: 0, reason: 'field-range', detail: 'no' }];
  const { url } = await serve(() => problem('no-fix-readable', { rejected }));
  const { tally } = await play(url, jsonLines(drive(1).slice(0, 1)));
  expect(tally.counts).toEqual({ 'field-range': 1 });
});

test.each([
  ['a limit that is told', { ...problem('too-many-requests'), headers: { 'retry-after': '0' } }],
  ['a server that fails for a moment', problem('unavailable')],
])('%s is waited for', async (_what, first) => {
  const { url, requests } = await serve((lines, request) => (request === 1 ? first : accept(lines)));
  const { counters } = await play(url, jsonLines(drive(1).slice(0, 5)));
  expect(requests).toHaveLength(2);
  expect(requests[1]).toEqual(requests[0]);
  expect(counters).toMatchObject({ fixes: 5 });
});

test.each<[string, Answer, string]>([
  [
    'keeps failing',
    problem('unavailable', { detail: 'Kafka is away' }),
    '503 A part of Haulwatch cannot be reached: Kafka is away',
  ],
  ['says no', problem('too-large', { detail: 'send less' }), '413 The request is too large: send less'],
  ['is something else', { status: 404, body: {} }, '/v1/fixes answers 404 Not Found: is a Haulwatch there?'],
  ['speaks otherwise', { status: 202, body: { fine: true } }, 'answers otherwise than this haulwatch expects'],
])('a server that %s ends the replay', async (_what, answer, message) => {
  const { url } = await serve(() => answer);
  await expect(play(url, jsonLines(drive(1)))).rejects.toThrow(message);
});

test('nobody there', async () => {
  const { url } = await serve(accept);
  const closed = url.replace(/\d+$/, '9');
  await expect(play(closed, jsonLines(drive(1)))).rejects.toThrow('does not answer');
});
