import { TiebackError, isTiebackError } from '../../domain/base/errors';
import { definitionOf } from '../../domain/kinds';
import type { Fields } from '../../domain/kinds/record';
import type { BatchBook, Document, KindSpec } from '../sql/model';
import { busy, refused } from '../sql/refusals';
import type { Scope } from '../sql/scope';
import type { Row, SqlSession, Statement } from '../sql/session';
import { askAll, change, query } from '../sql/session';
import type { VistaOptions } from './settings';
import type { VistaSql } from './sql';

/** Status of a batch that takes rows. Tieback never changes a status: validating and posting are for people. */
const OPEN = 0;

/** Why a document in a batch with another status may not change: some of it passes. */
export const WHY: Readonly<Record<number, { readonly says: string; readonly passes: boolean }>> = {
  1: { says: 'is being validated', passes: true },
  2: { says: 'has validation errors; somebody must correct it or set it back to open', passes: true },
  3: { says: 'has been validated; somebody must post it or set it back to open', passes: true },
  4: { says: 'is being posted', passes: true },
  5: { says: 'has been posted', passes: false },
  6: { says: 'has been cancelled', passes: false },
};

/** `2026-07-01` → `07/26`, as people write it. */
export const shownMonth = (mth: string): string => `${mth.slice(5, 7)}/${mth.slice(2, 4)}`;

const lastClosed = (source: string, { settings }: Scope): string =>
  String((source.startsWith('AP') ? settings['APClosed'] : settings['SubClosed']) ?? '');

