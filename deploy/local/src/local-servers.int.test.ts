import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithPrograms } from './describe-with-programs.ts';
import { freePorts, loopback } from './ports.ts';
import { removePostgres } from './postgres.ts';

const program = new URL('../servers.ts', import.meta.url).pathname;

await describeWithPrograms('servers up and down', ['kafka', 'redis', 'postgres'], () => {
  let dir: string;
  let ports: number[];

  const servers = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args, '--data', dir], {
      reject: false,
    });
    return { exitCode, stdout, stderr };
  };
  const portOptions = () =>
    ['--kafka-port', '--redis-port', '--postgres-port'].flatMap((name, at) => [name, `${ports[at]}`]);

  beforeAll(async () => {
    // A space in its name, and nobody else may enter it: as unkind as a home folder gets.
    dir = mkdtempSync(join(tmpdir(), 'haulwatch servers-'));
    ports = await freePorts(3);
  });

  afterAll(async () => {
    await servers('down');
    removePostgres(join(dir, 'postgres'));
    rmSync(dir, { recursive: true });
  });

  test('up prints the environment when all are ready, and again when they run already', async () => {
    const [kafka, redis, postgres] = ports;
    const environment = [
      `KAFKA_BROKERS=127.0.0.1:${kafka}`,
      `REDIS_URL=redis://127.0.0.1:${redis}`,
      `DATABASE_URL=postgres://postgres@127.0.0.1:${postgres}/haulwatch`,
    ].join('\n');
    expect(await servers('up', ...portOptions())).toMatchObject({ exitCode: 0, stdout: environment });
    const again = await servers('up', ...portOptions());
    expect(again).toMatchObject({ exitCode: 0, stdout: environment });
    expect(again.stderr.match(/runs already/g)).toHaveLength(3);
  });

  test('a running server is not moved in silence', async () => {
    const { exitCode, stderr } = await servers('up', 'kafka', '--brokers', '3');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('`npm run servers -- down kafka` first');
  });

  test('status and logs tell of all three', async () => {
    const status = await servers('status');
    expect(status.exitCode).toBe(0);
    expect(status.stdout.match(/ ready /g)).toHaveLength(3);
    const logs = await servers('logs');
    expect(logs.stdout).toContain('Kafka Server started');
    expect(logs.stdout).toContain('Ready to accept connections');
    expect(logs.stdout).toContain('database system is ready to accept connections');
  });

  test('down leaves no process and frees the ports', async () => {
    expect(await servers('down')).toMatchObject({ exitCode: 0 });
    const { stdout } = await execa('ps', ['-eo', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(dir) && !line.includes('ps -eo'))).toEqual([]);
    expect(await servers('status')).toMatchObject({ exitCode: 1 });
  });

  test('a port that is taken is named with the option that changes it', async () => {
    const squatter = createServer().listen(ports[1], loopback);
    const { exitCode, stderr } = await servers('up', 'redis', ...portOptions());
    squatter.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `port ${ports[1]} is taken by another program: stop it, or choose another port with --redis-port`,
    );
  });

  test.each([
    [['up', 'mysql'], 'there is no server "mysql"'],
    [['up', '--brokers', '2'], '--brokers 2 is not possible'],
    [['up', '--kafka-port', 'x'], '--kafka-port x is not possible'],
    [['up', '--unknown'], '--unknown'],
    [['sideways'], 'usage: npm run servers'],
  ])('%j is refused with the usage', async (args, message) => {
    const { exitCode, stdout, stderr } = await servers(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage:');
  });
});
