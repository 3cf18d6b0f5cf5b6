import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CliError } from '../cli-error.ts';
import { fileError } from '../file-error.ts';

/** Bytes of a file as they come: never more than the reader asks for. */
export type Chunks = AsyncIterable<Uint8Array>;

export type Input = Disposable & {
  /** For messages: the path, or "standard input". */
  readonly name: string;
  /** Unpacked. */
  readonly chunks: Chunks;
  /** Undefined for standard input and other pipes. */
  readonly bytesTotal: number | undefined;
  /** Of the file as it lies there, packed or not. */
  readonly bytesRead: () => number;
};

/** Opens a file, or standard input for `-`. What is packed with gzip is known by its first bytes, whatever its name. */
export async function openInput(path: string, signal: AbortSignal): Promise<Input> {
  const name = path === '-' ? 'standard input' : path;
  const bytesTotal = path === '-' ? undefined : await fileSize(path);
  const stream = addAbortSignal(signal, path === '-' ? process.stdin : createReadStream(path));
  let bytesRead = 0;
  const { head, chunks } = await peek(counted(), gzipMagic.length).catch((error: unknown) => {
    throw fileError('read', name, error);
  });
  const packed = gzipMagic.every((byte, at) => head[at] === byte);
  return {
    name,
    chunks: packed ? unpacked(chunks, name) : chunks,
    bytesTotal,
    bytesRead: () => bytesRead,
    [Symbol.dispose]: () => void stream.destroy(),
  };

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
}

/** Undefined for what has no size of its own: a pipe, a device. */
async function fileSize(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** RFC 1952: ID1 and ID2. */
const gzipMagic = [0x1f, 0x8b];

async function* unpacked(chunks: Chunks, name: string): AsyncGenerator<Uint8Array> {
  // What goes wrong in the source destroys the gunzip with that error, which the loop below throws.
  const gunzip = pipeline(Readable.from(chunks), createGunzip(), () => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new CliError(`${name}: the gzip file is damaged or ends early (${error.message})`, { cause: error });
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** The first bytes, at least `count` of them where there are so many, and all chunks with these. */
async function peek(chunks: Chunks, count: number): Promise<{ head: Uint8Array; chunks: Chunks }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, chunks: withHead() };

  async function* withHead(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
}
