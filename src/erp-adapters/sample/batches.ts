import type { TiebackError } from '../../domain/base/errors';
import { isTiebackError } from '../../domain/base/errors';
import { definitionOf } from '../../domain/kinds';
import type { BatchBook, Document, KindSpec } from '../sql/model';
import { busy, refused } from '../sql/refusals';
import type { Scope } from '../sql/scope';
import type { Row, SqlSession } from '../sql/session';
import { askAll, askOne, change, query } from '../sql/session';

/** Who we are in the columns of the ERP that ask for a person. */
export const US = 'tieback';

/** New documents go into our own open batch of their month; only what we entered ourselves may change, and only within its month. */
export const sampleBatches: BatchBook = {
  async places(session, scope, spec, documents) {
    const months = documents.map((document) => attempt(() => monthOf(spec, document)));
    const first = months.includes(null) ? await attemptLater(firstOpenMonth(session, scope, spec)) : '';
    const wanted = months.map((month) => month ?? first);
    const open = new Map<string, OpenBatch | TiebackError>();
    for (const month of new Set(wanted.filter((one) => typeof one === 'string')))
      open.set(month, await attemptLater(openBatch(session, scope, { spec, month })));
    return wanted.map((month): Row | TiebackError => {
      if (typeof month !== 'string') return month;
      const batch = open.get(month);
      if (batch === undefined || isTiebackError(batch)) return batch ?? busy(`there is no batch of ${month}`);
      batch.last += 1;
      return { Mth: month, BatchId: batch.id, Seq: batch.last, EnteredBy: US };
    });
  },

  async whyNot(session, _scope, spec, documents) {
    const ids = documents.flatMap(({ id }) => (id === null ? [] : [id]));
    const rows = await askAll(
      session,
      'batches',
      query(
        `SELECT t.KeyID AS id, b.Mth, b.BatchId, b.CreatedBy FROM ${spec.table} t
           JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId WHERE t.KeyID ${session.dialect.inList('ids')}`,
        { ids: JSON.stringify(ids) },
      ),
    );
    const held = new Map(rows.map((row) => [String(row['id']), row]));
    return documents.map(({ id, fields }) => attempt(() => checkBatch(spec, held.get(id ?? ''), fields)));
  },
};

interface OpenBatch {
  readonly id: number;
  /** Sequence number of the last document in it. */
  last: number;
}

/** Our open batch of a month; opened where there is none. Throws `ERP_BUSY` while somebody has it. */
async function openBatch(
  session: SqlSession,
  { company }: Scope,
  { spec, month }: { readonly spec: KindSpec; readonly month: string },
): Promise<OpenBatch> {
  const source = spec.batch?.source ?? '';
  const bound = { company: Number(company), month, source, us: US };
  const ours = 'Co = @company AND Mth = @month AND Source = @source AND CreatedBy = @us AND Status = 0';
  const [[open] = [], [newest] = [], sequences = []] = await session.ask('batch', [
    query(`SELECT BatchId, InUseBy FROM HQBC WHERE ${ours} ORDER BY BatchId LIMIT 1`, bound),
    query('SELECT coalesce(max(BatchId), 0) AS last FROM HQBC WHERE Co = @company AND Mth = @month', bound),
    query(
      `SELECT BatchId, max(Seq) AS last FROM ${spec.table} WHERE Co = @company AND Mth = @month GROUP BY BatchId`,
      bound,
    ),
  ]);
  if (open === undefined) {
    const id = Number(newest?.['last'] ?? 0) + 1;
    await session.ask('openBatch', [
      change(
        'INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy) VALUES (@company, @month, @id, @source, @us)',
        { ...bound, id },
      ),
    ]);
    return { id, last: 0 };
  }
  const id = Number(open['BatchId']);
  const user = open['InUseBy'] ?? null;
  if (user !== null && user !== US) throw busy(`batch ${id} of ${month} (${source}) is in use by ${user}`);
  const sequence = sequences.find(({ BatchId }) => Number(BatchId) === id);
  return { id, last: Number(sequence?.['last'] ?? 0) };
}

/** Null: it may change. Batches of other people are theirs. */
function checkBatch(spec: KindSpec, held: Row | undefined, fields: Document['fields']): null {
  if (held === undefined) return refused('its batch is gone');
  const month = String(held['Mth']);
  if (held['CreatedBy'] !== US)
    refused(
      `it is in batch ${String(held['BatchId'])} of ${month}, which belongs to ${String(held['CreatedBy'])}`,
    );
  const dateField = spec.batch?.dateField ?? null;
  const date = dateField === null ? null : (fields[dateField] ?? null);
  if (typeof date === 'string' && date.slice(0, 7) !== month)
    refused(`it is in a batch of ${month} and cannot move to ${date.slice(0, 7)}`);
  return null;
}

/** Null: the first open month. */
function monthOf({ kind, noun, batch }: KindSpec, { fields }: Document): string | null {
  const dateField = batch?.dateField ?? null;
  if (dateField === null) return null;
  const date = fields[dateField];
  const label = definitionOf(kind).fields[dateField]?.label ?? dateField;
  if (typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)) return date.slice(0, 7);
  return refused(`${label} is missing: enter the date that decides the month of the ${noun}`);
}

async function firstOpenMonth(session: SqlSession, { company }: Scope, { batch }: KindSpec): Promise<string> {
  const module = (batch?.source ?? '').slice(0, 2);
  const row = await askOne(
    session,
    'month',
    query("SELECT min(Mth) AS Mth FROM GLPD WHERE GLCo = @company AND Module = @module AND Status = 'open'", {
      company: Number(company),
      module,
    }),
  );
  const month = row?.['Mth'];
  if (typeof month === 'string') return month;
  throw busy(`no month is open for ${module} in company ${company}`);
}

/** What was refused, or waits, is an answer. */
function attempt<T>(call: () => T): T | TiebackError {
  try {
    return call();
  } catch (error) {
    if (isTiebackError(error)) return error;
    throw error;
  }
}

const attemptLater = <T>(call: Promise<T>): Promise<T | TiebackError> =>
  call.catch((error: unknown) => {
    if (isTiebackError(error) && (error.code === 'ERP_BUSY' || error.code === 'ERP_REFUSED')) return error;
    throw error;
  });
