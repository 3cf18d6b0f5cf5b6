import type { GroupHandler, LogRecord, NewLogRecord } from '@haulwatch/ports';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './sqlite-log.ts';

describe('a folder of one process', () => {
  test('refuses a second process by name, and is free again when the first was killed', async () => {
    const dir = await folder();
    const { child, lines } = holder(dir, `console.log('open')`);
    await lines.next();
    await expect(openSqliteLog({ dir })).rejects.toMatchObject({
      code: 'locked',
      retriable: true,
      message: `The folder ${dir} is in use by process ${child.pid}: end that first, or give another folder.`,
    });
    await kill(child);
    await (await openSqliteLog({ dir })).close();
  });

  test('refuses a second log in the same process', async () => {
    const { dir, log } = await open();
    await expect(openSqliteLog({ dir })).rejects.toMatchObject({ code: 'locked' });
    await log.close();
    await (await openSqliteLog({ dir })).close();
  });
});

test('a process killed while it appends loses nothing that it has acknowledged, and leaves no call by halves', async () => {
  const dir = await folder();
  const { child, lines } = holder(
    dir,
    `await log.ensureTopics([{ name: 'records', partitions: 1 }]);
     for (let call = 0; ; call++) {
       const records = Array.from({ length: 1 + call % 50 }, () => ({ partition: 0, key: null, value: String(call) }));
       await log.append('records', records);
       console.log(call);
     }`,
  );
  let acknowledged = -1;
  while (acknowledged < 400) acknowledged = Number((await lines.next()).value);
  await kill(child);
  for await (const line of lines) acknowledged = Number(line);

  const log = await openSqliteLog({ dir });
  onTestFinished(() => log.close());
  const counts = new Map<number, number>();
  for (const it of await log.read('records', 0, 0, 1e6))
    counts.set(Number(text(it)), (counts.get(Number(text(it))) ?? 0) + 1);
  const calls = [...counts.keys()];
  expect(calls).toEqual(calls.map((_, call) => call));
  expect(calls.length).toBeGreaterThan(acknowledged);
  for (const [call, count] of counts) expect(count).toBe(1 + (call % 50));
});

test('topics, records and commits are there after the log was opened anew', async () => {
  const { dir, log } = await open();
  await log.ensureTopics([{ name: 'records', partitions: 2 }]);
  await log.append('records', [record('a', 1), record('b', 1)]);
  const member = await log.join({ group: 'group', topic: 'records', handler: handler() });
  await member.commit(1, 2, 'pointer');
  await log.close();
  const again = await openSqliteLog({ dir });
  onTestFinished(() => again.close());
  expect(await again.endOffsets('records')).toEqual([0, 2]);
  expect(await again.append('records', [record('c', 1)])).toEqual([{ partition: 1, baseOffset: 2, count: 1 }]);
  expect((await again.read('records', 1, 0, 9)).map(text)).toEqual(['a', 'b', 'c']);
  expect(await again.committed('group', 'records')).toEqual([{ partition: 1, offset: 2, metadata: 'pointer' }]);
});

describe('trouble with the disk is told as what to do', () => {
  test('no room left: the call leaves nothing behind, what was there is there, and room made is used', async () => {
    const { log } = await open({ bytesMax: 2_000_000 });
    await log.ensureTopics([{ name: 'records', partitions: 1, retentionMs: 1_000 }]);
    const large = (): NewLogRecord[] => [record('x'.repeat(300_000)), record('x'.repeat(300_000))];
    const fill = async (): Promise<void> => {
      for (;;) await log.append('records', large());
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'storage',
      retriable: true,
      message: expect.stringContaining('free some disk space'),
    });
    const [end] = await log.endOffsets('records');
    expect(end! % 2).toBe(0);
    expect(await log.read('records', 0, 0, 99)).toHaveLength(end!);
    await log.maintain(Date.now() + 2_000);
    expect(await log.append('records', large())).toEqual([{ partition: 0, baseOffset: end, count: 2 }]);
  });

  test('a folder that cannot be', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'file'), '');
    for (const bad of [join(dir, 'file'), join(dir, 'file', 'below')]) {
      await expect(openSqliteLog({ dir: bad })).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringContaining('give another folder'),
      });
    }
  });

  test('a file that is no log', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'log.db'), 'x'.repeat(10_000));
    await expect(openSqliteLog({ dir })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('move it away'),
    });
  });

  test('a log of a newer version', async () => {
    const { dir, log } = await open();
    await log.close();
    const db = new DatabaseSync(join(dir, 'log.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openSqliteLog({ dir })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('newer Haulwatch'),
    });
  });
});

