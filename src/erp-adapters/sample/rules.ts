import type Database from 'better-sqlite3';
import { TiebackError } from '../../domain/base/errors';
import type { FieldRule, VendorRules } from '../contract/adapter';
import type { CarriedField } from './vendor-columns';
import { CARRIED_FIELDS, COLUMN_OF } from './vendor-columns';

/** A row of the data dictionary. */
interface Definition {
  readonly ColumnName: string;
  readonly Length: number;
  readonly CharSet: 'ascii' | 'cp1252';
  readonly Required: 'Y' | 'D' | 'N';
  readonly UpperCase: 'Y' | 'N';
  readonly Decimals: number | null;
  readonly Mask: string | null;
  readonly NotMask: string | null;
  readonly BadChars: string | null;
  readonly Says: string | null;
  readonly CodeTable: string | null;
}

/**
 * Column → rule, as it is today: from the data dictionary the ERP checks against, but never wider than the column itself. Manuals and
 * old settings are not asked.
 */
export function readTableRules(db: Database.Database, table: string): ReadonlyMap<string, FieldRule> {
  const definitions = db
    .prepare<[string], Definition>(
      `SELECT ColumnName, Length, CharSet, Required, UpperCase, Decimals, Mask, NotMask, BadChars, Says, CodeTable
         FROM DDFI WHERE TableName = ?`,
    )
    .all(table);
  const widths = columnWidths(db, table);
  return new Map(
    definitions.map((definition) => [
      definition.ColumnName,
      ruleOf(db, definition, widths.get(definition.ColumnName)),
    ]),
  );
}

/** The rules of the vendor file, with the range of its numbers. */
export function readVendorRules(db: Database.Database, vendorGroup: number): VendorRules {
  const columns = readTableRules(db, 'APVM');
  const range = readRange(db, vendorGroup);
  const fields: Partial<Record<CarriedField, FieldRule>> = {};
  for (const field of CARRIED_FIELDS) {
    const rule = columns.get(COLUMN_OF[field]);
    if (rule !== undefined) fields[field] = rule;
  }
  return {
    fields: { code: numberRule(range), ...fields, isActive: STATUS_RULE },
    codeRange: range,
    sortNameUnique: true,
  };
}

const STATUS_RULE: FieldRule = { maxLength: 1, unit: 'characters', charset: 'ascii', required: true };

function readRange(db: Database.Database, vendorGroup: number): { from: number; to: number } {
  const range = db
    .prepare<[number], { from: number; to: number }>(
      'SELECT FirstVendor AS "from", LastVendor AS "to" FROM HQVG WHERE VendorGroup = ?',
    )
    .get(vendorGroup);
  if (range === undefined) {
    throw new TiebackError('ERP_CONFIG', { reason: `there is no vendor group ${vendorGroup} in HQVG` });
  }
  return range;
}

/** Not required: without a number the next free one is taken. */
const numberRule = ({ from, to }: { from: number; to: number }): FieldRule => ({
  maxLength: String(to).length,
  unit: 'characters',
  charset: 'ascii',
  required: false,
  pattern: { source: '^[1-9][0-9]*$', explains: `a vendor number from ${from} to ${to}` },
});

function ruleOf(db: Database.Database, definition: Definition, width: number | undefined): FieldRule {
  const pattern = patternOf(definition);
  return {
    maxLength: Math.min(definition.Length, width ?? definition.Length),
    unit: 'characters',
    charset: definition.CharSet,
    required: definition.Required === 'Y',
    ...(definition.UpperCase === 'Y' ? { upperCase: true } : {}),
    ...(definition.Decimals === null ? {} : { decimals: definition.Decimals }),
    ...(pattern === null
      ? {}
      : {
          pattern: {
            source: pattern,
            explains: `it ${definition.Says ?? 'does not have the form of the field'}`,
          },
        }),
    ...(definition.CodeTable === null ? {} : { allowed: readCodes(db, definition.CodeTable) }),
  };
}

/** Declared widths, from types such as `VARCHAR(60)`. */
function columnWidths(db: Database.Database, table: string): Map<string, number> {
  const columns = db
    .prepare<[string], { name: string; type: string }>('SELECT name, type FROM pragma_table_info(?)')
    .all(table);
  return new Map(
    columns.flatMap(({ name, type }) => {
      const width = /CHAR\((\d+)\)/.exec(type)?.[1];
      return width === undefined ? [] : [[name, Number(width)] as const];
    }),
  );
}

/** `HQST.State` → its values. The same code may stand under several countries; which pairs are valid, the ERP says on writing. */
function readCodes(db: Database.Database, codeTable: string): readonly string[] {
  const [, table, column] = /^([A-Z]{4})\.([A-Za-z]+)$/.exec(codeTable) ?? [];
  if (table === undefined || column === undefined) {
    throw new TiebackError('ERP_CONFIG', {
      reason: `DDFI names a code table that cannot be read: ${codeTable}`,
    });
  }
  return db
    .prepare<[], { code: string }>(`SELECT DISTINCT ${column} AS code FROM ${table} ORDER BY ${column}`)
    .all()
    .map(({ code }) => code);
}

/** The GLOB patterns of the dictionary as one regular expression. */
function patternOf({ Mask, NotMask, BadChars }: Definition): string | null {
  if (Mask === null && NotMask === null && BadChars === null) return null;
  const not = NotMask === null ? '' : `(?!${globToRegex(NotMask)}$)`;
  const must = Mask === null ? '' : `(?=${globToRegex(Mask)}$)`;
  const rest = BadChars === null ? '[\\s\\S]*' : `[^${BadChars.replace(/[\\\]^-]/g, '\\$&')}]*`;
  return `^${not}${must}${rest}$`;
}

const globToRegex = (glob: string): string =>
  glob.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === '*' ? '[\\s\\S]*' : character === '?' ? '[\\s\\S]' : `\\${character}`,
  );
