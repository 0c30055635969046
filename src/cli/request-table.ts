import type { SyncRequestRow } from '../store/rows';
import type { Cli } from './cli';
import type { FittedColumn } from './fit-columns';
import { fitColumns } from './fit-columns';
import { age, paintStatus, shorten, statusWords } from './format';
import { table } from './print-table';
import { amountWords } from './values';

interface Column extends FittedColumn {
  readonly cell: (row: SyncRequestRow) => string;
  readonly paint?: (row: SyncRequestRow, text: string) => string;
  readonly right?: true;
}

/** Requests as a table that fits the terminal: what tells one from another stays longest, the other columns go as the room shrinks. */
export function requestTable(
  cli: Cli,
  rows: readonly SyncRequestRow[],
  { several = false }: { readonly several?: boolean } = {},
): string {
  const now = cli.now();
  const all: readonly (Column & { readonly unless?: boolean })[] = [
    { name: 'id', keep: 10, cell: ({ id }) => id },
    { name: 'connection', keep: 9, unless: !several, cell: ({ connectionId }) => connectionId },
    { name: 'event', keep: 2, cell: ({ eventName }) => eventName ?? '–' },
    {
      name: 'subject',
      keep: 8,
      least: 14,
      most: 48,
      cell: ({ about, subject }) => about?.title ?? subject ?? '–',
    },
    { name: 'vendor', keep: 6, least: 10, most: 32, cell: ({ about }) => about?.vendor ?? '' },
    { name: 'project', keep: 5, least: 10, most: 32, cell: ({ about }) => about?.project ?? '' },
    { name: 'amount', keep: 7, right: true, cell: ({ about }) => amountWords(about?.amount ?? '') },
    {
      name: 'status',
      keep: 9,
      cell: ({ status }) => statusWords(status),
      paint: ({ status }) => paintStatus(cli.paint, status),
    },
    { name: 'since', keep: 4, cell: ({ since }) => age(since, now) },
    { name: 'reason', keep: 1, least: 24, cell: ({ reason }) => (reason ?? '').replace(/\s+/g, ' ') },
  ];
  const filled = all
    .filter(({ unless }) => unless !== true)
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row).replace(/\s+/g, ' ')) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const fitted = fitColumns(
    filled.map(({ column, cells }) => ({ ...column, cells })),
    cli.width,
  );
  return table(
    fitted.map(({ column: { name } }) => name),
    rows.map((row, index) =>
      fitted.map(({ column: { paint }, cells, width }) => {
        const text = shorten(cells[index] ?? '', width);
        return paint === undefined ? text : paint(row, text);
      }),
    ),
    {
      ...cli.tableOptions,
      right: fitted.flatMap(({ column }, index) => (column.right === true ? [index] : [])),
    },
  );
}
