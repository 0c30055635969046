import type { FieldDefinition } from './field-definitions';

/** The pieces from which the tables of Groundwork and their rules are made. */

/** A table whose rows people fill in. */
export interface TableDefinition {
  readonly name: string;
  /** What a person fills in: checked against the data dictionary. */
  readonly fields: readonly FieldDefinition[];
  /** Links, statuses and whatever else the screens keep by themselves, as in `CREATE TABLE`. */
  readonly columns: readonly string[];
  /** Kept by the ERP alone, whose programs may change them at any time. */
  readonly internal?: readonly string[];
  readonly constraints?: readonly string[];
  /** The table that a line belongs to, and the column that says to which row: a changed line is a change of its record. */
  readonly header?: { readonly table: string; readonly column: string };
  /** Sentences beyond those of the dictionary; SQL with `NEW`. */
  readonly rules?: string;
  /** More for one event only; SQL with `NEW` and `OLD`. */
  readonly insertRules?: string;
  readonly updateRules?: string;
  readonly deleteRules?: string;
}

/** Characters of code page 1252 above ASCII, as a GLOB class. */
const CP1252 = '\u00A0-ÿ€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

type Event = 'insert' | 'update';

/** Refuses in a sentence. `says`: SQL text expression; `from`: where the rule looks. */
export const refuse = (says: string, when: string, from?: string): string =>
  `  SELECT RAISE(ABORT, ${says})${from === undefined ? '' : `\n    FROM ${from}`}\n   WHERE ${when};`;

/** The values of the new row as a table (column, value), so that each rule is written once for all fields. */
function newValues(fields: readonly FieldDefinition[], event: Event): string {
  const changed = (column: string): string =>
    event === 'insert' ? '1' : `NEW.${column} IS NOT OLD.${column}`;
  return fields
    .map(({ column }) => `SELECT '${column}' AS c, NEW.${column} AS v, ${changed(column)} AS changed`)
    .join('\n      UNION ALL ');
}

/** Where a number may be negative, its sign is no part of its form. */
const UNSIGNED = "(CASE WHEN d.MinValue IS NULL AND f.v GLOB '-*[1-9]*' THEN substr(f.v, 2) ELSE f.v END)";

/** What the dictionary demands of every field. Only what changes is checked: an old row with an old flaw can still be corrected elsewhere. */
export function fieldChecks(table: string, fields: readonly FieldDefinition[], event: Event): string {
  if (fields.length === 0) return '';
  const rule = (says: string, broken: string): string => `
  SELECT RAISE(ABORT, '${table}: ' || d.Label || ${says})
    FROM (${newValues(fields, event)}) f JOIN DDFI d ON d.TableName = '${table}' AND d.ColumnName = f.c
   WHERE f.changed AND ${broken};`;
  const empty = "trim(f.v) = ''";
  const isUpdate = event === 'update' ? '1' : '0';
  return [
    rule(
      "' is required.'",
      `((d.Required = 'Y' AND (f.v IS NULL OR ${empty})) OR (d.Required = 'D' AND (f.v IS NULL OR (${isUpdate} AND ${empty}))))`,
    ),
    rule(
      "' is ' || length(f.v) || ' characters long; the field takes ' || d.Length || '.'",
      'length(f.v) > d.Length',
    ),
    rule(
      "' holds a character that cannot be stored.'",
      `(instr(f.v, char(0)) > 0 OR (d.CharSet = 'ascii' AND f.v GLOB '*[^ -~]*') OR (d.CharSet = 'cp1252' AND f.v GLOB '*[^ -~${CP1252}]*'))`,
    ),
    rule("' must be upper case.'", "d.UpperCase = 'Y' AND f.v <> upper(f.v)"),
    rule(
      "' \"' || f.v || '\" is not a number with ' || d.Decimals || ' decimals.'",
      `d.Decimals IS NOT NULL AND (${UNSIGNED} NOT GLOB '[0-9]*.' || replace(hex(zeroblob(d.Decimals)), '00', '[0-9]')
        OR ${UNSIGNED} GLOB '*[^0-9.]*' OR ${UNSIGNED} GLOB '*.*.*' OR ${UNSIGNED} GLOB '0[0-9]*')`,
    ),
    rule(
      "' ' || f.v || ' is not between ' || d.MinValue || ' and ' || d.MaxValue || '.'",
      'd.MaxValue IS NOT NULL AND NOT CAST(f.v AS REAL) BETWEEN d.MinValue AND d.MaxValue',
    ),
    rule(
      "' \"' || f.v || '\" ' || d.Says || '.'",
      `f.v <> '' AND (f.v NOT GLOB d.Mask OR f.v GLOB d.NotMask OR f.v GLOB '*[' || d.BadChars || ']*')`,
    ),
  ].join('\n');
}

