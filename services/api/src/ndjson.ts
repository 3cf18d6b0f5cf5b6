/** One line of an NDJSON body: its value, or why it has none. `index` counts lines from 0. */
export type NdjsonLine =
  | { readonly ok: true; readonly index: number; readonly value: unknown }
  | { readonly ok: false; readonly index: number; readonly text: string; readonly detail: string };

/** The lines of an NDJSON body; blank ones are passed over, but counted. */
export function parseNdjson(body: string): NdjsonLine[] {
  const lines: NdjsonLine[] = [];
  for (const [index, text] of body.split('\n').entries()) {
    if (text.trim() === '') continue;
    try {
      lines.push({ ok: true, index, value: JSON.parse(text) });
    } catch (error) {
      lines.push({ ok: false, index, text, detail: (error as SyntaxError).message });
    }
  }
  return lines;
}
