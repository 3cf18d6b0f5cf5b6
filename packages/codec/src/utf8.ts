/**
 * The two pieces of the WHATWG Encoding standard that the codec needs. Every JavaScript runtime has them (Node,
 * browsers, Deno), but they are in no ECMAScript library file, and ring 0 takes neither Node's types nor the DOM's:
 * so they are declared here, as small as they are used, and nowhere else.
 */
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** The text of UTF-8 bytes without a leading byte order mark, or undefined where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
