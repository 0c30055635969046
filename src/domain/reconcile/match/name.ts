import { isSlip, normaliseName } from '../../kinds/likeness';
import type { Rarity } from './rarity';

/** One of the names that a record goes by, taken apart for comparison. */
export interface Alias {
  readonly words: readonly string[];
  /** All letters and digits without blanks: `deltadrywall`. */
  readonly squeezed: string;
  readonly digits: string;
  /** How often each two letters in a row stand in `squeezed`. */
  readonly bigrams: ReadonlyMap<string, number>;
}

/** What stands between two names of one company. */
const ALSO =
  /\bd\s*[./]?\s*b\s*[./]?\s*a\b\.?|\b(?:a|f|n)\s*[./]\s*k\s*[./]\s*a\b\.?|\bt\s*\/\s*a\b|\b(?:aka|fka|formerly|doing business as|trading as)\b/iu;
const BRACKETED = /\(([^()]*)\)/gu;

/**
 * The names in a name: "Rasmussen Glass dba Clearview" and "Rasmussen Glass (Clearview)" are two each. What stands in brackets with a number
 * ("Branch 44") is no name of its own, and the name without it is one.
 */
export function aliasesOf(name: string): readonly Alias[] {
  const bracketed = [...name.matchAll(BRACKETED)].map(([, inner = '']) => inner);
  const parts = [
    ...name.replace(BRACKETED, ' ').split(ALSO),
    ...bracketed.filter((inner) => /\p{L}{3}/u.test(inner) && !/\p{N}/u.test(inner)),
    // A part of a branch is told from other branches by all of it.
    ...(bracketed.length === 0 ? [] : [name]),
  ];
  const names = new Set(parts.map(nameKey).filter((key) => key !== ''));
  return [...names].map(takeApart);
}

/** As people sort it: without an article before or behind it. */
const nameKey = (name: string): string => {
  const key = normaliseName(name);
  const bare = key.replace(/^the | the$/g, '');
  return bare === '' ? key : normaliseName(bare);
};

function takeApart(key: string): Alias {
  const squeezed = key.replaceAll(' ', '');
  const bigrams = new Map<string, number>();
  for (let at = 0; at < squeezed.length - 1; at += 1) {
    const two = squeezed.slice(at, at + 2);
    bigrams.set(two, (bigrams.get(two) ?? 0) + 1);
  }
  return { words: key.split(' '), squeezed, digits: squeezed.replace(/\P{N}/gu, ''), bigrams };
}

/** Share of the pairs of letters that two names have in common, 0 to 1 (Sørensen–Dice). */
export function diceOf(a: Alias, b: Alias): number {
  const [less, more] = a.bigrams.size <= b.bigrams.size ? [a, b] : [b, a];
  let common = 0;
  for (const [two, count] of less.bigrams) common += Math.min(count, more.bigrams.get(two) ?? 0);
  const all = a.squeezed.length + b.squeezed.length - 2;
  return all <= 0 ? 0 : (2 * common) / all;
}

/** A slip of the pen makes a word this much another one. */
const SLIP = 0.95;
/** Shorter words are not taken for each other. */
const LEAST_WORD = 5;

const isNearly = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= LEAST_WORD && isSlip(a, b);

/** How much of two names is in words that both have, each weighed by its rarity, 0 to 1 (soft TF-IDF). `rare`: one of these words is rare. */
export function sharedWords(
  a: Alias,
  b: Alias,
  rarity: Rarity,
): { readonly share: number; readonly rare: boolean } {
  // Neither is the first one: words find their like in one order, whoever asks.
  const [one, other] = a.squeezed <= b.squeezed ? [a, b] : [b, a];
  const left = [...other.words].sort();
  let [sum, rare] = [0, false];
  const take = (word: string, at: number, closeness: number): void => {
    const [there = ''] = left.splice(at, 1);
    sum += rarity.weight(word) * rarity.weight(there) * closeness;
    rare ||= rarity.isRare(word) && rarity.isRare(there);
  };
  const others = one.words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) take(word, at, 1);
    return at < 0;
  });
  for (const word of others.sort()) {
    const at = left.findIndex((there) => isNearly(word, there));
    if (at >= 0) take(word, at, SLIP);
  }
  const length = ({ words }: Alias): number => Math.hypot(...words.map((word) => rarity.weight(word)));
  const whole = length(a) * length(b);
  return { share: whole === 0 ? 0 : sum / whole, rare };
}
