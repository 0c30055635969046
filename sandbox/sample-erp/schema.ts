import type { FieldDefinition } from './field-definitions';
import { VENDOR_FIELD_DEFINITIONS } from './field-definitions';

/**
 * The database of "Groundwork", a small job-cost ERP. It guards itself as real ones do: with constraints, code tables and
 * triggers that refuse in sentences. Whoever writes by SQL meets the same rules as a person at the screen, with one exception
 * that real ERPs share: locks (`HQLK`, `HQBC.InUseBy`) are only agreements between programs.
 */

/** Characters of code page 1252 above ASCII, as a GLOB class. */
const CP1252 = '\u00A0-ÿ€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

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
  VendorGroup INTEGER NOT NULL REFERENCES HQVG
);

CREATE TABLE HQCN (Country CHAR(2) PRIMARY KEY, Name VARCHAR(40) NOT NULL);
CREATE TABLE HQST (
  Country CHAR(2) NOT NULL REFERENCES HQCN,
  State   VARCHAR(4) NOT NULL,
  Name    VARCHAR(40) NOT NULL,
  PRIMARY KEY (Country, State)
);
CREATE TABLE HQHC (HoldCode VARCHAR(10) PRIMARY KEY, Description VARCHAR(30) NOT NULL);

-- What people have open. "APVM|1" is the whole vendor file of group 1, "APVM|1|10011" one vendor.
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
  Module CHAR(2) NOT NULL CHECK (Module IN ('AP', 'JC', 'PR', 'GL')),
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

