/** Puts items that share a key, directly or through others, into groups; in the order in which they come. Items without keys stand alone. */
export function linked<Item>(
  items: readonly Item[],
  keysOf: (item: Item) => readonly (number | string)[],
): readonly (readonly Item[])[] {
  const parents = items.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[index] = root;
    return root;
  };
  const holders = new Map<number | string, number>();
  for (const [index, item] of items.entries()) {
    for (const key of keysOf(item)) {
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, index);
      else {
        const [one, two] = [rootOf(holder), rootOf(index)];
        parents[Math.max(one, two)] = Math.min(one, two);
      }
    }
  }
  const groups = new Map<number, Item[]>();
  for (const [index, item] of items.entries()) {
    const root = rootOf(index);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
