import { z } from 'zod';
import { TiebackError } from '../../domain/base/errors';
import { issueLines } from '../../domain/base/issue-words';
import { sqlServerSettings } from '../../sql-server/settings';
import type { ErpAdapter } from '../contract/adapter';
import type { AdapterContext, AdapterDefinition, Io, SettingsReading } from '../contract/definition';
import { createSqlAdapter } from '../sql/adapter';
import type { SqlDatabase } from '../sql/session';
import { SqliteDatabase } from '../sql/sqlite-database';
import { TsqlDatabase } from '../sql/tsql-database';
import { grantScript, grantsOf } from './grant-script';
import { modelOf } from './model';
import type { ReadDefinition } from './read-definition';
import { readDefinition } from './read-definition';

const SETTINGS = z
  .strictObject({
    /** Path of the definition (YAML) of the ERP: tables, columns, how changes show, how is written. */
    definition: z.string({ error: 'the path of the definition file, such as brickyard.yaml' }).min(1),
    /** The database, on SQL Server. */
    sqlServer: sqlServerSettings.optional(),
    /** Or an SQLite file. */
    file: z.string().min(1).optional(),
    /** Of SQLite: how long to wait for another program's write before answering `busy`. The whole process stands still meanwhile. */
    busyTimeoutMs: z.number().int().min(0).max(250).default(50),
  })
  .refine(({ sqlServer, file }) => (sqlServer === undefined) !== (file === undefined), {
    path: ['sqlServer'],
    error: 'the database of the ERP (host, database, login, ...), or `file`, an SQLite file, but not both',
  });

/** Settings of a connection to an ERP that a definition file describes. */
export type GenericSqlSettings = z.infer<typeof SETTINGS>;

/** An ERP by configuration alone. */
export const genericSqlAdapter: AdapterDefinition = {
  name: 'generic-sql',
  summary: 'any ERP on SQL Server or SQLite whose tables, columns and procedures a YAML file names',
  readSettings: (raw) => {
    const reading = readAll(raw);
    return reading.ok ? { ok: true, settings: reading.settings } : reading;
  },
  create(context: AdapterContext): ErpAdapter {
    const reading = readAll(context.settings);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    const { io = (_name, call) => call() } = context;
    const database = openDatabase(reading.settings, io);
    return createSqlAdapter(
      {
        model: modelOf(reading.read, database.dialect),
        database,
        grantScript: (model) => grantScript(reading.read.definition, database.dialect, model),
        grants: (model) => grantsOf(model, reading.read.definition),
      },
      context,
    );
  },
};

function readAll(raw: unknown):
  | (SettingsReading<GenericSqlSettings> & { ok: false })
  | {
      readonly ok: true;
      readonly settings: GenericSqlSettings;
      readonly read: ReadDefinition;
    } {
  const result = SETTINGS.safeParse(raw);
  if (!result.success)
    return {
      ok: false,
      problems: issueLines(result.error.issues, raw, 'settings'),
    };
  const reading = readDefinition(result.data.definition);
  const problems = !reading.ok
    ? reading.problems
    : result.data.sqlServer === undefined
      ? onlyOnSqlServer(reading.read)
      : [];
  return reading.ok && problems.length === 0
    ? { ok: true, settings: result.data, read: reading.read }
    : { ok: false, problems: problems.map((problem) => `definition: ${problem}`) };
}

/** What an SQLite file does not have. */
function onlyOnSqlServer({ definition, at }: ReadDefinition): readonly string[] {
  const feeds = [
    [['changes'], definition.changes] as const,
    ...Object.entries(definition.kinds).map(
      ([kind, { changes }]) => [['kinds', kind, 'changes'], changes] as const,
    ),
  ];
  return [
    ...feeds.flatMap(([path, changes]) =>
      changes?.by === 'rowversion' || changes?.by === 'changeTracking'
        ? [`${at(path)}: SQLite has no ${changes.by}; take counter, modified or sweep`]
        : [],
    ),
    ...Object.entries(definition.kinds).flatMap(([kind, { write }]) =>
      write?.returns === undefined
        ? []
        : [`${at(['kinds', kind, 'write', 'returns'])}: SQLite has no OUTPUT parameters; leave it out`],
    ),
  ];
}

const openDatabase = ({ sqlServer, file = '', busyTimeoutMs }: GenericSqlSettings, io: Io): SqlDatabase =>
  sqlServer === undefined ? new SqliteDatabase(file, busyTimeoutMs, io) : new TsqlDatabase(sqlServer, io);
