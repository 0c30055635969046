import { isTiebackError, TiebackError } from '../../domain/base/errors';
import type { ErpDescription, HealthCheck } from '../contract/adapter';
import type { SampleDatabase } from './database';
import type { KindSpec } from './record-tables';
import { columnsByTable, RECORD_SPECS } from './record-tables';
import { scopeOf } from './scope';

/** Reads what the live system says about itself. */
export const describeCompany = (database: SampleDatabase, company: number): ErpDescription =>
  database.read('erp.describe', (db) => {
    const { Product, Version } = db.get('SELECT Product, Version FROM HQVR') ?? {};
    return {
      system: 'sample',
      version: Product === undefined ? 'unknown' : `${String(Product)} ${String(Version)}`,
      company: String(company),
      companyName: scopeOf(db, company).companyName,
      kinds: RECORD_SPECS.map(({ kind }) => kind),
    };
  });

/** The time by the database's own clock. */
export const timeOf = (database: SampleDatabase): string =>
  database.read('erp.now', (db) =>
    String(db.get("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS Now")?.['Now'] ?? ''),
  );

/** The checks of `tieback doctor`, from the ground up: each one is only worth asking when the one before it is well. */
export function checkCompany(
  database: SampleDatabase,
  company: number,
  specs: readonly KindSpec[],
): readonly HealthCheck[] {
  const checks: HealthCheck[] = [];
  for (const [name, hint, ask] of CHECKS) {
    try {
      checks.push({ name, ok: true, detail: ask(database, company, specs) });
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
  ask: (database: SampleDatabase, company: number, specs: readonly KindSpec[]) => string,
];

const CHECKS: readonly Check[] = [
  [
    'reachable',
    'Check `settings.file` of the connection and that the service account may read and write it.',
    (database, company) => `${describeCompany(database, company).version} answers`,
  ],
  [
    'company',
    'Check `settings.company` of the connection.',
    (database, company) => {
      const { vendorGroup } = database.read('erp.check.company', (db) => scopeOf(db, company));
      return `company ${company} uses vendor group ${vendorGroup}`;
    },
  ],
  [
    'columns',
    'The ERP was changed: report it, and do not write until the adapter was adapted.',
    (database, _company, specs) => {
      const tables = columnsByTable(specs);
      const missing = database.read('erp.check.columns', (db) =>
        [...tables].flatMap(([table, { columns }]) => {
          const found = db.all('SELECT name FROM pragma_table_info(@table)', { table });
          const names = new Set(found.map(({ name }) => name));
          return [...columns].filter((column) => !names.has(column)).map((column) => `${table}.${column}`);
        }),
      );
      if (missing.length > 0)
        throw new TiebackError('ERP_CONFIG', { reason: `there is no column ${missing.join(', ')}` });
      return `all columns of ${tables.size} tables are there`;
    },
  ],
  [
    'ledger',
    'Let a DBA run the script that `tieback sql erp` prints.',
    (database) => {
      const [entries, unique] = database.read('erp.check.ledger', (db) =>
        [
          'SELECT count(*) AS n FROM tieback_ledger',
          `SELECT count(*) AS n FROM pragma_index_list('tieback_ledger') WHERE "unique"`,
        ].map((sql) => Number(db.get(sql)?.['n'] ?? 0)),
      );
      if ((unique ?? 0) < 2)
        throw new TiebackError('ERP_CONFIG', { reason: 'the Tieback ledger lacks its unique keys' });
      return entries === 1 ? '1 entry' : `${entries ?? 0} entries`;
    },
  ],
  [
    'anchors',
    'Let a DBA run the script that `tieback sql erp` prints: the audit log is not anchored in the ERP yet.',
    (database) => {
      const row = database.read('erp.check.anchors', (db) =>
        db.get('SELECT count(*) AS n FROM tieback_anchor'),
      );
      const anchors = Number(row?.['n'] ?? 0);
      return `${anchors} ${anchors === 1 ? 'anchor' : 'anchors'} of the audit log`;
    },
  ],
];
