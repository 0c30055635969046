import { TiebackError } from '../../domain/base/errors';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { LedgerEntry, LedgerPage, OperationLedger } from '../contract/adapter';
import type { Row, SampleDatabase, Statements } from './database';
import { inList } from './database';

/** The operation ledger of one connection. The functions with a `db` run inside a transaction that is already open. */
export class SampleLedger implements OperationLedger {
  constructor(
    private readonly database: SampleDatabase,
    private readonly connection: string,
  ) {}

  async find(operationKeys: readonly string[]): Promise<readonly LedgerEntry[]> {
    if (operationKeys.length === 0) return [];
    const keys = JSON.stringify(operationKeys);
    return this.database.read('erp.ledger.find', (db) =>
      this.select(db, `operation_key ${inList('keys')}`, { keys }),
    );
  }

  async head(kind: Kind, recordId: string): Promise<LedgerEntry | null> {
    const newest = 'entity = @kind AND record_id = @recordId ORDER BY generation DESC LIMIT 1';
    const found = this.database.read('erp.ledger.head', (db) => this.select(db, newest, { kind, recordId }));
    return found[0] ?? null;
  }

  async ofRecord(kind: Kind, recordId: string): Promise<readonly LedgerEntry[]> {
    const all = 'entity = @kind AND record_id = @recordId ORDER BY generation';
    return this.database.read('erp.ledger.ofRecord', (db) => this.select(db, all, { kind, recordId }));
  }

  async entries(after: string | null, size: number): Promise<LedgerPage> {
    const rows = this.database.read('erp.ledger.entries', (db) =>
      db.all(
        `SELECT rowid AS place, * FROM tieback_ledger
          WHERE connection = @connection AND rowid > @after ORDER BY rowid LIMIT @size`,
        { connection: this.connection, after: Number(after ?? 0), size },
      ),
    );
    const last = rows.at(-1);
    return {
      entries: rows.map(entryOf),
      cursor: last === undefined || rows.length < size ? null : String(last['place']),
    };
  }

  /** Who wrote this operation, or this generation of its record: at most one entry each. */
  findIn(
    db: Statements,
    kind: Kind,
    { operationKey, recordId, generation }: Pick<LedgerEntry, 'operationKey' | 'recordId' | 'generation'>,
  ): readonly LedgerEntry[] {
    const same = 'entity = @kind AND record_id = @recordId AND generation = @generation';
    return this.select(db, `(operation_key = @operationKey OR (${same}))`, {
      kind,
      operationKey,
      recordId,
      generation,
    });
  }

  /** Adds the entry; the unique constraints of the table are the last word on "once". */
  addIn(db: Statements, entry: LedgerEntry): void {
    db.run(
      `INSERT INTO tieback_ledger
         (connection, entity, record_id, generation, operation_key, target_revision, plan_hash, erp_key, written_at)
       VALUES (@connection, @kind, @recordId, @generation, @operationKey, @targetRevision, @planHash, @erpKey, @writtenAt)`,
      { ...entry, connection: this.connection },
    );
  }

  private select(db: Statements, condition: string, bound: Row): readonly LedgerEntry[] {
    const sql = `SELECT * FROM tieback_ledger WHERE connection = @connection AND ${condition}`;
    return db.all(sql, { ...bound, connection: this.connection }).map(entryOf);
  }
}

function entryOf(row: Row): LedgerEntry {
  const kind = String(row['entity']);
  if (!isKind(kind))
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
