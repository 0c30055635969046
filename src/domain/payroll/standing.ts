import { cellKey, cellOf, reversalKey } from './cell';
import { hundredthsOf } from './hours';
import type { Cell, KnownLine, PayLine } from './line';
import type { FactorOf } from './split';

/** A row of the ERP that counts as ours, with the line that it was written as; null: the ERP's own overtime, or a row that was adopted. */
export interface StandingRow {
  readonly row: KnownLine;
  readonly line: PayLine | null;
}

/** All that is known of one cell. */
export interface Standing {
  readonly cell: Cell;
  readonly truth: readonly PayLine[];
  /** Posted, and not taken back: what a reversal mirrors. */
  readonly live: readonly StandingRow[];
  /** Everything that was ever posted in it, reversals and what they took back included. */
  readonly posted: readonly StandingRow[];
  /** Written and not posted. */
  readonly flight: readonly StandingRow[];
  readonly rejected: readonly StandingRow[];
  /** Lines of ours whose outcome nobody knows. */
  readonly unknown: readonly PayLine[];
  /** Lines of ours that are not in the ERP any more. */
  readonly gone: readonly PayLine[];
  /** Reversals that somebody changed: they do not cancel what they took back. */
  readonly unbalanced: readonly StandingRow[];
}

/** What standings are made of. */
export interface StandingInput {
  readonly company: string;
  /** What the entries come to now, as lines. An unapproved edit counts as what was approved before. */
  readonly truth: readonly PayLine[];
  /** All rows of the ERP on these employees and dates, whoever made them, in whatever state. */
  readonly rows: readonly KnownLine[];
  /** Lines that we wrote and did not withdraw; without those whose loss a person has answered for. */
  readonly written: readonly PayLine[];
  /** Keys of written lines whose outcome is not known. */
  readonly unknown: ReadonlySet<string>;
  /** What people decided about rows of others, by row: it counts as paid, or it is none of ours. */
  readonly decisions: ReadonlyMap<string, 'adopt' | 'ignore'>;
}

/** Cells by their key, and the rows of others that nobody has decided about. */
export interface Standings {
  readonly cells: ReadonlyMap<string, Standing>;
  readonly foreign: readonly KnownLine[];
}

type Mutable<Type> = {
  -readonly [Key in keyof Type]: Type[Key] extends readonly (infer Item)[] ? Item[] : Type[Key];
};

/**
 * Sorts what the ERP has into cells. A row with our key counts in the cell that we wrote it for, whatever a clerk made of its codes: a line that was put
 * right by hand is not sent again (scenario 17). A reversal counts where the row counts that it takes back. `splits` tells whether the ERP makes
 * overtime of an employee's hours.
 */
export function standingsOf(
  input: StandingInput,
  splits: (employee: string) => boolean,
  factorOf: FactorOf,
): Standings {
  const { company, truth, rows, written, unknown } = input;
  const lines = new Map(written.map((line) => [line.key, line]));
  const reverses = new Map(
    rows.filter(({ state }) => state === 'posted').map((row) => [reversalKey(company, row), row]),
  );
  const cells = new Map<string, Mutable<Standing>>();
  const standing = (cell: Cell): Mutable<Standing> => {
    const key = cellKey(cell);
    const known = cells.get(key) ?? {
      cell,
      ...{ truth: [], live: [], posted: [], flight: [], rejected: [], unknown: [], gone: [], unbalanced: [] },
    };
    cells.set(key, known);
    return known;
  };
  const byId = new Map(rows.map((row) => [row.id, row]));
  // A shift that is left to the ERP is whatever it made of it, also in rows that count as ours because somebody said so.
  const anyShift = new Map(
    [...truth, ...written]
      .filter(({ shift }) => shift === null)
      .map((line) => cellOf(company, line))
      .map((cell) => [cellKey(cell), cell]),
  );
  const byPlace = (row: KnownLine): Cell => {
    const cell = cellOf(company, row);
    return anyShift.get(cellKey({ ...cell, shift: null })) ?? cell;
  };
  const placed = (row: KnownLine): Cell => {
    const target = row.key === null ? undefined : reverses.get(row.key);
    if (target !== undefined && target.id !== row.id) return placed(target);
    const parent = row.madeFrom === null ? undefined : byId.get(row.madeFrom);
    if (row.key === null && parent !== undefined && parent.id !== row.id && parent.key !== null)
      return placed(parent);
    const line = row.key === null ? undefined : lines.get(row.key);
    return line === undefined ? byPlace(row) : cellOf(company, line);
  };
  const { ours, foreign } = sortedByMaker(input, splits, factorOf, (row) => cellKey(placed(row)));
  for (const line of truth) standing(cellOf(company, line)).truth.push(line);
  for (const row of ours) {
    const into = standing(placed(row));
    const one = { row, line: row.key === null ? null : (lines.get(row.key) ?? null) };
    if (row.state === 'posted') into.posted.push(one);
    else if (row.state === 'rejected') into.rejected.push(one);
    else into.flight.push(one);
  }
  const present = new Set(rows.map(({ key }) => key));
  for (const line of written) {
    if (present.has(line.key)) continue;
    const into = standing(cellOf(company, line));
    (unknown.has(line.key) ? into.unknown : into.gone).push(line);
  }
  for (const one of cells.values()) settle(one, company);
  return { cells, foreign };
}

