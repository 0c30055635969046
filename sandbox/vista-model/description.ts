/**
 * How the model database is described: once, as data, for both dialects. A table is a list of columns such as `Name varchar(60)?` or
 * `ActiveYN bYN =Y`: name, type, `?` where it may be empty, and the default. A rule is what its trigger refuses, in the ERP's words.
 */

/** What a type of the ERP is made of. */
export interface BaseType {
  readonly kind: 'integer' | 'decimal' | 'text' | 'date' | 'guid';
  /** As T-SQL writes it. */
  readonly tsql: string;
  /** Characters of a text; digits of a decimal. */
  readonly length?: number;
  readonly decimals?: number;
}

export interface Column {
  readonly name: string;
  /** `bJob`, or a type of T-SQL. */
  readonly type: string;
  readonly base: BaseType;
  readonly isNullable: boolean;
  /** As SQL. */
  readonly defaultSql: string | null;
}

/** A row that may not become what it is about to be. `n` is the new row, `o` the old one. */
export interface Rule {
  readonly on: readonly ('insert' | 'update' | 'delete')[];
  /** The sentence; `{n.Vendor}` is a value, `{mth n.Mth}` a month as people write it. */
  readonly says: string;
  /** SQL that both dialects understand. */
  readonly when: string;
}

export interface Table {
  /** As the view is called; the table itself has a `b` before it on SQL Server. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly rules: readonly Rule[];
}

/** User-defined types. Lengths as the reference gives them; see README.md. */
const USER_TYPES: Readonly<Record<string, string>> = {
  bCompany: 'tinyint',
  bGroup: 'tinyint',
  bMonth: 'smalldatetime',
  bDate: 'smalldatetime',
  bBatchID: 'int',
  bTrans: 'int',
  bVendor: 'int',
  bEmployee: 'int',
  bItem: 'smallint',
  bJCCType: 'tinyint',
  bDollar: 'numeric(12,2)',
  bUnits: 'numeric(12,3)',
  bUnitCost: 'numeric(16,5)',
  bPct: 'numeric(6,4)',
  bHrs: 'numeric(10,2)',
  bYN: 'char(1)',
  bJob: 'varchar(10)',
  bContract: 'varchar(10)',
  bContractItem: 'varchar(16)',
  bDept: 'varchar(10)',
  bPhase: 'varchar(20)',
  bDesc: 'varchar(30)',
  bItemDesc: 'varchar(60)',
  bSortName: 'varchar(15)',
  bAPReference: 'varchar(15)',
  bUM: 'varchar(3)',
  bTaxCode: 'varchar(10)',
  bPayTerms: 'varchar(10)',
  bHoldCode: 'varchar(10)',
  bZip: 'varchar(12)',
  bState: 'varchar(4)',
  bCountry: 'char(2)',
  bPhone: 'varchar(20)',
  bGLAcct: 'varchar(20)',
  bSource: 'varchar(10)',
  bVPUserName: 'varchar(128)',
  bNotes: 'varchar(8000)',
};

/** Types of the ERP and what they stand for; those of texts are written out, because their columns have a collation of their own. */
export const ALIASES: readonly (readonly [name: string, type: string])[] = Object.entries(USER_TYPES).filter(
  ([, type]) => !type.includes('char'),
);

export function baseOf(type: string): BaseType {
  const tsql = USER_TYPES[type] ?? type;
  const [, name = '', one, two] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(tsql) ?? [];
  if (['tinyint', 'smallint', 'int', 'bigint'].includes(name)) return { kind: 'integer', tsql };
  if (name === 'numeric') return { kind: 'decimal', tsql, length: Number(one), decimals: Number(two) };
  if (name === 'smalldatetime') return { kind: 'date', tsql };
  if (name === 'uniqueidentifier') return { kind: 'guid', tsql };
  if (name === 'varchar' || name === 'char') return { kind: 'text', tsql, length: Number(one) };
  throw new Error(`the model has no type ${type}`);
}

function columnOf(text: string): Column {
  const [, name, type, optional, value] = /^(\w+) ([\w(),]+)(\?)?(?: =(.+))?$/.exec(text) ?? [];
  if (name === undefined || type === undefined) throw new Error(`"${text}" describes no column`);
  const base = baseOf(type);
  const isText = base.kind === 'text';
  return {
    name,
    type,
    base,
    isNullable: optional === '?',
    defaultSql: value === undefined ? null : isText ? `'${value}'` : value,
  };
}

/** Describes a table; every one has a `KeyID` beside its key. */
export const table = (
  name: string,
  key: string,
  columns: string,
  more: { readonly unique?: readonly string[]; readonly rules?: readonly Rule[] } = {},
): Table => ({
  name,
  key: key.split(' '),
  columns: columns
    .split(/[;\n]/)
    .map((column) => column.trim())
    .filter((column) => column !== '')
    .map(columnOf),
  unique: (more.unique ?? []).map((columns) => columns.split(' ')),
  rules: more.rules ?? [],
});

/** Refuses where no such row is there. */
export const mustExist = (
  says: string,
  where: string,
  on: Rule['on'] = ['insert', 'update'],
  unless = '1 = 0',
): Rule => ({ on, says, when: `NOT (${unless}) AND NOT EXISTS (SELECT 1 FROM ${where})` });
