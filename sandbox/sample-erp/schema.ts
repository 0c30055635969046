import type { FieldDefinition } from './field-definitions';
import { VENDOR_FIELD_DEFINITIONS } from './field-definitions';
import { RECORD_FIELDS } from './record-fields';
import { PAYABLE_TABLES } from './schema-ap';
import { CONTRACT_TABLES } from './schema-contracts';
import { JOB_COST_CODES, JOB_COST_TABLES } from './schema-jc';
import { cents, dictionarySql, fieldChecks, inMoney, refuse, tableSql } from './schema-parts';
import { PAYROLL_SCHEMA } from './schema-pr';
import { COMMITMENT_TABLES } from './schema-sl';

/**
 * The database of "Groundwork", a small job-cost ERP. It guards itself as real ones do: with constraints, code tables and
 * triggers that refuse in sentences. Whoever writes by SQL meets the same rules as a person at the screen, with one exception
 * that real ERPs share: locks (`HQLK`, `HQBC.InUseBy`) are only agreements between programs.
 */

const HEADQUARTERS = `
CREATE TABLE HQVR (Product TEXT NOT NULL, Version TEXT NOT NULL);

-- One counter for every change in the database. It moves inside the transaction that makes the change.
CREATE TABLE HQRV (Value INTEGER NOT NULL);
INSERT INTO HQRV VALUES (0);

-- Vendor groups: companies that share one vendor file, and the next number of that file.
CREATE TABLE HQVG (
  VendorGroup INTEGER PRIMARY KEY,
  Description VARCHAR(30) NOT NULL,
  FirstVendor INTEGER NOT NULL,
  LastVendor  INTEGER NOT NULL,
  NextVendor  INTEGER NOT NULL
);

CREATE TABLE HQCO (
  HQCo        INTEGER PRIMARY KEY,
  Name        VARCHAR(60) NOT NULL,
  VendorGroup INTEGER NOT NULL REFERENCES HQVG,
  -- Companies of one phase group share phase master and cost types.
  PhaseGroup  INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE HQCN (Country CHAR(2) PRIMARY KEY, Name VARCHAR(40) NOT NULL);
CREATE TABLE HQST (
  Country CHAR(2) NOT NULL REFERENCES HQCN,
  State   VARCHAR(4) NOT NULL,
  Name    VARCHAR(40) NOT NULL,
  PRIMARY KEY (Country, State)
);
CREATE TABLE HQHC (HoldCode VARCHAR(10) PRIMARY KEY, Description VARCHAR(30) NOT NULL);

-- What people have open. "APVM|1" is the whole vendor file of group 1, "APVM|1|10011" one vendor; "SLHD|1|7" the commitment of company 1
-- with KeyID 7, and so for every table.
CREATE TABLE HQLK (
  Resource TEXT PRIMARY KEY,
  Screen   VARCHAR(40) NOT NULL,
  HeldBy   VARCHAR(40) NOT NULL,
  Since    TEXT NOT NULL
);

CREATE TABLE DDFI (
  TableName  TEXT NOT NULL,
  Seq        INTEGER NOT NULL,
  ColumnName TEXT NOT NULL,
  Label      TEXT NOT NULL,
  Length     INTEGER NOT NULL,
  CharSet    TEXT NOT NULL CHECK (CharSet IN ('ascii', 'cp1252')),
  Required   TEXT NOT NULL CHECK (Required IN ('Y', 'D', 'N')),
  UpperCase  TEXT NOT NULL CHECK (UpperCase IN ('Y', 'N')),
  Decimals   INTEGER,
  MinValue   INTEGER,
  MaxValue   INTEGER,
  Mask       TEXT,
  NotMask    TEXT,
  BadChars   TEXT,
  Says       TEXT,
  CodeTable  TEXT,
  PRIMARY KEY (TableName, ColumnName)
);
`;

