/** Typographic characters that have an agreed plain form. Anything else that a column cannot hold is refused, never cut. */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201A': "'",
  '\u2032': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u201E': '"',
  '\u2033': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2212': '-',
  '\u2026': '...',
  '\u00A0': ' ',
  '\u2007': ' ',
  '\u202F': ' ',
};

const CP1252_EXTRA = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');

type Charset = 'ascii' | 'cp1252' | null;

const holds = (character: string, charset: Charset): boolean => {
  const code = character.codePointAt(0) ?? 0;
  if (charset === null) return code >= 0x20;
  if (code >= 0x20 && code <= 0x7e) return true;
  return charset === 'cp1252' && ((code >= 0xa0 && code <= 0xff) || CP1252_EXTRA.has(character));
};

/** Result of fitting text to a character set: the text, and the characters that have no place in it. */
export interface Folded {
  readonly text: string;
  readonly impossible: readonly string[];
}

/** Writes text (NFC) with the characters of a column: agreed plain forms replace what it lacks. */
export function foldText(value: string, charset: Charset): Folded {
  const impossible: string[] = [];
  let text = '';
  for (const character of value.normalize('NFC')) {
    if (holds(character, charset)) text += character;
    else if (PLAIN[character] !== undefined) text += PLAIN[character];
    else {
      impossible.push(character);
      text += character;
    }
  }
  return { text, impossible: [...new Set(impossible)] };
}

/** Halves of characters, which no database keeps, become the replacement character. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/**
 * The first characters of a text, with a mark where something is left out: for sentences, never for what is written. `most` is counted in UTF-16 units, as
 * the columns of our store count; no character is cut in half.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 3;
  const isHalved = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(end));
  return `${text.slice(0, isHalved ? end - 1 : end)}...`;
}

/** The same in bytes of UTF-8. */
export function shortenBytes(text: string, most: number): string {
  let shorter = shorten(text, most);
  for (let length = most; new TextEncoder().encode(shorter).length > most; length -= 4)
    shorter = shorten(text, length);
  return shorter;
}

/** Sentences that stand together: so many of them, and so many characters. */
const MOST_SENTENCES = 20;
const MOST_CHARACTERS = 2_000;

/** The first of some sentences; how many more there are is said. A single one that is too long is cut, with a mark. */
export function firstOf(sentences: readonly string[], most = MOST_SENTENCES): readonly string[] {
  const first: string[] = [];
  let left = MOST_CHARACTERS;
  for (const sentence of sentences.slice(0, most)) {
    if (first.length > 0 && sentence.length > left) break;
    first.push(shorten(sentence, MOST_CHARACTERS));
    left -= sentence.length;
  }
  const more = sentences.length - first.length;
  return more > 0 ? [...first, `... and ${more} more.`] : first;
}

/**
 * Sentences in one text that does not grow with the data: what crosses Temporal, is a reason in a list, or a line of a log. All of them belong into
 * our store.
 */
export const inShort = (sentences: readonly string[]): string => firstOf(sentences).join(' ');

/** Length in the unit a column counts in: code points, or bytes of a single-byte code page (UTF-8 when any Unicode is allowed). */
export const lengthIn = (value: string, unit: 'characters' | 'bytes', charset: Charset): number =>
  unit === 'bytes' && charset === null ? Buffer.byteLength(value, 'utf8') : [...value].length;

/** Text as records hold it: composed (NFC), trimmed, and null where nothing is left. */
export const canonicalText = (value: string): string | null => value.normalize('NFC').trim() || null;

/** A character for people: `"é" (U+00E9)`, and by its number alone where it cannot be seen. */
export function showCharacter(character: string): string {
  const name = codePoint(character);
  return /[\p{C}\p{Z}\p{M}]/u.test(character) ? name : `"${character}" (${name})`;
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** What people can tell apart by looking at it in a sentence. */
const IN_PLAIN_SIGHT = /^(?=.{0,100}$)[!-~]+( [!-~]+)*$/;
/** Enough to tell a letter from the same letter with its accent apart. */
const CHARACTERS_SHOWN = 2;

/**
 * For the end of a sentence that shows two different texts: where they part, by code points (` (from character 2 on U+0065 U+0301, not U+00E9)`).
 * Empty where it is plain to see.
 */
export function parting(one: string, other: string): string {
  if (one === other || (IN_PLAIN_SIGHT.test(one) && IN_PLAIN_SIGHT.test(other))) return '';
  const [these, those] = [[...one], [...other]];
  let at = 0;
  while (these[at] === those[at]) at += 1;
  const [here, there] = [these, those].map(
    (characters) =>
      characters
        .slice(at, at + CHARACTERS_SHOWN)
        .map(codePoint)
        .join(' ') || 'nothing',
  );
  return ` (from character ${at + 1} on ${here}, not ${there})`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Spreadsheets take what begins so for a formula, in full width as well. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Text that no spreadsheet calculates. */
export const withoutFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
