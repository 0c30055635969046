import type { Dialect } from './dialect';

/** Keys and hashes are compared byte by byte, whatever the collation of the ERP's database is. */
const BINARY = 'COLLATE Latin1_General_100_BIN2';

/** Our own two tables in the ERP's database: where they are, and how their keys are compared. */
export interface LedgerTables {
  readonly ledger: string;
  readonly anchor: string;
  /** Column that counts the rows in the order they came. */
  readonly place: string;
  readonly inList: (name: string) => string;
  readonly rowsOf: (name: string, columns: readonly string[]) => string;
  /** A text to compare with a key. */
  readonly collated: (expression: string) => string;
  /** What a DBA runs once to make them. Nothing in them is ever changed or deleted. */
  readonly script: string;
}

/** The tables on one kind of database. */
export const ledgerTables = (dialect: Dialect): LedgerTables =>
  dialect.name === 'sqlite'
    ? {
        ledger: 'tieback_ledger',
        anchor: 'tieback_anchor',
        place: 'rowid',
        inList: dialect.inList,
        rowsOf: dialect.rowsOf,
        collated: (expression) => expression,
        script: SQLITE_SCRIPT,
      }
    : {
        ledger: 'tieback.ledger',
        anchor: 'tieback.anchor',
        place: 'place',
        inList: (name) => `IN (SELECT value ${BINARY} FROM OPENJSON(@${name}))`,
        rowsOf: dialect.rowsOf,
        collated: (expression) => `${expression} ${BINARY}`,
        script: TSQL_SCRIPT,
      };

const SQLITE_SCRIPT = `CREATE TABLE IF NOT EXISTS tieback_ledger (
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

const KEY = (length: number): string => `nvarchar(${length}) ${BINARY} NOT NULL`;

const TSQL_SCRIPT = `IF SCHEMA_ID(N'tieback') IS NULL EXEC(N'CREATE SCHEMA tieback');
GO
IF OBJECT_ID(N'tieback.ledger') IS NULL
CREATE TABLE tieback.ledger (
  place           bigint IDENTITY(1,1) NOT NULL,
  connection      ${KEY(60)},
  entity          ${KEY(60)},
  record_id       ${KEY(120)},
  generation      int NOT NULL,
  operation_key   ${KEY(300)},
  target_revision ${KEY(64)},
  plan_hash       ${KEY(64)},
  erp_key         ${KEY(120)},
  written_at      varchar(30) NOT NULL,
  CONSTRAINT pk_tieback_ledger PRIMARY KEY (place),
  CONSTRAINT ux_tieback_ledger_operation UNIQUE (operation_key),
  CONSTRAINT ux_tieback_ledger_generation UNIQUE (connection, entity, record_id, generation)
);
GO
IF OBJECT_ID(N'tieback.anchor') IS NULL
CREATE TABLE tieback.anchor (
  place       bigint IDENTITY(1,1) NOT NULL,
  connection  ${KEY(60)},
  seq         int NOT NULL,
  hash        ${KEY(64)},
  key_id      nvarchar(60) NULL,
  hmac        varchar(64) NULL,
  anchored_at varchar(30) NOT NULL,
  CONSTRAINT pk_tieback_anchor PRIMARY KEY (place),
  CONSTRAINT ux_tieback_anchor UNIQUE (connection, seq, hash)
);
GO
IF OBJECT_ID(N'tieback.ledger_keep') IS NULL
EXEC(N'CREATE TRIGGER tieback.ledger_keep ON tieback.ledger AFTER UPDATE, DELETE AS
BEGIN RAISERROR(N''tieback.ledger: entries are never changed or deleted.'', 16, 1); ROLLBACK TRANSACTION; END');
GO
IF OBJECT_ID(N'tieback.anchor_keep') IS NULL
EXEC(N'CREATE TRIGGER tieback.anchor_keep ON tieback.anchor AFTER UPDATE, DELETE AS
BEGIN RAISERROR(N''tieback.anchor: anchors are never changed or deleted.'', 16, 1); ROLLBACK TRANSACTION; END');
GO
`;
