import type { ServerFacts } from '../../sql-server/server-facts';
import type { StoreDialect } from '../column-types';
import type { Send } from '../session';

/** One transaction of a database. Nothing is begun before its first statement. */
export interface Transaction {
  readonly send: Send;
  /** Carries these statements and commits: in one round trip where nothing was begun yet. Throws `CommitError` where the outcome is not known. */
  commit(rest: Parameters<Send>[0]): Promise<void>;
  /** Safe to repeat, and never throws: what went wrong first is what people must hear. */
  rollBack(): Promise<void>;
}

/** A database as the store uses it. */
export interface Engine {
  readonly dialect: StoreDialect;
  /** Waits for its turn, where there is one connection for all. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Statements outside a transaction; they change nothing. */
  readonly look: Send;
  begin(): Transaction;
  /** Runs these migrations, alone among all processes; answers the names of those that another one had not run meanwhile. */
  migrate(outstanding: readonly string[]): Promise<readonly string[]>;
  /** Writes a trifle, always to the same place. */
  probe(): Promise<void>;
  /** What the server says of itself; null: there is no server. */
  serverFacts(): Promise<ServerFacts | null>;
  /** What keeps everybody from using the store, as far as it can be seen without using it; null: nothing. */
  problem(): string | null;
  /** An error of the database as one of ours, where people can do something about it. */
  told(error: unknown): unknown;
  close(): Promise<void>;
}

/** Called before every round trip, with what it carries: tests count, hold and fail them. */
export type WireHook = (what: string) => void | Promise<void>;