const ACCOUNTING = `
CREATE TABLE APVT (VendorType VARCHAR(4) PRIMARY KEY, Description VARCHAR(30) NOT NULL);

CREATE TABLE GLPD (
  GLCo   INTEGER NOT NULL REFERENCES HQCO,
  Mth    TEXT NOT NULL CHECK (Mth GLOB '20[0-9][0-9]-[01][0-9]'),
  Module CHAR(2) NOT NULL CHECK (Module IN ('AP', 'AR', 'JC', 'PR', 'GL')),
  Status TEXT NOT NULL CHECK (Status IN ('open', 'closed')),
  PRIMARY KEY (GLCo, Mth, Module)
);

-- Batch control. Status: 0 open, 1 validated, 2 posting, 5 posted.
CREATE TABLE HQBC (
  Co        INTEGER NOT NULL REFERENCES HQCO,
  Mth       TEXT NOT NULL,
  BatchId   INTEGER NOT NULL,
  Source    VARCHAR(10) NOT NULL,
  Status    INTEGER NOT NULL DEFAULT 0 CHECK (Status IN (0, 1, 2, 5)),
  CreatedBy VARCHAR(40) NOT NULL,
  InUseBy   VARCHAR(40),
  PRIMARY KEY (Co, Mth, BatchId)
);

CREATE TRIGGER HQBC_insert BEFORE INSERT ON HQBC BEGIN
  SELECT RAISE(ABORT, 'HQBC: Month ' || NEW.Mth || ' is not open for ' || substr(NEW.Source, 1, 2) || ' in company ' || NEW.Co || '.')
   WHERE NOT EXISTS (SELECT 1 FROM GLPD WHERE GLCo = NEW.Co AND Mth = NEW.Mth AND Module = substr(NEW.Source, 1, 2) AND Status = 'open');
END;
CREATE TRIGGER HQBC_update BEFORE UPDATE OF Status ON HQBC WHEN NEW.Status <> OLD.Status BEGIN
  SELECT RAISE(ABORT, 'HQBC: Batch ' || OLD.BatchId || ' of ' || OLD.Mth || ' is posted and cannot change.') WHERE OLD.Status = 5;
  SELECT RAISE(ABORT, 'HQBC: Batch ' || OLD.BatchId || ' of ' || OLD.Mth || ' must be validated before it is posted.')
   WHERE OLD.Status = 0 AND NEW.Status > 1;
END;
`;

/** A batch is validated only when every document in it is the sum of its lines. */
const inBalance = (table: string, lines: string, column: string, what: string): string =>
  refuse(
    `'HQBC: ' || ${what} || ' of batch ' || NEW.BatchId || ' is ' || h.Amount || ', but its lines come to ' || ${inMoney('h.ofLines')} || '.'`,
    `NEW.Status = 1 AND OLD.Status = 0 AND h.Co = NEW.Co AND h.Mth = NEW.Mth AND h.BatchId = NEW.BatchId
      AND h.ofLines IS NOT NULL AND h.ofLines <> ${cents('h.Amount')}`,
    `(SELECT t.*, (SELECT sum(${cents('Amount')}) FROM ${lines} WHERE ${column} = t.KeyID) AS ofLines FROM ${table} t WHERE t.Status = 'A') h`,
  );

const BALANCE = `
CREATE TRIGGER HQBC_balance BEFORE UPDATE OF Status ON HQBC BEGIN
${inBalance('APTH', 'APTL', 'TransID', "'Invoice ' || h.APRef")}
${inBalance('JCOH', 'JCOI', 'COID', "'Change order ' || h.ChangeNo")}
${inBalance('ARTH', 'ARTL', 'TransID', "'Invoice ' || h.Invoice")}
END;
`;

const columnSql = ({ column, sql, length }: FieldDefinition): string =>
  `  ${column.padEnd(11)} ${sql} CHECK (${column} IS NULL OR length(${column}) <= ${length}),`;

const VENDOR_TABLE = `
CREATE TABLE APVM (
  VendorGroup INTEGER NOT NULL REFERENCES HQVG,
  Vendor      INTEGER NOT NULL,
${VENDOR_FIELD_DEFINITIONS.map(columnSql).join('\n')}
  Status      CHAR(1) NOT NULL DEFAULT 'A' CHECK (Status IN ('A', 'I')),
  HoldCode    VARCHAR(10) REFERENCES HQHC,
  TaxId       VARCHAR(12),
  BankAcct    VARCHAR(35),
  RowVer      INTEGER NOT NULL DEFAULT 0,
  Modified    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (VendorGroup, Vendor)
);
CREATE INDEX APVM_RowVer ON APVM (VendorGroup, RowVer);
CREATE UNIQUE INDEX APVM_SortName ON APVM (VendorGroup, SortName) WHERE SortName <> '';
`;

/** Columns whose change counts as a change of the vendor. */
const VENDOR_COLUMNS = [
  'VendorGroup',
  'Vendor',
  ...VENDOR_FIELD_DEFINITIONS.map(({ column }) => column),
  'Status',
  'HoldCode',
];