const columnSql = ({ column, sql, length }: FieldDefinition): string =>
  `${column} ${sql} CHECK (${column} IS NULL OR length(${column}) <= ${length})`;

/** Name of a column in its SQL. */
const nameOf = (sql: string): string => /^\w+/.exec(sql)?.[0] ?? '';

/** Everything a table consists of: columns, rules, and the triggers that count its changes. */
export function tableSql(table: TableDefinition): string {
  const { name, fields, columns, header, rules = '' } = table;
  const own = [
    'KeyID INTEGER PRIMARY KEY AUTOINCREMENT',
    ...columns,
    ...(table.internal ?? []),
    ...fields.map(columnSql),
    ...(header === undefined ? ['RowVer INTEGER NOT NULL DEFAULT 0'] : []),
    ...(table.constraints ?? []),
  ];
  const watched = [...columns.map(nameOf), ...fields.map(({ column }) => column)];
  const index =
    header === undefined
      ? `CREATE INDEX ${name}_RowVer ON ${name} (RowVer);`
      : `CREATE INDEX ${name}_header ON ${name} (${header.column});`;
  return `
CREATE TABLE ${name} (
  ${own.join(',\n  ')}
);
${index}
CREATE TRIGGER ${name}_insert BEFORE INSERT ON ${name} BEGIN
${table.insertRules ?? ''}
${rules}
${fieldChecks(name, fields, 'insert')}
  SELECT 1;
END;
CREATE TRIGGER ${name}_update BEFORE UPDATE OF ${watched.join(', ')} ON ${name} BEGIN
${table.updateRules ?? ''}
${rules}
${fieldChecks(name, fields, 'update')}
  SELECT 1;
END;
CREATE TRIGGER ${name}_delete BEFORE DELETE ON ${name} BEGIN
${table.deleteRules ?? ''}
  SELECT 1;
END;
${versionTriggers(name, header, watched)}`;
}

function versionTriggers(
  name: string,
  header: TableDefinition['header'],
  watched: readonly string[],
): string {
  const count = (row: 'NEW' | 'OLD'): string => `
  UPDATE HQRV SET Value = Value + 1;
  UPDATE ${header?.table ?? name} SET RowVer = (SELECT Value FROM HQRV) WHERE KeyID = ${row}.${header?.column ?? 'KeyID'};`;
  return `
CREATE TRIGGER ${name}_inserted AFTER INSERT ON ${name} BEGIN${count('NEW')}
END;
CREATE TRIGGER ${name}_updated AFTER UPDATE OF ${watched.join(', ')} ON ${name} BEGIN${count('NEW')}
END;
${header === undefined ? '' : `CREATE TRIGGER ${name}_deleted AFTER DELETE ON ${name} BEGIN${count('OLD')}\nEND;`}`;
}

const text = (value: string | undefined): string =>
  value === undefined ? 'NULL' : `'${value.replace(/'/g, "''")}'`;
const number = (value: number | undefined): string => (value === undefined ? 'NULL' : String(value));

