import { z } from 'zod';
import { TiebackError } from '../../domain/base/errors';
import { issueLines } from '../../domain/base/issue-words';
import type { ErpAdapter } from '../contract/adapter';
import type { AdapterContext, AdapterDefinition, SettingsReading } from '../contract/definition';
import { sqlServerSettings } from '../../sql-server/settings';
import { createSqlAdapter } from '../sql/adapter';
import { byComparison } from '../sql/comparison';
import type { Dialect } from '../sql/dialect';
import type { KindSpec, SqlModel } from '../sql/model';
import type { SqlDatabase } from '../sql/session';
import { SqliteDatabase } from '../sql/sqlite-database';
import { TsqlDatabase } from '../sql/tsql-database';
import { vistaBatches } from './batches';
import { budgetSpec } from './budgets';
import { readDictionary } from './dictionary';
import { grantScript, grantsOf } from './grant-script';
import { heldByPeople } from './held';
import { vistaLacks } from './lacks';
import { directCostSpec, paymentSpec, requisitionSpec } from './invoices';
import { costTypeSpec, jobSpec, phaseSpec, vendorSpec } from './masters';
import { changeSpec, orderSpec } from './orders';
import { vistaPayroll } from './payroll';
import { vistaPrepare } from './prepare';
import { vistaScope } from './scope';
import { securityCheck } from './security';
import { VISTA_SECRETS } from './secrets';
import type { VistaOptions } from './settings';
import { VISTA_SETTINGS } from './settings';
import { MODULE_NAMES, vistaSql } from './sql';

const SETTINGS = z
  .strictObject({
    ...VISTA_SETTINGS,
    /** The database of Vista. */
    sqlServer: sqlServerSettings.optional(),
    /** An SQLite file in the shape of Vista (`sandbox/vista-model`): for trying the adapter without Vista. */
    file: z.string().min(1).optional(),
    /** Who Tieback is in the model, whose database knows no logins. */
    user: z.string().min(1).max(128).default('tieback'),
    /** Of the model: how long to wait for somebody else's write before answering `busy`. The whole process stands still meanwhile. */
    busyTimeoutMs: z.number().int().min(0).max(250).default(50),
  })
  .refine(({ sqlServer, file }) => (sqlServer === undefined) !== (file === undefined), {
    path: ['sqlServer'],
    error: 'the database of Vista (host, database, login, ...); or `file`, a model of it, but not both',
  });

/** Settings of a connection to Vista. */
export type VistaSettings = z.infer<typeof SETTINGS>;

/** Viewpoint Vista on Microsoft SQL Server. */
export const vistaAdapter: AdapterDefinition = {
  name: 'vista',
  summary: 'Viewpoint Vista (Trimble), through the views of its database and batches that people post',
  readSettings,
  create(context: AdapterContext): ErpAdapter {
    const reading = readSettings(context.settings);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    const { file, sqlServer, user, busyTimeoutMs, ...options } = reading.settings;
    const { io = (_name, call) => call() } = context;
    const database: SqlDatabase =
      sqlServer === undefined
        ? new SqliteDatabase(file ?? '', busyTimeoutMs, io)
        : new TsqlDatabase(sqlServer, io);
    const model = vistaModel(options, database.dialect, user);
    return createSqlAdapter(
      {
        model,
        database,
        grantScript: (made) => grantScript(database.dialect, made),
        grants: grantsOf,
      },
      context,
    );
  },
};

function readSettings(raw: unknown): SettingsReading<VistaSettings> {
  const result = SETTINGS.safeParse(raw);
  if (result.success) return { ok: true, settings: result.data };
  return {
    ok: false,
    problems: issueLines(result.error.issues, raw, 'settings'),
  };
}

/** Vista as data, in the SQL of one kind of database. `user`: who we are where the database does not know. */
export function vistaModel(options: VistaOptions, dialect: Dialect, user: string): SqlModel {
  const sql = vistaSql(dialect);
  const specs: readonly KindSpec[] = [
    vendorSpec(options),
    phaseSpec,
    costTypeSpec(options),
    jobSpec(sql),
    budgetSpec(sql),
    ...MODULE_NAMES.map((module) => orderSpec(sql, module)),
    ...MODULE_NAMES.map((module) => changeSpec(sql, module)),
    requisitionSpec(sql, options),
    paymentSpec(sql),
    directCostSpec(sql, options),
  ];
  return {
    system: 'vista',
    specs,
    secrets: VISTA_SECRETS,
    scope: vistaScope(options.company, dialect, user),
    currency: () => options.currency ?? null,
    // Vista does not say its version in a table that is known.
    version: () => Promise.resolve('Viewpoint Vista'),
    changes: byComparison(),
    dictionary: readDictionary,
    passes: / is not an open \w+ batch - |^(.*: )?Month .* is closed - /,
    held: heldByPeople,
    batches: vistaBatches(sql, options),
    ...(options.payroll === undefined ? {} : { payroll: vistaPayroll(sql, options.payroll) }),
    prepare: vistaPrepare(options),
    lacks: (session) => vistaLacks(session, specs),
    checks: [
      {
        name: 'company',
        hint: 'Check `settings.company` of the connection.',
        ask: (_session, { owners, companyName }) =>
          Promise.resolve(
            `${companyName} uses vendor group ${String(owners['VendorGroup'])} and phase group ${String(owners['PhaseGroup'])}`,
          ),
      },
      {
        name: 'months',
        hint: 'Tieback reads the last months closed from GL Company Parameters (GLCO).',
        ask(_session, { settings }) {
          if (settings['SubClosed'] === null)
            throw new TiebackError('ERP_CONFIG', {
              reason: `there is no company ${options.company} in GLCO`,
            });
          return Promise.resolve(
            `AP is closed up to ${String(settings['APClosed'])}, other ledgers up to ${String(settings['SubClosed'])}`,
          );
        },
      },
      {
        name: 'masks',
        hint: 'Tieback reads masks such as 5R-3R from DD Data Types; codes are taken as they are until they read.',
        ask(_session, { masks }) {
          const missing = ['job', 'phase'].filter((name) => masks[name] === undefined);
          if (missing.length > 0)
            throw new TiebackError('ERP_CONFIG', { reason: `no mask is known for ${missing.join(' and ')}` });
          return Promise.resolve('job and phase masks read');
        },
      },
      ...(dialect.name === 'tsql' ? [securityCheck(options)] : []),
    ],
  };
}