function vendorChecks(event: 'insert' | 'update'): string {
  return [
    fieldChecks('APVM', VENDOR_FIELD_DEFINITIONS, event),
    `
  SELECT RAISE(ABORT, 'APVM: Country ' || NEW.Country || ' is not in the country table.')
   WHERE NOT EXISTS (SELECT 1 FROM HQCN WHERE Country = NEW.Country);
  SELECT RAISE(ABORT, 'APVM: State ' || NEW.State || ' is not in the state table of country ' || NEW.Country || '.')
   WHERE coalesce(NEW.State, '') <> '' AND NOT EXISTS (SELECT 1 FROM HQST WHERE Country = NEW.Country AND State = NEW.State);
  SELECT RAISE(ABORT, 'APVM: Vendor type ' || NEW.VendorType || ' is not in the vendor type table.')
   WHERE NOT EXISTS (SELECT 1 FROM APVT WHERE VendorType = NEW.VendorType);
  SELECT RAISE(ABORT, 'APVM: Sort name ' || NEW.SortName || ' is already used by vendor ' || Vendor || '.')
    FROM APVM WHERE VendorGroup = NEW.VendorGroup AND SortName = NEW.SortName AND NEW.SortName <> '' AND Vendor <> NEW.Vendor;`,
  ].join('\n');
}

const VENDOR_TRIGGERS = `
CREATE TRIGGER APVM_insert BEFORE INSERT ON APVM BEGIN
  SELECT RAISE(ABORT, 'APVM: Vendor number ' || NEW.Vendor || ' is not a number.') WHERE typeof(NEW.Vendor) <> 'integer';
  SELECT RAISE(ABORT, 'APVM: Vendor number ' || NEW.Vendor || ' is outside the range ' || FirstVendor || ' to ' || LastVendor
      || ' of vendor group ' || VendorGroup || '.')
    FROM HQVG WHERE VendorGroup = NEW.VendorGroup AND NEW.Vendor NOT BETWEEN FirstVendor AND LastVendor;
  SELECT RAISE(ABORT, 'APVM: Vendor number ' || NEW.Vendor || ' is already used by "' || Name || '".')
    FROM APVM WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor;
${vendorChecks('insert')}
END;

CREATE TRIGGER APVM_update BEFORE UPDATE OF ${VENDOR_COLUMNS.join(', ')} ON APVM BEGIN
  SELECT RAISE(ABORT, 'APVM: The number of vendor ' || OLD.Vendor || ' cannot be changed.')
   WHERE NEW.Vendor IS NOT OLD.Vendor OR NEW.VendorGroup IS NOT OLD.VendorGroup;
  SELECT RAISE(ABORT, 'APVM: Vendor ' || OLD.Vendor || ' is on hold (' || NEW.HoldCode || ') and cannot be made active.')
   WHERE OLD.Status = 'I' AND NEW.Status = 'A' AND NEW.HoldCode IS NOT NULL;
${vendorChecks('update')}
END;

CREATE TRIGGER APVM_delete BEFORE DELETE ON APVM BEGIN
  SELECT RAISE(ABORT, 'APVM: Vendor ' || OLD.Vendor || ' has invoices and cannot be deleted; make it inactive.')
   WHERE EXISTS (SELECT 1 FROM APTH WHERE VendorGroup = OLD.VendorGroup AND Vendor = OLD.Vendor);
  SELECT RAISE(ABORT, 'APVM: Vendor ' || OLD.Vendor || ' has commitments and cannot be deleted; make it inactive.')
   WHERE EXISTS (SELECT 1 FROM SLHD WHERE VendorGroup = OLD.VendorGroup AND Vendor = OLD.Vendor);
END;

-- As the form does: a vendor without a sort name gets the first 15 characters of its name.
CREATE TRIGGER APVM_inserted AFTER INSERT ON APVM BEGIN
  UPDATE APVM SET SortName = trim(substr(upper(Name), 1, 15))
   WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND SortName = '';
  UPDATE HQRV SET Value = Value + 1;
  UPDATE APVM SET RowVer = (SELECT Value FROM HQRV), Modified = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
   WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor;
END;
CREATE TRIGGER APVM_updated AFTER UPDATE OF ${VENDOR_COLUMNS.join(', ')} ON APVM BEGIN
  UPDATE HQRV SET Value = Value + 1;
  UPDATE APVM SET RowVer = (SELECT Value FROM HQRV), Modified = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
   WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor;
END;
`;

/** In the order of what refers to what. */
const TABLES = [...JOB_COST_TABLES, ...COMMITMENT_TABLES, ...PAYABLE_TABLES, ...CONTRACT_TABLES];

/** Everything `createCompany` runs, in order. */
export const SCHEMA = [
  HEADQUARTERS,
  VENDOR_TABLE,
  ACCOUNTING,
  JOB_COST_CODES,
  ...TABLES.map(tableSql),
  BALANCE,
  VENDOR_TRIGGERS,
  PAYROLL_SCHEMA,
  dictionarySql('APVM', VENDOR_FIELD_DEFINITIONS),
  ...Object.entries(RECORD_FIELDS).map(([table, fields]) => dictionarySql(table, fields)),
].join('\n');
