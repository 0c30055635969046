import type { PayLine } from '../../../domain/payroll/line';
import type { Scope } from '../scope';
import type { Asking, Row, SqlSession } from '../session';
import { memoOf } from './memo';
import { askRows, linesWhere } from './rows';
import type { PayrollSpec } from './spec';

/**
 * Asks for lines that carry keys of these, in any batch or posted in any period, around their dates of work: what the ledger may not tell, because it is
 * older than the ERP, or another one wrote them. People write behind our key, so memos are compared as far as a key goes.
 */
export function askTwins(
  session: SqlSession,
  asking: Asking,
  spec: PayrollSpec,
  { company }: Scope,
  lines: readonly PayLine[],
): () => { readonly unposted: readonly Row[]; readonly posted: readonly Row[] } {
  const memos = lines.map(({ key }) => memoOf(key));
  const dates = lines.map(({ date }) => date).sort();
  const lengths = [...new Set(memos.map(({ length }) => length))];
  if (lengths.length === 0) return () => ({ unposted: [], posted: [] });
  const bound = {
    company: Number(company),
    first: dates[0] ?? '',
    last: dates.at(-1) ?? '',
    memos: JSON.stringify(memos),
  };
  const ask = (rows: PayrollSpec['unposted']) => {
    const memo = rows.columns.memo.sql;
    const of = lengths.map((length) => `SUBSTRING(${memo}, 1, ${length}) ${session.dialect.inList('memos')}`);
    return asking.add(
      askRows(session.dialect, linesWhere(rows, rows.ofDates), bound, { and: `(${of.join(' OR ')})` }),
    );
  };
  const [unposted, posted] = [ask(spec.unposted), ask(spec.posted)];
  return () => ({ unposted: unposted(), posted: posted() });
}
