import type { z } from 'zod';
import { notKnown } from './nearest.ts';

/** One thing wrong with a value: where it lies and what to do, told so that the path leads to a line of the file. */
export type Problem = { readonly path: readonly (string | number)[]; readonly message: string };

/** More problems than this help nobody; the rest is counted in a last line. */
const problemsMax = 100;

/**
 * What a schema says of a value, as a flat list: each unknown key gets its own path, of a union only the branch that
 * was meant is told. `value` is what was parsed; a path that leads past it (into a short form) is cut.
 */
export function problemsOf(error: z.ZodError, value: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  for (const issue of error.issues) collect(issue, [], value, problems);
  return firstProblems(problems);
}

/** As many as somebody reads, with a last line that counts the rest. */
export function firstProblems(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= problemsMax) return problems;
  const more = problems.length - problemsMax;
  return [...problems.slice(0, problemsMax), { path: [], message: `and ${more} more problems` }];
}

/** "fences[3].id: is missing", for a terminal or a log line. */
export function problemText(problem: Problem): string {
  const path = problem.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
  return path === '' ? problem.message : `${path}: ${problem.message}`;
}

function collect(
  issue: z.core.$ZodIssue,
  before: readonly (string | number)[],
  value: unknown,
  problems: Problem[],
): void {
  const path = [...before, ...issue.path.map(pathKey)];
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const [index, key] of issue.keys.entries()) {
        const told = issue.message.split('\n')[index];
        problems.push({ path: [...path, key], message: told?.startsWith(notKnown) === true ? told : notKnown });
      }
      return;
    case 'invalid_union': {
      const meant = issue.errors.find((branch) => branch.some((one) => one.path.length > 0));
      if (issue.errors.some(([one]) => isFraction(one, valueAt(value, path))))
        problems.push({ path, message: wholeOnly });
      else if (meant === undefined) problems.push({ path, message: wantedOrMissing(issue.message, value, path) });
      else for (const one of meant) collect(one, path, value, problems);
      return;
    }
    case 'invalid_key':
      problems.push({ path, message: issue.issues[0]?.message ?? issue.message });
      return;
    case 'too_small':
    case 'too_big':
      problems.push({ path, message: /^Too (small|big): /.test(issue.message) ? boundWords(issue) : issue.message });
      return;
    case 'invalid_type':
    case 'invalid_value':
      if (isFraction(issue, valueAt(value, path))) {
        problems.push({ path, message: wholeOnly });
        return;
      }
      problems.push({ path, message: wantedOrMissing(issue.message, value, path) });
      return;
    default:
      problems.push({ path, message: issue.message });
  }
}

const wholeOnly = 'must be a whole number';

/** Whether a number is refused only because it is not whole. */
function isFraction(issue: z.core.$ZodIssue | undefined, value: unknown): boolean {
  return issue?.code === 'invalid_type' && issue.expected === 'int' && typeof value === 'number';
}

/** "must be at least 2", "must have at most 32 items": what to write, where the schema has no words of its own. */
function boundWords(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isSmall = issue.code === 'too_small';
  const bound = Number(isSmall ? issue.minimum : issue.maximum);
  const exclusive = isSmall ? 'more than' : 'less than';
  const told = `${issue.inclusive === false ? exclusive : isSmall ? 'at least' : 'at most'} ${bound}`;
  const unit = new Map([
    ['array', 'item'],
    ['string', 'character'],
  ]).get(issue.origin);
  return unit === undefined ? `must be ${told}` : `must have ${told} ${unit}${bound === 1 ? '' : 's'}`;
}

/** zod says "expected x, received undefined" of what is not there. */
function wantedOrMissing(message: string, value: unknown, path: readonly (string | number)[]): string {
  const wanted = message.replace(/^Invalid (input|option): /, '');
  return valueAt(value, path) === undefined ? `is missing: ${wanted.replace(/, received undefined$/, '')}` : wanted;
}

function pathKey(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}

/** What lies at a path of a value that nobody has checked. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}
