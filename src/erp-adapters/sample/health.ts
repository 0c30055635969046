import type Database from 'better-sqlite3';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { ErpDescription, HealthCheck } from '../contract/adapter';
import type { SampleConnection } from './connection';
import { readMasks } from './masks';
import type { Scope } from './record-fields';
import { columnsByTable, RECORD_SPECS } from './record-tables';
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
    capabilities: ['vendors', ...RECORD_SPECS.map(({ entity }) => entity)],
  };
}

/** The vendor group of a company: companies of one group share one vendor file. */
export const vendorGroupOf = (connection: SampleConnection, company: number): number =>
  connection.read('erp.company', (db) => findCompany(db, company)).VendorGroup;

/** What keys and codes of a company depend on. */
export const scopeOf = (connection: SampleConnection, company: number): Scope =>
  connection.read('erp.scope', (db) => {
    const { VendorGroup, PhaseGroup } = findCompany(db, company);
    return { company, vendorGroup: VendorGroup, phaseGroup: PhaseGroup, masks: readMasks(db) };
  });

interface CompanyRow {
  readonly Name: string;
  readonly VendorGroup: number;
  readonly PhaseGroup: number;
}

function findCompany(db: Database.Database, company: number): CompanyRow {
  const row = db
    .prepare<[number], CompanyRow>('SELECT Name, VendorGroup, PhaseGroup FROM HQCO WHERE HQCo = ?')
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

function missingColumns(
  connection: SampleConnection,
  table: string,
  columns: readonly string[],
): readonly string[] {
  const found = connection.read('erp.check.columns', (db) =>
    db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table),
  );
  return columns.filter((column) => !found.some(({ name }) => name === column));
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
      const missing = missingColumns(connection, 'APVM', Object.values(COLUMN_OF));
      if (missing.length > 0) {
        throw new TiebackError('ERP_CONFIG', { reason: `APVM has no column ${missing.join(', ')}` });
      }
      return `all ${Object.keys(COLUMN_OF).length} columns are there`;
    },
  ],
  [
    'record columns',
    'The ERP was changed: report it, and do not write until the adapter was adapted.',
    (connection) => {
      const tables = columnsByTable();
      const missing = [...tables].flatMap(([table, { columns }]) =>
        missingColumns(connection, table, [...columns]).map((column) => `${table}.${column}`),
      );
      if (missing.length > 0) {
        throw new TiebackError('ERP_CONFIG', { reason: `there is no column ${missing.join(', ')}` });
      }
      return `all columns of ${tables.size} tables are there`;
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
