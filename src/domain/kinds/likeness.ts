import type { KindDefinition } from './definition';
import type { CanonicalRecord } from './record';
import { textIn } from './record';

const LEGAL_FORMS = new Set(
  'llc inc incorporated corp corporation co company ltd limited ltee lp llp plc pc pllc pty gmbh'.split(' '),
);

/**
 * A company name for comparison only: no case, accents, punctuation, and no legal form at its end. "Cobalt Mechanical, L.L.C." and
 * "COBALT MECHANICAL LLC" are equal, "Company Stores" and "Stores" are not. Letters that stand alone are one word: "A B C Supply".
 */
export function normaliseName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[.'’]/g, '')
    .replace(/&/g, ' and ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')
    .replace(/(?<![^ ])\p{L}(?: \p{L})+(?![^ ])/gu, (letters) => letters.replaceAll(' ', ''))
    .split(' ');
  const end = words.findLastIndex((word) => !LEGAL_FORMS.has(word)) + 1;
  return (end === 0 ? words : words.slice(0, end)).join(' ');
}

/** So much of a name is looked up by. */
const LONGEST_KEY = 120;

/** By what records of the same name are found, whatever its spelling: `normaliseName` without its blanks; null: it has no name. */
export const nameKeyOf = (record: CanonicalRecord): string | null =>
  normaliseName(textIn(record, 'name')).replaceAll(' ', '').slice(0, LONGEST_KEY) || null;

/** Shorter words are not taken for each other: `east` and `west`. */
const LEAST_WORD = 5;
const LEAST_NAME = 8;
/** Slips and blanks make a name so much longer at most. */
const MOST_LONGER = 6;

/**
 * Whether two names may be of one company though they are not the same: written with other hyphens and blanks (`Dry-wall`), their words in another
 * order, or with a slip of the pen in a word or two. Never by chance of numbers or of first letters: `Beacon 1` is not `Beacon 2`, and `Weaver`
 * not `Beaver`. Only ever a reason to ask a person.
 */
export const areNamesAlike = (a: string, b: string): boolean =>
  areNormalisedAlike(normaliseName(a), normaliseName(b));

/** The same of names that are normalised already: for a search through all of them. */
export function areNormalisedAlike(one: string, other: string): boolean {
  if (one === '' || other === '' || one === other) return false;
  if (Math.abs(one.length - other.length) > MOST_LONGER || digitsIn(one) !== digitsIn(other)) return false;
  const [joined, otherJoined] = [one.replaceAll(' ', ''), other.replaceAll(' ', '')];
  if (joined === otherJoined) return true;
  const [words, otherWords] = [one.split(' ').sort(), other.split(' ').sort()];
  if (words.length !== otherWords.length)
    return Math.min(joined.length, otherJoined.length) >= LEAST_NAME && isSlip(joined, otherJoined);
  return words.every((word, index) => {
    const there = otherWords[index] ?? '';
    return word === there || (Math.min(word.length, there.length) >= LEAST_WORD && isSlip(word, there));
  });
}

const digitsIn = (name: string): string => name.replace(/\P{N}/gu, '');

/** One character more, fewer, another or swapped with the next, and not the first one. */
export function isSlip(a: string, b: string): boolean {
  if (a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [rest, other] = [a.slice(at), b.slice(at)];
  return (
    rest.slice(1) === other.slice(1) ||
    rest.slice(1) === other ||
    rest === other.slice(1) ||
    (rest[0] === other[1] && rest[1] === other[0] && rest.slice(2) === other.slice(2))
  );
}

/** Whatever stands behind the number: `x12`, `ext. 12`, `#12`, `; 12`. */
const EXTENSION = /(?:e?xt?(?:ension)?\.?|#|;)[^\p{L}\p{N}]*\d{1,6}\D*$/iu;

/** Digits of a phone number without its extension and the North American country code; null: too few digits to say anything. */
export function phoneDigits(value: string | null): string | null {
  const digits = (value ?? '').replace(EXTENSION, '').replace(/\D/g, '');
  const local = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return local.length < 7 ? null : local;
}

/** Text that two records share whatever its case; null when there is none. */
export const sharedText = (value: string | null): string | null => {
  const key = value?.trim().toUpperCase() ?? '';
  return key === '' ? null : key;
};

/** What speaks for two records being the same, surest first. */
const REASONS = ['same name', 'same e-mail', 'same phone'] as const;

/** What a record is compared by, surest first: name, e-mail and phone, normalised. Null: says nothing. */
export function likenessKeys(
  { likeness }: Pick<KindDefinition, 'likeness'>,
  record: CanonicalRecord,
): readonly (string | null)[] {
  if (likeness === undefined) return [];
  const keyOf = (field: string | undefined, key: (value: string) => string | null): string | null =>
    field === undefined ? null : key(textIn(record, field)) || null;
  return [
    keyOf(likeness.name, normaliseName),
    keyOf(likeness.email, sharedText),
    keyOf(likeness.phone, phoneDigits),
  ];
}

/** Why two records may be the same, surest first: `same name`, `same e-mail`, `same phone`, `similar name`. Empty: nothing speaks for it. */
export function likenessOf(
  definition: Pick<KindDefinition, 'likeness'>,
  a: CanonicalRecord,
  b: CanonicalRecord,
): readonly string[] {
  const others = likenessKeys(definition, b);
  const same = likenessKeys(definition, a).flatMap((key, index) =>
    key !== null && key === others[index] ? REASONS.slice(index, index + 1) : [],
  );
  const name = definition.likeness?.name;
  const alike = name !== undefined && areNamesAlike(textIn(a, name), textIn(b, name));
  return alike ? [...same, 'similar name'] : same;
}
