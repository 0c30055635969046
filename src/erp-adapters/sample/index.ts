import { z } from 'zod';
import { TiebackError } from '../../domain/base/errors';
import { issueLines } from '../../domain/base/issue-words';
import type { ErpAdapter } from '../contract/adapter';
import type { AdapterContext, AdapterDefinition, SettingsReading } from '../contract/definition';
import { createSqlAdapter } from '../sql/adapter';
import { byCounter } from '../sql/changes';
import type { SqlModel } from '../sql/model';
import { askOne, query } from '../sql/session';
import { SqliteDatabase } from '../sql/sqlite-database';
import { sampleBatches } from './batches';
import { readDictionary } from './dictionary';
import { grantScript } from './grant-script';
import { heldByPeople } from './locks';
import { PAYROLL_SECRETS, samplePayroll } from './payroll';
import { sampleScope } from './scope';
import { RECORD_SPECS } from './tables';

const SETTINGS = z.strictObject({
  /** Path of the company database. */
  file: z.string().min(1),
  /** Company number inside the ERP. */
  company: z.coerce.number().int().positive().default(1),
  /** How long to wait for another program's transaction before answering `busy`. The whole process stands still meanwhile. */
  busyTimeoutMs: z
    .number()
    .int()
    .min(0)
    .max(250, 'at most 250 ms, because the whole process stands still meanwhile; Temporal does the waiting')
    .default(50),
});

/** Settings of a connection to the sample ERP. */
export type SampleSettings = z.infer<typeof SETTINGS>;

/** The sample ERP "Groundwork" (`sandbox/sample-erp`): the model other adapters are copied from. */
export const sampleAdapter: AdapterDefinition = {
  name: 'sample',
  summary: 'Groundwork, the sample job-cost ERP that comes with Tieback (SQLite)',
  readSettings,
  create(context: AdapterContext): ErpAdapter {
    const reading = readSettings(context.settings);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    return createSampleAdapter(reading.settings, context);
  },
};

function readSettings(raw: unknown): SettingsReading<SampleSettings> {
  const result = SETTINGS.safeParse(raw);
  if (result.success) return { ok: true, settings: result.data };
  return {
    ok: false,
    problems: issueLines(result.error.issues, raw, 'settings'),
  };
}

function createSampleAdapter(
  { file, company, busyTimeoutMs }: SampleSettings,
  context: AdapterContext,
): ErpAdapter {
  const { io = (_name, call) => call() } = context;
  const database = new SqliteDatabase(file, busyTimeoutMs, io);
  return createSqlAdapter(
    { model: sampleModel(company), database, grantScript: ({ specs }) => grantScript(specs) },
    context,
  );
}

/** Groundwork as data. */
const sampleModel = (company: number): SqlModel => ({
  system: 'sample',
  specs: RECORD_SPECS,
  secrets: { APVM: ['TaxId', 'BankAcct'], ...PAYROLL_SECRETS },
  scope: sampleScope(company),
  // Groundwork has no column for a currency: every amount is in this one.
  currency: () => 'USD',
  async version(session) {
    const row = await askOne(session, 'version', query('SELECT Product, Version FROM HQVR'));
    return row === undefined ? 'unknown' : `${String(row['Product'])} ${String(row['Version'])}`;
  },
  changes: byCounter('RowVer', '(SELECT Value FROM HQRV)'),
  dictionary: readDictionary,
  passes:
    /^[A-Z]{4}: .*( is not open for | is closed for | is in use by | is not open: its status is | must be posted first\.$| is open on a screen of )/,
  held: heldByPeople,
  batches: sampleBatches,
  payroll: samplePayroll,
  checks: [
    {
      name: 'company',
      hint: 'Check `settings.company` of the connection.',
      ask: async (_session, { owners }) =>
        `company ${company} uses vendor group ${String(owners['VendorGroup'])}`,
    },
  ],
});
