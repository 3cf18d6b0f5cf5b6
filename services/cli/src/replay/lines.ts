import type { Chunks } from './input.ts';

/** A line without its end. `bytes` is null where the line was longer than is taken: it was passed over, not held. */
export type Line = { readonly at: number; readonly bytes: Uint8Array | null };

const newline = 0x0a;
const carriageReturn = 0x0d;

/** The lines of a file, chunk by chunk; blank ones are counted, not given. A line of any length needs no more memory than `bytesMax`. */
export async function* readLines(chunks: Chunks, bytesMax: number): AsyncGenerator<Line[]> {
  let at = 0;
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  let tooLong = false;

  const lineEndingIn = (last: Uint8Array): Line => {
    at += 1;
    const bytes = begun.length === 0 ? last : Buffer.concat([...begun, last]);
    const line = { at, bytes: tooLong || bytes.length > bytesMax ? null : withoutReturn(bytes) };
    begun = [];
    begunBytes = 0;
    tooLong = false;
    return line;
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = lineEndingIn(chunk.subarray(from, end));
      if (!isBlank(line)) lines.push(line);
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    tooLong ||= begunBytes + rest.length > bytesMax;
    if (tooLong) begun = [];
    else if (rest.length > 0) begun.push(rest);
    begunBytes += rest.length;
    if (lines.length > 0) yield lines;
  }
  if (begunBytes === 0) return;
  const line = lineEndingIn(new Uint8Array(0));
  if (!isBlank(line)) yield [line];
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
}

function isBlank({ bytes }: Line): boolean {
  return bytes !== null && bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
