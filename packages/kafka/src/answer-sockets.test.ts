import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { AnswerAssembler, AnswerBuffers, answerSockets, giveBack } from './answer-sockets.ts';

/** An answer as a broker sends it: its size, then as many bytes. */
function answerOf(size: number, byte: number): Buffer {
  const answer = Buffer.alloc(4 + size, byte);
  answer.writeInt32BE(size);
  return answer;
}

const answers = [answerOf(4, 1), answerOf(300_000, 2), answerOf(9, 3), answerOf(70_000, 4)];
const sent = Buffer.concat(answers);

describe('answers come whole and in order, however they arrive', () => {
  test.each([1, 2, 3, 5, 4_096, 65_536, sent.length])('in pieces of %d bytes', (pieceBytes) => {
    const assembler = new AnswerAssembler(new AnswerBuffers());
    const arrived = Buffer.alloc(pieceBytes);
    const taken: Buffer[] = [];
    for (let at = 0; at < sent.length; at += pieceBytes) {
      const bytes = sent.copy(arrived, 0, at, at + pieceBytes);
      assembler.take(arrived, bytes, (answer) => taken.push(answer));
      // As the next read of another socket does.
      arrived.fill(0xff);
    }
    expect(Buffer.concat(taken).equals(sent)).toBe(true);
    expect(taken.map((it) => it.length)).toEqual(answers.map((it) => it.length));
  });

  test.each(['HTTP/1.1 400 Bad Request', '\0\0\0\u0003', '\u007f\u007f\u007f\u007f'])('but not %j', (text) => {
    const bytes = Buffer.from(text);
    const take = (): void => new AnswerAssembler().take(bytes, bytes.length, () => undefined);
    expect(take).toThrow(RangeError);
  });
});

test('a socket hands out whole answers, ends with its server, and does not listen to another kind of server', async () => {
  const server = createServer((socket) => socket.end(sent)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, ssl: undefined as never };
  const taken: Buffer[] = [];
  const socket = answerSockets()({ ...at, onConnect: () => undefined });
  socket.on('data', (answer) => taken.push(answer));
  await once(socket, 'end');
  expect(taken.map((it) => it.length)).toEqual(answers.map((it) => it.length));
  expect(Buffer.concat(taken).equals(sent)).toBe(true);
  server.close();

  const other = createServer((it) => it.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const mistaken = answerSockets()({ ...at, port, onConnect: () => undefined });
  mistaken.on('data', () => undefined);
  await expect(once(mistaken, 'close')).rejects.toThrow('this is no answer of a broker');
  other.close();
});

describe('the memory of an answer', () => {
  test('is used again when it was given back, and by one only', () => {
    const buffers = new AnswerBuffers();
    const first = buffers.take(300_000);
    expect(buffers.take(300_000).buffer).not.toBe(first.buffer);
    giveBack(first.subarray(8, 20));
    giveBack(first);
    expect(buffers.take(200_000).buffer).toBe(first.buffer);
    expect(buffers.take(200_000).buffer).not.toBe(first.buffer);
  });

  test('is left where it is too small, or nobody has lent it', () => {
    const buffers = new AnswerBuffers();
    const first = buffers.take(100_000);
    giveBack(first);
    giveBack(Buffer.alloc(1_000_000));
    const larger = buffers.take(900_000);
    expect(larger.length).toBeGreaterThanOrEqual(900_000);
    expect(larger.buffer).not.toBe(first.buffer);
  });
});
