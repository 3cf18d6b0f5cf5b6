import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { fleetHeaderProblems, nameClashes, parseFleetRow, type KnownNames } from '@haulwatch/contract';
import type { VehicleEntry } from '@haulwatch/domain';
import { parse, type Info } from 'csv-parse';
import { CliError } from '../cli-error.ts';
import { fileError } from '../file-error.ts';

/** The vehicles of a fleet file, each with the line that it stands in. */
export type FleetFile = { readonly entries: readonly VehicleEntry[]; readonly lines: readonly number[] };

/** One thing to mend in a fleet file. */
export type FleetFileProblem = { readonly line: number; readonly column?: string; readonly message: string };

type CsvRecord = { readonly record: Readonly<Record<string, string>>; readonly info: Info };

/**
 * Reads a fleet file: all of it or, where any row is wrong, nothing.
 * @throws CliError that lists every problem as file:line: column: what is wrong.
 */
export async function readFleetFile(path: string): Promise<FleetFile> {
  const entries: VehicleEntry[] = [];
  const lines: number[] = [];
  const problems: FleetFileProblem[] = [];
  try {
    for await (const { record, info } of records(path, (columns) => checkHeader(columns, path))) {
      const parsed = parseFleetRow(record);
      if (parsed.ok) {
        entries.push(parsed.entry);
        lines.push(info.lines);
      } else problems.push(...parsed.problems.map((problem) => ({ line: info.lines, ...problem })));
    }
  } catch (error) {
    const known = fileError('read', path, error);
    throw isCsvError(known) ? new CliError(`${path}:${known.lines}: ${known.message}`, { cause: error }) : known;
  }
  problems.push(...clashes(entries, lines));
  if (problems.length > 0) throw fleetProblems(path, problems);
  return { entries, lines };
}

/** Names that vehicles of the file take from each other or from vehicles that are registered. */
export function clashes(
  entries: readonly VehicleEntry[],
  lines: readonly number[],
  known?: KnownNames,
): FleetFileProblem[] {
  return nameClashes(entries, known).map(({ index, ...problem }) => ({ line: lines[index]!, ...problem }));
}

/** More lines than this help nobody. */
const problemsShown = 100;

export function fleetProblems(path: string, problems: readonly FleetFileProblem[]): CliError {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const told = sorted
    .slice(0, problemsShown)
    .map(({ line, column, message }) => `${path}:${line}: ${column === undefined ? '' : `${column}: `}${message}`);
  const more = sorted.length - told.length;
  const count = sorted.length === 1 ? 'one problem' : `${sorted.length} problems`;
  return new CliError(
    [
      `${path} is not a valid fleet file (${count}), nothing was written:`,
      ...told,
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n'),
  );
}

function records(path: string, onHeader: (columns: string[]) => string[]): AsyncIterable<CsvRecord> {
  const parser = parse({ bom: true, info: true, trim: true, skip_empty_lines: true, columns: onHeader });
  return pipeline(createReadStream(path), parser, () => {});
}

function checkHeader(columns: string[], path: string): string[] {
  const problems = fleetHeaderProblems(columns);
  if (problems.length > 0)
    throw fleetProblems(
      path,
      problems.map((problem) => ({ line: 1, ...problem })),
    );
  return columns;
}

function isCsvError(error: unknown): error is Error & { readonly lines: number } {
  return error instanceof Error && 'lines' in error && String((error as { code?: unknown }).code).startsWith('CSV_');
}
