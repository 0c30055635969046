import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { TiebackError } from '../../domain/base/errors';
import type { Io } from '../contract/definition';
import { isDriverError, toTiebackError } from './errors';

/** Runs one named step against the database, with the driver's errors turned into ours. */
export type Step = <T>(name: string, call: (db: Database.Database) => T) => T;

/** What a transaction came to: `keep: false` rolls back, so that an answer such as `moved` leaves no trace. */
export interface Outcome<T> {
  readonly keep: boolean;
  readonly value: T;
}

/**
 * One connection to the company database, opened on first use and again when the file was replaced (a restored backup is another
 * file under the same name). Every call goes through the `io` hook under a name.
 */
export class SampleConnection {
  private open: { readonly db: Database.Database; readonly inode: number } | null = null;

  constructor(
    private readonly file: string,
    private readonly busyTimeoutMs: number,
    private readonly io: Io,
  ) {}

  /** One read. */
  readonly read: Step = (name, call) => {
    const db = this.database();
    try {
      return this.io(name, () => call(db));
    } catch (error) {
      throw toTiebackError(error);
    }
  };

  /**
   * One transaction that holds the write lock from its first statement: what it reads is still true when it writes. An error
   * before the commit rolls back and means that nothing was written; an error of the commit itself means that nobody knows.
   */
  transaction<T>(name: string, work: (step: Step) => Outcome<T>): T {
    const db = this.database();
    const step: Step = (part, call) => this.read(`${name}.${part}`, call);
    try {
      step('begin', () => db.exec('BEGIN IMMEDIATE'));
      const { keep, value } = work(step);
      if (keep) this.commit(name, db);
      return value;
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
    }
  }

  private commit(name: string, db: Database.Database): void {
    try {
      this.io(`${name}.commit`, () => db.exec('COMMIT'));
    } catch (error) {
      // The driver's own refusal leaves the transaction open: known not to be committed. Anything else is a lost answer.
      if (isDriverError(error) && db.inTransaction) throw toTiebackError(error);
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason: messageOf(error) }, { cause: error });
    }
  }

  /** Closes the file; the next call opens it again. */
  close(): void {
    this.open?.db.close();
    this.open = null;
  }

  private database(): Database.Database {
    const inode = this.inode();
    if (this.open?.inode === inode) return this.open.db;
    this.close();
    try {
      const db = this.io('erp.open', () => connect(this.file, this.busyTimeoutMs));
      this.open = { db, inode };
      return db;
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
  const db = new Database(file, { fileMustExist: true, timeout: busyTimeoutMs });
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
