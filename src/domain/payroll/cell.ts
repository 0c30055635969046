import { contentHash } from '../base/identity';
import type { Cell, KnownLine, PayLine } from './line';

/** Where a line counts, within its company. */
export const placeOf = (line: Omit<Cell, 'company'>): Omit<Cell, 'company'> => {
  const { employee, date, job, phase, craft, class: classCode, shift, certified, family, equipment } = line;
  return { employee, date, job, phase, craft, class: classCode, shift, certified, family, equipment };
};

/** The cell that a line of a company counts in. */
export const cellOf = (company: string, line: Omit<Cell, 'company'>): Cell => ({
  company,
  ...placeOf(line),
});

/** One text for one cell, for maps; never stored. */
export const cellKey = (cell: Cell): string =>
  JSON.stringify([
    cell.company,
    cell.employee,
    cell.date,
    cell.job,
    cell.phase,
    cell.craft,
    cell.class,
    cell.shift,
    cell.certified,
    cell.family,
    cell.equipment,
  ]);

/** Enough to be unique among all lines of an ERP, and short enough for its memo columns. */
const KEY_CHARACTERS = 20;
const shortHash = (value: unknown): string => contentHash(value).slice(0, KEY_CHARACTERS);

/** Key of an ordinary line: the same for the same entries in one cell and earn code, whatever their hours. */
export const lineKey = (cell: Cell, earnCode: string, entries: readonly number[]): string =>
  shortHash({ cell, earnCode, entries: [...entries].sort((one, two) => one - two) });

/** Key of the line that takes back one row of the ERP. It names the row alone, so no row is taken back twice. */
export const reversalKey = (company: string, row: Pick<KnownLine, 'id'>): string =>
  shortHash({ company, reverses: row.id });

/** Key of a line that stands in the place of what was posted in a cell: another one with every row that was posted there, and for other entries. */
export const replacementKey = (
  cell: Cell,
  line: Pick<PayLine, 'earnCode' | 'hours' | 'entries'>,
  rows: readonly Pick<KnownLine, 'id'>[],
): string =>
  shortHash({
    cell,
    earnCode: line.earnCode,
    hours: line.hours,
    entries: [...line.entries].sort((one, two) => one - two),
    replaces: rows.map(({ id }) => id).sort(),
  });
