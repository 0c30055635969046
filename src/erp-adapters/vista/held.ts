import type { Document, KindSpec, SqlModel } from '../sql/model';
import { idIn } from '../sql/scope';
import type { SqlSession } from '../sql/session';
import { askAll, query } from '../sql/session';
import { shownMonth } from './batches';
import type { Module } from './sql';
import { moduleOf, MODULES } from './sql';

/**
 * Locks are agreements between programs: Vista would let us write past them. Whoever edits a posted order has its number of a batch in it; an order that
 * is not posted yet takes neither changes nor invoices; and a budget waits until the one before it is posted.
 */
export const heldByPeople: NonNullable<SqlModel['held']> = async (session, scope, spec, documents) => {
  const company = Number(scope.company);
  if (spec.kind === 'budget') {
    const jobs = documents.map(({ id, fields }) => (id === null ? idIn(textOf(fields['job'])) : ''));
    const waiting = await unpostedBudgets(session, company, jobs);
    return jobs.map((job) => waiting.get(job) ?? null);
  }
  const orders = documents.map((document) => orderOf(spec, document));
  const reasons = new Map<string, string>();
  for (const module of ['SL', 'PO'] as const) {
    const numbers = orders.flatMap((id) => (id !== null && moduleOf(id) === module ? [id.slice(2)] : []));
    for (const [number, why] of await ordersInUse(session, company, { module, numbers, spec }))
      reasons.set(`${MODULES[module].prefix}${number}`, why);
  }
  return orders.map((id) => (id === null ? null : (reasons.get(id) ?? null)));
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The order that a document changes or refers to. */
function orderOf({ kind }: KindSpec, { id, fields }: Document): string | null {
  if (kind === 'commitment') return id;
  if (kind !== 'commitment_change_order' && kind !== 'requisition') return null;
  const order = idIn(textOf(fields['commitment']));
  return order === '' ? null : order;
}

async function ordersInUse(
  session: SqlSession,
  company: number,
  {
    module,
    numbers,
    spec,
  }: { readonly module: Module; readonly numbers: readonly string[]; readonly spec: KindSpec },
): Promise<ReadonlyMap<string, string>> {
  if (numbers.length === 0) return new Map();
  const { dialect } = session;
  const { noun } = MODULES[module];
  const bound = { company, numbers: JSON.stringify(numbers) };
  const [posted, waiting] = [
    await askAll(
      session,
      'orders',
      query(
        `SELECT ${module} AS number, InUseBatchId, ${dialect.read('InUseMth', 'date')} AS InUseMth FROM ${module}HD
          WHERE ${module}Co = @company AND ${module} ${dialect.inList('numbers')} AND InUseBatchId IS NOT NULL`,
        bound,
      ),
    ),
    spec.kind === 'commitment'
      ? []
      : await askAll(
          session,
          'unposted',
          query(
            `SELECT ${module} AS number, BatchId, ${dialect.read('Mth', 'date')} AS Mth FROM ${module}HB
              WHERE Co = @company AND BatchTransType = 'A' AND ${module} ${dialect.inList('numbers')}`,
            bound,
          ),
        ),
  ];
  return new Map([
    ...posted.map(
      ({ number, InUseBatchId, InUseMth }) =>
        [
          String(number),
          `${noun} ${String(number)} is in use by batch ${String(InUseBatchId)} of ${shownMonth(String(InUseMth))}`,
        ] as const,
    ),
    ...waiting.map(
      ({ number, BatchId, Mth }) =>
        [
          String(number),
          `${noun} ${String(number)} is in batch ${String(BatchId)} of ${shownMonth(String(Mth))}, which somebody must post first`,
        ] as const,
    ),
  ]);
}

async function unpostedBudgets(
  session: SqlSession,
  company: number,
  jobs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { dialect } = session;
  const rows = await askAll(
    session,
    'budgets',
    query(
      `SELECT ${dialect.read('m.KeyID', 'text')} AS id, MIN(m.Job) AS Job, MIN(b.BatchId) AS BatchId, MIN(${dialect.read('b.Mth', 'date')}) AS Mth
         FROM JCCB b JOIN JCJM m ON m.JCCo = b.Co AND m.Job = b.Job
        WHERE b.Co = @company AND b.JCTransType IN ('OE', 'CO') AND m.KeyID ${dialect.inList('jobs')} GROUP BY m.KeyID`,
      { company, jobs: JSON.stringify(jobs.filter((job) => job !== '')) },
    ),
  );
  return new Map(
    rows.map(({ id, Job, BatchId, Mth }) => [
      String(id),
      `estimates of job ${String(Job).trim()} are in batch ${String(BatchId)} of ${shownMonth(String(Mth))}, which somebody must post first`,
    ]),
  );
}
