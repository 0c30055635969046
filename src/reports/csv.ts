import { stringify } from 'csv-stringify/sync';
import { withoutFormula } from '../domain/base/text';
import type { Cell, Column, Report, Row } from './report';

const DECIMAL = /^-?\d+(\.\d+)?$/;
/**
 * The rows as CSV (RFC 4180, UTF-8): each with what its group has in common, and with the sentences about it in the last column. Titles, totals and notes
 * are not in it: whoever reads it adds up rows.
 */
export function renderCsv(report: Report): string {
  const { columns, keys, below } = report;
  const own = columns.map((column, index) => ({ column, index })).filter(({ column }) => !column.onlyShown);
  const titles = [
    ...keys,
    ...own.flatMap(({ column: { title, parts } }) => parts?.map((part) => `${title} ${part}`) ?? [title]),
    ...(below === null ? [] : [below]),
  ];
  const cellsOf = (row: Row): readonly string[] => [
    ...own.flatMap(({ column, index }) => textsOf(row.cells[index] ?? '', column)),
    ...(below === null ? [] : [withoutFormula((row.below ?? []).join(' '))]),
  ];
  const rows = report.groups.flatMap((group) =>
    group.rows.map((row) => [...group.keys.map(withoutFormula), ...cellsOf(row)]),
  );
  return stringify([titles, ...rows], { record_delimiter: '\r\n' });
}

function textsOf(cell: Cell, { kind, parts }: Column): readonly string[] {
  const texts = typeof cell === 'string' ? [cell, ...(parts ?? []).slice(1).map(() => '')] : cell;
  // Hours may be negative, and stay numbers.
  return texts.map((text) => (kind === 'hours' && DECIMAL.test(text) ? text : withoutFormula(text)));
}

/** Spreadsheets take a file without it for one in the code page of the machine, and spoil names. */
const BYTE_ORDER_MARK = '\ufeff';

/** The CSV as a file that spreadsheets open as it is. */
export const csvFile = (report: Report): Buffer => Buffer.from(BYTE_ORDER_MARK + renderCsv(report));
