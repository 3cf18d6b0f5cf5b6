import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** One reader of the event stream. It owns the response; what is waiting to be sent is limited. */
export class SseConnection {
  /** The id of the newest event that it has been sent, or stands at. */
  lastId: string;
  /** Resolves when the reader has gone, or was sent away. */
  readonly gone: Promise<void>;
  readonly #response: ServerResponse;
  readonly #bytesMax: number;
  #dropped = false;

  constructor(response: ServerResponse, bytesMax: number, lastId = '0-0') {
    this.#response = response;
    this.#bytesMax = bytesMax;
    this.lastId = lastId;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.closed) resolve();
    else response.once('close', resolve);
    this.gone = promise;
  }

  get closed(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  /** Cut off because it read too slowly. It may come back and go on from where it was. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Sends frames, after which the reader stands at `lastId`. A reader that is too far behind is cut off instead. */
  write(frames: Buffer | string, lastId: string): void {
    if (this.closed) return;
    if (this.#response.writableLength > this.#bytesMax) {
      this.#dropped = true;
      this.#response.destroy();
      return;
    }
    this.#response.write(frames);
    this.lastId = lastId;
  }

  /** Resolves when what was sent has gone out, or nobody is there any more. */
  async drained(): Promise<void> {
    if (this.closed || !this.#response.writableNeedDrain) return;
    const done = new AbortController();
    const drain = once(this.#response, 'drain', { signal: done.signal }).catch(() => {
      // Aborted below: the reader has gone instead.
    });
    await Promise.race([drain, this.gone]);
    done.abort();
  }

  /** Ends it well where it has read everything; who hangs behind is cut off, so that nobody waits for it. */
  end(): void {
    if (this.closed) return;
    if (this.#response.writableNeedDrain) this.#response.destroy();
    else this.#response.end();
  }
}

/** An event in the format of Server-Sent Events. Data of several lines needs the field name before each. */
export function frameOf(event: { readonly id: string; readonly type: string; readonly data: string }): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${event.data.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}
