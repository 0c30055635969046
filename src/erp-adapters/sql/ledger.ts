import { TiebackError } from '../../domain/base/errors';
import { isKind } from '../../domain/kinds';
import type { LedgerEntry, LedgerKind, LedgerPage, OperationLedger } from '../contract/adapter';
import { ledgerTables } from './ledger-tables';
import type { Bound, Row, SqlDatabase, SqlSession, Statement } from './session';
import { askAll, query } from './session';

type Operation = Pick<LedgerEntry, 'operationKey' | 'recordId' | 'generation'>;

/** The operation ledger of one connection. The statements are for transactions that are already open. */
export class SqlLedger implements OperationLedger {
  private readonly tables;

  constructor(
    private readonly database: SqlDatabase,
    private readonly connection: string,
  ) {
    this.tables = ledgerTables(database.dialect);
  }

  async find(operationKeys: readonly string[]): Promise<readonly LedgerEntry[]> {
    if (operationKeys.length === 0) return [];
    const keys = JSON.stringify(operationKeys);
    const sql = `operation_key ${this.tables.inList('keys')}`;
    return this.read('find', this.select(sql, { keys }));
  }

  async head(kind: LedgerKind, recordId: string): Promise<LedgerEntry | null> {
    const newest = `entity = @kind AND record_id = @recordId ORDER BY generation DESC ${this.database.dialect.limit('one')}`;
    const [found] = await this.read('head', this.select(newest, { kind, recordId, one: 1 }));
    return found ?? null;
  }

  async ofRecord(kind: LedgerKind, recordId: string): Promise<readonly LedgerEntry[]> {
    const all = 'entity = @kind AND record_id = @recordId ORDER BY generation';
    return this.read('ofRecord', this.select(all, { kind, recordId }));
  }

  async entries(after: string | null, size: number): Promise<LedgerPage> {
    const { place } = this.tables;
    const rows = await this.database.read('erp.ledger', (session) =>
      askAll(
        session,
        'entries',
        this.select(`${place} > @after ORDER BY ${place} ${this.database.dialect.limit('size')}`, {
          after: Number(after ?? 0),
          size,
        }),
      ),
    );
    const last = rows.at(-1);
    return {
      entries: rows.map(entryOf),
      cursor: last === undefined || rows.length < size ? null : String(last['place']),
    };
  }

  /** Who wrote these operations, or these generations of their records, or later ones. */
  ofOperations(kind: LedgerKind, operations: readonly Operation[]): Statement {
    const rows = operations.map(({ operationKey, recordId, generation }) => ({
      operation_key: operationKey,
      record_id: recordId,
      generation: String(generation),
    }));
    const { rowsOf, collated } = this.tables;
    const source = rowsOf('operations', ['operation_key', 'record_id', 'generation']);
    return this.select(
      `EXISTS (SELECT 1 FROM ${source} j WHERE operation_key = ${collated('j.operation_key')}
         OR (entity = @kind AND record_id = ${collated('j.record_id')} AND generation >= CAST(j.generation AS integer)))`,
      { kind, operations: JSON.stringify(rows) },
    );
  }

  /** The entry of this operation, and all of its record: what was written there before. */
  aboutOperation(kind: LedgerKind, { operationKey, recordId }: Omit<Operation, 'generation'>): Statement {
    const { place } = this.tables;
    return this.select(
      `(operation_key = @operationKey OR (entity = @kind AND record_id = @recordId)) ORDER BY ${place}`,
      { kind, operationKey, recordId },
    );
  }

  /** Adds the entries; the unique constraints of the table are the last word on "once". */
  add(entries: readonly LedgerEntry[]): Statement {
    const rows = entries.map((entry) => ({
      entity: entry.kind,
      record_id: entry.recordId,
      generation: String(entry.generation),
      operation_key: entry.operationKey,
      target_revision: entry.targetRevision,
      plan_hash: entry.planHash,
      erp_key: entry.erpKey,
      written_at: entry.writtenAt,
    }));
    const values = COLUMNS.map((column) =>
      column === 'generation' ? 'CAST(j.generation AS integer)' : `j.${column}`,
    );
    return {
      sql: `INSERT INTO ${this.tables.ledger} (connection, ${COLUMNS.join(', ')})
            SELECT @connection, ${values.join(', ')} FROM ${this.tables.rowsOf('entries', COLUMNS)} j`,
      bound: { connection: this.connection, entries: JSON.stringify(rows) },
      reads: false,
    };
  }

  private async read(part: string, statement: Statement): Promise<readonly LedgerEntry[]> {
    const rows = await this.database.read('erp.ledger', (session: SqlSession) =>
      askAll(session, part, statement),
    );
    return rows.map(entryOf);
  }

  private select(condition: string, bound: Bound): Statement {
    const { ledger, place } = this.tables;
    return query(
      `SELECT ${place} AS place, ${COLUMNS.join(', ')} FROM ${ledger} WHERE connection = @connection AND ${condition}`,
      { ...bound, connection: this.connection },
    );
  }
}

const COLUMNS = [
  'entity',
  'record_id',
  'generation',
  'operation_key',
  'target_revision',
  'plan_hash',
  'erp_key',
  'written_at',
];

/** A row of the ledger. Throws `ERP_CONFIG` where it tells of a kind that there is none of. */
export function entryOf(row: Row): LedgerEntry {
  const kind = String(row['entity']);
  if (!isKind(kind) && kind !== 'pay_batch')
    throw new TiebackError('ERP_CONFIG', { reason: `the ledger tells of "${kind}", which is no kind` });
  return {
    operationKey: String(row['operation_key']),
    kind,
    recordId: String(row['record_id']),
    generation: Number(row['generation']),
    targetRevision: String(row['target_revision']),
    planHash: String(row['plan_hash']),
    erpKey: String(row['erp_key']),
    writtenAt: String(row['written_at']),
  };
}
