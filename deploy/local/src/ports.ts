import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { ServerError } from './server-error.ts';

/** Everything listens on loopback alone: the servers of this folder ask nobody who they are. */
export const loopback = '127.0.0.1';

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32768 on). From among those, a port of a server that is
 * down is given away before it is up again; or a client that tries to reach it is connected to itself.
 */
const serverPorts = { from: 15_000, to: 32_000 } as const;

/** Ports that nobody listens on at this moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(serverPorts.from, serverPorts.to);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  try {
    await close(await listen(port));
    return true;
  } catch {
    return false;
  }
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
