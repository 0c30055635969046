import { TiebackError } from '../../domain/base/errors';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { CustomColumns } from '../../domain/kinds/custom-fields';
import { isCustomField } from '../../domain/kinds/custom-fields';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { Row, Statements } from './database';
import type { FieldSpec } from './record-fields';
import type { Moment } from './record-reader';
import type { KindSpec, LineSpec } from './record-tables';
import { ownerIn } from './scope';

/** Groundwork has no column for a currency: every amount is in this one. */
const CURRENCY = 'USD';

/** The rules of one kind, header and lines, as they are today. */
export function readRules(moment: Moment, spec: KindSpec): RecordColumns {
  const tables = new Map<string, ReadonlyMap<string, LabelledRule>>();
  const inTable = (table: string): ReadonlyMap<string, LabelledRule> => {
    const rules = tables.get(table) ?? readTableRules(moment.db, table);
    tables.set(table, rules);
    return rules;
  };
  const rulesOf = (
    table: string,
    fields: Readonly<Record<string, FieldSpec>>,
  ): Readonly<Record<string, ColumnRule>> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, spec]) => {
        // Those of custom fields are offered apart.
        if (isCustomField(field)) return [];
        const [of, name] = spec.ruleOf ?? [table, spec.column];
        const rule = spec.rule(inTable(of).get(name)?.rule, moment.scope);
        return rule === null
          ? []
          : [[field, spec.unique ? { ...rule, unique: true as const } : rule] as const];
      }),
    );
  const offered = ({ table, custom = {} }: Pick<LineSpec, 'table' | 'custom'>): CustomColumns =>
    Object.fromEntries(
      Object.entries(custom).flatMap(([name, { type, column }]) => {
        const found = inTable(table).get(column);
        return found === undefined ? [] : [[name, { ...found, type }] as const];
      }),
    );
  return {
    fields: { ...numberRule(moment, spec), ...rulesOf(spec.table, spec.fields) },
    lines: Object.fromEntries(spec.lines.map(({ kind, table, fields }) => [kind, rulesOf(table, fields)])),
    custom: {
      fields: offered(spec),
      lines: Object.fromEntries(spec.lines.map((line) => [line.kind, offered(line)])),
    },
    currency: CURRENCY,
  };
}

/** Not required: without a number the next free one is taken. */
function numberRule({ db, scope }: Moment, { numbering, owner, noun }: KindSpec): RecordColumns['fields'] {
  if (numbering === undefined) return {};
  const { field, table } = numbering;
  const row = db.get(
    `SELECT ${numbering.from} AS "from", ${numbering.to} AS "to" FROM ${table} WHERE ${owner} = @owner`,
    { owner: ownerIn(owner, scope) },
  );
  if (row === undefined) throw noCounter(numbering, ownerIn(owner, scope));
  const range = { from: Number(row['from']), to: Number(row['to']) };
  return {
    [field]: {
      maxLength: String(range.to).length,
      unit: 'characters',
      charset: 'ascii',
      required: false,
      pattern: {
        source: '^[1-9][0-9]*$',
        explains: `a ${noun} number from ${range.from} to ${range.to}`,
      },
      assigned: true,
      range,
    },
  };
}

/** The company names a group that has no counter. */
export const noCounter = ({ table }: NonNullable<KindSpec['numbering']>, owner: number): TiebackError =>
  new TiebackError('ERP_CONFIG', { reason: `there is no row ${owner} in ${table}` });

interface LabelledRule {
  /** What the form of the ERP calls the column. */
  readonly label: string;
  readonly rule: ColumnRule;
}

/**
 * Column → rule: from the data dictionary the ERP checks against, but never wider than the column itself. Manuals and old settings
 * are not asked.
 */
function readTableRules(db: Statements, table: string): ReadonlyMap<string, LabelledRule> {
  const widths = columnWidths(db, table);
  const definitions = db.all(
    `SELECT ColumnName, Label, Length, CharSet, Required, UpperCase, Decimals, Mask, NotMask, BadChars, Says, CodeTable
       FROM DDFI WHERE TableName = @table`,
    { table },
  );
  return new Map(
    definitions.map((row) => {
      const column = String(row['ColumnName']);
      return [column, { label: String(row['Label']), rule: ruleOf(db, row, widths.get(column)) }];
    }),
  );
}

function ruleOf(db: Statements, row: Row, width: number | undefined): ColumnRule {
  const { CharSet, Required, UpperCase, Decimals, Says, CodeTable } = row;
  const length = Number(row['Length']);
  const pattern = patternOf(row);
  return {
    maxLength: Math.min(length, width ?? length),
    unit: 'characters',
    charset: CharSet === 'cp1252' ? 'cp1252' : 'ascii',
    required: Required === 'Y',
    ...(UpperCase === 'Y' ? { upperCase: true } : {}),
    ...(typeof Decimals === 'number' ? { decimals: Decimals } : {}),
    ...(pattern === null
      ? {}
      : {
          pattern: {
            source: pattern,
            explains: `it ${String(Says ?? 'does not have the form of the field')}`,
          },
        }),
    ...(typeof CodeTable === 'string' ? { allowed: readCodes(db, CodeTable) } : {}),
  };
}

/** Declared widths, from types such as `VARCHAR(60)`. */
function columnWidths(db: Statements, table: string): ReadonlyMap<string, number> {
  return new Map(
    db.all('SELECT name, type FROM pragma_table_info(@table)', { table }).flatMap(({ name, type }) => {
      const width = /CHAR\((\d+)\)/.exec(String(type))?.[1];
      return width === undefined ? [] : [[String(name), Number(width)] as const];
    }),
  );
}

/** `HQST.State` → its values. The same code may stand under several countries; which pairs are valid, the ERP says on writing. */
function readCodes(db: Statements, codeTable: string): readonly string[] {
  const [, table, column] = /^([A-Z]{4})\.([A-Za-z]+)$/.exec(codeTable) ?? [];
  if (table === undefined || column === undefined) {
    throw new TiebackError('ERP_CONFIG', {
      reason: `DDFI names a code table that cannot be read: ${codeTable}`,
    });
  }
  return db
    .all(`SELECT DISTINCT ${column} AS code FROM ${table} ORDER BY ${column}`)
    .map(({ code }) => String(code));
}

/** The GLOB patterns of the dictionary as one regular expression. */
function patternOf({ Mask, NotMask, BadChars }: Row): string | null {
  if (typeof Mask !== 'string' && typeof NotMask !== 'string' && typeof BadChars !== 'string') return null;
  const not = typeof NotMask === 'string' ? `(?!${globToRegex(NotMask)}$)` : '';
  const must = typeof Mask === 'string' ? `(?=${globToRegex(Mask)}$)` : '';
  const rest = typeof BadChars === 'string' ? `[^${BadChars.replace(/[\\\]^-]/g, '\\$&')}]*` : '[\\s\\S]*';
  return `^${not}${must}${rest}$`;
}

/** Classes such as `[0-9]` mean the same in both. */
const globToRegex = (glob: string): string =>
  glob.replace(/\[[^\]]*\]|[.*+?^${}()|\\]/g, (part) => {
    if (part.startsWith('[')) return part;
    return part === '*' ? '[\\s\\S]*' : part === '?' ? '[\\s\\S]' : `\\${part}`;
  });
