import { SQLITE } from '../sql/dialect';
import { TAX_IDS } from '../sql/grants';
import { ledgerTables } from '../sql/ledger-tables';
import type { KindSpec } from '../sql/model';
import { columnsByTable } from '../sql/model';
import { samplePayroll } from './payroll';

/** Columns of changes and batches. */
export const columnsBeside = ({ batch }: KindSpec): readonly string[] =>
  batch === undefined ? ['RowVer'] : ['RowVer', 'Mth', 'BatchId', 'Seq', 'EnteredBy'];

/** One line of rights per table of records. */
const recordRights = (specs: readonly KindSpec[]): string =>
  [...columnsByTable(specs, columnsBeside)]
    .map(([table, { columns, written }]) => {
      const rights = written ? 'SELECT, INSERT, UPDATE' : 'SELECT';
      return `--   ${rights.padEnd(24)}${table} (${[...columns].join(', ')})`;
    })
    .join('\n');

const taxIdRights = (specs: readonly KindSpec[]): string =>
  specs
    .flatMap(({ table, taxId }) =>
      taxId === undefined ? [] : [`\n${TAX_IDS}\n--   ${'SELECT'.padEnd(24)}${table} (${taxId})`],
    )
    .join('');

/** Payroll by column; unposted cards of ours go when a batch changes. */
const payrollRights = (): string => {
  const { reads, inserts, deletes } = samplePayroll.rights;
  return Object.entries(reads)
    .map(([table, columns]) => {
      const verbs = [
        'SELECT',
        ...(inserts.includes(table) ? ['INSERT'] : []),
        ...(deletes.includes(table) ? ['DELETE'] : []),
      ].join(', ');
      return `--   ${verbs.padEnd(24)}${table} (${columns.join(', ')})`;
    })
    .join('\n');
};

/**
 * What a DBA runs once. SQLite knows no users; on a server the script would also create a login with these rights and nothing else.
 */
export const grantScript = (
  specs: readonly KindSpec[],
): string => `-- Tieback: rights, operation ledger and anchors of the audit log for the sample ERP "Groundwork". Nothing is ever validated or posted by Tieback, and nothing deleted but
-- our own unposted timecards.
-- Needed on a server; of tables with a list of columns (APVM also holds tax ids and bank accounts), these columns only:
--   SELECT                  HQVR, HQCO, HQST, HQCN, APVT, JCBT, DDFI, DDMK, HQLK, HQRV, GLPD
--   SELECT, UPDATE          HQVG (NextVendor)
--   SELECT, INSERT          HQBC, tieback_ledger, tieback_anchor
${recordRights(specs)}${taxIdRights(specs)}
${payrollRights()}
${ledgerTables(SQLITE).script}`;
