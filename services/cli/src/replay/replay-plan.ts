import type { VehicleClass } from '@haulwatch/domain';
import { UsageError } from '../cli-error.ts';
import type { BrokerOptions } from '../broker-options.ts';
import { readTarget, type TargetName } from '../target-option.ts';
import { parseColumns, type ColumnChoice } from './csv-columns.ts';
import { fixTable, frameTable } from './csv-fields.ts';
import { isTimeZone } from './read-time.ts';

export const replayFormats = ['csv', 'jsonl', 'frames', 'traccar', 'jt808hex'] as const;
export type ReplayFormat = (typeof replayFormats)[number];

/** The options as commander hands them out; absent where they were not given. */
export type ReplayFlags = BrokerOptions & {
  readonly format?: ReplayFormat;
  readonly columns?: string;
  readonly delimiter?: string;
  readonly timeZone?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly class?: VehicleClass;
  readonly fleet?: string;
  readonly partitions?: number;
  readonly out?: string;
  readonly decoded?: string;
  readonly speed?: string;
  readonly rawTraccar?: true;
  readonly wait: boolean;
};

/** What a replay is to do, checked: no two options that speak past each other. */
export type ReplayPlan = {
  readonly path: string;
  readonly format: ReplayFormat;
  readonly columns: readonly ColumnChoice[];
  readonly delimiter?: string;
  readonly timeZone: string;
  readonly target: TargetName;
  readonly policyPath?: string;
  readonly strangersAre?: VehicleClass;
  readonly fleetPath?: string;
  readonly partitions: number;
  readonly out?: string;
  /** JT/T 808: the file for what every frame says. */
  readonly decodedPath?: string;
  readonly speed: number;
  readonly rawTraccar: boolean;
  readonly wait: boolean;
  readonly broker: BrokerOptions;
};

/** As many as `haulwatch topics create` gives the topic `telemetry`. */
export const partitionsDefault = 32;

/** @throws UsageError that says which option to change. */
export function planReplay(path: string, flags: ReplayFlags): ReplayPlan {
  const format = flags.format ?? guessFormat(path);
  const target = readTarget(flags.to ?? 'engine', ['kafka', 'engine', 'http']);
  if (target.kind !== 'engine') refuseEngineOptions(flags, target);
  if (format === 'jt808hex') {
    if (flags.columns === undefined) {
      refuse(flags, ['delimiter', 'timeZone'], 'is for files with columns: say --columns frame=NAME too');
    }
  } else if (format !== 'csv') {
    refuse(flags, ['columns', 'delimiter', 'timeZone'], `is for CSV files, and this one is ${format}`);
  }
  if (format !== 'jt808hex') refuse(flags, ['decoded'], 'is for --format jt808hex: it tells what the frames say');
  if (flags.rawTraccar === true && (format !== 'traccar' || target.kind !== 'kafka')) {
    throw new UsageError("--raw-traccar is for --format traccar with --to kafka: it fills Traccar's own topic");
  }
  if (format === 'frames' && target.kind === 'http') {
    throw new UsageError('frames name vehicles by number and cannot go by HTTP: use --to kafka or --to engine');
  }
  const timeZone = flags.timeZone ?? 'UTC';
  if (!isTimeZone(timeZone))
    throw new UsageError(`--time-zone: ${timeZone} is not an IANA time zone such as Asia/Shanghai`);
  return {
    path,
    format,
    columns: parseColumns(flags.columns ?? '', format === 'jt808hex' ? frameTable : fixTable),
    ...(flags.delimiter === undefined ? {} : { delimiter: readDelimiter(flags.delimiter) }),
    timeZone,
    target,
    ...(flags.policy === undefined ? {} : { policyPath: flags.policy }),
    ...(flags.class === undefined ? {} : { strangersAre: flags.class }),
    ...(flags.fleet === undefined ? {} : { fleetPath: flags.fleet }),
    partitions: flags.partitions ?? partitionsDefault,
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.decoded === undefined ? {} : { decodedPath: flags.decoded }),
    speed: readSpeed(flags.speed ?? 'max'),
    rawTraccar: flags.rawTraccar === true,
    wait: flags.wait,
    broker: flags,
  };
}

/** @throws UsageError where the name says nothing. */
export function guessFormat(path: string): ReplayFormat {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(?:csv|tsv)$/.test(name)) return 'csv';
  if (/\.(?:jsonl|ndjson)$/.test(name)) return 'jsonl';
  if (name.endsWith('.frames')) return 'frames';
  const file = path === '-' ? 'standard input has no name' : `the name ${path} does not tell`;
  throw new UsageError(`which format? ${file}; say --format ${replayFormats.join(' or ')}`);
}

/** @throws UsageError */
export function readSpeed(text: string): number {
  if (text === 'max') return Infinity;
  const speed = text === 'realtime' ? 1 : Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new UsageError(`--speed: expected max, realtime or how many times as fast, found ${JSON.stringify(text)}`);
}

function readDelimiter(text: string): string {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text;
  if (delimiter.length === 1 && !/[\w"\r\n]/.test(delimiter)) return delimiter;
  throw new UsageError(`--delimiter: expected one character such as ; or the word tab, found ${JSON.stringify(text)}`);
}

function refuseEngineOptions(flags: ReplayFlags, target: TargetName): void {
  const goesTo = target.kind === 'http' ? target.url : target.kind;
  const why = `is for --to engine: ${goesTo} has a policy, a registry and partitions of its own`;
  refuse(flags, ['policy', 'class'], `${why} (\`haulwatch policy publish FILE\` puts another policy in force)`);
  refuse(flags, ['fleet'], `${why} (\`haulwatch fleet import FILE\` fills the registry)`);
  refuse(flags, ['partitions'], why);
  refuse(flags, ['out'], `${why}; the alarms are in its alarm log, its API and its history`);
}

function refuse(flags: ReplayFlags, names: readonly (keyof ReplayFlags)[], why: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${why}`);
}
