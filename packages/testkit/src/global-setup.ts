import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ignoredDir, removePostgres } from '@haulwatch/local';
import type { TestProject } from 'vitest/node';
import { openServerDesk } from './server-desk.ts';

/** Runs of tests keep their servers' data here, each under its process id. */
const runsDir = join(ignoredDir, 'test-runs');

/** vitest's globalSetup of the integration project: opens the desk that hands out servers, closes it at the end. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  removeDeadRuns();
  const dir = join(runsDir, String(process.pid));
  mkdirSync(dir, { recursive: true });
  const desk = await openServerDesk(dir);
  project.provide('serverDeskUrl', desk.url);
  return async () => {
    await desk.close();
    removeRun(dir);
  };
}

/** A run that was killed could not tidy up; its servers died with it. */
function removeDeadRuns(): void {
  for (const pid of existsSync(runsDir) ? readdirSync(runsDir) : []) {
    if (!isAlive(Number(pid))) removeRun(join(runsDir, pid));
  }
}

function removeRun(dir: string): void {
  removePostgres(join(dir, 'postgres'));
  rmSync(dir, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
