/**
 * The repositories of our store on SQLite with a twin in T-SQL behind them: after every call the twin is asked the same, and its questions are answered with
 * the rows that SQLite gave. What the twin comes to does not matter; what it would have sent to a SQL Server does.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AuditKeys } from '../../../src/domain/audit/keys';
import { tables } from '../../../src/store/entities';
import type { Repositories, repositories } from '../../../src/store/repositories';
import { HeldConnections } from '../../../src/store/repositories/held-connections';
import type { RawRow, Session, Statement } from '../../../src/store/session';
import type { Collected } from './collected';
import { drained, isIterable } from './drained';

type Rows = Promise<readonly RawRow[]>;
/** What the call that runs has asked, and the answers. */
type Answers = { readonly table: string; readonly rows: Rows }[];
type Callable = (...args: unknown[]) => unknown;

const call = new AsyncLocalStorage<Answers>();

export class Twins {
  private readonly underway: Promise<void>[] = [];

  constructor(
    private readonly make: typeof repositories,
    private readonly collected: Collected,
  ) {}

  /** Repositories on this session, each call of which is repeated in T-SQL. */
  of(...[dialect, session, keys, held]: Parameters<typeof repositories>): Repositories {
    const one = this.make(dialect, remembering(session), keys, held);
    const replayed = this.replaying();
    const twin = this.make(
      'mssql',
      replayed,
      new AuditKeys(),
      new HeldConnections('mssql', replayed, ['acme']),
    );
    return both(one, twin, (work) => this.underway.push(work));
  }

  /** Waits until every twin has been asked. */
  async settled(): Promise<void> {
    await Promise.all(this.underway);
  }

  private replaying(): Session {
    const send = async ({ sql, guard, table }: Statement): Rows => {
      // As the engine sends it, where the number of changed rows is looked at.
      this.collected.add(
        guard === undefined
          ? `${sql};`
          : `${sql};\nIF @@ROWCOUNT <> ${guard.rows} THROW 51000, 'another number of rows', 1;`,
      );
      const answers = call.getStore() ?? [];
      const index = answers.findIndex((one) => one.table === table);
      if (index < 0) return [ROWS.get(table) ?? {}];
      return ((await answers.splice(index, 1)[0]?.rows) ?? []).map((row) => onServer(table, row));
    };
    const nothing = async (): Promise<void> => undefined;
    const session = {
      ask: send,
      once: send,
      later: send,
      change: (statement: Statement) => void send(statement),
      hurry: () => undefined,
      flush: nothing,
      finish: nothing,
    };
    return session as unknown as Session;
  }
}

/** The session, which notes what the call that runs is answered. */
const remembering = (session: Session): Session =>
  new Proxy(session, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const result: unknown = (value as Callable).apply(target, args);
        const [statement] = args as [Statement];
        if (['ask', 'once', 'later'].includes(String(name)))
          call.getStore()?.push({ table: statement.table, rows: result as Rows });
        return result;
      };
    },
  });

function both<T extends object>(one: T, other: T, later: (work: Promise<void>) => void): T {
  return new Proxy(one, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      const twin: unknown = Reflect.get(other, name);
      if (typeof value === 'object' && value !== null) return both(value, twin as object, later);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const answers: Answers = [];
        const result = call.run(answers, () => (value as Callable).apply(target, args));
        const again = (): Promise<void> =>
          call.run([...answers], () => drained(() => (twin as Callable).apply(other, args)));
        // Aside: a test must not wait for it, nor hear of it.
        later(Promise.resolve(isIterable(result) ? null : result).then(again, again));
        return result;
      };
    },
  });
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  datetimeoffset: '2026-03-09T15:22:41.108Z',
  bigint: 1,
  bit: 1,
  integer: 1,
};

const TYPES = new Map(
  Object.values(tables('mssql')).map(({ name, columns }) => [
    name,
    new Map(Object.entries(columns).map(([key, column]) => [column.name ?? key, String(column.type)])),
  ]),
);

/** As the driver of SQL Server hands over what SQLite keeps. */
const onServer = (table: string, row: RawRow): RawRow =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, converted(TYPES.get(table)?.get(column), value)]),
  );

function converted(type: string | undefined, value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  if (type === 'datetimeoffset') return new Date(value);
  if (type === 'bigint') return String(value);
  return type === 'bit' ? Boolean(value) : value;
}

/** A row of each table, for questions that SQLite was not asked. */
const ROWS = new Map<string, RawRow>(
  [...TYPES].map(([name, columns]) => [
    name,
    Object.fromEntries(
      [...columns].map(([column, type]) => [column, converted(type, SAMPLES[type] ?? '[]')]),
    ),
  ]),
);
