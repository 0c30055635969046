import { isTiebackError } from '../../domain/base/errors';
import type { Rehearsal, RehearsedStatement, RecordWrite } from '../contract/adapter';
import type { KindSpec } from './model';
import type { Row, SqlDatabase, SqlSession, Statement } from './session';
import type { SqlParts } from './writer';
import { OUR_NAME } from './write-rows';
import { RecordWriter } from './writer';

/** What may be sent: questions, and nothing that calls or changes. */
const isQuestion = ({ sql, reads }: Statement): boolean =>
  reads &&
  /^\s*SELECT\b/i.test(sql) &&
  !/\b(INTO|EXEC|EXECUTE|INSERT|UPDATE|DELETE|MERGE)\b/i.test(unquoted(sql));

const unquoted = (sql: string): string =>
  sql.replace(/'(?:[^']|'')*'/g, "''").replace(/WITH \(UPDLOCK[^)]*\)/g, '');

/** The database for a rehearsal: questions are answered, everything else is noted down and not sent. Nothing is ever committed. */
class RehearsalDatabase implements SqlDatabase {
  readonly dialect: SqlDatabase['dialect'];
  readonly noted: RehearsedStatement[] = [];

  constructor(private readonly real: SqlDatabase) {
    // Nobody else has to wait for what is not written.
    this.dialect = { ...real.dialect, appLock: () => null, held: '' };
  }

  read<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.real.read(name, (session) => work(this.watched(session)));
  }

  transaction<T>(name: string, work: (session: SqlSession) => Promise<{ readonly value: T }>): Promise<T> {
    return this.read(name, async (session) => (await work(session)).value);
  }

  generation(): Promise<string> {
    return this.real.generation();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private watched(session: SqlSession): SqlSession {
    return {
      dialect: this.dialect,
      ask: async (part, statements) => {
        const asked = statements.filter(isQuestion);
        const answers = asked.length === 0 ? [] : [...(await session.ask(part, asked))];
        return statements.map((statement): readonly Row[] => {
          if (isQuestion(statement)) return answers.shift() ?? [];
          this.noted.push({ sql: plain(statement.sql), values: valuesOf(statement) });
          return statement.reads ? [] : [{ changed: 0 }];
        });
      },
    };
  }
}

/** What an operation would write, found out by everything but writing it. */
export async function rehearse(parts: SqlParts, spec: KindSpec, operation: RecordWrite): Promise<Rehearsal> {
  const database = new RehearsalDatabase(parts.database);
  const writer = new RecordWriter(spec, { ...parts, database, isRehearsal: true });
  try {
    const [result] = await writer.write([operation]);
    const answer =
      result === undefined || database.noted.length > 0
        ? null
        : result.status === 'refused'
          ? result.error.message
          : 'reason' in result
            ? result.reason
            : `it is ${result.status} already`;
    return { statements: database.noted, answer };
  } catch (error) {
    if (!isTiebackError(error)) throw error;
    return { statements: database.noted, answer: error.message };
  }
}

const plain = (sql: string): string => sql.replace(/\s+/g, ' ').trim();

/** Columns that may hold what is nobody's business are not shown. */
const SECRET = /passw|secret|token|bank|iban|routing|tax_?id|ssn|social/i;

function valuesOf({ sql, bound }: Statement): readonly Row[] {
  const lists = Object.values(bound).flatMap((value) => rowsIn(value) ?? []);
  const others = Object.entries(bound).filter(([, value]) => rowsIn(value) === null);
  return (lists.length === 0 ? [{}] : lists).map((row) =>
    Object.fromEntries(
      [...others, ...Object.entries(row)].flatMap(([column, value]) => {
        // What no part of the statement names is not used by it; the place in the list is ours.
        if (column === 'tieback_n' || !new RegExp(`[@.]${column}\\b`).test(sql.replace(/'[^']*'/g, '')))
          return [];
        const shown = column.replace(OUR_NAME, '');
        return [[shown, value !== null && SECRET.test(column) ? '***' : value] as const];
      }),
    ),
  );
}

/** Rows that travel as JSON; null: a plain value. */
function rowsIn(value: Row[string]): readonly Row[] | null {
  if (typeof value !== 'string' || !value.startsWith('[{')) return null;
  try {
    return JSON.parse(value) as readonly Row[];
  } catch {
    return null;
  }
}
