/*
 * How statements travel. A round trip to a database server costs more than most statements, so a session never sends one alone that could go
 * with others: what is asked for at the same time (`Promise.all`) goes together, a change waits for the next question or the commit,
 * and the same question is asked once until its table changes.
 */

export type RawRow = Readonly<Record<string, unknown>>;

/** One statement on one table. Parameters are `@0`, `@1`, ... on SQL Server and `?` on SQLite. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** It is run once with each of these, in place of `parameters`: only where the database is in our own process, and no trip is saved by a list. */
  readonly each?: readonly (readonly unknown[])[];
  /** The only table whose rows the answer depends on, or that is changed. */
  readonly table: string;
  /** A change of another number of rows is an error, and nothing of the transaction happens. */
  readonly guard?: Guard;
}

export interface Guard {
  readonly rows: number;
  readonly otherwise: () => Error;
}

/** A statement on its way. `asks`: its rows are wanted. */
export interface Sent extends Statement {
  readonly asks: boolean;
}

/** Carries statements to the database in one round trip and in their order; answers the rows of each, none where none were wanted. */
export type Send = (statements: readonly Sent[]) => Promise<readonly (readonly RawRow[])[]>;

type Rows = readonly RawRow[];

interface Waiting extends Sent {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (reason: unknown) => void;
}

/** So many answers are remembered: a step asks for fewer. */
const REMEMBERED = 100;

const nobody = (): void => undefined;

/** The statements of one transaction, or of one look. */
export class Session {
  private waiting: Waiting[] = [];
  private isDue = false;
  private underway: Promise<void> = Promise.resolve();
  private readonly asked = new Map<string, { readonly table: string; readonly rows: Promise<unknown> }>();

  constructor(private readonly send: Send) {}

  /**
   * The rows of a statement that changes nothing, each as `read` makes it: of one statement always the same. They are read once, however often they are
   * asked for, so nobody may change one.
   */
  ask<Row>(statement: Statement, read: (row: RawRow) => Row): Promise<readonly Row[]> {
    const key = `${statement.sql}\n${JSON.stringify(statement.parameters)}`;
    const known = this.asked.get(key);
    if (known !== undefined) return known.rows as Promise<readonly Row[]>;
    const rows = this.once(statement).then((found) => found.map(read));
    rows.catch(nobody);
    this.asked.set(key, { table: statement.table, rows });
    // Whoever walks a large table must not end up holding all of it.
    const [oldest] = this.asked.keys();
    if (this.asked.size > REMEMBERED && oldest !== undefined) this.asked.delete(oldest);
    return rows;
  }

  /** As `ask`, and not remembered: of pages that nobody asks for twice. */
  once(statement: Statement): Promise<Rows> {
    const rows = this.later(statement);
    this.hurry();
    return rows;
  }

  /** Changes something, at the latest when the transaction commits: what goes wrong is told there. */
  change(statement: Statement): void {
    this.forget(statement);
    this.waiting.push({ ...statement, asks: false, resolve: nobody, reject: nobody });
  }

  /** The rows of a statement that goes with the next one, and does not make anything go by itself. */
  later(statement: Statement): Promise<Rows> {
    const rows = new Promise<Rows>((resolve, reject) => {
      this.waiting.push({ ...statement, asks: true, resolve, reject });
    });
    // Whoever waits is told; where nobody does, the transaction fails all the same.
    rows.catch(nobody);
    return rows;
  }

  /** Sends what waits as soon as everything that can run has run, so that whoever asks too comes along. */
  hurry(): void {
    if (this.isDue) return;
    this.isDue = true;
    void Promise.resolve().then(() => process.nextTick(() => this.go()));
  }

  /** Sends what waits, and waits until it has arrived: for whoever changes more than should wait in memory. */
  async flush(): Promise<void> {
    this.go();
    await this.underway;
  }

  /** Waits until what was sent has arrived; answers the changes that were not sent, for whoever commits. Throws what went wrong. */
  async finish(): Promise<readonly Sent[]> {
    await this.underway;
    const rest = this.waiting.splice(0);
    // What only asks was asked by nobody who waits: the lock of a transaction that changed nothing.
    return rest.some(({ asks }) => !asks) ? rest : [];
  }

  private forget({ table }: Statement): void {
    for (const [key, known] of this.asked) if (known.table === table) this.asked.delete(key);
  }

  private go(): void {
    this.isDue = false;
    const batch = this.waiting.splice(0);
    if (batch.length === 0) return;
    const sent = this.underway.then(() => this.send(batch));
    // A transaction in which something went wrong does nothing more.
    this.underway = sent.then(nobody);
    this.underway.catch(nobody);
    sent.then(
      (answers) => batch.forEach(({ resolve }, index) => resolve(answers[index] ?? [])),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
  }
}
