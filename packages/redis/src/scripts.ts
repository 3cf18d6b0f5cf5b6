import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** The house's scripts as commands of a client; ioredis sends each one's text once, then its digest. */
type ScriptedRedis = Redis & {
  haulwatchApply(...args: (string | number)[]): Promise<['applied' | 'rewound', string]>;
  haulwatchPutLastFixes(...args: (string | number)[]): Promise<number>;
};

/** Adds the scripts to a client. The number in a file's name is its count of keys. */
export function withScripts(redis: Redis): ScriptedRedis {
  redis.defineCommand('haulwatchApply', { numberOfKeys: 6, lua: lua('apply-6.lua') });
  redis.defineCommand('haulwatchPutLastFixes', { numberOfKeys: 1, lua: lua('put-last-fixes-1.lua') });
  return redis as ScriptedRedis;
}

function lua(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

export type { ScriptedRedis };
