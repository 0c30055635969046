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

/** Counts in how many records each word stands. */
export function rarityOf(
  records: readonly { readonly aliases: readonly { readonly words: readonly string[] }[] }[],
): Rarity {
  const counts = new Map<string, number>();
  for (const { aliases } of records)
    for (const word of new Set(aliases.flatMap(({ words }) => words)))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  const most = Math.max(A_PAIR, records.length * RARE);
  const countOf = (word: string): number => counts.get(word) ?? 1;
  return {
    weight: (word) => Math.log(1 + records.length / countOf(word)),
    isRare: (word) => countOf(word) <= most,
  };
}