/** The first of the month that comes so many later. */
function monthAfter(mth: string, months: number): string {
  const count = Number(mth.slice(0, 4)) * 12 + Number(mth.slice(5, 7)) - 1 + months;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}-01`;
}

/** The month after the last one closed. Throws `ERP_CONFIG` where the company has none. */
export function firstOpenMonth(source: string, scope: Scope): string {
  const closed = lastClosed(source, scope);
  if (closed === '')
    throw new TiebackError('ERP_CONFIG', { reason: `there is no company ${scope.company} in GLCO` });
  return monthAfter(closed, 1);
}

/**
 * The month that a document belongs to. Throws `ERP_BUSY` while it is closed or not open yet (AP closes apart from all other ledgers), `ERP_REFUSED`
 * where the document has no date to tell.
 */
export function monthOf(
  { kind, noun }: KindSpec,
  fields: Fields,
  { source, dateField }: { readonly source: string; readonly dateField: string | null },
  scope: Scope,
  { batchMonth }: Pick<VistaOptions, 'batchMonth'>,
): string {
  const firstOpen = firstOpenMonth(source, scope);
  if (dateField === null) return firstOpen;
  const date = dateOf(fields, dateField);
  if (date === null) {
    const label = definitionOf(kind).fields[dateField]?.label ?? dateField;
    return refused(`${label} is missing: it decides the month of the ${noun}`);
  }
  const month = `${date.slice(0, 7)}-01`;
  if (month < firstOpen && batchMonth === 'first_open') return firstOpen;
  const closed = monthClosed(month, source, scope);
  if (closed !== null) throw busy(closed);
  return month;
}

/** Why a month takes no batch of this source; null: it is open. */
export function monthClosed(month: string, source: string, scope: Scope): string | null {
  if (month < firstOpenMonth(source, scope))
    return `month ${shownMonth(month)} is closed for ${source.slice(0, 2)} in company ${scope.company}`;
  if (month > monthAfter(String(scope.settings['SubClosed']), Number(scope.settings['MaxOpen'])))
    return `month ${shownMonth(month)} is not open yet in company ${scope.company}`;
  return null;
}

/** The accounting date, else the date of the document. */
export function dateOf(fields: Fields, dateField = 'accountingDate'): string | null {
  const date = [fields[dateField], fields['date']].find((value) => typeof value === 'string');
  return typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null;
}

interface OpenBatch {
  readonly id: number;
  /** Sequence number of the last row in it. */
  last: number;
}

/** Opens batches. Its number is the return code; 0 means failure. */
export const PROCEDURE = 'bspHQBCInsert';

/** New documents go into a batch of our own, opened by the ERP's procedure and left for people when they are in. */
export const vistaBatches = ({ d }: VistaSql, options: VistaOptions): BatchBook => ({
  async places(session, scope, spec, documents) {
    const source = spec.batch?.source ?? '';
    const of = { source, dateField: spec.batch?.dateField ?? null };
    const months = documents.map(({ fields }) => attempt(() => monthOf(spec, fields, of, scope, options)));
    const open = new Map<string, OpenBatch | TiebackError>();
    for (const month of new Set(months.filter((one) => typeof one === 'string')))
      open.set(month, await attemptLater(openBatch(session, scope, { spec, source, month })));
    return months.map((month): Row | TiebackError => {
      if (typeof month !== 'string') return month;
      const batch = open.get(month);
      if (batch === undefined || isTiebackError(batch)) return batch ?? busy(`there is no batch of ${month}`);
      batch.last += 1;
      return { Mth: month, BatchId: batch.id, BatchSeq: batch.last };
    });
  },

  async whyNot(session, scope, spec, documents) {
    const ids = documents.flatMap(({ id }) => (id === null ? [] : [id]));
    const match = (spec.match ?? '').replace(d.collated('j.tieback_id'), 'w.value');
    const rows = await askAll(
      session,
      'batches',
      query(
        `SELECT w.value AS id, b.BatchId, ${d.read('b.Mth', 'date')} AS Mth, b.CreatedBy, b.InUseBy, b.Status
           FROM ${listOf(d.name)} w JOIN ${spec.table} t ON ${match}
           JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId WHERE b.Co = @company`,
        { ids: JSON.stringify(ids), company: Number(scope.company) },
      ),
    );
    const held = new Map(rows.map((row) => [String(row['id']), row]));
    return documents.map((document) =>
      attempt(() => checkBatch(spec, scope, document, held.get(document.id ?? ''))),
    );
  },

  async release(session, scope, places) {
    const batches = new Map(
      places.map((place) => [`${String(place['Mth'])} ${String(place['BatchId'])}`, place]),
    );
    await session.ask(
      'release',
      [...batches.values()].map(({ Mth = null, BatchId = null }) =>
        change(
          'UPDATE HQBC SET InUseBy = NULL WHERE Co = @company AND Mth = @Mth AND BatchId = @BatchId AND InUseBy = @us',
          {
            company: Number(scope.company),
            Mth,
            BatchId,
            us: scope.settings['Login'] ?? null,
          },
        ),
      ),
    );
  },
});

const listOf = (dialect: string): string => (dialect === 'sqlite' ? 'json_each(@ids)' : 'OPENJSON(@ids)');

/** Our open batch of a month, in use by us until it is left; opened where there is none. Throws `ERP_BUSY` while somebody has it. */
async function openBatch(
  session: SqlSession,
  scope: Scope,
  { spec, source, month }: { readonly spec: KindSpec; readonly source: string; readonly month: string },
): Promise<OpenBatch> {
  const us = scope.settings['Login'] ?? null;
  const bound = { company: Number(scope.company), month, source, tableName: spec.table, us };
  const ours = `Co = @company AND Mth = @month AND RTRIM(TableName) = @tableName AND CreatedBy = @us AND Status = ${OPEN}`;
  const [, open = [], sequences = []] = await session.ask('batch', [
    // Whoever changes the row first has it: the others wait.
    change(`UPDATE HQBC SET InUseBy = @us WHERE ${ours} AND InUseBy IS NULL`, bound),
    query(`SELECT BatchId, InUseBy, Rstrict FROM HQBC WHERE ${ours} ORDER BY BatchId`, bound),
    query(
      `SELECT BatchId, MAX(BatchSeq) AS last_seq FROM ${spec.table} WHERE Co = @company AND Mth = @month GROUP BY BatchId`,
      { company: bound.company, month },
    ),
  ]);
  const [batch] = open;
  if (batch === undefined) return { id: await newBatch(session, bound), last: 0 };
  const id = Number(batch['BatchId']);
  const user = batch['InUseBy'] ?? null;
  if (user !== us) throw busy(`batch ${id} of ${shownMonth(month)} (${source}) is in use by ${String(user)}`);
  const sequence = sequences.find(({ BatchId }) => Number(BatchId) === id);
  return { id, last: Number(sequence?.['last_seq'] ?? 0) };
}

/** Opened by the ERP's own procedure, which may say why not. */
async function newBatch(session: SqlSession, bound: Row): Promise<number> {
  const answers = await session.ask('openBatch', callOf(session, bound));
  const [answer] = answers.at(-1) ?? [];
  const id = Number(answer?.['batchid'] ?? 0);
  if (id > 0) return id;
  const why = String(answer?.['errmsg'] ?? 'no reason was given');
  throw busy(
    `bspHQBCInsert opens no batch of ${shownMonth(String(bound['month']))} (${String(bound['source'])}): ${why}`,
  );
}

/** The call that opens a batch; `payGroup` and `ends` of a batch of timecards. The last answer has `batchid` and `errmsg`. */
export const callOf = ({ dialect }: SqlSession, bound: Row): readonly Statement[] =>
  dialect.name === 'sqlite'
    ? [
        change(
          `INSERT INTO bspHQBCInsert (co, month, source, batchtable, username${'ends' in bound ? ', prgroup, prenddate' : ''})
           VALUES (@company, @month, @source, @tableName, @us${'ends' in bound ? ', @payGroup, @ends' : ''})`,
          bound,
        ),
        query('SELECT batchid, errmsg FROM bspHQBCInsert_result ORDER BY call DESC LIMIT 1'),
      ]
    : [
        query(
          `DECLARE @tieback_batch int, @tieback_why varchar(255);
