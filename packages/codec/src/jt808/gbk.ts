/** The one piece of the Encoding standard that the texts of JT/T 808 need; ring 0 has neither Node's types nor the DOM's. */
declare const TextDecoder: new (label: 'gbk') => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder('gbk');

/**
 * A STRING of JT/T 808 (GBK, §4.2) without the zeros and blanks that fill it up, behind it or, as some terminals have it,
 * before it. What is no GBK becomes U+FFFD.
 */
export function decodeGbk(bytes: Uint8Array): string {
  const from = bytes.findIndex((byte) => byte !== 0);
  if (from < 0) return '';
  const end = bytes.indexOf(0, from);
  return decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end)).trim();
}