/** The rows of the data dictionary for one table. */
export const dictionarySql = (table: string, fields: readonly FieldDefinition[]): string =>
  fields
    .map(
      (field, index) =>
        `INSERT INTO DDFI VALUES ('${table}', ${index + 1}, ${text(field.column)}, ${text(field.label)}, ${field.length}, ${text(field.charset)}, ` +
        `'${field.required}', '${field.upperCase === true ? 'Y' : 'N'}', ${number(field.decimals)}, ${number(field.min)}, ${number(field.max)}, ` +
        `${text(field.mask)}, ${text(field.notMask)}, ${text(field.badChars)}, ${text(field.says)}, ${text(field.codeTable)});`,
    )
    .join('\n');

/** How sentences name a job, a phase, a cost type and a vendor; the argument is an SQL expression of their key. */
export const jobText = (id: string): string => `(SELECT trim(Job) FROM JCJM WHERE KeyID = ${id})`;
export const phaseText = (phase: string): string => `rtrim(replace(${phase}, ' ', ''), '-')`;
export const costTypeText = (id: string): string =>
  `coalesce((SELECT CostType FROM JCCT WHERE KeyID = ${id}), 'none')`;

/** A phase whose second part is blank heads others and takes no cost. */
export const isHeading = (phase: string): string => `substr(${phase}, 4, 3) = '   '`;

/** An amount as whole cents, because a binary number cannot hold 0.10; and cents as people write them. */
export const cents = (column: string): string => `CAST(replace(${column}, '.', '') AS INTEGER)`;
export const inMoney = (value: string): string =>
  `(CASE WHEN ${value} < 0 THEN '-' ELSE '' END || (abs(${value}) / 100) || '.' || printf('%02d', abs(${value}) % 100))`;

/** The job must be there and open. */
export const jobRules = (table: string, company: string): string =>
  [
    refuse(
      `'${table}: There is no such job in company ' || ${company} || '; enter the job first.'`,
      `NEW.JobID IS NOT NULL AND NOT EXISTS (SELECT 1 FROM JCJM WHERE KeyID = NEW.JobID AND JCCo = ${company})`,
    ),
    refuse(
      `'${table}: Job ' || trim(Job) || CASE JobStatus WHEN 0 THEN ' is pending; open it first.' ELSE ' is closed; reopen it first.' END`,
      'KeyID = NEW.JobID AND JobStatus <> 1',
      'JCJM',
    ),
  ].join('\n');

/** The vendor must be there and active. */
export const vendorRules = (table: string): string =>
  [
    refuse(
      `'${table}: There is no vendor ' || coalesce(NEW.Vendor, '') || '; enter the vendor first.'`,
      'NOT EXISTS (SELECT 1 FROM APVM WHERE VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor)',
    ),
    refuse(
      `'${table}: Vendor ' || Vendor || ' is inactive.'`,
      "VendorGroup = NEW.VendorGroup AND Vendor = NEW.Vendor AND Status = 'I'",
      'APVM',
    ),
  ].join('\n');

