/**
 * An adapter on SQLite with a twin in T-SQL behind it: after every call the twin is asked the same, and its questions are answered with the rows that SQLite
 * gave. What the twin comes to does not matter; what it would have sent to a SQL Server does.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { Row, SqlDatabase, SqlSession, Statement } from '../../../src/erp-adapters/sql/session';
import { joined } from '../../../src/erp-adapters/sql/tsql-batch';
import type { Collected } from './collected';
import { drained, isIterable } from './drained';

/** What statements were answered with, apart for those that read and those that change. */
interface Answer {
  readonly reads: readonly (readonly Row[])[];
  readonly changes: readonly (readonly Row[])[];
}
type Answers = { readonly part: string; readonly answer: Answer }[];

const call = new AsyncLocalStorage<Answers>();

/** A database whose answers are remembered: those of the call that runs, and the last one to each question. */
export class Remembered {
  readonly last = new Map<string, Answer>();
  readonly database: SqlDatabase;

  constructor(database: SqlDatabase) {
    const listening = (session: SqlSession): SqlSession => ({
      dialect: session.dialect,
      ask: async (part, statements) => {
        const rows = await session.ask(part, statements);
        const of = (reads: boolean) => rows.filter((_, index) => statements[index]?.reads === reads);
        const answer = { reads: of(true), changes: of(false) };
        this.last.set(part, answer);
        call.getStore()?.push({ part, answer });
        return rows;
      },
    });
    this.database = {
      dialect: database.dialect,
      read: (name, work) => database.read(name, (session) => work(listening(session))),
      transaction: (name, work) => database.transaction(name, (session) => work(listening(session))),
      generation: () => database.generation(),
      close: () => database.close(),
    };
  }

  /** A SQL Server that answers as this one did. */
  replayed(collected: Collected): SqlDatabase {
    const ask: SqlSession['ask'] = async (part, statements) => {
      collected.add(joined(statements).text, ...statements.map((one) => joined([one]).text));
      const answers = call.getStore() ?? [];
      const index = answers.findIndex((one) => one.part === part);
      // What the other one still knew from a call before, it did not ask again.
      const answer = index < 0 ? this.last.get(part) : answers.splice(0, index + 1).at(-1)?.answer;
      const reads = [...(answer?.reads ?? [])];
      const changes = [...(answer?.changes ?? [])];
      // SQLite needs no application lock.
      return statements.map((one) =>
        isLock(one) ? [{ changed: 0 }] : ((one.reads && !makesRow(one) ? reads : changes).shift() ?? []),
      );
    };
    const session: SqlSession = { dialect: TSQL, ask };
    return {
      dialect: TSQL,
      read: (_name, work) => work(session),
      transaction: async (_name, work) => (await work(session)).value,
      generation: async () => 'the same',
      close: async () => undefined,
    };
  }
}

const isLock = ({ sql }: Statement): boolean => sql.includes('sp_getapplock');

/** A procedure that makes a record; on SQLite it is an insert into a view. */
const makesRow = ({ sql }: Statement): boolean => /^DECLARE @key\d+ /.test(sql);

type Callable = (...args: unknown[]) => unknown;

/** Asks the twin everything that the adapter is asked. */
export function withTwin(adapter: ErpAdapter, twin: ErpAdapter): ErpAdapter {
  return both(adapter, twin);
}

function both<T extends object>(one: T, other: T): T {
  return new Proxy(one, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      const twin: unknown = Reflect.get(other, name);
      if (typeof value === 'function')
        return (...args: unknown[]) => asked(value.bind(target) as Callable, twin as Callable, other, args);
      return typeof value === 'object' && value !== null ? both(value, twin as object) : value;
    },
  });
}

function asked(method: Callable, twin: Callable, on: object, args: readonly unknown[]): unknown {
  const answers: Answers = [];
  const again = (): Promise<void> => call.run([...answers], () => drained(() => twin.apply(on, [...args])));
  const result = call.run(answers, () => method(...args));
  if (isIterable(result)) return pages(result, answers, again);
  return result instanceof Promise ? result.finally(again) : result;
}

async function* pages(
  from: AsyncIterable<unknown>,
  answers: Answers,
  again: () => Promise<void>,
): AsyncGenerator<unknown> {
  const iterator = from[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await call.run(answers, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
    await again();
  }
}