EXEC @tieback_batch = bspHQBCInsert @co = @company, @month = @month, @source = @source, @batchtable = @tableName, @restrict = 'N', @adjust = 'N',${'ends' in bound ? ' @prgroup = @payGroup, @prenddate = @ends,' : ''} @errmsg = @tieback_why OUTPUT;
SELECT @tieback_batch AS batchid, @tieback_why AS errmsg`,
          Object.fromEntries(Object.entries(bound).filter(([name]) => name !== 'us')),
        ),
      ];

/** Null: it may change. Batches of other people are theirs. */
function checkBatch(
  { noun }: KindSpec,
  { settings }: Scope,
  { fields }: Document,
  held: Row | undefined,
): null {
  if (held === undefined)
    return refused(`the ${noun} is in no batch any more: what is posted is changed by people`);
  const name = `batch ${String(held['BatchId'])} of ${shownMonth(String(held['Mth']))}`;
  const us = settings['Login'] ?? null;
  if (held['CreatedBy'] !== us) refused(`it is in ${name}, which belongs to ${String(held['CreatedBy'])}`);
  const user = held['InUseBy'] ?? null;
  if (user !== null && user !== us) throw busy(`${name} is in use by ${user}`);
  const why = WHY[Number(held['Status'])];
  const moved = dateOf(fields);
  if (why === undefined && moved !== null && moved.slice(0, 7) !== String(held['Mth']).slice(0, 7))
    refused(`it is in ${name} and cannot move to ${shownMonth(moved)}`);
  if (why === undefined) return null;
  if (why.passes) throw busy(`${name} ${why.says}`);
  return refused(`${name} ${why.says}`);
}

/** What was refused, or waits, is an answer. */
export function attempt<T>(call: () => T): T | TiebackError {
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
