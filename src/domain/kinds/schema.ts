/** Table and column → what is there. */
export type SchemaColumns = Readonly<Record<string, string>>;

/** What moved between two looks at the tables of a kind, a sentence each. */
export function movedColumns(before: SchemaColumns, now: SchemaColumns): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before[name], now[name]];
    if (was === is) return [];
    if (was === undefined) return [`${name} is new: ${is ?? ''}`];
    return [is === undefined ? `${name} is gone: it was ${was}` : `${name} is ${is}; it was ${was}`];
  });
}
