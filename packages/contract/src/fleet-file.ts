import type { VehicleEntry } from '@haulwatch/domain';
import { parsePermitCell } from './permit-cell.ts';
import { problemsOf } from './problem.ts';
import { vehicleEntrySchema } from './vehicle-schema.ts';

/** The columns of a fleet file; `id` and `class` must be there. */
export const fleetColumns = ['id', 'class', 'plate', 'company', 'district', 'aliases', 'permits', 'retired'] as const;
export type FleetColumn = (typeof fleetColumns)[number];

/** What is wrong with a row: the column to mend (absent: the row as a whole) and why. */
export type FleetProblem = {
  readonly row: number;
  readonly column?: string;
  readonly message: string;
};

export type FleetFile =
  | { readonly ok: true; readonly entries: readonly VehicleEntry[] }
  | { readonly ok: false; readonly problems: readonly FleetProblem[] };

/** The ids that a registry holds already, so that an alias cannot take another vehicle's name. */
export type KnownNames = { find(idOrAlias: string): { readonly id: string } | undefined };

const noNames: KnownNames = { find: () => undefined };

/**
 * The rows of a CSV file, by column name, as entries to register; or everything that is wrong with them. `row` counts
 * from 0: the reader of the file knows the line.
 */
export function parseFleetRows(rows: readonly Readonly<Record<string, string>>[], known?: KnownNames): FleetFile {
  const headerProblems = fleetHeaderProblems(Object.keys(rows[0] ?? {}));
  if (rows.length > 0 && headerProblems.length > 0) {
    return { ok: false, problems: headerProblems.map((problem) => ({ row: 0, ...problem })) };
  }
  const problems: FleetProblem[] = [];
  const entries: VehicleEntry[] = [];
  const rowOfEntry: number[] = [];
  for (const [row, cells] of rows.entries()) {
    const parsed = parseFleetRow(cells);
    if (parsed.ok) {
      entries.push(parsed.entry);
      rowOfEntry.push(row);
    } else problems.push(...parsed.problems.map((problem) => ({ row, ...problem })));
  }
  for (const { index, ...problem } of nameClashes(entries, known)) {
    problems.push({ row: rowOfEntry[index] ?? 0, ...problem });
  }
  return problems.length === 0
    ? { ok: true, entries }
    : { ok: false, problems: problems.sort((a, b) => a.row - b.row) };
}

/** What is wrong with the header line: said once, not once a row. */
export function fleetHeaderProblems(columns: readonly string[]): Omit<FleetProblem, 'row'>[] {
  const known: readonly string[] = fleetColumns;
  const unknown = columns.filter((column) => !known.includes(column));
  const missing = ['id', 'class'].filter((column) => !columns.includes(column));
  return [
    ...unknown.map((column) => ({
      column,
      message: `is not a column of a fleet file (${fleetColumns.join(', ')})`,
    })),
    ...missing.map((column) => ({ column, message: 'the column is missing' })),
  ];
}

type ParsedRow =
  | { readonly ok: true; readonly entry: VehicleEntry }
  | { readonly ok: false; readonly problems: readonly Omit<FleetProblem, 'row'>[] };

/** One row. Empty cells are absent; aliases are separated by `;` or `|`; permits are JSON (`permit-cell.ts`); retired is true or false, yes or no, 1 or 0. */
export function parseFleetRow(cells: Readonly<Record<string, string>>): ParsedRow {
  const value: Record<string, unknown> = {};
  const problems: Omit<FleetProblem, 'row'>[] = [];
  for (const [column, cell] of Object.entries(cells)) {
    const text = cell.trim();
    if (text === '') continue;
    if (column === 'aliases')
      value[column] = text
        .split(/[;|]/)
        .map((alias) => alias.trim())
        .filter((alias) => alias !== '');
    else if (column === 'permits') {
      const read = parsePermitCell(text);
      if (read.ok) value[column] = read.permits;
      else problems.push(...read.messages.map((message) => ({ column, message })));
    } else if (column === 'retired') {
      const retired = booleanOf(text);
      if (retired === undefined) problems.push({ column, message: `"${text}" is not true or false` });
      else if (retired) value[column] = true;
    } else value[column] = text;
  }
  const parsed = vehicleEntrySchema.safeParse(value);
  if (parsed.success && problems.length === 0) return { ok: true, entry: parsed.data };
  if (!parsed.success) {
    for (const { path, message } of problemsOf(parsed.error, value)) {
      const column = path[0];
      problems.push(column === undefined ? { message } : { column: String(column), message });
    }
  }
  return { ok: false, problems };
}

/**
 * Names that two vehicles claim: an id twice, or an alias that is another vehicle's id or alias, among the entries or
 * in the registry. `index` is the entry's. An entry replaces what the registry holds under its own id.
 */
export function nameClashes(
  entries: readonly VehicleEntry[],
  known: KnownNames = noNames,
): { readonly index: number; readonly column: 'id' | 'aliases'; readonly message: string }[] {
  const clashes: { index: number; column: 'id' | 'aliases'; message: string }[] = [];
  const indexById = new Map<string, number>();
  for (const [index, { id }] of entries.entries()) {
    if (indexById.has(id)) clashes.push({ index, column: 'id', message: `the id "${id}" stands twice` });
    else indexById.set(id, index);
  }
  for (const [id, index] of indexById) {
    const owner = knownOwner(known, id, indexById);
    if (owner !== undefined) {
      clashes.push({
        index,
        column: 'id',
        message: `"${id}" is an alias of the vehicle "${owner}" already`,
      });
    }
  }
  const ownerByAlias = new Map<string, string>();
  for (const [index, { id, aliases = [] }] of entries.entries()) {
    for (const alias of aliases) {
      const owner =
        indexById.has(alias) && alias !== id ? alias : (ownerByAlias.get(alias) ?? knownOwner(known, alias, indexById));
      if (owner !== undefined && owner !== id) {
        clashes.push({
          index,
          column: 'aliases',
          message: `"${alias}" names the vehicle "${owner}" already`,
        });
      } else ownerByAlias.set(alias, id);
    }
  }
  return clashes;
}

/** Who holds a name in the registry; an owner that is registered anew in the same file speaks for itself there. */
function knownOwner(known: KnownNames, alias: string, indexById: ReadonlyMap<string, number>): string | undefined {
  const owner = known.find(alias)?.id;
  return owner === undefined || indexById.has(owner) ? undefined : owner;
}

function booleanOf(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case '1':
      return true;
    case 'false':
    case 'no':
    case '0':
      return false;
    default:
      return undefined;
  }
}
