/** A column of a table that may be cut or left out where there is no room. */
export interface FittedColumn {
  readonly name: string;
  /** Columns with the smallest number are left out first. */
  readonly keep: number;
  /** Fewest characters that still say something; absent: it is never cut. */
  readonly least?: number;
  /** Wider than this it says no more. */
  readonly most?: number;
}

const GAP = 2;

/**
 * Which columns have room in a terminal of this width, and how wide each may be: the least needed are left out until the others fit, then what is
 * left over goes to those that were cut, evenly.
 */
export function fitColumns<T extends FittedColumn & { readonly cells: readonly string[] }>(
  columns: readonly T[],
  room: number,
): readonly { readonly column: T; readonly cells: readonly string[]; readonly width: number }[] {
  const sized = columns.map((column) => {
    const natural = [column.name, ...column.cells].reduce(
      (longest, cell) => Math.max(longest, cell.length),
      0,
    );
    const wanted = Number.isFinite(room) ? Math.min(natural, column.most ?? natural) : natural;
    return { column, cells: column.cells, wanted, width: Math.min(wanted, column.least ?? wanted) };
  });
  const used = (): number => sized.reduce((sum, { width }) => sum + width + GAP, -GAP);
  while (sized.length > 1 && used() > room) {
    const least = sized.reduce((a, b) => (b.column.keep < a.column.keep ? b : a));
    sized.splice(sized.indexOf(least), 1);
  }
  for (let left = room - used(); left > 0;) {
    const hungry = sized.filter(({ width, wanted }) => width < wanted);
    const first = hungry.reduce<(typeof sized)[number] | null>(
      (a, b) => (a === null || b.width < a.width ? b : a),
      null,
    );
    if (first === null) break;
    const more = Number.isFinite(left) ? 1 : first.wanted - first.width;
    first.width += more;
    left -= more;
  }
  return sized;
}
