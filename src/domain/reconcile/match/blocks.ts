import type { Rarity } from './rarity';
import type { Traits } from './traits';

/** A value that makes more pairs than this says nothing of any of them: the phone number of a service that answers for everybody. */
const MOST_PAIRS = 10_000;

/**
 * Pairs that have anything in common that could outweigh the number of candidates: a name or a rare word of it, each up to a slip of the pen, tax
 * id, phone, e-mail, internet domain, place, number. All others are never looked at: 20,000 by 20,000 would take hours.
 */
export function* pairsIn(
  erp: readonly Traits[],
  procore: readonly Traits[],
  rarity: Rarity,
): Generator<readonly [Traits, Traits]> {
  const [blocks, others] = [erp, procore].map((side) => blocksOf(side, rarity));
  const seen = new Map<Traits, Set<Traits>>();
  for (const [key, ones] of blocks ?? []) {
    const partners = others?.get(key) ?? [];
    if (ones.length * partners.length > MOST_PAIRS) continue;
    for (const one of ones)
      for (const other of partners) {
        const known = seen.get(one) ?? new Set();
        if (known.has(other)) continue;
        seen.set(one, known.add(other));
        yield [one, other];
      }
  }
}

function blocksOf(side: readonly Traits[], rarity: Rarity): Map<string, Traits[]> {
  const blocks = new Map<string, Traits[]>();
  for (const traits of side)
    for (const key of keysOf(traits, rarity)) {
      const block = blocks.get(key);
      if (block === undefined) blocks.set(key, [traits]);
      else block.push(traits);
    }
  return blocks;
}

function keysOf(traits: Traits, rarity: Rarity): ReadonlySet<string> {
  const { aliases, tax, phone, emails, domains, place, number } = traits;
  const keys = new Set<string>();
  const add = (trait: string, value: string | null): void => {
    if (value !== null) keys.add(`${trait} ${value}`);
  };
  for (const { squeezed, words } of aliases) {
    for (const slip of slipsOf(squeezed)) add('name', slip);
    for (const word of words) if (rarity.isRare(word)) for (const slip of slipsOf(word)) add('word', slip);
  }
  add('tax', tax);
  add('phone', phone);
  for (const email of emails) add('e-mail', email);
  for (const domain of domains) add('domain', domain);
  add('place', place);
  add('number', number);
  return keys;
}

/** A shorter word has no slips: too many others are one letter away. */
const LEAST_WORD = 5;

/** A word, and what is left of it without one of its letters: two words that are one slip apart have one of these in common. */
const slipsOf = (word: string): readonly string[] =>
  word.length < LEAST_WORD
    ? [word]
    : [word, ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1))];
