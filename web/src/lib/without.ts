/** The same without one key. */
export const without = <Value>(
  of: Readonly<Record<string, Value>>,
  key: string,
): Readonly<Record<string, Value>> => Object.fromEntries(Object.entries(of).filter(([name]) => name !== key));
