import { z } from 'zod';
import { TiebackError } from '../../domain/base/errors';
import type { ErpAdapter } from '../contract/adapter';
import type { AdapterContext, AdapterDefinition, SettingsReading } from '../contract/definition';
import { SampleAnchors } from './anchors';
import { SampleDatabase } from './database';
import { grantScript } from './grant-script';
import { checkCompany, describeCompany, timeOf } from './health';
import { lookUp } from './look-up';
import { SampleLedger } from './operation-ledger';
import { specsWith } from './record-tables';
import { sampleKinds } from './records';
import { scopeOf } from './scope';

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
    problems: result.error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`),
  };
}

function createSampleAdapter(
  { file, company, busyTimeoutMs }: SampleSettings,
  { connectionId, io, logger, customColumns = {} }: AdapterContext,
): ErpAdapter {
  const specs = specsWith(customColumns);
  const database = new SampleDatabase(file, busyTimeoutMs, io ?? ((_name, call) => call()));
  const ledger = new SampleLedger(database, connectionId);
  return {
    describe: async () => describeCompany(database, company),
    check: async () => checkCompany(database, company, specs),
    grantScript: () => grantScript(specs),
    ledger,
    anchors: new SampleAnchors(database, connectionId),
    kinds: sampleKinds({ database, company, ledger, logger, specs }),
    lookUp: async (refs) =>
      database.read('erp.lookUp', (db) => lookUp({ db, scope: scopeOf(db, company) }, refs)),
    now: async () => timeOf(database),
    close: async () => database.close(),
  };
}
