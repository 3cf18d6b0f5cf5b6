import { pipeline, Readable } from 'node:stream';
import { parseFix } from '@haulwatch/codec';
import { parse, type CsvError, type Info } from 'csv-parse';
import { CliError } from '../cli-error.ts';
import { bindColumns, valueOfRow, type Binding, type ColumnChoice } from './csv-columns.ts';
import { peekUntil, type Chunks, type Input } from './input.ts';
import { timeReader } from './read-time.ts';
import { rowOfFix, type ReplayRow, type ReplayRows } from './replay-row.ts';

export type CsvOptions = {
  readonly columns: readonly ColumnChoice[];
  /** Absent: the one that divides the header into most columns. */
  readonly delimiter?: string;
  readonly timeZone: string;
  /** Told once, when the header has been read. */
  readonly onColumns: (bindings: readonly Binding[], delimiter: string) => void;
};

/** A header longer than this is no header. */
const headerBytesMax = 65_536;
/** A quote that is never closed costs so much of the file and not all that follows. */
const rowBytesMax = 65_536;
/** Rows that are handed on together. */
const rowsTogether = 512;

type CsvRecord = { readonly record: readonly string[]; readonly info: Info };

/** A CSV file with a header line. A row with too few or too many cells is refused: nobody knows which one is missing. */
export async function* readCsv(input: Input, options: CsvOptions): ReplayRows {
  const { head, chunks } = await peekUntil(input.chunks, hasLine);
  const header = firstLine(head);
  if (header === '') throw new CliError(`${input.name} is empty: a CSV file begins with a line of column names`);
  const delimiter = options.delimiter ?? guessDelimiter(header);
  const broken: ReplayRow[] = [];
  const records = parser(chunks, delimiter, ({ lines, message }) => {
    broken.push({ kind: 'refused', at: Number(lines), reject: { reason: 'row-broken', detail: message } });
  });
  let bindings: readonly Binding[] | undefined;
  let columns = 0;
  let rows: ReplayRow[] = [];
  for await (const { record, info } of records) {
    if (bindings === undefined) {
      bindings = bindColumns(record.map((name) => name.trim()), options.columns, timeReader(options.timeZone));
      columns = record.length;
      options.onColumns(bindings, delimiter);
      continue;
    }
    rows.push(readRow(record, info.lines, columns, bindings));
    if (rows.length < rowsTogether) continue;
    yield [...broken.splice(0), ...rows];
    rows = [];
  }
  yield [...broken, ...rows];
}

/** The one of `,` `;` tab `|` that stands most often in the header, outside of quotes; a comma where none does. */
export function guessDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

function parser(chunks: Chunks, delimiter: string, onSkip: (error: CsvError) => void): AsyncIterable<CsvRecord> {
  const stream = parse({
    delimiter,
    bom: true,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: rowBytesMax,
  });
  stream.on('skip', onSkip);
  // What goes wrong in the source destroys the parser with that error, and the reader's loop throws it.
  return pipeline(Readable.from(chunks), stream, () => {});
}

function readRow(cells: readonly string[], at: number, columns: number, bindings: readonly Binding[]): ReplayRow {
  if (cells.length !== columns) {
    const detail = `${cells.length} cells where the header has ${columns}`;
    return { kind: 'refused', at, reject: { reason: 'row-broken', detail } };
  }
  const value = valueOfRow(cells, bindings);
  return rowOfFix(at, parseFix(value), () => value);
}

/** Whether there is a line that is not blank, to its end. */
function hasLine(head: Uint8Array): boolean {
  return head.length >= headerBytesMax || /\S[^\n]*\n/.test(new TextDecoder().decode(head));
}

function firstLine(head: Uint8Array): string {
  return new TextDecoder().decode(head).trimStart().split('\n', 1)[0]!.trimEnd();
}
