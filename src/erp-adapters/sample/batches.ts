import { TiebackError } from '../../domain/base/errors';
import { definitionOf } from '../../domain/kinds';
import type { Fields } from '../../domain/kinds/record';
import type { Row, Statements } from './database';
import { refused, RETRY_AFTER_PERSON_MS } from './errors';
import type { Moment } from './record-reader';
import type { KindSpec } from './record-tables';

/** Who we are in the columns of the ERP that ask for a person. */
export const US = 'tieback';

/** A place for a new document in our own open batch of its month. */
export interface BatchPlace {
  readonly company: number;
  readonly month: string;
  readonly source: string;
  readonly batch: number;
  /** The batch has to be opened first. */
  readonly isNew: boolean;
  readonly sequence: number;
}

/** Finds the place; null for records that live in no batch. Throws `ERP_BUSY` while no month is open or somebody has our batch. */
export function findPlace({ db, scope }: Moment, spec: KindSpec, fields: Fields): BatchPlace | null {
  if (spec.batch === undefined) return null;
  const { source, dateField } = spec.batch;
  const { company } = scope;
  const month = dateField === null ? firstOpenMonth(db, company, source) : monthOf(spec, fields, dateField);
  const open = db.get(
    `SELECT BatchId, InUseBy FROM HQBC
      WHERE Co = @company AND Mth = @month AND Source = @source AND CreatedBy = @us AND Status = 0 ORDER BY BatchId LIMIT 1`,
    { company, month, source, us: US },
  );
  const user = open?.['InUseBy'] ?? null;
  if (open !== undefined && user !== null && user !== US)
    throw busy(`batch ${String(open['BatchId'])} of ${month} (${source}) is in use by ${user}`);
  const batch = open === undefined ? nextBatch(db, company, month) : Number(open['BatchId']);
  const last = db.get(
    `SELECT coalesce(max(Seq), 0) AS seq FROM ${spec.table} WHERE Co = @company AND Mth = @month AND BatchId = @batch`,
    { company, month, batch },
  );
  const sequence = Number(last?.['seq'] ?? 0) + 1;
  return { company, month, source, batch, isNew: open === undefined, sequence };
}

/** The columns of a document that say where it is. */
export const placeColumns = (place: BatchPlace | null): Row =>
  place === null ? {} : { Mth: place.month, BatchId: place.batch, Seq: place.sequence, EnteredBy: US };

export function openBatch(db: Statements, { company, month, source, batch }: BatchPlace): void {
  db.run(
    'INSERT INTO HQBC (Co, Mth, BatchId, Source, CreatedBy) VALUES (@company, @month, @batch, @source, @us)',
    { company, month, source, batch, us: US },
  );
}

/** Only what we entered ourselves may change, and only within its month: batches of other people are theirs. */
export function checkBatch({ db }: Moment, { table, batch }: KindSpec, id: number, fields: Fields): void {
  if (batch === undefined) return;
  const held = db.get(
    `SELECT b.Mth, b.BatchId, b.CreatedBy FROM ${table} t
       JOIN HQBC b ON b.Co = t.Co AND b.Mth = t.Mth AND b.BatchId = t.BatchId WHERE t.KeyID = @id`,
    { id },
  );
  if (held === undefined) return refused('its batch is gone');
  const month = String(held['Mth']);
  if (held['CreatedBy'] !== US)
    refused(
      `it is in batch ${String(held['BatchId'])} of ${month}, which belongs to ${String(held['CreatedBy'])}`,
    );
  const date = batch.dateField === null ? null : (fields[batch.dateField] ?? null);
  if (typeof date === 'string' && date.slice(0, 7) !== month)
    refused(`it is in a batch of ${month} and cannot move to ${date.slice(0, 7)}`);
}

function nextBatch(db: Statements, company: number, month: string): number {
  const row = db.get(
    'SELECT coalesce(max(BatchId), 0) AS last FROM HQBC WHERE Co = @company AND Mth = @month',
    {
      company,
      month,
    },
  );
  return Number(row?.['last'] ?? 0) + 1;
}

function monthOf({ kind, noun }: KindSpec, fields: Fields, dateField: string): string {
  const date = fields[dateField];
  const label = definitionOf(kind).fields[dateField]?.label ?? dateField;
  if (typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)) return date.slice(0, 7);
  return refused(`${label} is missing: enter the date that decides the month of the ${noun}`);
}

function firstOpenMonth(db: Statements, company: number, source: string): string {
  const module = source.slice(0, 2);
  const month = db.get(
    "SELECT min(Mth) AS Mth FROM GLPD WHERE GLCo = @company AND Module = @module AND Status = 'open'",
    { company, module },
  )?.['Mth'];
  if (typeof month === 'string') return month;
  throw busy(`no month is open for ${module} in company ${company}`);
}

const busy = (reason: string): TiebackError =>
  new TiebackError('ERP_BUSY', { reason }, { retryAfterMs: RETRY_AFTER_PERSON_MS });
