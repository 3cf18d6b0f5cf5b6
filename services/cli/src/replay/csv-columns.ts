import { UsageError } from '../cli-error.ts';
import { fixTable, type CellReader, type CsvField, type FieldTable } from './csv-fields.ts';
import type { TimeReader } from './read-time.ts';

/** What `--columns` says of one field: the column or constant that it is read from. An empty column: not at all. */
export type ColumnChoice = {
  readonly field: string;
  readonly unit?: string;
  readonly column?: string;
  readonly constant?: string;
};

/** One `field:unit=value` and the comma after it. The value is 'a constant', "a column, quoted" or a column. */
const choiceForm =
  /\s*(?<field>\w+)(?::(?<unit>[\w-]+))?\s*=\s*(?:'(?<constant>[^']*)'|"(?<quoted>[^"]*)"|(?<plain>[^,'"]*))\s*(?:,|$)/y;

/** Reads the value of `--columns`. @throws UsageError */
export function parseColumns(argument: string, table: FieldTable = fixTable): ColumnChoice[] {
  const choices: ColumnChoice[] = [];
  choiceForm.lastIndex = 0;
  while (choiceForm.lastIndex < argument.length) {
    const from = choiceForm.lastIndex;
    const parts = choiceForm.exec(argument)?.groups;
    if (parts === undefined) {
      throw new UsageError(
        `--columns: cannot read ${JSON.stringify(argument.slice(from))}; write it like ${table.example}`,
      );
    }
    const field = fieldNamed(parts['field']!, table);
    const unit = parts['unit'];
    const units = Object.keys(table.fields[field]!.units);
    if (unit !== undefined && !units.includes(unit)) {
      throw new UsageError(`--columns: ${field} has no unit ${JSON.stringify(unit)}; it has ${units.join(', ')}`);
    }
    if (choices.some((choice) => choice.field === field)) throw new UsageError(`--columns: ${field} is named twice`);
    const { constant } = parts;
    const source = constant === undefined ? { column: parts['quoted'] ?? parts['plain']!.trim() } : { constant };
    choices.push({ field, ...(unit === undefined ? {} : { unit }), ...source });
  }
  return choices;
}

/** A field with the place where it is read: cell `index` of each row, or always the same value. */
export type Binding = {
  readonly field: string;
  readonly target: string;
  readonly read: CellReader;
  readonly index?: number;
  readonly value?: unknown;
  /** "speed:mps = v", for the person who looks whether it is right. */
  readonly told: string;
};

/**
 * Finds every field of a fix in a file's header: as `--columns` chose, else under a usual name.
 * @throws UsageError that tells the columns there are, where a needed or chosen one is not among them.
 */
export function bindColumns(
  header: readonly string[],
  choices: readonly ColumnChoice[],
  time: TimeReader,
  table: FieldTable = fixTable,
): Binding[] {
  const bindings: Binding[] = [];
  const missing: string[] = [];
  for (const [name, field] of Object.entries(table.fields)) {
    const choice = choices.find((one) => one.field === name);
    const binding =
      choice === undefined ? bindAlias(name, field, header, time) : bindChoice(choice, field, header, time);
    if (binding !== undefined) bindings.push(binding);
    else if (table.required.includes(name)) missing.push(name);
  }
  if (missing.length === 0) return bindings;
  throw new UsageError(
    `no column found for ${missing.join(', ')}; the file has ${listed(header)}. Say which is which, like ${table.example} (vehicleId='truck-1' for a file of one vehicle)`,
  );
}

/** The JSON v1 value of a row; cells that are empty are absent. */
export function valueOfRow(cells: readonly string[], bindings: readonly Binding[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const { target, read, index, value: constant } of bindings) {
    if (index === undefined) {
      value[target] = constant;
      continue;
    }
    const cell = (cells[index] ?? '').trim();
    if (cell !== '') value[target] = read(cell);
  }
  return value;
}

function bindChoice(
  choice: ColumnChoice,
  csvField: CsvField,
  header: readonly string[],
  time: TimeReader,
): Binding | undefined {
  const { field, unit, column, constant } = choice;
  if (column === '') return undefined;
  const { target, read } = readerOf(csvField, unit, time);
  const name = unit === undefined ? field : `${field}:${unit}`;
  if (constant !== undefined) return { field, target, read, value: read(constant), told: `${name} = '${constant}'` };
  const exact = header.indexOf(column!);
  const index = exact >= 0 ? exact : header.findIndex((one) => normal(one) === normal(column!));
  if (index < 0)
    throw new UsageError(`--columns: the file has no column ${JSON.stringify(column)}; it has ${listed(header)}`);
  return { field, target, read, index, told: `${name} = ${header[index]}` };
}

function bindAlias(
  field: string,
  csvField: CsvField,
  header: readonly string[],
  time: TimeReader,
): Binding | undefined {
  for (const [alias, unit] of csvField.aliases) {
    const index = header.findIndex((one) => normal(one) === alias);
    if (index < 0) continue;
    const { target, read } = readerOf(csvField, unit, time);
    return {
      field,
      target,
      read,
      index,
      told: `${unit === undefined ? field : `${field}:${unit}`} = ${header[index]}`,
    };
  }
  return undefined;
}

function readerOf(
  { target, units }: CsvField,
  unit: string | undefined,
  time: TimeReader,
): { target: string; read: CellReader } {
  const make = units[unit ?? Object.keys(units)[0]!]!;
  return { target, read: make(time) };
}

function fieldNamed(name: string, { fields }: FieldTable): string {
  if (Object.hasOwn(fields, name)) return name;
  const names = Object.keys(fields).join(', ');
  throw new UsageError(`--columns: ${JSON.stringify(name)} is not a field; the fields are ${names}`);
}

function normal(column: string): string {
  return column.toLowerCase().replace(/[\s_-]/g, '');
}

/** A file that is not CSV at all has a header of any length. */
const listedMax = 40;

function listed(header: readonly string[]): string {
  const shown = header.slice(0, listedMax).map((column) => JSON.stringify(column.slice(0, listedMax)));
  return `${shown.join(', ')}${header.length > listedMax ? ' …' : ''}`;
}