/** Cost goes to a phase of the job (or of one of its sub jobs) that is no heading, with a cost type that the phase has. */
export function costRules(table: string, job: string, needed = true): string {
  const phase = `JCJP p JOIN JCJM j ON j.KeyID = p.JobID`;
  const says = `'${table}: Phase ' || ${phaseText('p.Phase')} || `;
  return [
    refuse(
      `'${table}: Phase and cost type are required.'`,
      needed ? '(NEW.PhaseID IS NULL OR NEW.CostTypeID IS NULL)' : '0',
    ),
    refuse(
      `'${table}: There is no such phase; add it to the job first.'`,
      'NEW.PhaseID IS NOT NULL AND NOT EXISTS (SELECT 1 FROM JCJP WHERE KeyID = NEW.PhaseID)',
    ),
    refuse(
      `${says}' belongs to job ' || trim(j.Job) || ', not to job ' || coalesce(${jobText(job)}, 'none') || '.'`,
      `p.KeyID = NEW.PhaseID AND ${job} IS NOT NULL AND p.JobID IS NOT ${job} AND j.ParentID IS NOT ${job}`,
      phase,
    ),
    refuse(
      `${says}' is a heading; use a phase below it.'`,
      `p.KeyID = NEW.PhaseID AND ${isHeading('p.Phase')}`,
      phase,
    ),
    refuse(
      `${says}' of job ' || trim(j.Job) || ' is inactive.'`,
      "p.KeyID = NEW.PhaseID AND p.ActiveYN = 'N'",
      phase,
    ),
    refuse(
      `${says}' takes no cost: job ' || trim(j.Job) || ' is closed; reopen it first.'`,
      'p.KeyID = NEW.PhaseID AND j.JobStatus >= 2',
      phase,
    ),
    refuse(
      `'${table}: Cost type ' || ${costTypeText('NEW.CostTypeID')} || ' is not on phase ' || ${phaseText('p.Phase')} || ' of job ' || trim(j.Job) || '; add it first.'`,
      `p.KeyID = NEW.PhaseID AND NOT EXISTS (SELECT 1 FROM JCCH WHERE PhaseID = NEW.PhaseID AND CostTypeID IS NEW.CostTypeID AND ActiveYN = 'Y')`,
      phase,
    ),
  ].join('\n');
}

/** Columns of a document that lives in a batch until it is posted. */
export const BATCH_COLUMNS = [
  'Co INTEGER NOT NULL REFERENCES HQCO',
  'Mth TEXT NOT NULL',
  'BatchId INTEGER NOT NULL',
  'Seq INTEGER NOT NULL',
  'EnteredBy VARCHAR(40) NOT NULL',
];
export const BATCH_CONSTRAINTS = [
  'UNIQUE (Co, Mth, BatchId, Seq)',
  'FOREIGN KEY (Co, Mth, BatchId) REFERENCES HQBC',
];

const batchOf = (row: 'NEW' | 'OLD'): string =>
  `Co = ${row}.Co AND Mth = ${row}.Mth AND BatchId = ${row}.BatchId`;

/** A batch takes entries while it is open, its month is open, and nobody else has it on the screen. */
export const batchRules = (table: string, row: 'NEW' | 'OLD' = 'NEW'): string =>
  [
    refuse(
      `'${table}: Batch ' || ${row}.BatchId || ' of ' || ${row}.Mth || ' is not open: its status is ' || Status || '.'`,
      `${batchOf(row)} AND Status <> 0`,
      'HQBC',
    ),
    refuse(
      `'${table}: Batch ' || ${row}.BatchId || ' of ' || ${row}.Mth || ' is in use by ' || InUseBy || '.'`,
      `${batchOf(row)} AND InUseBy <> ${row}.EnteredBy`,
      'HQBC',
    ),
    refuse(
      `'${table}: Month ' || ${row}.Mth || ' is closed for ' || p.Module || ' in company ' || ${row}.Co || '.'`,
      `b.Co = ${row}.Co AND b.Mth = ${row}.Mth AND b.BatchId = ${row}.BatchId AND p.Status = 'closed'`,
      'HQBC b JOIN GLPD p ON p.GLCo = b.Co AND p.Mth = b.Mth AND p.Module = substr(b.Source, 1, 2)',
    ),
  ].join('\n');

/** Posted documents are history. */
export const postedRule = (table: string, what: string, verb: 'change' | 'be deleted'): string =>
  refuse(
    `'${table}: ' || ${what} || ' is posted and cannot ${verb}; void it.'`,
    `${batchOf('OLD')} AND Status = 5`,
    'HQBC',
  );

/** Lines of a posted document are history too. */
export const postedLineRule = (table: string, header: string, column: string, row: 'NEW' | 'OLD'): string =>
  refuse(
    `'${table}: The lines of a posted document cannot change; void it.'`,
    `h.KeyID = ${row}.${column} AND b.Status = 5`,
    `${header} h JOIN HQBC b ON b.Co = h.Co AND b.Mth = h.Mth AND b.BatchId = h.BatchId`,
  );
