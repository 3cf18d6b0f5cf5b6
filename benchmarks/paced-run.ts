import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineFeed } from './engine-feed.ts';
import type { StreamTick } from './fix-stream.ts';

/** A consumer's fetches at this pace come about so often. */
const fetchEveryMs = 5;
/** What a fetch brings at most, as a consumer bounds it: 8,000 fixes. Who falls behind catches up by more fetches. */
const framesPerFetchMax = 16;

export type PacedRun = {
  readonly fixesPerS: number;
  /** The longest that the event loop did not turn, with the probe's own millisecond. */
  readonly maxStallMs: number;
  readonly gcMs: { readonly total: number; readonly max: number; readonly count: number };
  /** Share of the time that the engine was at work. */
  readonly busy: number;
};

/**
 * Feeds ticks that lie ready at a pace, a few frames at a time, by a timer as fetches would come, and watches what a
 * latency would see: turns of the event loop and collections of garbage that began meanwhile.
 */
export async function runPaced(feed: EngineFeed, ticks: readonly StreamTick[], fixesPerS: number): Promise<PacedRun> {
  const frames = ticks.flatMap((tick) => tick.frames.map((value) => ({ value, receivedAtMs: tick.receivedAtMs })));
  const fixes = ticks.reduce((sum, tick) => sum + tick.fixes, 0);
  const framesPerMs = (fixesPerS / fixes) * (frames.length / 1_000);
  const collections: { readonly startTime: number; readonly duration: number }[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) collections.push({ startTime, duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await sleep(200);
  delay.enable();
  const fromMs = performance.now();
  let busyMs = 0;
  for (let next = 0; next < frames.length;) {
    await sleep(fetchEveryMs);
    const beganMs = performance.now();
    const onTime = Math.floor((beganMs - fromMs) * framesPerMs);
    const due = Math.min(frames.length, next + framesPerFetchMax, onTime);
    while (next < due) {
      // One call for the frames of one time of receipt: they carry it together.
      const { receivedAtMs } = frames[next]!;
      const from = next;
      while (next < due && frames[next]!.receivedAtMs === receivedAtMs) next += 1;
      feed.take(
        frames.slice(from, next).map((frame) => frame.value),
        receivedAtMs,
      );
    }
    busyMs += performance.now() - beganMs;
  }
  const tookMs = performance.now() - fromMs;
  delay.disable();
  // The observer hears of collections a turn later.
  await sleep(50);
  observer.disconnect();
  const within = collections.filter(({ startTime }) => startTime >= fromMs && startTime <= fromMs + tookMs);
  const durations = within.map(({ duration }) => duration);
  return {
    fixesPerS: (fixes / tookMs) * 1_000,
    maxStallMs: delay.max / 1e6,
    gcMs: {
      total: durations.reduce((sum, duration) => sum + duration, 0),
      max: Math.max(0, ...durations),
      count: durations.length,
    },
    busy: busyMs / tookMs,
  };
}
