import { foldText } from '../../domain/base/text';
import { charsetOf } from './layout';
import type { Layout } from './layout';

/**
 * Windows-1252 from 0x80 to 0x9F; a blank stands where it has no character. A table of our own, because the `TextDecoder` of some releases of Node
 * takes this encoding for Latin-1.
 */
const HIGH = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const CP1252 = Array.from({ length: 256 }, (_, byte) => {
  const high = byte >= 0x80 && byte <= 0x9f ? (HIGH[byte - 0x80] ?? ' ') : String.fromCharCode(byte);
  return byte >= 0x80 && high === ' ' ? null : high;
});
const BYTES: ReadonlyMap<string | null, number> = new Map(CP1252.map((character, byte) => [character, byte]));

/** Bytes of a text whose characters fit (`isWritable`). */
export function encode(text: string, encoding: Layout['encoding']): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  return Buffer.from(
    Array.from(text, (character) => {
      const byte = BYTES.get(character);
      if (byte === undefined) throw new RangeError(`${encoding} has no "${character}"`);
      return byte;
    }),
  );
}

/** The text of a file; null: its bytes are no text of this encoding. */
export function decode(bytes: Uint8Array, encoding: Layout['encoding']): string | null {
  if (encoding === 'cp1252') {
    const characters = Array.from(bytes, (byte) => CP1252[byte] ?? null);
    return characters.includes(null) ? null : characters.join('');
  }
  if (encoding === 'ascii' && bytes.some((byte) => byte > 0x7e)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a file of this encoding can hold the text as it is, on one line. */
export function isWritable(text: string, layout: Pick<Layout, 'encoding'>): boolean {
  const { text: folded, impossible } = foldText(text, charsetOf(layout));
  return impossible.length === 0 && folded === text;
}