/** Tells live rows from those that were taken back. */
function settle(standing: Mutable<Standing>, company: string): void {
  const byKey = new Map(standing.posted.flatMap((one) => (one.row.key === null ? [] : [[one.row.key, one]])));
  const over = new Set<string>();
  for (const { row } of standing.posted) {
    const reversal = byKey.get(reversalKey(company, row));
    if (reversal === undefined) continue;
    over.add(row.id).add(reversal.row.id);
    if (hundredthsOf(reversal.row.hours) + hundredthsOf(row.hours) !== 0) standing.unbalanced.push(reversal);
  }
  standing.live = standing.posted.filter(({ row }) => !over.has(row.id));
}

/** Tells our rows, with what the ERP's overtime rules made of them, from those of other people. */
function sortedByMaker(
  { rows, written, decisions }: StandingInput,
  splits: (employee: string) => boolean,
  factorOf: FactorOf,
  placeOf: (row: KnownLine) => string,
): { readonly ours: readonly KnownLine[]; readonly foreign: readonly KnownLine[] } {
  const lines = new Map(written.map((line) => [line.key, line]));
  const own = rows.filter(({ key }) => key !== null);
  const ids = new Set(own.map(({ id }) => id));
  const others = rows.filter(({ key }) => key === null);
  const told = others.filter(({ madeFrom }) => madeFrom !== null && ids.has(madeFrom));
  // An ERP that does not tell what it split moves hours within the cell: what ours lack is what its overtime rows hold.
  const short = new Map<string, number>();
  for (const row of own) {
    const line = lines.get(row.key ?? '');
    if (line === undefined || !splits(row.employee)) continue;
    const key = `${placeOf(row)} ${row.state}`;
    short.set(key, (short.get(key) ?? 0) + hundredthsOf(line.hours) - hundredthsOf(row.hours));
  }
  for (const row of told) {
    const key = `${placeOf(row)} ${row.state}`;
    short.set(key, (short.get(key) ?? 0) - hundredthsOf(row.hours));
  }
  const maybe = new Map<string, KnownLine[]>();
  for (const row of others) {
    if (row.madeFrom !== null || factorOf(row.earnCode) <= 1 || decisions.has(row.id)) continue;
    const key = `${placeOf(row)} ${row.state}`;
    maybe.set(key, [...(maybe.get(key) ?? []), row]);
  }
  const made = new Set(told);
  for (const [key, group] of maybe) {
    const hours = group.reduce((sum, row) => sum + hundredthsOf(row.hours), 0);
    if (hours > 0 && hours === short.get(key)) for (const row of group) made.add(row);
  }
  const adopted = others.filter(({ id }) => decisions.get(id) === 'adopt');
  return {
    ours: [...own, ...made, ...adopted.filter((row) => !made.has(row))],
    foreign: others.filter((row) => !made.has(row) && !decisions.has(row.id) && row.state !== 'rejected'),
  };
}
