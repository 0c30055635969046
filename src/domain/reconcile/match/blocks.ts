import type { Rarity } from './rarity';
import type { Traits } from './traits';

/** A value that makes more pairs than this says nothing of any of them: the phone number of a service that answers for everybody. */
const MOST_PAIRS = 10_000;

/** Who has one value of one trait. */
interface Holders {
  /** It is this word of a name, which counts only where it is rare. */
  readonly word: string | null;
  readonly traits: Set<Traits>;
}

/** Records of one side by what they could be found by; made once, however many others are held against them. */
export type Blocks = ReadonlyMap<string, readonly Holders[]>;

export function blocksOf(side: Iterable<Traits>): Blocks {
  const blocks = new Map<string, Holders[]>();
  const known = new Map<string, Holders>();
  for (const traits of side)
    for (const [trait, value] of valuesOf(traits)) {
      const name = `${trait} ${value}`;
      const holders = known.get(name);
      if (holders !== undefined) {
        holders.traits.add(traits);
        continue;
      }
      const made = { word: trait === 'word' ? value : null, traits: new Set([traits]) };
      known.set(name, made);
      for (const slip of trait === 'name' || trait === 'word' ? slipsOf(value) : [value]) {
        const block = blocks.get(`${trait} ${slip}`);
        if (block === undefined) blocks.set(`${trait} ${slip}`, [made]);
        else block.push(made);
      }
    }
  return blocks;
}

/**
 * Pairs that have anything in common that could outweigh the number of candidates: a name or a rare word of it, each up to a slip of the pen, tax
 * id, phone, e-mail, internet domain, place, number. All others are never looked at: 20,000 by 20,000 would take hours.
 */
export function* pairsIn(erp: Blocks, procore: Blocks, rarity: Rarity): Generator<readonly [Traits, Traits]> {
  const seen = new Map<Traits, Set<Traits>>();
  for (const [key, block] of erp) {
    const others = procore.get(key);
    if (others === undefined) continue;
    const [ones, partners] = [within(block, rarity), within(others, rarity)];
    if (ones.size * partners.size > MOST_PAIRS) continue;
    for (const one of ones)
      for (const other of partners) {
        const known = seen.get(one) ?? new Set();
        if (known.has(other)) continue;
        seen.set(one, known.add(other));
        yield [one, other];
      }
  }
}

function within(block: readonly Holders[], rarity: Rarity): ReadonlySet<Traits> {
  const telling = block.filter(({ word }) => word === null || rarity.isRare(word));
  const [only, second] = telling;
  if (second === undefined) return only?.traits ?? new Set();
  return new Set(telling.flatMap(({ traits }) => [...traits]));
}

function* valuesOf({
  aliases,
  tax,
  phone,
  emails,
  domains,
  place,
  number,
}: Traits): Generator<readonly [trait: string, value: string]> {
  for (const { squeezed, words } of aliases) {
    yield ['name', squeezed];
    for (const word of words) yield ['word', word];
  }
  if (tax !== null) yield ['tax', tax];
  if (phone !== null) yield ['phone', phone];
  for (const email of emails) yield ['e-mail', email];
  for (const domain of domains) yield ['domain', domain];
  if (place !== null) yield ['place', place];
  if (number !== null) yield ['number', number];
}

/** A shorter word has no slips: too many others are one letter away. */
const LEAST_WORD = 5;

/** A word, and what is left of it without one of its letters: two words that are one slip apart have one of these in common. */
const slipsOf = (word: string): ReadonlySet<string> =>
  new Set(
    word.length < LEAST_WORD
      ? [word]
      : [word, ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1))],
  );
