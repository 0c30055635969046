import { TiebackError } from '../../domain/base/errors';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import { liveColumns } from '../sql/columns';
import type { Dictionary, LabelledRule } from '../sql/model';
import type { Row, SqlSession } from '../sql/session';
import { Asking, askAll, query } from '../sql/session';

/**
 * Column → rule: from the data dictionary the ERP checks against, but never wider than the column itself. Manuals and old settings
 * are not asked.
 */
export async function readDictionary(session: SqlSession, tables: readonly string[]): Promise<Dictionary> {
  const live = await liveColumns(session, tables);
  const definitions = await askAll(
    session,
    'dictionary',
    query(
      `SELECT TableName, ColumnName, Label, Length, CharSet, Required, UpperCase, Decimals, Mask, NotMask, BadChars, Says, CodeTable
         FROM DDFI WHERE TableName ${session.dialect.inList('tables')}`,
      { tables: JSON.stringify(tables) },
    ),
  );
  const codes = await readCodes(session, definitions);
  const dictionary = new Map<string, Map<string, LabelledRule>>(tables.map((table) => [table, new Map()]));
  for (const row of definitions) {
    const [table, column] = [String(row['TableName']), String(row['ColumnName'])];
    const width = live.get(table)?.find(({ name }) => name === column)?.length ?? null;
    const allowed = codes.get(String(row['CodeTable']));
    dictionary.get(table)?.set(column, { label: String(row['Label']), rule: ruleOf(row, width, allowed) });
  }
  return dictionary;
}

function ruleOf(row: Row, width: number | null, allowed: readonly string[] | undefined): ColumnRule {
  const { CharSet, Required, UpperCase, Decimals, Says } = row;
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
    ...(allowed === undefined ? {} : { allowed }),
  };
}

/** `HQST.State` → its values. The same code may stand under several countries; which pairs are valid, the ERP says on writing. */
async function readCodes(
  session: SqlSession,
  definitions: readonly Row[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asking = new Asking();
  const tables = new Set(
    definitions.flatMap(({ CodeTable }) => (typeof CodeTable === 'string' ? [CodeTable] : [])),
  );
  const found = [...tables].map((codeTable) => {
    const [, table, column] = /^([A-Z]{4})\.([A-Za-z]+)$/.exec(codeTable) ?? [];
    if (table === undefined || column === undefined) {
      throw new TiebackError('ERP_CONFIG', {
        reason: `DDFI names a code table that cannot be read: ${codeTable}`,
      });
    }
    const rows = asking.add(query(`SELECT DISTINCT ${column} AS code FROM ${table} ORDER BY ${column}`));
    return [codeTable, rows] as const;
  });
  await asking.run(session, 'codes');
  return new Map(found.map(([codeTable, rows]) => [codeTable, rows().map(({ code }) => String(code))]));
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
