import type { Column, Rule, Table } from './description';
import { ALIASES } from './description';

/** Codes and names compare byte by byte. (At the site that is known it is `Latin1_General_BIN`, which not every server that speaks TDS has.) */
const COLLATION = 'Latin1_General_BIN2';

/** Types that columns name; texts are written out. */
export const tsqlTypes: readonly string[] = ALIASES.map(([name, type]) => `CREATE TYPE ${name} FROM ${type}`);

const ALIAS_NAMES = new Set(ALIASES.map(([name]) => name));

function columnSql({ name, type, base, isNullable, defaultSql }: Column, table: string): string {
  const kind =
    base.kind === 'text' ? `${base.tsql} COLLATE ${COLLATION}` : ALIAS_NAMES.has(type) ? type : base.tsql;
  const value = defaultSql === null ? '' : ` CONSTRAINT DF_b${table}_${name} DEFAULT (${defaultSql})`;
  return `${name} ${kind} ${isNullable ? 'NULL' : 'NOT NULL'}${value}`;
}

function sentenceSql(says: string): string {
  const parts = says.split(/[{}]/).map((part, index) => {
    if (index % 2 === 0) return `'${part}'`;
    const column = part.replace('mth ', '');
    return part.startsWith('mth ')
      ? `CONCAT(RIGHT(CONCAT('0', MONTH(${column})), 2), '/', RIGHT(CONCAT('', YEAR(${column})), 2))`
      : column;
  });
  return `CONCAT(${parts.filter((part) => part !== "''").join(', ')}, '')`;
}

/** The first row that breaks a rule says why, and the whole transaction goes. */
function triggerSql(name: string, event: 'insert' | 'update' | 'delete', rules: readonly Rule[]): string {
  const rows =
    event === 'update'
      ? 'inserted n JOIN deleted o ON o.KeyID = n.KeyID'
      : event === 'insert'
        ? 'inserted n'
        : 'deleted o';
  const looks = rules.map(
    ({ says, when }) =>
      `IF @errmsg IS NULL SELECT TOP 1 @errmsg = ${sentenceSql(says)} FROM ${rows} WHERE ${when};`,
  );
  return `CREATE TRIGGER bt${name}${event.charAt(0)} ON b${name} FOR ${event.toUpperCase()} AS
BEGIN
SET NOCOUNT ON;
DECLARE @errmsg varchar(255);
${looks.join('\n')}
IF @errmsg IS NOT NULL
BEGIN
RAISERROR('%s', 16, 1, @errmsg);
ROLLBACK TRANSACTION;
END
END`;
}

/** The statements, each a batch, that create a table and the view over it. */
export const tsqlTable = ({ name, columns, key, unique }: Table): readonly string[] => [
  `CREATE TABLE b${name} (\n${[
    ...columns.map((column) => columnSql(column, name)),
    'KeyID bigint IDENTITY(1,1) NOT NULL',
    `CONSTRAINT bi${name} PRIMARY KEY (${key.join(', ')})`,
    `CONSTRAINT bi${name}KeyID UNIQUE (KeyID)`,
    ...unique.map((of) => `CONSTRAINT bi${name}${of.at(-1) ?? ''} UNIQUE (${of.join(', ')})`),
  ].join(',\n')}\n)`,
  `CREATE VIEW ${name} AS SELECT ${[...columns.map((column) => column.name), 'KeyID'].join(', ')} FROM b${name}`,
];

/** The triggers of a table: made when all views are there. */
export const tsqlTriggers = ({ name, rules }: Table): readonly string[] =>
  (['insert', 'update', 'delete'] as const).flatMap((event) => {
    const of = rules.filter(({ on }) => on.includes(event));
    return of.length === 0 ? [] : [triggerSql(name, event, of)];
  });
