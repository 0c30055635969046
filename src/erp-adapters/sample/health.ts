import type Database from 'better-sqlite3';
import { isTiebackError, TiebackError } from '../../domain/errors';
import type { ErpDescription, HealthCheck } from '../adapter';
import type { SampleConnection } from './connection';
import { COLUMN_OF } from './vendor-columns';

/** Reads what the live system says about itself. */
export function describeCompany(connection: SampleConnection, company: number): ErpDescription {
  const version = connection.read('erp.describe.version', (db) =>
    db.prepare<[], { Product: string; Version: string }>('SELECT Product, Version FROM HQVR').get(),
  );
  return {
    system: 'sample',
    version: version === undefined ? 'unknown' : `${version.Product} ${version.Version}`,
    company: String(company),
    companyName: connection.read('erp.describe.company', (db) => findCompany(db, company)).Name,
    capabilities: ['vendors'],
  };
}

/** The vendor group of a company: companies of one group share one vendor file. */
export const vendorGroupOf = (connection: SampleConnection, company: number): number =>
  connection.read('erp.company', (db) => findCompany(db, company)).VendorGroup;

function findCompany(db: Database.Database, company: number): { Name: string; VendorGroup: number } {
  const row = db
    .prepare<[number], { Name: string; VendorGroup: number }>(
      'SELECT Name, VendorGroup FROM HQCO WHERE HQCo = ?',
    )
    .get(company);
  if (row === undefined)
    throw new TiebackError('ERP_CONFIG', { reason: `there is no company ${company} in HQCO` });
  return row;
}

/** The checks of `tieback doctor`, from the ground up: each one is only worth asking when the one before it is well. */
export function checkCompany(connection: SampleConnection, company: number): readonly HealthCheck[] {
  const checks: HealthCheck[] = [];
  for (const [name, hint, ask] of CHECKS) {
    try {
      checks.push({ name, ok: true, detail: ask(connection, company) });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      checks.push({ name, ok: false, detail, hint });
      if (!isTiebackError(error)) break;
      if (name === 'reachable') break;
    }
  }
  return checks;
}

type Check = readonly [
  name: string,
  hint: string,
  ask: (connection: SampleConnection, company: number) => string,
];

const CHECKS: readonly Check[] = [
  [
    'reachable',
    'Check `settings.file` of the connection and that the service account may read and write it.',
    (connection, company) => {
      const { version } = describeCompany(connection, company);
      return `${version} answers`;
    },
  ],
  [
    'company',
    'Check `settings.company` of the connection.',
    (connection, company) => `company ${company} uses vendor group ${vendorGroupOf(connection, company)}`,
  ],
  [
    'vendor columns',
    'The ERP was changed: report it, and do not write until the adapter was adapted.',
    (connection) => {
      const found = new Set(
        connection
          .read('erp.check.columns', (db) =>
            db.prepare<[], { name: string }>("SELECT name FROM pragma_table_info('APVM')").all(),
          )
          .map(({ name }) => name),
      );
      const missing = Object.values(COLUMN_OF).filter((column) => !found.has(column));
      if (missing.length > 0) {
        throw new TiebackError('ERP_CONFIG', { reason: `APVM has no column ${missing.join(', ')}` });
      }
      return `all ${Object.keys(COLUMN_OF).length} columns are there`;
    },
  ],
  [
    'ledger',
    'Let a DBA run the script that `tieback sql erp` prints.',
    (connection) => {
      const entries = connection.read('erp.check.ledger', (db) =>
        db.prepare<[], { n: number }>('SELECT count(*) AS n FROM tieback_ledger').get(),
      );
      const unique = connection.read('erp.check.ledger-keys', (db) =>
        db
          .prepare<[], { n: number }>(
            `SELECT count(*) AS n FROM pragma_index_list('tieback_ledger') WHERE "unique"`,
          )
          .get(),
      );
      if ((unique?.n ?? 0) < 2) {
        throw new TiebackError('ERP_CONFIG', { reason: 'the Tieback ledger lacks its unique keys' });
      }
      return `${entries?.n ?? 0} entries`;
    },
  ],
];
