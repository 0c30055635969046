import type { Moment } from '../../sql/model';
import { TiebackError } from '../../../domain/base/errors';
import type { Row } from '../../sql/session';
import { Asking, query } from '../../sql/session';
import type { Prepared } from './work';

/** Codes that Vista looks for only when a batch is validated: column → code table. */
const CODES: Readonly<Record<string, { readonly table: string; readonly what: string }>> = {
  UM: { table: 'HQUM', what: 'unit of measure' },
  TaxCode: { table: 'HQTX', what: 'tax code' },
};

/** Turns away what has a code that is not on file. */
export async function checkCodes(
  moment: Moment,
  prepared: readonly Prepared[],
): Promise<readonly Prepared[]> {
  const rowsIn = (each: Prepared): readonly Row[] =>
    each instanceof TiebackError
      ? []
      : [each.header, ...each.lines.map(({ row }) => row)].map(({ values }) => values);
  const { session } = moment;
  const asking = new Asking();
  const known = Object.entries(CODES).map(([column, { table, what }]) => {
    const used = prepared
      .flatMap(rowsIn)
      .flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : []));
    const rows =
      used.length === 0
        ? () => []
        : asking.add(
            query(
              `SELECT DISTINCT ${column} AS code FROM ${table} WHERE ${column} ${session.dialect.inList('codes')}`,
              {
                codes: JSON.stringify([...new Set(used)]),
              },
            ),
          );
    return { column, what, rows };
  });
  await asking.run(session, 'codes');
  const missing = (row: Row): string | null => {
    for (const { column, what, rows } of known) {
      const code = row[column];
      if (typeof code === 'string' && !rows().some((one) => String(one['code']).trim() === code.trim()))
        return `there is no ${what} ${code} in Vista`;
    }
    return null;
  };
  return prepared.map((each) => {
    const reason = rowsIn(each)
      .map(missing)
      .find((why) => why !== null);
    return reason === undefined || reason === null ? each : new TiebackError('ERP_REFUSED', { reason });
  });
}
