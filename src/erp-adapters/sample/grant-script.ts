import type { KindSpec } from './record-tables';
import { columnsByTable } from './record-tables';

/** One line of rights per table of records. */
const recordRights = (specs: readonly KindSpec[]): string =>
  [...columnsByTable(specs)]
    .map(([table, { columns, written }]) => {
      const rights = written ? 'SELECT, INSERT, UPDATE' : 'SELECT';
      return `--   ${rights.padEnd(24)}${table} (${[...columns].join(', ')})`;
    })
    .join('\n');

/**
 * What a DBA runs once. SQLite knows no users; on a server the script would also create a login with these rights and nothing else.
 */
export const grantScript = (
  specs: readonly KindSpec[],
): string => `-- Tieback: rights, operation ledger and anchors of the audit log for the sample ERP "Groundwork". Nothing is ever deleted or posted by Tieback.
-- Needed on a server; of tables with a list of columns (APVM also holds TaxId and BankAcct), these columns only:
--   SELECT                  HQVR, HQCO, HQST, HQCN, APVT, JCBT, DDFI, DDMK, HQLK, HQRV, GLPD
--   SELECT, UPDATE          HQVG (NextVendor)
--   SELECT, INSERT          HQBC, tieback_ledger, tieback_anchor
${recordRights(specs)}
CREATE TABLE IF NOT EXISTS tieback_ledger (
  connection      TEXT NOT NULL,
  entity          TEXT NOT NULL,
  record_id       TEXT NOT NULL,
  generation      INTEGER NOT NULL,
  operation_key   TEXT NOT NULL UNIQUE,
  target_revision TEXT NOT NULL,
  plan_hash       TEXT NOT NULL,
  erp_key         TEXT NOT NULL,
  written_at      TEXT NOT NULL,
  UNIQUE (connection, entity, record_id, generation)
);
CREATE TABLE IF NOT EXISTS tieback_anchor (
  connection  TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  hash        TEXT NOT NULL,
  key_id      TEXT,
  hmac        TEXT,
  anchored_at TEXT NOT NULL,
  UNIQUE (connection, seq, hash)
);
CREATE TRIGGER IF NOT EXISTS tieback_anchor_keep_rows BEFORE DELETE ON tieback_anchor
BEGIN SELECT RAISE(ABORT, 'tieback_anchor: anchors are never deleted.'); END;
CREATE TRIGGER IF NOT EXISTS tieback_anchor_keep_values BEFORE UPDATE ON tieback_anchor
BEGIN SELECT RAISE(ABORT, 'tieback_anchor: anchors are never changed.'); END;
CREATE TRIGGER IF NOT EXISTS tieback_ledger_keep_rows BEFORE DELETE ON tieback_ledger
BEGIN SELECT RAISE(ABORT, 'tieback_ledger: entries are never deleted.'); END;
CREATE TRIGGER IF NOT EXISTS tieback_ledger_keep_values BEFORE UPDATE ON tieback_ledger
BEGIN SELECT RAISE(ABORT, 'tieback_ledger: entries are never changed.'); END;
`;
