import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { freePorts } from '@haulwatch/local';
import { expect, test } from 'vitest';
import { openProxy } from './chaos-proxy.ts';

test('hands bytes on, breaks what it carries, and takes connections again', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [port = 0] = await freePorts(1);
  const proxy = await openProxy(port, (server.address() as AddressInfo).port);
  const echo = async (): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.write('hello');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    const closed = once(socket, 'close').catch(() => undefined);
    const cutting = proxy.cut(300);
    await closed;
    const refused = connect({ host: '127.0.0.1', port });
    await expect(once(refused, 'data')).rejects.toThrow();
    await cutting;
    return answer.toString();
  };
  expect(await echo()).toBe('hello');
  expect(await echo()).toBe('hello');
  await proxy.close();
  server.close();
});
