import { Presets, SingleBar } from 'cli-progress';

/** A bar on standard error, for people only. */
export type Progress = {
  update(rows: number): void;
  /** Takes the bar away; harmless when it is gone. */
  stop(): void;
};

/** Of bytes, since nobody knows a file's rows before its end. Nothing is shown where standard error is no terminal. */
export function createProgress(bytesRead: () => number, bytesTotal: number | undefined): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const format =
    bytesTotal === undefined ? '{rows} rows | {rate} rows/s' : '{bar} {percentage}% | {rows} rows | {rate} rows/s';
  const bar = new SingleBar(
    { format, stream: process.stderr, clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  const beganAtMs = performance.now();
  bar.start(bytesTotal ?? 0, 0, { rows: 0, rate: 0 });
  return {
    update(rows) {
      const rate = Math.round((rows * 1_000) / Math.max(1, performance.now() - beganAtMs));
      bar.update(bytesRead(), { rows, rate });
    },
    stop: () => bar.stop(),
  };
}
