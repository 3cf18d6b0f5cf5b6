import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError, type ServerName } from '@haulwatch/local';
import { sourceServer } from './server-source.ts';
import type { SourcedServer } from './sourced-server.ts';

/** Hands out servers to the test workers over HTTP on loopback: each is started when the first test file asks. */
export type ServerDesk = {
  readonly url: string;
  /** Drops the databases that were handed out and stops what was started. */
  readonly close: () => Promise<void>;
};

/**
 * `GET /kafka`, `/redis`, `/postgres` answer with the address, 503 with the reason where there is none; `POST
 * /postgres/NAME` creates a database and answers with its URL.
 */
export async function openServerDesk(dir: string): Promise<ServerDesk> {
  const sourced = new Map<ServerName, Promise<SourcedServer>>();
  const databases: string[] = [];
  const get = (name: ServerName): Promise<SourcedServer> => {
    const server = sourced.get(name) ?? sourceServer(name, dir);
    sourced.set(name, server);
    return server;
  };
  const answer = async ({ method, url = '' }: IncomingMessage): Promise<string> => {
    const [name, database] = url.slice(1).split('/') as [ServerName, string?];
    const server = await get(name);
    if (method !== 'POST' || database === undefined) return server.address;
    await server.runSql(`create database ${database}`);
    databases.push(database);
    return Object.assign(new URL(server.address), { pathname: `/${database}` }).href;
  };
  const http = createServer((request, response) => {
    void answer(request).then(
      (text) => response.end(text),
      (error: Error) => response.writeHead(error instanceof UnavailableError ? 503 : 500).end(error.message),
    );
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const close = async () => {
    http.close();
    http.closeAllConnections();
    const started = await Promise.allSettled(sourced.values());
    const postgres = await sourced.get('postgres')?.catch(() => undefined);
    for (const database of databases) await postgres?.runSql(`drop database if exists ${database} with (force)`);
    for (const server of started) if (server.status === 'fulfilled') await server.value.stop();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close };
}
