import { isUtf8 } from 'node:buffer';
import { parseFix } from '@haulwatch/codec';
import type { Reject } from '@haulwatch/domain';
import { parse } from 'csv-parse/sync';
import { CliError } from '../cli-error.ts';
import { bindColumns, valueOfRow, type Binding, type ColumnChoice } from './csv-columns.ts';
import type { Input } from './input.ts';
import { readLines, type Line } from './lines.ts';
import { fixTable, type FieldTable } from './csv-fields.ts';
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

/** A fix takes some 100 bytes. What is longer than this is not read. */
const rowBytesMax = 65_536;

/** A row of a file with a header line: what its cells say, by field, or why they cannot be told apart. */
export type TableRow = { readonly at: number; readonly value: Readonly<Record<string, unknown>> | Refused };
type Refused = { readonly refused: Reject };

/** Fixes of a CSV file. */
export async function* readCsv(input: Pick<Input, 'name' | 'chunks'>, options: CsvOptions): ReplayRows {
  for await (const rows of readTable(input, options, fixTable)) yield rows.map(rowOfTable);
}

/**
 * A CSV file in UTF-8 with a header line. A line is a row: a quote that somebody forgot to close costs one row and not
 * all that follow, at the price of cells with line breaks, which telemetry has none of. A row with too few or too many
 * cells is refused: nobody knows which one is missing.
 */
export async function* readTable(
  input: Pick<Input, 'name' | 'chunks'>,
  options: CsvOptions,
  fields: FieldTable,
): AsyncGenerator<readonly TableRow[]> {
  let table: Table | undefined;
  for await (const lines of readLines(input.chunks, rowBytesMax)) {
    const rows = table === undefined ? lines.slice(1) : lines;
    table ??= readHeader(input.name, lines[0]!, options, fields);
    const { bindings } = table;
    yield cellsOf(rows, table).map((cells, index) => {
      return { at: rows[index]!.at, value: 'reason' in cells ? { refused: cells } : valueOfRow(cells, bindings) };
    });
  }
  if (table === undefined) throw new CliError(`${input.name} is empty: a CSV file begins with a line of column names`);
}

function rowOfTable({ at, value }: TableRow): ReplayRow {
  if (isRefused(value)) return { kind: 'refused', at, reject: value.refused };
  return rowOfFix(at, parseFix(value), () => value);
}

export function isRefused(value: TableRow['value']): value is Refused {
  return 'refused' in value;
}

/** The one of `,` `;` tab `|` that stands most often in the header, outside of quotes; a comma where none does. */
export function guessDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

type Table = { readonly delimiter: string; readonly columns: number; readonly bindings: readonly Binding[] };

function readHeader(name: string, line: Line, options: CsvOptions, fields: FieldTable): Table {
  const text = line.bytes === null || !isUtf8(line.bytes) ? undefined : new TextDecoder().decode(line.bytes);
  if (text === undefined)
    throw new CliError(`${name}:${line.at}: a CSV file begins with a line of column names in UTF-8`);
  const delimiter = options.delimiter ?? guessDelimiter(text);
  const [header = []] = parseCells(Buffer.from(text), delimiter);
  const names = header.map((column) => column.trim());
  const bindings = bindColumns(names, options.columns, timeReader(options.timeZone), fields);
  options.onColumns(bindings, delimiter);
  return { delimiter, columns: names.length, bindings };
}

type Cells = readonly string[] | Reject;

/** The cells of each line. All lines at once, which is quick, or one by one where one of them is broken. */
function cellsOf(lines: readonly Line[], { delimiter, columns }: Table): Cells[] {
  if (lines.every(({ bytes }) => bytes !== null)) {
    const text = Buffer.concat(lines.flatMap(({ bytes }) => [bytes!, lineEnd]));
    const records = isUtf8(text) ? tryParse(text, delimiter) : undefined;
    if (records?.length === lines.length) return records.map((cells) => checked(cells, columns));
  }
  return lines.map(({ bytes }) => {
    if (bytes === null) return { reason: 'record-too-large', detail: `a row has at most ${rowBytesMax} bytes` };
    if (!isUtf8(bytes)) return broken('not UTF-8; `iconv -f GB18030 -t UTF-8` converts what is GB18030');
    const [cells] = tryParse(bytes, delimiter) ?? [];
    return cells === undefined ? broken('a quote is not closed') : checked(cells, columns);
  });
}

const lineEnd = Buffer.from('\n');

function checked(cells: readonly string[], columns: number): Cells {
  return cells.length === columns ? cells : broken(`${cells.length} cells where the header has ${columns}`);
}

function broken(detail: string): Reject {
  return { reason: 'row-broken', detail };
}

function tryParse(bytes: Uint8Array, delimiter: string): string[][] | undefined {
  try {
    return parseCells(bytes, delimiter);
  } catch {
    // Quotes are all that it can complain of; whoever asks knows what to do.
    return undefined;
  }
}

function parseCells(bytes: Uint8Array, delimiter: string): string[][] {
  return parse(bytes, { delimiter, record_delimiter: '\n', bom: true, relax_quotes: true, relax_column_count: true });
}