describe('maintenance', () => {
  test.each<[string, number | undefined, number[]]>([
    ['removes what is older than its retention', 1_000, []],
    ['keeps what is younger', 60_000, [0, 1, 2]],
    ['keeps all where retention is -1', -1, [0, 1, 2]],
    ['keeps all where nothing is said of it', undefined, [0, 1, 2]],
  ])('%s', async (_what, retentionMs, left) => {
    const { dir, log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 1, ...(retentionMs === undefined ? {} : { retentionMs }) }]);
    await log.append(
      'records',
      ['a', 'b', 'c'].map((it) => record(it)),
    );
    await log.maintain(Date.now() + 30_000);
    const seen: number[] = [];
    await log.follow('records', (it) => seen.push(it.offset));
    expect(seen).toEqual(left);
    await log.close();
    const again = await openSqliteLog({ dir });
    onTestFinished(() => again.close());
    expect(await again.append('records', [record('d')])).toEqual([{ partition: 0, baseOffset: 3, count: 1 }]);
  });

  test('removes many records in pieces, and what comes meanwhile stays', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 2, retentionMs: 60_000 }]);
    await log.append(
      'records',
      Array.from({ length: 7_000 }, (_, n) => record(String(n), n % 2)),
    );
    // A record of the very millisecond of the cut would be either: the clock goes on before and after it.
    await delay(2);
    const maintained = log.maintain(Date.now() + 60_000);
    await delay(2);
    await log.append('records', [record('young', 1)]);
    await maintained;
    await log.maintain(Date.now());
    expect((await log.read('records', 1, 3_500, 9)).map(text)).toEqual(['young']);
    await expect(log.read('records', 1, 3_499, 1)).rejects.toMatchObject({ code: 'offset-gone' });
  });

  test('a member that asks for removed records is told so', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 1, retentionMs: 1_000 }]);
    await log.append('records', [record('a'), record('b')]);
    await log.maintain(Date.now() + 2_000);
    const member = await log.join({ group: 'group', topic: 'records', handler: handler({ start: 1 }) });
    await expect(member.failed).rejects.toMatchObject({
      code: 'offset-gone',
      message: expect.stringContaining('begins at 2'),
    });
  });

  test('a compacted topic keeps the newest of each key, and tombstones for a day', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'fleet', partitions: 1, compacted: true, retentionMs: 1 }]);
    const put = (key: string, value: string | null): NewLogRecord => ({ partition: 0, key, value });
    await log.append('fleet', [put('a', '1'), put('b', '1'), put('a', '2'), put('c', '1')]);
    await log.append('fleet', [put('b', null), put('c', '2')]);
    const offsets = async (): Promise<number[]> => (await log.read('fleet', 0, 0, 99)).map((it) => it.offset);
    expect(await offsets()).toEqual([2, 4, 5]);
    await log.maintain(Date.now() + 3_600_000);
    expect(await offsets()).toEqual([2, 4, 5]);
    await log.maintain(Date.now() + 25 * 3_600_000);
    expect(await offsets()).toEqual([2, 5]);
    await log.append('fleet', [put('b', 'again')]);
    expect(await offsets()).toEqual([2, 5, 6]);
  });
});

describe('the event loop', () => {
  test('has its turns while very many records are appended by one call', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 1 }]);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await log.append(
      'records',
      Array.from({ length: 50_000 }, (_, n) => record(String(n))),
    );
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(5);
  });

  test('has its turns while very many calls are made, one after the other', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 1 }]);
    const over = new AbortController();
    setTimeout(() => over.abort(), 50);
    let calls = 0;
    for (; !over.signal.aborted; calls++) await log.append('records', [record('a')]);
    expect(await log.endOffsets('records')).toEqual([calls]);
  });

  test('is left alone while there is nothing to do', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'records', partitions: 4 }]);
    const seen: string[] = [];
    await log.follow('records', (it) => seen.push(text(it)));
    await log.join({ group: 'group', topic: 'records', handler: handler({ onRecord: (it) => seen.push(text(it)) }) });
    await log.append('records', [record('a')]);
    await vi.waitFor(() => expect(seen).toEqual(['a', 'a']));
    const turns = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;
    const before = turns();
    await delay(300);
    // The test runner's own, a handful. Looking for records each millisecond would be 300.
    expect(turns() - before).toBeLessThan(60);
  });
});

test('a member that stands by takes over when the other dies', async () => {
  const { log } = await open();
  await log.ensureTopics([{ name: 'records', partitions: 1 }]);
  await log.append('records', [record('a')]);
  const bug = new Error('a bug in the handler');
  const fail = (): never => {
    throw bug;
  };
  const first = await log.join({ group: 'group', topic: 'records', handler: handler({ onRecord: fail }) });
  const seen: string[] = [];
  const second = await log.join({
    group: 'group',
    topic: 'records',
    handler: handler({ onRecord: (it) => seen.push(text(it)) }),
  });
  expect(second.assignment()).toEqual([]);
  await expect(second.commit(0, 0, '')).rejects.toMatchObject({ code: 'fenced' });
  await expect(first.failed).rejects.toBe(bug);
  await vi.waitFor(() => expect(seen).toEqual(['a']));
  expect([first.assignment(), second.assignment()]).toEqual([[], [0]]);
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-log-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

async function open(options: Partial<SqliteLogOptions> = {}): Promise<{ dir: string; log: SqliteLog }> {
  const dir = await folder();
  const log = await openSqliteLog({ dir, ...options });
  onTestFinished(() => log.close());
  return { dir, log };
}

function record(value: string, partition = 0): NewLogRecord {
  return { partition, key: null, value };
}

function text(it: LogRecord): string {
  return new TextDecoder().decode(it.value ?? new Uint8Array());
}

function handler({ start, onRecord }: { start?: number; onRecord?: (record: LogRecord) => void } = {}): GroupHandler {
  return {
    onAssigned: async () => start ?? 'beginning',
    onBatch: async ({ records }) => {
      for (const it of records) onRecord?.(it);
    },
    onRevoked: () => undefined,
  };
}

/** Another process that opens the log and runs a few lines with it; lives until it is killed. */
function holder(dir: string, lines: string): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const program = `
    import { openSqliteLog } from '${new URL('./sqlite-log.ts', import.meta.url).href}';
    const log = await openSqliteLog({ dir: ${JSON.stringify(dir)} });
    ${lines}
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
