import { shorten } from '../../base/text';
import { textIn } from '../../kinds/record';
import type { Alias } from './name';
import { diceOf, sharedWords } from './name';
import type { Rarity } from './rarity';
import type { Shareable, Traits } from './traits';

/** One thing that speaks for two records being the same, or against it. */
export interface Clue {
  /** How much more often it is so with pairs of one record than with others: binary logarithm. */
  readonly bits: number;
  /** For people: `same phone`. */
  readonly reason: string;
  /** It is worth a question by itself. */
  readonly asks?: true;
  /** With it, a person looks at the pair, whatever else speaks for it. */
  readonly doubts?: true;
}

/** Bits of each clue. `shared`: where several on one side have the same. */
export const WEIGHTS = {
  sameLetters: 9,
  sameCommonLetters: 6,
  similarName: 6,
  partOfName: 3,
  otherName: -5,
  tax: 11,
  sharedTax: 5,
  otherTax: -8,
  phone: 7,
  email: 7,
  domain: 5,
  shared: 3,
  place: 6,
  postalCode: 2,
  otherState: -2,
  number: 7,
} as const;

/** What a clue is measured against. */
export interface Surroundings {
  readonly rarity: Rarity;
  /** Several records of one side have this value, e.g. a switchboard. */
  readonly isShared: (trait: Shareable, value: string) => boolean;
  /** A number alone is worth a question: that of a job, not that of a vendor. */
  readonly asksForNumber: boolean;
}

/** All that speaks for two records being one, and against it. Symmetric. */
export function cluesOf(a: Traits, b: Traits, surroundings: Surroundings): readonly Clue[] {
  const { rarity, isShared } = surroundings;
  const clues: Clue[] = [];
  const name = nameClue(a, b, rarity);
  if (name !== null) clues.push(name);
  if (a.digits !== b.digits && name !== null && name.bits > 0)
    clues.push({ bits: 0, reason: 'other number in the name', doubts: true });
  if (a.tax !== null && b.tax !== null) {
    if (a.tax !== b.tax) clues.push({ bits: WEIGHTS.otherTax, reason: 'other tax id', doubts: true });
    else if (isShared('tax', a.tax))
      clues.push({ bits: WEIGHTS.sharedTax, reason: 'same tax id as several' });
    else clues.push({ bits: WEIGHTS.tax, reason: 'same tax id', asks: true });
  }
  if (a.phone !== null && a.phone === b.phone)
    clues.push(
      isShared('phone', a.phone)
        ? { bits: WEIGHTS.shared, reason: 'same phone as several' }
        : { bits: WEIGHTS.phone, reason: 'same phone', asks: true },
    );
  const mail = mailClue(a, b, isShared);
  if (mail !== null) clues.push(mail);
  if (a.place !== null && a.place === b.place)
    clues.push({ bits: WEIGHTS.place, reason: 'same house number and postal code' });
  else if (a.postalCode !== null && a.postalCode === b.postalCode)
    clues.push({ bits: WEIGHTS.postalCode, reason: 'same postal code' });
  if (a.state !== null && b.state !== null && a.state !== b.state)
    clues.push({ bits: WEIGHTS.otherState, reason: 'other state' });
  if (a.number !== null && a.number === b.number)
    clues.push({
      bits: WEIGHTS.number,
      reason: 'same number',
      ...(surroundings.asksForNumber ? { asks: true } : {}),
    });
  return clues;
}

function mailClue(a: Traits, b: Traits, isShared: Surroundings['isShared']): Clue | null {
  const emails = a.emails.filter((email) => b.emails.includes(email));
  if (emails.some((email) => !isShared('emails', email)))
    return { bits: WEIGHTS.email, reason: 'same e-mail', asks: true };
  const domains = a.domains.filter((domain) => b.domains.includes(domain));
  if (domains.some((domain) => !isShared('domains', domain)))
    return { bits: WEIGHTS.domain, reason: 'same internet domain' };
  if (emails.length > 0) return { bits: WEIGHTS.shared, reason: 'same e-mail as several' };
  return domains.length > 0 ? { bits: WEIGHTS.shared, reason: 'same internet domain as several' } : null;
}

/** So much of two names is alike. */
const SIMILAR = { words: 0.9, letters: 0.9 };
const IN_PART = { words: 0.75, letters: 0.85 };
const UNLIKE = 0.6;

/** The best of all names that both go by; null: they say nothing. */
function nameClue(a: Traits, b: Traits, rarity: Rarity): Clue | null {
  const pairs = a.aliases.flatMap((one) => b.aliases.map((other) => [one, other] as const));
  if (pairs.length === 0) return null;
  const same = pairs.filter(([one, other]) => one.squeezed === other.squeezed);
  if (same.length > 0) {
    const isTelling = same.some(([one, other]) => hasRare(one, rarity) && hasRare(other, rarity));
    const bits = isTelling ? WEIGHTS.sameLetters : WEIGHTS.sameCommonLetters;
    return { bits, reason: 'same name', asks: true };
  }
  const bits = Math.max(...pairs.map(([one, other]) => similarity(one, other, rarity)));
  if (bits === 0) return null;
  const words =
    bits === WEIGHTS.similarName ? 'similar name' : bits > 0 ? 'name the same in part' : 'other name';
  return { bits, reason: `${words} (${nameOf(a)} / ${nameOf(b)})` };
}

const hasRare = ({ words }: Alias, rarity: Rarity): boolean => words.some((word) => rarity.isRare(word));

function similarity(one: Alias, other: Alias, rarity: Rarity): number {
  const letters = diceOf(one, other);
  const { share, rare } = sharedWords(one, other, rarity);
  if (letters < UNLIKE && !rare) return WEIGHTS.otherName;
  // Phase 1 is not phase 2, however alike the rest is.
  if (one.digits !== other.digits) return 0;
  if ((rare && share >= SIMILAR.words) || letters >= SIMILAR.letters) return WEIGHTS.similarName;
  return (rare && share >= IN_PART.words) || letters >= IN_PART.letters ? WEIGHTS.partOfName : 0;
}

const LONGEST_NAME = 60;
const nameOf = ({ record }: Traits): string => shorten(textIn(record.record, 'name'), LONGEST_NAME);
