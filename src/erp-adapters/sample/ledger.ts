import type Database from 'better-sqlite3';
import type { LedgerEntry, OperationLedger } from '../contract/adapter';
import type { SampleConnection } from './connection';
import { columnsByTable } from './record-tables';

/** One line of rights per table of records. */
const RECORD_RIGHTS = [...columnsByTable()]
  .map(([table, { columns, written }]) => {
    const rights = written ? 'SELECT, INSERT, UPDATE' : 'SELECT';
    return `--   ${rights.padEnd(24)}${table} (${[...columns].join(', ')})`;
  })
  .join('\n');

/**
 * What a DBA runs once. SQLite knows no users; on a server the script would also create a login with these rights and nothing else.
 */
export const GRANT_SCRIPT = `-- Tieback: rights and operation ledger for the sample ERP "Groundwork". Nothing is ever deleted or posted by Tieback.
-- Needed on a server:
--   SELECT                  HQVR, HQCO, HQST, HQCN, APVT, JCBT, DDFI, DDMK, HQLK, HQRV, GLPD
--   SELECT, UPDATE          HQVG (NextVendor)
--   SELECT, INSERT, UPDATE  APVM without TaxId and BankAcct
--   SELECT, INSERT          HQBC, tieback_ledger
${RECORD_RIGHTS}
CREATE TABLE IF NOT EXISTS tieback_ledger (
  connection      TEXT NOT NULL,
  entity          TEXT NOT NULL,
  record_id       TEXT NOT NULL,
  generation      INTEGER NOT NULL,
  operation_key   TEXT NOT NULL UNIQUE,
  target_revision TEXT NOT NULL,
  plan_hash       TEXT NOT NULL,
  erp_key         TEXT NOT NULL,
  written_at      TEXT NOT NULL,
  UNIQUE (connection, entity, record_id, generation)
);
CREATE TRIGGER IF NOT EXISTS tieback_ledger_keep_rows BEFORE DELETE ON tieback_ledger
BEGIN SELECT RAISE(ABORT, 'tieback_ledger: entries are never deleted.'); END;
CREATE TRIGGER IF NOT EXISTS tieback_ledger_keep_values BEFORE UPDATE ON tieback_ledger
BEGIN SELECT RAISE(ABORT, 'tieback_ledger: entries are never changed.'); END;
`;

interface LedgerRow {
  readonly operation_key: string;
  readonly entity: string;
  readonly record_id: string;
  readonly generation: number;
  readonly target_revision: string;
  readonly plan_hash: string;
  readonly erp_key: string;
  readonly written_at: string;
}

/** The operation ledger of one connection. The functions with a `db` run inside a transaction that is already open. */
export class SampleLedger implements OperationLedger {
  constructor(
    private readonly connection: SampleConnection,
    private readonly connectionId: string,
  ) {}

  async find(operationKey: string): Promise<LedgerEntry | null> {
    return this.connection.read('erp.ledger.find', (db) => this.findIn(db, operationKey));
  }

  async head(entity: string, recordId: string): Promise<LedgerEntry | null> {
    return this.connection.read('erp.ledger.head', (db) =>
      entryOf(
        db
          .prepare<[string, string, string], LedgerRow>(
            'SELECT * FROM tieback_ledger WHERE connection = ? AND entity = ? AND record_id = ? ORDER BY generation DESC LIMIT 1',
          )
          .get(this.connectionId, entity, recordId),
      ),
    );
  }

  findIn(db: Database.Database, operationKey: string): LedgerEntry | null {
    return entryOf(
      db
        .prepare<[string, string], LedgerRow>(
          'SELECT * FROM tieback_ledger WHERE connection = ? AND operation_key = ?',
        )
        .get(this.connectionId, operationKey),
    );
  }

  /** Who wrote this generation of a record, whatever the operation was. */
  findGenerationIn(
    db: Database.Database,
    entity: string,
    recordId: string,
    generation: number,
  ): LedgerEntry | null {
    return entryOf(
      db
        .prepare<[string, string, string, number], LedgerRow>(
          'SELECT * FROM tieback_ledger WHERE connection = ? AND entity = ? AND record_id = ? AND generation = ?',
        )
        .get(this.connectionId, entity, recordId, generation),
    );
  }

  /** Adds the entry; the unique constraints of the table are the last word on "once". */
  addIn(db: Database.Database, entry: LedgerEntry): void {
    db.prepare(
      `INSERT INTO tieback_ledger
         (connection, entity, record_id, generation, operation_key, target_revision, plan_hash, erp_key, written_at)
       VALUES (@connection, @entity, @recordId, @generation, @operationKey, @targetRevision, @planHash, @erpKey, @writtenAt)`,
    ).run({ ...entry, connection: this.connectionId });
  }
}

const entryOf = (row: LedgerRow | undefined): LedgerEntry | null =>
  row === undefined
    ? null
    : {
        operationKey: row.operation_key,
        entity: row.entity,
        recordId: row.record_id,
        generation: row.generation,
        targetRevision: row.target_revision,
        planHash: row.plan_hash,
        erpKey: row.erp_key,
        writtenAt: row.written_at,
      };
