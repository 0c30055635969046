import type { Column, Rule, Table } from './description';

/** Characters of code page 1252 above ASCII, as a GLOB class. */
const CP1252 = '\u00A0-ÿ€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

/** Decimals and dates are text here, because a binary number cannot hold 0.10: affinity TEXT, whatever else the type says. */
function typeOf({ base }: Column): string {
  if (base.kind === 'integer') return 'INTEGER';
  if (base.kind === 'decimal') return `TEXTNUMERIC(${base.length},${base.decimals})`;
  if (base.kind === 'date') return 'TEXTDATE';
  return base.kind === 'guid' ? 'TEXTGUID' : base.tsql.toUpperCase();
}

const DIGIT = '[0-9]';

/** What SQL Server's types refuse by themselves. */
function checkOf({ name, base }: Column): string {
  const { kind, length = 0, decimals = 0 } = base;
  const unsigned = `ltrim(${name}, '-')`;
  const checks: Readonly<Record<typeof kind, string>> = {
    integer: `typeof(${name}) = 'integer'`,
    decimal: `${unsigned} GLOB '${DIGIT}*.${DIGIT.repeat(decimals)}' AND ${unsigned} NOT GLOB '*[^0-9.]*' AND ${unsigned} NOT GLOB '*.*.*' AND length(${unsigned}) <= ${length + 1} AND length(${name}) - length(${unsigned}) <= 1`,
    date: `date(${name}) IS ${name}`,
    guid: `length(${name}) = 36`,
    text: `length(${name}) <= ${length} AND ${name} NOT GLOB '*[^ -~${CP1252}\n\r\t]*'`,
  };
  return `CHECK (${name} IS NULL OR (${checks[kind]}))`;
}

const defaultOf = ({ base, defaultSql }: Column): string => {
  if (defaultSql === null) return '';
  return base.kind === 'decimal' ? `'${Number(defaultSql).toFixed(base.decimals)}'` : defaultSql;
};

const columnSql = (column: Column): string =>
  [
    column.name,
    typeOf(column),
    column.isNullable ? '' : 'NOT NULL',
    column.defaultSql === null ? '' : `DEFAULT ${defaultOf(column)}`,
    checkOf(column),
  ]
    .filter((part) => part !== '')
    .join(' ');

const rowsIn = (sql: string): string => sql.replace(/\bn\./g, 'NEW.').replace(/\bo\./g, 'OLD.');

function sentenceSql(says: string): string {
  const parts = says.split(/[{}]/).map((part, index) => {
    if (index % 2 === 0) return `'${part}'`;
    const column = rowsIn(part.replace('mth ', ''));
    return part.startsWith('mth ')
      ? `(substr(${column}, 6, 2) || '/' || substr(${column}, 3, 2))`
      : `coalesce(${column}, '')`;
  });
  return parts.filter((part) => part !== "''").join(' || ');
}

const refuse = ({ says, when }: Rule): string =>
  `  SELECT RAISE(ABORT, ${sentenceSql(says)}) WHERE ${rowsIn(when)};`;

function triggersOf({ name, rules }: Table): readonly string[] {
  return (['insert', 'update', 'delete'] as const).flatMap((event) => {
    const of = rules.filter(({ on }) => on.includes(event));
    return of.length === 0
      ? []
      : [
          `CREATE TRIGGER ${name}_${event} AFTER ${event.toUpperCase()} ON ${name} BEGIN\n${of.map(refuse).join('\n')}\nEND`,
        ];
  });
}

/** The statements that create a table, which carries the name of the view. */
export const sqliteTable = (table: Table): readonly string[] => [
  `CREATE TABLE ${table.name} (\n  ${[
    ...table.columns.map(columnSql),
    'KeyID INTEGER PRIMARY KEY AUTOINCREMENT',
    ...[table.key, ...table.unique].map((columns) => `UNIQUE (${columns.join(', ')})`),
  ].join(',\n  ')}\n)`,
  ...triggersOf(table),
];
