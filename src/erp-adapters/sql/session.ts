import type { Dialect } from './dialect';

/** What a column holds. Decimals and dates come and go as text, exactly as they are written: a driver would round them. */
export type Value = string | number | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Value>>;

/** Values of a statement by name (`@code`). */
export type Bound = Readonly<Record<string, Value>>;

/** SQL with its values. */
export interface Statement {
  readonly sql: string;
  readonly bound: Bound;
  /** It answers with rows; otherwise with one row, `{ changed }`: how many rows it changed. */
  readonly reads: boolean;
}

/** A statement that answers with rows. */
export const query = (sql: string, bound: Bound = {}): Statement => ({ sql, bound, reads: true });

/** A statement that changes rows: answers `[{ changed: 3 }]`. */
export const change = (sql: string, bound: Bound = {}): Statement => ({ sql, bound, reads: false });

/** One conversation with the database: what a reader or a writer needs of it. */
export interface SqlSession {
  readonly dialect: Dialect;
  /**
   * One round trip: the statements run in the order given; answers the rows of each. `part` names it for the `io` hook (`look`, `insert`). Where one
   * of them fails, nothing after it runs. Throws a `TiebackError` as the error table of the database says.
   */
  ask(part: string, statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>;
}

/** What a transaction came to: `keep: false` rolls back, so that an answer such as `moved` leaves no trace. */
export interface Outcome<T> {
  readonly keep: boolean;
  readonly value: T;
}

/** The database of an ERP. It connects on first use. Every call goes through the `io` hook of the adapter under `<name>.<part>`. */
export interface SqlDatabase {
  readonly dialect: Dialect;
  /** Reads. Where the database can, all statements see the same moment. */
  read<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T>;
  /**
   * One transaction (`<name>.begin`, the parts, `<name>.commit`). An error before the commit rolls back and means that nothing was written. Throws
   * `ERP_OUTCOME_UNKNOWN` where the commit was not answered: then nobody knows, and whoever repeats it looks into the ledger first.
   */
  transaction<T>(name: string, work: (session: SqlSession) => Promise<Outcome<T>>): Promise<T>;
  /** Changes whenever what was read before may not be true any more for reasons of its own: another file, another server. */
  generation(): Promise<string>;
  /** The next call connects again. */
  close(): Promise<void>;
}

/** The one row of a query that has one. */
export async function askOne(
  session: SqlSession,
  part: string,
  statement: Statement,
): Promise<Row | undefined> {
  const [rows = []] = await session.ask(part, [statement]);
  return rows[0];
}

/** The rows of one query. */
export async function askAll(
  session: SqlSession,
  part: string,
  statement: Statement,
): Promise<readonly Row[]> {
  const [rows = []] = await session.ask(part, [statement]);
  return rows;
}

/** Questions of several parts of the program that go out in one round trip; each part takes its own rows afterwards. */
export class Asking {
  private readonly statements: Statement[] = [];
  private answers: readonly (readonly Row[])[] = [];

  /** Answers a function that gives the rows, once `run` is through. */
  add(statement: Statement): () => readonly Row[] {
    const index = this.statements.push(statement) - 1;
    return () => this.answers[index] ?? [];
  }

  /** One round trip, where there are not very many statements. */
  async run(session: SqlSession, part: string): Promise<void> {
    const answers: (readonly Row[])[] = [];
    for (let from = 0; from < this.statements.length; from += MOST_STATEMENTS)
      answers.push(...(await session.ask(part, this.statements.slice(from, from + MOST_STATEMENTS))));
    this.answers = answers;
  }
}

/** Their values together stay below the 2,100 parameters of a call to SQL Server. */
const MOST_STATEMENTS = 200;
