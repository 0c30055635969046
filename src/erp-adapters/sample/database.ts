import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { TiebackError } from '../../domain/base/errors';
import { openSqlite } from '../../sqlite';
import type { Io } from '../contract/definition';
import { isDriverError, toTiebackError } from './errors';

/** What a column holds. */
export type Value = string | number | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Value>>;

/** Values of a statement by name (`@code`). */
export type Bound = Readonly<Record<string, Value>>;

/** SQL for a list of keys of any length, bound as JSON: one prepared statement serves them all. */
export const inList = (name: string): string => `IN (SELECT value FROM json_each(@${name}))`;

/** The statements of one open file: prepared once each, kept as long as the file is open. */
export class Statements {
  private readonly prepared = new Map<string, Database.Statement<[Bound], Row>>();

  constructor(private readonly db: Database.Database) {}

  all(sql: string, bound: Bound = {}): readonly Row[] {
    return this.prepare(sql).all(bound);
  }

  get(sql: string, bound: Bound = {}): Row | undefined {
    return this.prepare(sql).get(bound);
  }

  /** Answers with the key of the new row, where one was inserted. */
  run(sql: string, bound: Bound = {}): number {
    return Number(this.prepare(sql).run(bound).lastInsertRowid);
  }

  get inTransaction(): boolean {
    return this.db.inTransaction;
  }

  private prepare(sql: string): Database.Statement<[Bound], Row> {
    const known = this.prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.db.prepare<[Bound], Row>(sql);
    this.prepared.set(sql, statement);
    return statement;
  }
}

/** Runs one named call against the database, with the driver's errors turned into ours. */
export type Step = <T>(name: string, call: (db: Statements) => T) => T;

/** What a transaction came to: `keep: false` rolls back, so that an answer such as `moved` leaves no trace. */
export interface Outcome<T> {
  readonly keep: boolean;
  readonly value: T;
}

interface OpenFile {
  readonly file: Database.Database;
  readonly inode: number;
  readonly statements: Statements;
}

/**
 * The company database, opened on first use and again when the file was replaced (a restored backup is another file under the same
 * name). Every call goes through the `io` hook under a name.
 */
export class SampleDatabase {
  private open: OpenFile | null = null;

  constructor(
    private readonly file: string,
    private readonly busyTimeoutMs: number,
    private readonly io: Io,
  ) {}

  /** One read. All its statements see the same moment of the ERP. */
  readonly read: Step = (name, call) => {
    const db = this.statements();
    return this.call(name, () => {
      try {
        db.run('BEGIN');
        const value = call(db);
        db.run('COMMIT');
        return value;
      } finally {
        if (db.inTransaction) db.run('ROLLBACK');
      }
    });
  };

  /**
   * One transaction that holds the write lock from its first statement: what it reads is still true when it writes. An error
   * before the commit rolls back and means that nothing was written; an error of the commit itself means that nobody knows.
   */
  transaction<T>(name: string, work: (step: Step) => Outcome<T>): T {
    const db = this.statements();
    const step: Step = (part, call) => this.call(`${name}.${part}`, () => call(db));
    try {
      step('begin', () => db.run('BEGIN IMMEDIATE'));
      const { keep, value } = work(step);
      if (keep) this.commit(name, db);
      return value;
    } finally {
      if (db.inTransaction) db.run('ROLLBACK');
    }
  }

  private commit(name: string, db: Statements): void {
    try {
      this.io(`${name}.commit`, () => db.run('COMMIT'));
    } catch (error) {
      // The driver's own refusal leaves the transaction open: known not to be committed. Anything else is a lost answer.
      if (isDriverError(error) && db.inTransaction) throw toTiebackError(error);
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason: messageOf(error) }, { cause: error });
    }
  }

  /** Closes the file; the next call opens it again. */
  close(): void {
    this.open?.file.close();
    this.open = null;
  }

  private call<T>(name: string, call: () => T): T {
    try {
      return this.io(name, call);
    } catch (error) {
      throw toTiebackError(error);
    }
  }

  private statements(): Statements {
    const inode = this.inode();
    if (this.open?.inode === inode) return this.open.statements;
    this.close();
    try {
      const file = this.io('erp.open', () => connect(this.file, this.busyTimeoutMs));
      this.open = { file, inode, statements: new Statements(file) };
      return this.open.statements;
    } catch (error) {
      throw toTiebackError(error);
    }
  }

  /** Says why there is no file: a missing folder is a share that is not mounted, a missing file a wrong path. */
  private inode(): number {
    try {
      return statSync(this.file).ino;
    } catch (cause) {
      const code = existsSync(dirname(this.file)) ? 'ERP_CONFIG' : 'ERP_UNREACHABLE';
      throw new TiebackError(code, { reason: `there is no company database at ${this.file}` }, { cause });
    }
  }
}

function connect(file: string, busyTimeoutMs: number): Database.Database {
  const db = openSqlite(file, { fileMustExist: true, timeout: busyTimeoutMs });
  try {
    db.pragma('foreign_keys = ON');
    // A commit that was reported must survive a power cut: the ledger is believed without a second look.
    db.pragma('synchronous = FULL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