-- Unapproved invoices, in a batch until posted; then they become history in APTH.
CREATE TABLE APUI (
  APCo        INTEGER NOT NULL,
  Mth         TEXT NOT NULL,
  BatchId     INTEGER NOT NULL,
  Seq         INTEGER NOT NULL,
  VendorGroup INTEGER NOT NULL,
  Vendor      INTEGER NOT NULL,
  APRef       VARCHAR(15) NOT NULL CHECK (length(APRef) <= 15),
  Amount      DECIMAL_TEXT(12,2) NOT NULL CHECK (Amount GLOB '*[0-9].[0-9][0-9]'),
  EnteredBy   VARCHAR(40) NOT NULL,
  PRIMARY KEY (APCo, Mth, BatchId, Seq),
  FOREIGN KEY (APCo, Mth, BatchId) REFERENCES HQBC,
  FOREIGN KEY (VendorGroup, Vendor) REFERENCES APVM
);
CREATE TABLE APTH (
  APCo        INTEGER NOT NULL,
  Mth         TEXT NOT NULL,
  APTrans     INTEGER NOT NULL,
  VendorGroup INTEGER NOT NULL,
  Vendor      INTEGER NOT NULL,
  APRef       VARCHAR(15) NOT NULL,
  Amount      DECIMAL_TEXT(12,2) NOT NULL,
  PRIMARY KEY (APCo, Mth, APTrans),
  FOREIGN KEY (VendorGroup, Vendor) REFERENCES APVM
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
CREATE TRIGGER APUI_insert BEFORE INSERT ON APUI BEGIN
  SELECT RAISE(ABORT, 'APUI: Batch ' || NEW.BatchId || ' of ' || NEW.Mth || ' is not open: its status is ' || Status || '.')
    FROM HQBC WHERE Co = NEW.APCo AND Mth = NEW.Mth AND BatchId = NEW.BatchId AND Status <> 0;
  SELECT RAISE(ABORT, 'APUI: Batch ' || NEW.BatchId || ' of ' || NEW.Mth || ' is in use by ' || InUseBy || '.')
    FROM HQBC WHERE Co = NEW.APCo AND Mth = NEW.Mth AND BatchId = NEW.BatchId AND InUseBy <> NEW.EnteredBy;
  SELECT RAISE(ABORT, 'APUI: Month ' || NEW.Mth || ' is closed for AP in company ' || NEW.APCo || '.')
    FROM GLPD WHERE GLCo = NEW.APCo AND Mth = NEW.Mth AND Module = 'AP' AND Status = 'closed';
  SELECT RAISE(ABORT, 'APUI: Vendor ' || Vendor || ' is inactive.')
    FROM APVM WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND Status = 'I';
  SELECT RAISE(ABORT, 'APUI: Reference ' || NEW.APRef || ' of vendor ' || NEW.Vendor || ' is already entered.')
   WHERE EXISTS (SELECT 1 FROM APUI WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND APRef = NEW.APRef)
      OR EXISTS (SELECT 1 FROM APTH WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND APRef = NEW.APRef);
END;
`;

/**
 * Jobs and phases. The job mask is "part of 4, right-justified and blank padded, dash, part of 3": ` 1024-001` and `1024-001` are not
 * the same text, and only the first is a job. The phase mask is 2R-3R-2L, whose last part may stay blank.
 */
const JOB_COST = `
CREATE TABLE DDMK (
  Mask      VARCHAR(10) NOT NULL,
  Part      INTEGER NOT NULL,
  Width     INTEGER NOT NULL,
  Justify   CHAR(1) NOT NULL CHECK (Justify IN ('L', 'R')),
  Optional  CHAR(1) NOT NULL CHECK (Optional IN ('Y', 'N')),
  Separator VARCHAR(1) NOT NULL,
  PRIMARY KEY (Mask, Part)
);
INSERT INTO DDMK VALUES
  ('Job', 1, 5, 'R', 'N', '-'), ('Job', 2, 3, 'R', 'N', ''),
  ('Phase', 1, 2, 'R', 'N', '-'), ('Phase', 2, 3, 'R', 'N', '-'), ('Phase', 3, 2, 'L', 'Y', '');

CREATE TABLE JCJM (
  JCCo        INTEGER NOT NULL REFERENCES HQCO,
  Job         VARCHAR(10) NOT NULL CHECK (length(Job) <= 10),
  Description VARCHAR(60) NOT NULL CHECK (length(Description) <= 60),
  JobStatus   INTEGER NOT NULL DEFAULT 1 CHECK (JobStatus IN (0, 1, 2, 3)),
  LockPhases  CHAR(1) NOT NULL DEFAULT 'Y' CHECK (LockPhases IN ('Y', 'N')),
  RowVer      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (JCCo, Job)
);
CREATE TABLE JCJP (
  JCCo        INTEGER NOT NULL,
  Job         VARCHAR(10) NOT NULL,
  Phase       VARCHAR(20) NOT NULL CHECK (length(Phase) <= 20),
  Description VARCHAR(60) NOT NULL CHECK (length(Description) <= 60),
  ActiveYN    CHAR(1) NOT NULL DEFAULT 'Y' CHECK (ActiveYN IN ('Y', 'N')),
  RowVer      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (JCCo, Job, Phase),
  FOREIGN KEY (JCCo, Job) REFERENCES JCJM
);

CREATE TRIGGER JCJM_insert BEFORE INSERT ON JCJM BEGIN
  SELECT RAISE(ABORT, 'JCJM: Job "' || NEW.Job || '" does not follow the job mask 5R-3R.')
   WHERE NEW.Job NOT GLOB '[ 0-9][ 0-9][ 0-9][ 0-9][0-9]-[0-9][0-9][0-9]' OR trim(substr(NEW.Job, 1, 5)) GLOB '* *';
END;
CREATE TRIGGER JCJP_insert BEFORE INSERT ON JCJP BEGIN
  SELECT RAISE(ABORT, 'JCJP: Phase "' || NEW.Phase || '" does not follow the phase mask 2R-3R-2L.')
   WHERE NEW.Phase NOT GLOB '[ 0-9][0-9]-[ 0-9][ 0-9][0-9]-[ 0-9][ 0-9]'
      OR trim(substr(NEW.Phase, 4, 3)) GLOB '* *' OR substr(NEW.Phase, 8, 2) GLOB ' [0-9]';
  SELECT RAISE(ABORT, 'JCJP: Job ' || trim(Job) || ' is closed; phases cannot be added.')
    FROM JCJM WHERE JCCo = NEW.JCCo AND Job = NEW.Job AND JobStatus >= 2;
END;
CREATE TRIGGER JCJM_inserted AFTER INSERT ON JCJM BEGIN
  UPDATE HQRV SET Value = Value + 1;
  UPDATE JCJM SET RowVer = (SELECT Value FROM HQRV) WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER JCJM_updated AFTER UPDATE OF Job, Description, JobStatus, LockPhases ON JCJM BEGIN
  UPDATE HQRV SET Value = Value + 1;
  UPDATE JCJM SET RowVer = (SELECT Value FROM HQRV) WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER JCJP_inserted AFTER INSERT ON JCJP BEGIN
  UPDATE HQRV SET Value = Value + 1;
  UPDATE JCJP SET RowVer = (SELECT Value FROM HQRV) WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER JCJP_updated AFTER UPDATE OF Phase, Description, ActiveYN ON JCJP BEGIN
  UPDATE HQRV SET Value = Value + 1;
  UPDATE JCJP SET RowVer = (SELECT Value FROM HQRV) WHERE rowid = NEW.rowid;
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

/** The values of the new row as a table (column, value), so that each rule is written once for all fields. */
function newValues(event: 'insert' | 'update'): string {
  const changed = (column: string): string =>
    event === 'insert' ? '1' : `NEW.${column} IS NOT OLD.${column}`;
  return VENDOR_FIELD_DEFINITIONS.map(
    ({ column }) => `SELECT '${column}' AS c, NEW.${column} AS v, ${changed(column)} AS changed`,
  ).join('\n      UNION ALL ');
}

/** One rule over all fields. Only what changes is checked: an old row with an old flaw can still be corrected elsewhere. */
const fieldRule = (event: 'insert' | 'update', says: string, broken: string): string => `
  SELECT RAISE(ABORT, 'APVM: ' || d.Label || ${says})
    FROM (${newValues(event)}) f JOIN DDFI d ON d.TableName = 'APVM' AND d.ColumnName = f.c
   WHERE f.changed AND ${broken};`;

function vendorChecks(event: 'insert' | 'update'): string {
  const empty = "trim(f.v) = ''";
  const isUpdate = event === 'update' ? '1' : '0';
  return [
    fieldRule(
      event,
      "' is required.'",
      `((d.Required = 'Y' AND (f.v IS NULL OR ${empty})) OR (d.Required = 'D' AND (f.v IS NULL OR (${isUpdate} AND ${empty}))))`,
    ),
    fieldRule(
      event,
      "' is ' || length(f.v) || ' characters long; the field takes ' || d.Length || '.'",
      'length(f.v) > d.Length',
    ),
    fieldRule(
      event,
      "' holds a character that cannot be stored.'",
      `(instr(f.v, char(0)) > 0 OR (d.CharSet = 'ascii' AND f.v GLOB '*[^ -~]*') OR (d.CharSet = 'cp1252' AND f.v GLOB '*[^ -~${CP1252}]*'))`,
    ),
    fieldRule(event, "' must be upper case.'", "d.UpperCase = 'Y' AND f.v <> upper(f.v)"),
    fieldRule(
      event,
      "' \"' || f.v || '\" is not a number with ' || d.Decimals || ' decimals.'",
      `d.Decimals IS NOT NULL AND (f.v NOT GLOB '[0-9]*.' || replace(hex(zeroblob(d.Decimals)), '00', '[0-9]')
        OR f.v GLOB '*[^0-9.]*' OR f.v GLOB '*.*.*' OR f.v GLOB '0[0-9]*')`,
    ),
    fieldRule(
      event,
      "' ' || f.v || ' is not between ' || d.MinValue || ' and ' || d.MaxValue || '.'",
      'd.MaxValue IS NOT NULL AND NOT CAST(f.v AS REAL) BETWEEN d.MinValue AND d.MaxValue',
    ),
    fieldRule(
      event,
      "' \"' || f.v || '\" ' || d.Says || '.'",
      "f.v <> '' AND (f.v NOT GLOB d.Mask OR f.v GLOB d.NotMask OR f.v GLOB '*[' || d.BadChars || ']*')",
    ),
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
   WHERE EXISTS (SELECT 1 FROM APTH WHERE VendorGroup = OLD.VendorGroup AND Vendor = OLD.Vendor)
      OR EXISTS (SELECT 1 FROM APUI WHERE VendorGroup = OLD.VendorGroup AND Vendor = OLD.Vendor);
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

const text = (value: string | undefined): string =>
  value === undefined ? 'NULL' : `'${value.replace(/'/g, "''")}'`;
const number = (value: number | undefined): string => (value === undefined ? 'NULL' : String(value));

const DICTIONARY = VENDOR_FIELD_DEFINITIONS.map(
  (field, index) =>
    `INSERT INTO DDFI VALUES ('APVM', ${index + 1}, ${text(field.column)}, ${text(field.label)}, ${field.length}, ${text(field.charset)}, ` +
    `'${field.required}', '${field.upperCase === true ? 'Y' : 'N'}', ${number(field.decimals)}, ${number(field.min)}, ${number(field.max)}, ` +
    `${text(field.mask)}, ${text(field.notMask)}, ${text(field.badChars)}, ${text(field.says)}, ${text(field.codeTable)});`,
).join('\n');

/** Everything `createCompany` runs, in order. */
export const SCHEMA = [HEADQUARTERS, VENDOR_TABLE, ACCOUNTING, JOB_COST, VENDOR_TRIGGERS, DICTIONARY].join(
  '\n',
);
