/** How rare the words of all names are. */
export interface Rarity {
  /** The rarer, the heavier (inverse document frequency). */
  readonly weight: (word: string) => number;
  readonly isRare: (word: string) => boolean;
}

/** A rare word stands in three of a thousand names at most. */
const RARE = 0.003;
/** A record and its partner have their words in common, however few names there are. */
const A_PAIR = 2;

/** In how many records each word stands. */
export type WordCounts = ReadonlyMap<string, number>;

export function wordCountsOf(
  records: readonly { readonly aliases: readonly { readonly words: readonly string[] }[] }[],
): WordCounts {
  const counts = new Map<string, number>();
  for (const { aliases } of records)
    for (const word of new Set(aliases.flatMap(({ words }) => words)))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Among so many records of both sides. */
export function rarityOf(records: number, sides: readonly WordCounts[]): Rarity {
  const most = Math.max(A_PAIR, records * RARE);
  const countOf = (word: string): number => {
    let sum = 0;
    for (const counts of sides) sum += counts.get(word) ?? 0;
    return sum || 1;
  };
  return {
    weight: (word) => Math.log(1 + records / countOf(word)),
    isRare: (word) => countOf(word) <= most,
  };
}
