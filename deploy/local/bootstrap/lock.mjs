import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder touches its lock this often … */
const heartbeatMs = 2000;
/** … and is taken for dead after this long without, whatever its pid says: pids are used again. */
const heartbeatMsMax = 60_000;
/** mkdir and the writing of the pid are two steps: a lock without pid is given this long to get one. */
const unnamedMsMax = 5000;

/**
 * Runs `work` while holding the lock folder `lock`; one process of this machine at a time. A lock whose holder died is
 * taken over.
 *
 * @template T
 * @param {string} lock
 * @param {(holderPid: number | undefined) => void} onWait called once when another process holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lock, onWait, work) {
  const graves = await acquire(lock, onWait);
  const heart = setInterval(() => touch(lock), heartbeatMs);
  heart.unref();
  const release = () => {
    for (const dir of [...graves, lock]) rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heart);
    process.removeListener('exit', release);
    release();
  }
}

/**
 * A stale lock is renamed to a grave named after its dead holder, and the grave stays until the new holder is done:
 * whoever decided on the same evidence a moment later finds the grave occupied, cannot rename the *new* lock away, and
 * waits like everybody else.
 *
 * @param {string} lock
 * @param {(holderPid: number | undefined) => void} onWait
 */
async function acquire(lock, onWait) {
  mkdirSync(dirname(lock), { recursive: true });
  /** @type {string[]} */
  const graves = [];
  for (let waited = false; ;) {
    if (tryMkdir(lock)) {
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return graves;
    }
    const state = inspectLock(lock, Date.now());
    if (state.kind === 'gone') continue;
    if (state.kind === 'stale') {
      const grave = `${lock}.stale-${state.pid ?? 'unnamed'}`;
      if (tryRename(lock, grave)) {
        graves.push(grave);
        continue;
      }
    } else if (!waited) {
      onWait(state.pid);
      waited = true;
    }
    await sleep(200);
  }
}

/**
 * @param {string} lock
 * @param {number} nowMs
 * @returns {{ kind: 'gone' | 'held' | 'stale', pid?: number | undefined }}
 */
export function inspectLock(lock, nowMs) {
  let ageMs;
  try {
    ageMs = nowMs - statSync(lock).mtimeMs;
  } catch {
    return { kind: 'gone' };
  }
  const pid = readPid(lock);
  if (pid === undefined) return { kind: ageMs > unnamedMsMax ? 'stale' : 'held', pid };
  return { kind: isAlive(pid) && ageMs <= heartbeatMsMax ? 'held' : 'stale', pid };
}

/** @param {string} lock */
function readPid(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} dir */
function tryMkdir(dir) {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function tryRename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} lock */
function touch(lock) {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Somebody removed .haulwatch while we work; the work itself will say so.
  }
}
