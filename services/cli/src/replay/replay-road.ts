import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { readCsv, type CsvOptions } from './csv-rows.ts';
import { openDecodedFile } from './decoded-file.ts';
import { FrameBooks } from './frame-books.ts';
import { readFrames } from './frame-rows.ts';
import { openInput, type Input } from './input.ts';
import { readHexFrames, type HexFrameOptions } from './jt808-rows.ts';
import { readJsonLines, readTraccarLines } from './jsonl-rows.ts';
import { RejectTally } from './reject-tally.ts';
import { replay } from './replay.ts';
import type { ReplayPlan } from './replay-plan.ts';
import type { ReplayResult } from './replay-result.ts';
import type { ReplayRows } from './replay-row.ts';
import type { ReplayTarget } from './replay-target.ts';

/** A file of telemetry, open, on its way to a target. */
export type ReplayRoad = {
  /** A tally for a target. What two targets refuse of one row with the same words is said once. */
  newTally(): RejectTally;
  /** Plays the whole file into the target, says what a person should know of the file, and gives its books. */
  play(target: ReplayTarget, tally: RejectTally): Promise<ReplayResult>;
  /** What the frames of JT/T 808 were; empty for other formats. */
  frameCounts(): Readonly<Record<string, unknown>>;
};

/** Refused frames of each reason that are shown: a recording of frames is looked at line by line. `--decoded` has all. */
const shownOfHex = 20;

/** Opens the plan's file and puts what must be closed on the stack. */
export async function openReplayRoad(
  plan: ReplayPlan,
  terminal: Terminal,
  stack: AsyncDisposableStack,
): Promise<ReplayRoad> {
  const { signal } = terminal;
  const input = stack.use(await openInput(plan.path, signal));
  // A line over a bar: the bar is drawn again by its next update.
  const say = (line: string): void => terminal.say(process.stderr.isTTY ? `\r\u001B[K${line}` : line);
  const said = new Set<string>();
  const sayOnce = (line: string): void => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
  const isHex = plan.format === 'jt808hex';
  const place = plan.format === 'frames' ? 'frame ' : `${input.name}:`;
  let passedOver = 0;
  const books = new FrameBooks();
  const decoded = plan.decodedPath === undefined ? undefined : await openDecodedFile(plan.decodedPath);
  if (decoded !== undefined) stack.use(decoded);
  return {
    newTally: () => new RejectTally(place, sayOnce, isHex ? shownOfHex : 1),
    play: async (target, tally) => {
      const progress = createProgress(input.bytesRead, input.bytesTotal);
      stack.defer(() => progress.stop());
      const { vendors } = target;
      const rows = readRows(plan, input, { say, onPassedOver: () => (passedOver += 1), books, decoded, vendors });
      const result = await replay({ rows, target, tally, speed: plan.speed, progress, signal });
      if (passedOver > 0) terminal.say(`${passedOver} lines hold no position (Traccar's events) and were passed over`);
      if (isHex) for (const line of books.told()) terminal.say(line);
      return result;
    },
    frameCounts: () => (isHex ? books.counts() : {}),
  };
}

type Reading = Pick<HexFrameOptions, 'books' | 'decoded' | 'vendors'> & {
  readonly say: (line: string) => void;
  readonly onPassedOver: () => void;
};

function readRows(plan: ReplayPlan, input: Input, { say, onPassedOver, books, decoded, vendors }: Reading): ReplayRows {
  switch (plan.format) {
    case 'csv':
      return readCsv(input, csvOptions(plan, say));
    case 'jt808hex': {
      const table = plan.columns.length === 0 ? {} : { table: csvOptions(plan, say) };
      return readHexFrames(input, { ...table, books, decoded, vendors });
    }
    case 'jsonl':
      return readJsonLines(input.chunks);
    case 'frames':
      return readFrames(input.chunks);
    case 'traccar':
      return readTraccarLines(input.chunks, onPassedOver);
  }
}

function csvOptions({ columns, delimiter, timeZone }: ReplayPlan, say: (line: string) => void): CsvOptions {
  return {
    columns,
    ...(delimiter === undefined ? {} : { delimiter }),
    timeZone,
    onColumns: (bindings, found) => {
      const told = bindings.map((binding) => binding.told).join(', ');
      say(`columns (divided by ${found === '\t' ? 'tab' : found}): ${told}; times without an offset are ${timeZone}`);
    },
  };
}
