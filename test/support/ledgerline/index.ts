import * as z from 'zod';
import { TiebackError } from '../../../src/domain/base/errors';
import type { ErpDescription } from '../../../src/erp-adapters/contract/adapter';
import type { AdapterDefinition, SettingsReading } from '../../../src/erp-adapters/contract/definition';
import { all, Database, GRANT_SCRIPT, ledgerOf } from './database';
import { lookUp, suppliers } from './suppliers';

const SETTINGS = z.strictObject({ file: z.string().min(1) });

function readSettings(raw: unknown): SettingsReading<z.infer<typeof SETTINGS>> {
  const { success, data, error } = SETTINGS.safeParse(raw);
  if (success) return { ok: true, settings: data };
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`);
  return { ok: false, problems };
}

function describe(database: Database): ErpDescription {
  const [site] = database.call('erp.describe', (db) =>
    all(db, "SELECT 'Ledgerline ' || version AS version, title FROM site WHERE code = 'WEST'"),
  );
  if (site === undefined) throw new TiebackError('ERP_CONFIG', { reason: 'there is no site WEST' });
  const [version, companyName] = [String(site['version']), String(site['title'])];
  return { system: 'ledgerline', version, company: 'WEST', companyName, kinds: ['vendor'] };
}

/** The adapter of Ledgerline, a made-up ERP: small, and it keeps every promise. */
export const ledgerline: AdapterDefinition = {
  name: 'ledgerline',
  summary: 'Ledgerline, a made-up ERP (SQLite)',
  readSettings,
  create({ settings, connectionId, io = (_name, call) => call() }) {
    const reading = readSettings(settings);
    if (!reading.ok) throw new TiebackError('ERP_CONFIG', { reason: reading.problems.join('; ') });
    const database = new Database(reading.settings.file, io);
    const ledger = ledgerOf(database, connectionId);
    return {
      describe: async () => describe(database),
      async check() {
        const name = 'reachable, with the ledger';
        try {
          await ledger.find([]);
          return [{ name, ok: true, detail: describe(database).version }];
        } catch (error) {
          const hint = 'Check `settings.file`, and that a DBA ran the grant script.';
          return [{ name, ok: false, detail: String(error), hint }];
        }
      },
      grantScript: () => GRANT_SCRIPT,
      ledger,
      kinds: { vendor: suppliers(database, ledger) },
      lookUp: async (refs) => database.call('erp.lookUp', (db) => refs.map((ref) => lookUp(db, ref))),
      close: async () => database.close(),
    };
  },
};
