import type { PayPeriod } from '../../../domain/payroll/period';
import type { Scope } from '../scope';
import type { Asking, Bound, SqlSession } from '../session';
import type { LinesRead } from './lines';
import { askRows, linesWhere } from './rows';
import type { PayrollSpec } from './spec';

type PeriodKey = Pick<PayPeriod, 'group' | 'end' | 'run'>;

export const periodBound = ({ group, end, run }: PeriodKey): Bound => ({ payGroup: group, ends: end, run });

/** Tells the period from all others of the company. */
export function onePeriod({ periods: { columns } }: PayrollSpec): string {
  const { pay_group, ends, run } = columns;
  return `${pay_group.sql} = @payGroup AND ${ends.sql} = @ends AND ${run.sql} = @run`;
}

/** Asks for the lines of a period with their batches. `held`: nobody else takes a batch until the transaction ends. */
export function askPeriod(
  session: SqlSession,
  asking: Asking,
  spec: PayrollSpec,
  { company }: Scope,
  period: PeriodKey,
  { held = false }: { readonly held?: boolean } = {},
): () => LinesRead {
  const { dialect } = session;
  const bound = { company: Number(company), ...periodBound(period) };
  const ask = (rows: Parameters<typeof askRows>[1]) => asking.add(askRows(dialect, rows, bound, { held }));
  const batches = ask(spec.batches);
  const unposted = ask(linesWhere(spec.unposted, spec.unposted.ofPeriod));
  const posted = ask(linesWhere(spec.posted, spec.posted.ofPeriod));
  const problems = ask(spec.problems);
  return () => ({ batches: batches(), unposted: unposted(), posted: posted(), problems: problems() });
}
