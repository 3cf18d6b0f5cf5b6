/** Two digits a byte, lower case. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of hex digits; "7E 02", "7e-02", "0x7e,0x02" are as good. Undefined where it is anything else. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/0x|[\s,:-]/gi, '');
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[\da-f]+$/i.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** "0200": a message's id as the standard's tables write it. */
export function idText(id: number): string {
  return id.toString(16).padStart(4, '0');
}
