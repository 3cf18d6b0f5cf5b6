import { afterEach, describe, expect, test } from 'vitest';
import { startAdmin, type Admin } from './admin.ts';
import type { ReadyChecks } from './health.ts';
import { gaugeFrom, Registry } from './metrics.ts';

const open: Admin[] = [];
afterEach(async () => {
  for (const admin of open.splice(0)) await admin[Symbol.asyncDispose]();
});

async function start(checks: ReadyChecks, port = 0): Promise<Admin> {
  const registry = new Registry();
  gaugeFrom(registry, { name: 'answer', help: 'The answer.', read: () => 42 });
  const admin = await startAdmin({ host: '127.0.0.1', port, setting: 'ADMIN_PORT', registry, checks });
  open.push(admin);
  return admin;
}

async function get(admin: Admin, path: string): Promise<[number, string]> {
  const response = await fetch(admin.address + path);
  return [response.status, await response.text()];
}

describe('the admin server', () => {
  test('healthy, ready, and its metrics can be read', async () => {
    const admin = await start({ log: async () => {} });
    expect(await get(admin, '/healthz')).toEqual([200, '{"status":"ok"}']);
    expect(await get(admin, '/readyz')).toEqual([200, '{"status":"ready","parts":{"log":"ok"}}']);
    const [status, text] = await get(admin, '/metrics');
    expect([status, text]).toEqual([200, expect.stringContaining('answer 42')]);
  });

  test('not ready tells which part, and why', async () => {
    const admin = await start({
      log: async () => {},
      redis: () => Promise.reject(new Error('connection refused')),
    });
    expect(await get(admin, '/readyz')).toEqual([
      503,
      '{"status":"not-ready","parts":{"log":"ok","redis":"connection refused"}}',
    ]);
    expect(await get(admin, '/healthz')).toEqual([200, '{"status":"ok"}']);
  });

  test('a taken port is told with the setting to change', async () => {
    const port = Number(new URL((await start({})).address).port);
    await expect(start({}, port)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another program: set ADMIN_PORT to another port (0 picks a free one)`,
    );
  });
});
