import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { problemText, type Problem } from '@haulwatch/contract';
import type { Policy } from '@haulwatch/domain';
import { compilePolicy } from '@haulwatch/service';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type ErrorCode,
  type Node,
} from 'yaml';
import { CliError } from '../cli-error.ts';
import { fileError } from '../file-error.ts';

/** What commands that need no server take where no --policy is said. */
export const defaultPolicyPath = fileURLToPath(new URL('../../../../deploy/policies/shanghai.yaml', import.meta.url));

/** The value of a policy file, and the way back from a path in it to its place in the text. */
export type PolicyText = {
  readonly value: unknown;
  /** "deploy/policies/shanghai.yaml:14:5: rules.sos.level: expected …" */
  readonly tell: (problem: Problem) => string;
};

/** One mistake in the YAML makes many: what follows the first ones is seldom another. */
const yamlErrorsMax = 5;

/** What to do about it, by the parser's code, where its own words do not say so. */
const yamlFixes: Partial<Record<ErrorCode, readonly [string]>> = {
  TAB_AS_INDENT: ['indent with spaces'],
  DUPLICATE_KEY: ['take one of them out'],
  BLOCK_AS_IMPLICIT_KEY: ['is the line indented as those beside it?'],
  MULTILINE_IMPLICIT_KEY: ['is a line after it indented as those beside it?'],
  BAD_INDENT: ['is the line indented as those beside it, are all brackets and quotes closed?'],
  MISSING_CHAR: ['are all brackets and quotes closed?'],
};

/** Reads YAML (or JSON, which is YAML too). @throws CliError that lists what the YAML itself has wrong. */
export function parsePolicyText(text: string, name: string): PolicyText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const told = document.errors
      .slice(0, yamlErrorsMax)
      .map(({ pos, message, code }) => `${place(pos[0])}: ${[message, ...(yamlFixes[code] ?? [])].join(': ')}`);
    const more = document.errors.length - told.length;
    throw new CliError([...told, ...(more > 0 ? [`and ${more} more, which may come of the first`] : [])].join('\n'));
  }
  return {
    value: document.toJS(),
    tell: (problem) => `${place(offsetOf(document, problem.path))}: ${problemText(problem)}`,
  };
}

/** Reads a policy file. @throws CliError where there is none or it is no YAML. */
export async function readPolicyText(path: string): Promise<PolicyText> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  return parsePolicyText(text, path);
}

/** The policy in a file, under a version. @throws CliError with every problem and its place. */
export async function readPolicy(path: string, version: number): Promise<Policy> {
  const file = await readPolicyText(path);
  const parsed = await compilePolicy(file.value, version);
  if (parsed.ok) return parsed.policy;
  throw problemsError(path, file, parsed.problems);
}

export function problemsError(path: string, file: PolicyText, problems: readonly Problem[]): CliError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new CliError(`${path} is not a valid policy (${count}):\n${problems.map(file.tell).join('\n')}`);
}

/** Where a path leads, or as far along it as the file goes: a key's own place, not its value's. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node = resolved(document.contents, document);
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap<Node, Node | null>(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
      if (pair === undefined) break;
      offset = pair.key.range?.[0] ?? offset;
      node = resolved(pair.value, document);
    } else if (isSeq<Node>(node)) {
      const item = node.items[Number(key)];
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = resolved(item, document);
    } else break;
  }
  return offset;
}

function resolved(node: unknown, document: Document): Node | null {
  if (isAlias(node)) return (node.resolve(document) as Node | undefined) ?? null;
  return (node as Node | null | undefined) ?? null;
}
