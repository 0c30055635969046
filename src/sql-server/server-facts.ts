import { isTiebackError } from '../domain/base/errors';
import { sqlServerTrouble } from './errors';

/** What a SQL Server, and the database that we are in, say of themselves. Null: it does not say, because it is another engine or lacks the view. */
export interface ServerFacts {
  readonly database: string;
  /** `16.0.4135.4`. */
  readonly version: string | null;
  readonly edition: string | null;
  /** `SERVERPROPERTY('EngineEdition')`: 5 is Azure SQL Database, 8 a managed instance. */
  readonly engine: number | null;
  /** Whether OPENJSON answers: it was asked. */
  readonly openJson: boolean;
  readonly compatibilityLevel: number | null;
  /** READ_COMMITTED_SNAPSHOT: whether readers see the last committed row instead of waiting for its writer. */
  readonly readsSnapshots: boolean | null;
  readonly collation: string | null;
  /** Measured, not read from the name of the collation. */
  readonly isCaseSensitive: boolean | null;
  readonly isReadOnly: boolean | null;
  /** `FULL`, `SIMPLE`, `BULK_LOGGED`. */
  readonly recovery: string | null;
}

/** Runs one query that answers with one row. */
export type AskServer = (sql: string) => Promise<Readonly<Record<string, unknown>> | undefined>;

const property = (name: string): string => `CAST(SERVERPROPERTY('${name}') AS nvarchar(128))`;
const ofDatabase = (name: string): string =>
  `CAST(DATABASEPROPERTYEX(DB_NAME(), '${name}') AS nvarchar(128))`;
const inCatalogue = (column: string): string =>
  `SELECT CAST(${column} AS int) AS answer FROM sys.databases WHERE database_id = DB_ID()`;

const SERVER = `SELECT DB_NAME() AS name, ${property('ProductVersion')} AS version, ${property('Edition')} AS edition, ${property('EngineEdition')} AS engine`;

/** One query a fact: an engine that lacks one of these columns or functions still answers the others. Nobody needs a right to ask. */
const QUESTIONS = {
  openJson: `SELECT COUNT(*) AS answer FROM OPENJSON(N'[1]')`,
  compatibilityLevel: inCatalogue('compatibility_level'),
  readsSnapshots: inCatalogue('is_read_committed_snapshot_on'),
  collation: `SELECT ${ofDatabase('Collation')} AS answer`,
  isCaseSensitive: `SELECT CASE WHEN N'a' COLLATE DATABASE_DEFAULT = N'A' THEN 0 ELSE 1 END AS answer`,
  updateability: `SELECT ${ofDatabase('Updateability')} AS answer`,
  recovery: `SELECT ${ofDatabase('Recovery')} AS answer`,
} as const;

/** Everything that is asked, for whoever looks at our statements. */
export const SERVER_QUESTIONS: readonly string[] = [SERVER, ...Object.values(QUESTIONS)];

/** Asks a server for its facts. Throws where it cannot be asked at all; a single fact that it does not have is null. */
export async function readServerFacts(ask: AskServer): Promise<ServerFacts> {
  const server = (await ask(SERVER)) ?? {};
  const answers = new Map<keyof typeof QUESTIONS, unknown>();
  for (const [name, sql] of Object.entries(QUESTIONS) as [keyof typeof QUESTIONS, string][])
    answers.set(name, await answerTo(ask, sql));
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  const number = (value: unknown): number | null =>
    value === null || value === undefined || value === '' ? null : Number(value);
  const flag = (value: unknown): boolean | null => {
    const given = number(value);
    return given === null ? null : given === 1;
  };
  const updateability = text(answers.get('updateability'));
  return {
    database: text(server['name']) ?? '',
    version: text(server['version']),
    edition: text(server['edition']),
    engine: number(server['engine']),
    openJson: flag(answers.get('openJson')) ?? false,
    compatibilityLevel: number(answers.get('compatibilityLevel')),
    readsSnapshots: flag(answers.get('readsSnapshots')),
    collation: text(answers.get('collation')),
    isCaseSensitive: flag(answers.get('isCaseSensitive')),
    isReadOnly: updateability === null ? null : updateability === 'READ_ONLY',
    recovery: text(answers.get('recovery')),
  };
}

/** The server is away or busy: it might have said. */
const isPassing = (error: unknown): boolean =>
  isTiebackError(error)
    ? ['transient', 'unknown_outcome', 'busy'].includes(error.class)
    : ['unreachable', 'undone', undefined].includes(sqlServerTrouble(error)?.class);

async function answerTo(ask: AskServer, sql: string): Promise<unknown> {
  try {
    return (await ask(sql))?.['answer'] ?? null;
  } catch (error) {
    if (isPassing(error)) throw error;
    // No such column, function or right; engines that only speak like SQL Server have error numbers of their own.
    return null;
  }
}
