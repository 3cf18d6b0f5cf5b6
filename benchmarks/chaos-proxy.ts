import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Proxy = {
  /** Breaks every connection, wherever it stands in its talk, and takes no new one for so long, ms. */
  cut(forMs: number): Promise<void>;
  /** Breaks every connection; new ones go to the server on this port. */
  moveTo(serverPort: number): void;
  close(): Promise<void>;
};

const loopback = '127.0.0.1';

/** Hands bytes on between clients of one port and the server on another, and can break what it carries. */
export async function openProxy(port: number, serverPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let refusesUntilMs = 0;
  let toPort = serverPort;
  const server = createServer((client) => {
    if (performance.now() < refusesUntilMs) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: loopback, port: toPort });
    join(client, upstream);
    join(upstream, client);
  });

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    from.setNoDelay(true);
    from.pipe(to);
    // A server that is away looks like one that breaks off: the other side hears of it either way.
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (!to.destroyed) to.destroySoon();
    });
  }

  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  server.listen(port, loopback);
  await once(server, 'listening');
  return {
    async cut(forMs) {
      refusesUntilMs = performance.now() + forMs;
      drop();
      await new Promise((resolve) => setTimeout(resolve, forMs));
    },
    moveTo(newPort) {
      toPort = newPort;
      drop();
    },
    async close() {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}
