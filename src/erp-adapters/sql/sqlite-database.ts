import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Mutex } from 'async-mutex';
import type Database from 'better-sqlite3';
import { TiebackError } from '../../domain/base/errors';
import { openSqlite } from '../../sqlite';
import type { Io } from '../contract/definition';
import { SQLITE } from './dialect';
import type { Bound, Outcome, Row, SqlDatabase, SqlSession, Statement } from './session';
import { isDriverError, toTiebackError } from './sqlite-errors';

interface OpenFile {
  readonly file: Database.Database;
  readonly identity: string;
  readonly prepared: Map<string, Database.Statement<[Bound], Row>>;
}

/**
 * A company database in an SQLite file, opened on first use and again when the file was replaced (a restored backup is another file under the same
 * name). One conversation at a time: whoever waits for it holds nothing.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = SQLITE;
  private readonly turn = new Mutex();
  private open: OpenFile | null = null;

  constructor(
    private readonly file: string,
    private readonly busyTimeoutMs: number,
    private readonly io: Io,
  ) {}

  read<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.turn.runExclusive(async () => {
      const open = this.opened();
      try {
        this.quietly(() => run(open, BEGIN_READ));
        return await work(this.session(name, open));
      } finally {
        if (open.file.inTransaction) run(open, ROLLBACK);
      }
    });
  }

  /** Holds the write lock from its first statement: what it reads is still true when it writes. */
  transaction<T>(name: string, work: (session: SqlSession) => Promise<Outcome<T>>): Promise<T> {
    return this.turn.runExclusive(async () => {
      const open = this.opened();
      try {
        this.call(`${name}.begin`, () => run(open, BEGIN_WRITE));
        const { keep, value } = await work(this.session(name, open));
        if (keep) this.commit(name, open);
        return value;
      } finally {
        if (open.file.inTransaction) run(open, ROLLBACK);
      }
    });
  }

  async generation(): Promise<string> {
    return this.identity();
  }

  async close(): Promise<void> {
    await this.turn.runExclusive(async () => this.shut());
  }

  private session(name: string, open: OpenFile): SqlSession {
    return {
      dialect: SQLITE,
      ask: async (part, statements) =>
        this.call(`${name}.${part}`, () => statements.map((statement) => run(open, statement))),
    };
  }

  private commit(name: string, open: OpenFile): void {
    try {
      this.io(`${name}.commit`, () => run(open, COMMIT));
    } catch (error) {
      // The driver's own refusal leaves the transaction open: known not to be committed. Anything else is a lost answer.
      if (isDriverError(error) && open.file.inTransaction) throw toTiebackError(error);
      const reason = error instanceof Error ? error.message : String(error);
      throw new TiebackError('ERP_OUTCOME_UNKNOWN', { reason }, { cause: error });
    }
  }

  private call<T>(name: string, call: () => T): T {
    return this.quietly(() => this.io(name, call));
  }

  private quietly<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw toTiebackError(error);
    }
  }

  private opened(): OpenFile {
    const identity = this.identity();
    if (this.open?.identity === identity) return this.open;
    this.shut();
    const file = this.call('erp.open', () => connect(this.file, this.busyTimeoutMs));
    this.open = { file, identity, prepared: new Map() };
    return this.open;
  }

  private shut(): void {
    this.open?.file.close();
    this.open = null;
  }

  /** Says why there is no file: a missing folder is a share that is not mounted, a missing file a wrong path. */
  private identity(): string {
    try {
      const { dev, ino } = statSync(this.file);
      return `${dev}:${ino}`;
    } catch (cause) {
      const code = existsSync(dirname(this.file)) ? 'ERP_CONFIG' : 'ERP_UNREACHABLE';
      throw new TiebackError(code, { reason: `there is no company database at ${this.file}` }, { cause });
    }
  }
}

const BEGIN_READ: Statement = { sql: 'BEGIN', bound: {}, reads: false };
const BEGIN_WRITE: Statement = { sql: 'BEGIN IMMEDIATE', bound: {}, reads: false };
const COMMIT: Statement = { sql: 'COMMIT', bound: {}, reads: false };
const ROLLBACK: Statement = { sql: 'ROLLBACK', bound: {}, reads: false };

/** Statements are prepared once each, and kept as long as the file is open. */
function run({ file, prepared }: OpenFile, { sql, bound, reads }: Statement): readonly Row[] {
  const statement = prepared.get(sql) ?? file.prepare<[Bound], Row>(sql);
  prepared.set(sql, statement);
  if (reads) return statement.all(bound);
  return [{ changed: statement.run(bound).changes }];
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
