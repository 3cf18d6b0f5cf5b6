import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { ServerError } from './server-error.ts';

/** Everything listens on loopback alone: the servers of this folder ask nobody who they are. */
export const loopback = '127.0.0.1';

/** Ports that nobody listens on at this moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** Throws where somebody listens on the port already; `option` is how the user chooses another. */
export async function assertPortFree(port: number, option: string): Promise<void> {
  try {
    await close(await listen(port));
  } catch (error) {
    throw new ServerError(`port ${port} is taken by another program: stop it, or choose another port with ${option}`, {
      cause: error,
    });
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, loopback);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
