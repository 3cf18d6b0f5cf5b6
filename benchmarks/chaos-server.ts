import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ServerProcess } from '@haulwatch/local';
import type { Proxy } from './chaos-proxy.ts';

/** A server that can be ended and started again on its port, and the proxy through which the services reach it. */
export type ChaosServer = {
  /** Where the services connect to. */
  readonly port: number;
  /** Where it listens itself: for the harness, which no cut shall hinder. */
  readonly ownPort: number;
  readonly proxy: Proxy;
  /** Ends the process by this signal; resolves when it has gone. */
  end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts it again on its data; resolves when it takes requests. */
  start(): Promise<void>;
};

/** An orderly end takes longer than this only when it hangs. */
const endMsMax = 30_000;

/** Ends processes by a signal; resolves when they have gone. */
export async function endServers(
  processes: readonly ServerProcess[],
  signal: 'SIGTERM' | 'SIGKILL' | 'SIGQUIT',
): Promise<void> {
  for (const server of processes) if (await isRunning(server)) process.kill(server.pid, signal);
  const deadlineMs = performance.now() + endMsMax;
  for (const server of processes) {
    while (await isRunning(server)) {
      if (performance.now() > deadlineMs) throw new Error(`${server.marker} did not end within ${endMsMax} ms`);
      await sleep(20);
    }
  }
}
