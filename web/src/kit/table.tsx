import type { ReactNode } from 'react';

/** One column of a table: its head, and what stands in it for a row. */
export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** Digits below each other. */
  readonly number?: boolean;
  /** Never broken: dates. */
  readonly still?: boolean;
}

/** Rows as a table that the keyboard can scroll where it is wider than the page. */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
}) {
  return (
    <div tabIndex={0} role="region" aria-label={label} className="wide">
      <table>
        <thead>
          <tr>
            {columns.map(({ label: head, number }) => (
              <th key={head} scope="col" className={number === true ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map(({ label: head, cell, number, still }) => (
                <td key={head} className={number === true ? 'number' : still === true ? 'still' : ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
