import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ignoredDir, repositoryRoot } from '@haulwatch/local';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** A desk that has Redis and nothing else. */
async function openDesk(): Promise<Server> {
  const desk = createServer(({ url }, response) => {
    if (url === '/redis') response.end('redis://127.0.0.1:6379');
    else if (url === '/kafka') response.writeHead(503).end('Java is missing here');
    else response.writeHead(500).end('PostgreSQL ended while starting');
  });
  desk.listen(0, '127.0.0.1');
  await once(desk, 'listening');
  return desk;
}

let dir: string;
let desk: Server;

beforeEach(async () => {
  desk = await openDesk();
  mkdirSync(ignoredDir, { recursive: true });
  dir = mkdtempSync(join(ignoredDir, 'describe-with-servers-'));
});

afterEach(() => {
  desk.close();
  rmSync(dir, { recursive: true });
});

type Outcome = { readonly title: string; readonly status: string };

/** Runs one suite of two tests in a vitest of its own. */
async function runSuite(needs: string, body: string, ci: string): Promise<{ exitCode: number; tests: Outcome[] }> {
  const testkit = new URL('./index.ts', import.meta.url).pathname;
  writeFileSync(
    join(dir, 'suite.test.ts'),
    `import { expect, test } from 'vitest';
     import { describeWithServers } from '${testkit}';
     describeWithServers('suite', ${needs}, (servers) => { ${body}; test('second', () => {}); });`,
  );
  const { port } = desk.address() as AddressInfo;
  const config = `export default { test: { provide: { serverDeskUrl: 'http://127.0.0.1:${port}' } } };`;
  writeFileSync(join(dir, 'vitest.config.mjs'), config);
  const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(dir, 'report.json');
  const args = [vitest, 'run', '--root', dir, '--reporter=json', `--outputFile.json=${report}`];
  const { exitCode = 1 } = await execa(process.execPath, args, { env: { CI: ci }, reject: false });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { fullName: string; status: string }[] }[];
  };
  const tests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ title: fullName, status })),
  );
  return { exitCode, tests };
}

const readsRedis = `test('first', () => {
  expect(servers.redis.url).toBe('redis://127.0.0.1:6379');
  expect(servers.redis.keyPrefix).toMatch(/^it-[0-9a-f]{8}:$/);
})`;

test('hands over the servers that the suite names', async () => {
  expect(await runSuite(`['redis']`, readsRedis, '')).toEqual({
    exitCode: 0,
    tests: [
      { title: 'suite first', status: 'passed' },
      { title: 'suite second', status: 'passed' },
    ],
  });
});

test('skips every test, in sight and with the reason, where a server is not to be had', async () => {
  expect(await runSuite(`['redis', 'kafka']`, readsRedis, '')).toEqual({
    exitCode: 0,
    tests: [
      { title: 'suite skipped: Java is missing here first', status: 'skipped' },
      { title: 'suite skipped: Java is missing here second', status: 'skipped' },
    ],
  });
});

test('fails instead where CI=true', async () => {
  expect(await runSuite(`['redis', 'kafka']`, readsRedis, 'true')).toEqual({
    exitCode: 1,
    tests: [{ title: 'suite has redis, kafka', status: 'failed' }],
  });
});

test('fails where a server that should be there breaks', async () => {
  expect(await runSuite(`['postgres']`, '', '')).toEqual({ exitCode: 1, tests: [] });
});
