import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { LiveColumn } from '../sql/columns';
import { liveColumns } from '../sql/columns';
import type { Dictionary, LabelledRule } from '../sql/model';
import type { SqlSession } from '../sql/session';
import { Asking, query } from '../sql/session';

/** Columns that take what is in a code table. */
const CODES: Readonly<Record<string, readonly [table: string, column: string]>> = {
  State: ['HQST', 'State'],
  MailState: ['HQST', 'State'],
  Country: ['HQCountry', 'Country'],
  UM: ['HQUM', 'UM'],
  TaxCode: ['HQTX', 'TaxCode'],
};

/** What Tieback fills in where nobody entered it. */
const FILLED = new Set(['SortName', 'Type', 'UM', 'DueDate', 'Vendor', 'InvTotal']);

/** The catalogue knows more of a table than of the view over it: what may be empty, and what has a default. */
const TABLE_OF = (view: string): string => `b${view}`;

/** Column → rule, from the live catalogue and code tables: every site has columns and lengths of its own. */
export async function readDictionary(session: SqlSession, tables: readonly string[]): Promise<Dictionary> {
  const live = await liveColumns(session, [...tables, ...tables.map(TABLE_OF)]);
  const asking = new Asking();
  const codes = new Map(
    Object.entries(CODES).map(([column, [table, code]]) => [
      column,
      asking.add(query(`SELECT DISTINCT RTRIM(${code}) AS code FROM ${table} ORDER BY code`)),
    ]),
  );
  await asking.run(session, 'codes');
  return new Map(
    tables.map((table) => {
      const columns =
        session.dialect.name === 'sqlite'
          ? (live.get(table) ?? [])
          : seenThrough(live.get(table) ?? [], live.get(TABLE_OF(table)) ?? []);
      return [
        table,
        new Map(columns.map((column) => [column.name, ruleOf(column, codes.get(column.name)?.())])),
      ];
    }),
  );
}

/** The columns of a view, with what the table knows of them. Names of columns mean the same in any case. */
function seenThrough(view: readonly LiveColumn[], table: readonly LiveColumn[]): readonly LiveColumn[] {
  const known = new Map(table.map((column) => [column.name.toLowerCase(), column]));
  return view.map((column) => ({
    // A view does not tell of defaults: what it does not tell is left to Vista to refuse.
    ...(known.get(column.name.toLowerCase()) ?? { ...column, hasDefault: true }),
    name: column.name,
  }));
}

function ruleOf(column: LiveColumn, codes?: readonly { readonly code?: unknown }[]): LabelledRule {
  const { name, type, length, precision, scale, nullable, hasDefault } = column;
  const rule: ColumnRule = {
    maxLength: /date/.test(type)
      ? 10
      : scale !== null && scale > 0
        ? (precision ?? 0) + 1
        : (length ?? precision ?? 10),
    // A code page of one byte a character: characters and bytes are the same.
    unit: 'characters',
    charset: type.startsWith('n') && type.endsWith('char') ? null : 'cp1252',
    required: !nullable && !hasDefault && !FILLED.has(name),
    ...(scale !== null && scale > 0 ? { decimals: scale } : {}),
    ...(name === 'SortName' ? { upperCase: true } : {}),
    ...(name === 'Notes' ? { lineBreaks: true as const } : {}),
    ...listed(codes?.map(({ code }) => String(code))),
  };
  return { label: labelOf(name), rule };
}

/** A list of capitals takes capitals. */
const listed = (codes: readonly string[] | undefined): Partial<ColumnRule> =>
  codes === undefined || codes.length === 0
    ? {}
    : { allowed: codes, ...(codes.every((code) => code === code.toUpperCase()) ? { upperCase: true } : {}) };

/** `OrigUnitCost` → `Orig Unit Cost`. */
const labelOf = (name: string): string => name.replace(/^ud/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
