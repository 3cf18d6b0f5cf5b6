import { open } from 'node:fs/promises';
import { fileError } from '../file-error.ts';

/** The file of `--decoded`: one JSON object a line. */
export type DecodedFile = AsyncDisposable & { append(lines: readonly string[]): Promise<void> };

export async function openDecodedFile(path: string): Promise<DecodedFile> {
  const file = await open(path, 'w').catch((error: unknown) => {
    throw fileError('write', path, error);
  });
  return {
    append: async (lines) => {
      if (lines.length > 0) await file.appendFile(`${lines.join('\n')}\n`);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
