/*
 * The neutral shape of a report: what it says, apart from how it is shown. Renderers turn it into a table, CSV or PDF, and none of them knows what it is
 * about.
 */

/** A column of the table. */
export interface Column {
  readonly title: string;
  /** Hours stand flush right, digit below digit; their cells are decimal text. */
  readonly kind: 'text' | 'hours';
  /** What is told below each other in one cell, such as straight time and overtime; in CSV each part is a column: title and part. */
  readonly parts?: readonly string[];
  /** Hours that come to nothing are shown as an empty place; CSV has `0.00`. */
  readonly hidesZero?: true;
  /** Only where people read: it tells what CSV says in its titles. */
  readonly onlyShown?: true;
}

/** Text, or as many texts as the column has parts. */
export type Cell = string | readonly string[];

export interface Row {
  /** As many as there are columns. */
  readonly cells: readonly Cell[];
  /** Sentences about the row, below it. */
  readonly below?: readonly string[];
}

/** Rows that belong together. */
export interface Group {
  /** Above its rows; null: nothing. */
  readonly title: string | null;
  /** What its rows have in common, for CSV: as many as the report has `keys`. */
  readonly keys: readonly string[];
  /** Titles of the columns where they are others in this group (dates of a week). */
  readonly titles?: readonly string[];
  /** It is filed by itself: on paper it begins a page. */
  readonly startsPage?: true;
  readonly rows: readonly Row[];
  readonly total: Row | null;
}

export interface Report {
  readonly title: string;
  /** Lines below the title: which company, which dates, what is counted. */
  readonly about: readonly string[];
  /** What it comes to, in one sentence; null: it only lists. */
  readonly verdict: { readonly text: string; readonly tone: 'good' | 'plain' | 'bad' } | null;
  /** Titles of what the rows of a group have in common, first in CSV. */
  readonly keys: readonly string[];
  readonly columns: readonly Column[];
  /** Title of the sentences below rows, last in CSV; null: no row has any. */
  readonly below: string | null;
  readonly groups: readonly Group[];
  /** Of all groups. */
  readonly total: Row | null;
  /** Lists of sentences after the table. */
  readonly notes: readonly Note[];
  /** ISO 8601 UTC. */
  readonly madeAt: string;
  /** By what, and from what, for the foot of a page. */
  readonly madeFrom: string;
}

export interface Note {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The titles over the rows of a group. */
export const titlesOf = ({ columns }: Pick<Report, 'columns'>, { titles }: Group): readonly string[] =>
  titles ?? columns.map(({ title }) => title);

/** A cell as it is read by people: parts below each other, without lines at the end that say nothing. */
export function shownCell(cell: Cell, { hidesZero }: Column): string {
  const parts = typeof cell === 'string' ? [cell] : cell;
  return parts
    .map((part) => (hidesZero && part === '0.00' ? '' : part))
    .join('\n')
    .trimEnd();
}
