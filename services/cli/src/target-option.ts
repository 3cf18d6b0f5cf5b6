import { UsageError } from './cli-error.ts';

/** Where a command sends what it has, as `--to` names it. */
export type TargetName =
  | { readonly kind: 'kafka' }
  | { readonly kind: 'engine' }
  | { readonly kind: 'http'; readonly url: string };

/** @throws UsageError */
export function readTarget(text: string, kinds: readonly TargetName['kind'][]): TargetName {
  if (/^https?:\/\//.test(text) && kinds.includes('http') && URL.canParse(text)) return { kind: 'http', url: text };
  if ((text === 'kafka' || text === 'engine') && kinds.includes(text)) return { kind: text };
  const expected = kinds.map((kind) => (kind === 'http' ? 'http://host:port' : kind)).join(' or ');
  throw new UsageError(`--to: expected ${expected}, found ${JSON.stringify(text)}`);
}
