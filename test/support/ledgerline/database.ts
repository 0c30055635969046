import { isTiebackError, TiebackError } from '../../../src/domain/base/errors';
import type { LedgerEntry, OperationLedger } from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import type { SqliteDatabase } from '../../../src/sqlite';
import { openSqlite } from '../../../src/sqlite';

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** SQL of a list that is bound as JSON. */
export const IN = 'IN (SELECT value FROM json_each(@list))';

export const all = <T = Row>(db: SqliteDatabase, sql: string, bound: Row = {}): readonly T[] =>
  db.prepare<[Row], T>(sql).all(bound);

/** One named call. */
export type Step = <T>(name: string, call: (db: SqliteDatabase) => T) => T;

export interface Outcome<T> {
  readonly keep: boolean;
  readonly value: T;
}

/** The company database, opened on first use; every call goes through the hook. */
export class Database {
  private open: SqliteDatabase | null = null;

  constructor(
    private readonly file: string,
    private readonly io: Io,
  ) {}

  readonly call: Step = (name, call) => {
    // Nobody waits in the driver: `busy` is answered at once.
    const connect = (): SqliteDatabase => openSqlite(this.file, { fileMustExist: true, timeout: 0 });
    try {
      const db = (this.open ??= this.io('erp.open', connect));
      return this.io(name, () => call(db));
    } catch (error) {
      throw ours(error);
    }
  };

  /** A transaction that holds its lock from the first statement. What throws, or is not to be kept, is rolled back. */
  transaction<T>(name: string, work: (step: Step) => Outcome<T>): T {
    const step: Step = (part, call) => this.call(`${name}.${part}`, call);
    try {
      step('begin', (db) => db.exec('BEGIN IMMEDIATE'));
      const { keep, value } = work(step);
      if (keep) this.commit(`${name}.commit`);
      return value;
    } finally {
      if (this.open?.inTransaction) this.open.exec('ROLLBACK');
    }
  }

  private commit(name: string): void {
    try {
      this.io(name, () => this.open?.exec('COMMIT'));
    } catch (error) {
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason: String(error) }, { cause: error });
    }
  }

  close(): void {
    this.open?.close();
    this.open = null;
  }
}

/** The driver's errors as ours, with its words; anything else is a fault of the program and passes. */
function ours(error: unknown): unknown {
  // By its fields: the native driver has one class of errors per process, not per copy of the package.
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (isTiebackError(error) || !code.startsWith('SQLITE_')) return error;
  const is = /BUSY|LOCKED/.test(code) ? 'ERP_BUSY' : /CONSTRAINT/.test(code) ? 'ERP_REFUSED' : 'ERP_CONFIG';
  return new TiebackError(is, { reason: String(error) }, { cause: error });
}

/** SQLite knows no users, so there are no rights to give. The columns are named as the parts of an entry. */
export const GRANT_SCRIPT = `-- Tieback's operation ledger in Ledgerline.
CREATE TABLE IF NOT EXISTS tieback_ledger (
  connection TEXT, kind TEXT, recordId TEXT, generation INTEGER, operationKey TEXT UNIQUE, targetRevision TEXT, planHash TEXT,
  erpKey TEXT, writtenAt TEXT, UNIQUE (connection, kind, recordId, generation));
CREATE TRIGGER IF NOT EXISTS tieback_ledger_rows BEFORE DELETE ON tieback_ledger BEGIN SELECT RAISE(ABORT, 'never deleted'); END;
CREATE TRIGGER IF NOT EXISTS tieback_ledger_values BEFORE UPDATE ON tieback_ledger BEGIN SELECT RAISE(ABORT, 'never changed'); END;
`;

const COLUMNS = 'kind, recordId, generation, operationKey, targetRevision, planHash, erpKey, writtenAt';

export interface Ledger extends OperationLedger {
  /** These two inside a transaction that is open. */
  readonly findIn: (db: SqliteDatabase, where: string, bound: Row) => readonly LedgerEntry[];
  readonly addIn: (db: SqliteDatabase, entry: LedgerEntry) => void;
}

export function ledgerOf(database: Database, connection: string): Ledger {
  const findIn: Ledger['findIn'] = (db, where, bound) => {
    const sql = `SELECT ${COLUMNS} FROM tieback_ledger WHERE connection = @connection AND ${where}`;
    return all<LedgerEntry>(db, sql, { ...bound, connection });
  };
  const find = (where: string, bound: Row): readonly LedgerEntry[] =>
    database.call('erp.ledger', (db) => findIn(db, where, bound));
  return {
    findIn,
    addIn: (db, entry) => {
      const values = COLUMNS.replace(/\w+/g, '@$&');
      const sql = `INSERT INTO tieback_ledger (connection, ${COLUMNS}) VALUES (@connection, ${values})`;
      db.prepare<[Row]>(sql).run({ ...entry, connection });
    },
    find: async (keys) => find(`operationKey ${IN}`, { list: JSON.stringify(keys) }),
    head: async (kind, recordId) =>
      find('kind = @kind AND recordId = @recordId ORDER BY generation DESC', { kind, recordId })[0] ?? null,
    async entries(after, size) {
      const from = Number(after ?? 0);
      const entries = find('true ORDER BY rowid LIMIT @size OFFSET @from', { size, from });
      return { entries, cursor: entries.length < size ? null : String(from + size) };
    },
  };
}
