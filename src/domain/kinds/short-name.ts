/** A short name for lists, made from a name: `Cobalt Mechanical, LLC` is `COBALTMECHANICALLLC`, as far as it fits. */
export const makeShortName = (name: string, limit: number): string =>
  name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(0, limit);

/** The next variant that is free (`COBALT2`, `COBALT3`, ...), within the limit; null where there is none. */
export function nextShortName(
  wanted: string,
  limit: number,
  isTaken: (name: string) => boolean,
): string | null {
  for (let suffix = 2; suffix < 100; suffix += 1) {
    if (String(suffix).length > limit) return null;
    const next = `${wanted.slice(0, limit - String(suffix).length)}${suffix}`;
    if (!isTaken(next)) return next;
  }
  return null;
}
