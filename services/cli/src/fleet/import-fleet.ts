import { vehiclesAnswerSchema, vehiclesPerRequestMax, type ProblemDetails } from '@haulwatch/contract';
import type { Fleet, Vehicle, VehicleEntry } from '@haulwatch/domain';
import { openFleetRegistry } from '@haulwatch/service';
import { openLog, type BrokerOptions } from '../broker-options.ts';
import type { CliError } from '../cli-error.ts';
import { httpApi, problemError } from '../http-api.ts';
import { clashes, fleetProblems, readFleetFile, type FleetFile } from './fleet-csv.ts';

/** What an import did, or would do. Null: the server does not tell. */
export type ImportResult = {
  readonly rows: number;
  /** New and changed together. */
  readonly registered: number | null;
  readonly new: number | null;
  readonly changed: number | null;
  readonly unchanged: number | null;
  /** How many the registry holds afterwards, retired ones included. */
  readonly vehicles: number | null;
};

/** Registers the vehicles of a file in the topic `fleet`. @throws CliError with every mistake and its line. */
export async function importToLog(
  path: string,
  { broker, dryRun }: { readonly broker: BrokerOptions; readonly dryRun: boolean },
): Promise<ImportResult> {
  const { entries, lines } = await readFleetFile(path);
  await using stack = new AsyncDisposableStack();
  const { log, topics } = stack.use(await openLog(broker));
  const registry = stack.use(await openFleetRegistry(log, topics.fleet));
  const { fleet } = registry;
  const problems = clashes(entries, lines, fleet);
  if (problems.length > 0) throw fleetProblems(path, problems);
  const result = importResult(fleet, entries);
  if (!dryRun) await registry.register(entries);
  return result;
}

/** The same by `PUT /v1/vehicles`. A dry run reads the file alone: the API has no way to ask. */
export async function importToApi(
  path: string,
  { url, dryRun, signal }: { readonly url: string; readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<ImportResult> {
  const file = await readFleetFile(path);
  const { entries } = file;
  const told = { rows: entries.length, new: null, changed: null };
  if (dryRun) return { ...told, registered: null, unchanged: null, vehicles: null };
  const api = httpApi(url, signal);
  let [registered, unchanged, vehicles] = [0, 0, 0];
  for (let from = 0; from < entries.length; from += vehiclesPerRequestMax) {
    const body = JSON.stringify(entries.slice(from, from + vehiclesPerRequestMax));
    const answer = await api.request({ method: 'PUT', path: '/v1/vehicles', body, answer: vehiclesAnswerSchema });
    if (!answer.ok) throw refusal(path, url, { file, from, problem: answer.problem });
    registered += answer.value.registered;
    unchanged += answer.value.unchanged;
    vehicles = answer.value.vehicles;
  }
  return { ...told, registered, unchanged, vehicles };
}

/** What registering the entries would make of a registry. */
export function importResult(fleet: Fleet, entries: readonly VehicleEntry[]): ImportResult {
  const known = new Set(Array.from(fleet.vehicles(), ({ id }) => id));
  const records: readonly Vehicle[] = fleet.register(entries);
  const added = records.filter(({ id }) => !known.has(id)).length;
  return {
    rows: entries.length,
    registered: records.length,
    new: added,
    changed: records.length - added,
    unchanged: entries.length - records.length,
    vehicles: known.size + added,
  };
}

/** What the API says against vehicles, at their lines of the file; the vehicles before `from` are registered already. */
function refusal(
  path: string,
  url: string,
  { file, from, problem }: { readonly file: FleetFile; readonly from: number; readonly problem: ProblemDetails },
): CliError {
  if (problem.errors === undefined) return problemError(url, problem);
  const already = from === 0 ? '' : ` (the ${from} vehicles before these are registered)`;
  return fleetProblems(
    path,
    problem.errors.map(({ path: [index, column], message }) => ({
      line: file.lines[from + Number(index ?? 0)] ?? 0,
      ...(column === undefined ? {} : { column: String(column) }),
      message: `${message}${already}`,
    })),
  );
}
