import { connect, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

/** As kafkajs' own sockets have it. */
const keepAliveMs = 60_000;
/** What one read of any socket brings at most. Copied before the next read of any, so that all share it. */
const arrived = Buffer.allocUnsafeSlow(262_144);
/** Smaller answers are cheap to allocate, and may be more than one at a time. */
const keptBytesMin = 65_536;
/** As many brokers answer at a time, or nearly. */
const keptMax = 4;
const sizeBytes = 4;
/** No broker answers with more; other servers, asked by mistake, seem to: "HTTP" is a size of 1.2 GB. */
const answerBytesMax = 500_000_000;

/**
 * Buffers for large answers, used again and again: a fetch of 10 MB in memory of its own is thousands of pages that the
 * kernel clears, and every sixth makes V8 look through its whole heap.
 */
export class AnswerBuffers {
  readonly #free: Buffer[] = [];

  /** @returns at least so many bytes. */
  take(bytes: number): Buffer {
    if (bytes < keptBytesMin) return Buffer.allocUnsafe(bytes);
    const at = this.#free.findIndex((it) => it.length >= bytes);
    const buffer = at < 0 ? Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes))) : this.#free.splice(at, 1)[0]!;
    owners.set(buffer.buffer, this);
    return buffer;
  }

  keep(buffer: Buffer): void {
    if (this.#free.length >= keptMax) this.#free.shift();
    this.#free.push(buffer);
  }
}

/** Of buffers that are in use: so none is given back twice. */
const owners = new WeakMap<ArrayBufferLike, AnswerBuffers>();

/** Nobody looks at this answer any more: its memory may be written over. Nothing happens where it is nobody's to use again. */
export function giveBack({ buffer }: Buffer): void {
  const owner = owners.get(buffer);
  owners.delete(buffer);
  owner?.keep(Buffer.from(buffer));
}

/**
 * Sockets that hand out each answer whole, in one piece and copied once. kafkajs' own bring it in pieces of 64 KB, each
 * in memory of its own, and join them. @param buffers where there is somebody who gives answers back.
 */
export function answerSockets(buffers?: AnswerBuffers): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    // What is deciphered comes in memory of Node's own, a record of TLS at a time: kafkajs joins it.
    if (isSecure(ssl)) return secureSocket(host, port, ssl, onConnect);
    const assembler = new AnswerAssembler(buffers);
    const socket = connect(
      {
        host,
        port,
        onread: {
          buffer: arrived,
          callback(bytes) {
            try {
              assembler.take(arrived, bytes, (answer) => socket.emit('data', answer));
            } catch (error) {
              socket.destroy(error as Error);
            }
            return true;
          },
        },
      },
      onConnect,
    );
    socket.setKeepAlive(true, keepAliveMs);
    return socket;
  };
}

/** Whatever the types say: without TLS kafkajs hands on what it was configured with, which is nothing. */
function isSecure(ssl: unknown): boolean {
  return typeof ssl === 'object' && ssl !== null;
}

function secureSocket(host: string, port: number, ssl: ConnectionOptions, onConnect: () => void): TLSSocket {
  // A name by which the broker is asked for its certificate: an address is none (RFC 6066).
  const socket = connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
}

/** Joins what arrives to answers: each is its size in 4 bytes and as many bytes. */
export class AnswerAssembler {
  readonly #buffers: AnswerBuffers | undefined;
  readonly #size = Buffer.alloc(sizeBytes);
  #sizeFilled = 0;
  #answer: Buffer | undefined;
  #filled = 0;
  #length = 0;

  constructor(buffers?: AnswerBuffers) {
    this.#buffers = buffers;
  }

  /** @throws RangeError where this is no answer of a broker. */
  take(from: Buffer, bytes: number, onAnswer: (answer: Buffer) => void): void {
    for (let at = 0; at < bytes;) {
      if (this.#answer === undefined) at += this.#takeSize(from, at, bytes);
      if (this.#answer === undefined) continue;
      const copied = from.copy(this.#answer, this.#filled, at, Math.min(bytes, at + this.#length - this.#filled));
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#length) continue;
      const answer = this.#answer.subarray(0, this.#length);
      this.#answer = undefined;
      onAnswer(answer);
    }
  }

  #takeSize(from: Buffer, at: number, end: number): number {
    const copied = from.copy(this.#size, this.#sizeFilled, at, end);
    this.#sizeFilled += copied;
    if (this.#sizeFilled < sizeBytes) return copied;
    const size = this.#size.readInt32BE();
    if (size < sizeBytes || size > answerBytesMax) throw new RangeError(`${size} bytes: this is no answer of a broker`);
    this.#length = sizeBytes + size;
    this.#answer = this.#buffers?.take(this.#length) ?? Buffer.allocUnsafe(this.#length);
    this.#filled = this.#size.copy(this.#answer);
    this.#sizeFilled = 0;
    return copied;
  }
}
