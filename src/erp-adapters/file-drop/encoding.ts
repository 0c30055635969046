import { foldText } from '../../domain/base/text';
import { charsetOf } from './layout';
import type { Layout } from './layout';

const DECODERS = { 'utf-8': 'utf-8', cp1252: 'windows-1252', ascii: 'utf-8' } as const;

/** Every character of Windows-1252 by its number. */
const CP1252: ReadonlyMap<string, number> = new Map(
  [...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))].map(
    (character, byte) => [character, byte] as const,
  ),
);

/** Bytes of a text whose characters fit (`unfit`). */
export function encode(text: string, encoding: Layout['encoding']): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  return Buffer.from(
    Array.from(text, (character) => {
      const byte = CP1252.get(character);
      if (byte === undefined) throw new RangeError(`${encoding} has no "${character}"`);
      return byte;
    }),
  );
}

/** The text of a file; null: its bytes are no text of this encoding. */
export function decode(bytes: Uint8Array, encoding: Layout['encoding']): string | null {
  if (encoding === 'ascii' && bytes.some((byte) => byte > 0x7e)) return null;
  try {
    return new TextDecoder(DECODERS[encoding], { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a file of this encoding can hold the text as it is, on one line. */
export function isWritable(text: string, layout: Pick<Layout, 'encoding'>): boolean {
  const { text: folded, impossible } = foldText(text, charsetOf(layout));
  return impossible.length === 0 && folded === text.normalize('NFC');
}
