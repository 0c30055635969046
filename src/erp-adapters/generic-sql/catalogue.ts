import { TiebackError } from '../../domain/base/errors';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { LiveColumn } from '../sql/columns';
import { liveColumns, liveProcedures } from '../sql/columns';
import type { Lack, SqlCheck } from '../sql/model';
import { unlikeForm } from '../sql/schema';
import type { SqlSession } from '../sql/session';
import type { Definition, KindPart, LinePart, Path } from './definition';
import type { Named } from './names';
import { allNames } from './names';
import type { ReadDefinition } from './read-definition';
import { didYouMean } from './read-definition';

/** What the definition names and the database does not have, one sentence each: file, line, key, table and column. */
export async function lacksOf(
  session: SqlSession,
  { definition, at }: ReadDefinition,
): Promise<readonly Lack[]> {
  const parts = Object.entries(definition.kinds).flatMap(([kind, part]) =>
    isKind(kind) ? [[kind, part] as const] : [],
  );
  const named = allNames(definition);
  const live = await liveColumns(session, [...new Set(named.map(({ table }) => table))]);
  const columns = named.flatMap(({ kind, path, table, column, ...expected }): readonly Lack[] => {
    const says = wrongWith(live.get(table), table, column, expected);
    return says === null ? [] : [{ kinds: [kind], table, column, says: `${at(path)}: ${says}` }];
  });
  return [...columns, ...(await proceduresLacking(session, parts, at))];
}

function wrongWith(
  columns: readonly LiveColumn[] | undefined,
  table: string,
  column: string | null,
  { decimals, form = 'text', values = [], isNumber }: Omit<Named, 'path' | 'table' | 'column'>,
): string | null {
  if (column === null)
    return columns === undefined ? `there is no table or view ${table}, or we may not see it` : null;
  // That is said once, of the table.
  if (columns === undefined) return null;
  const found = columns.find(({ name }) => name === column);
  if (found === undefined) return missing(table, column, columns);
  const unlike = unlikeForm(found, form);
  if (unlike !== null) return `${table}.${column} is ${found.type}, ${unlike}`;
  const { scale, type } = found;
  if (isNumber && TEXTS.test(type)) return `${table}.${column} holds texts (${type}): say \`keyForm: text\``;
  const wrong = NUMBERS.test(type) ? values.filter((value) => !/^-?\d+(\.\d+)?$/.test(String(value))) : [];
  if (wrong.length > 0) return `${table}.${column} holds numbers (${type}); "${wrong.join('", "')}" is none`;
  return decimals !== undefined && scale !== null && scale !== decimals
    ? `${table}.${column} keeps ${scale} decimals: say \`decimals: ${scale}\``
    : null;
}

const TEXTS = /char|text/;
const NUMBERS = /int|decimal|numeric|float|real|double|money/;

/**
 * The check of `tieback doctor` and `tieback erp try`: no new row would leave a column empty that must be filled. It stops nothing, because a trigger may
 * fill it.
 */
export const filledCheck = ({ definition, at }: ReadDefinition): SqlCheck => ({
  name: 'definition',
  hint: 'Mend the definition file; the places are named.',
  async ask(session) {
    const tables = [...new Set(allNames(definition).map(({ table }) => table))];
    const empty = unfilled(definition, await liveColumns(session, tables));
    if (empty.length > 0)
      throw new TiebackError('ERP_CONFIG', {
        reason: empty.map(([path, words]) => `${at(path)}: ${words}`).join('; '),
      });
    return 'every column that must be filled is';
  },
});

/** Columns that must be filled and that a new row would leave empty. */
function unfilled(
  definition: Definition,
  live: ReadonlyMap<string, readonly LiveColumn[]>,
): readonly (readonly [path: Path, words: string])[] {
  const named = allNames(definition).filter(({ path }) => !path.includes('changes'));
  return Object.entries(definition.kinds).flatMap(([kind, part]) => {
    if (part.readOnly) return [];
    const lines = Object.entries(part.lines).filter(([, line]) => !line.readOnly);
    const rows: readonly (readonly [Path, KindPart | LinePart])[] = [
      // What a procedure fills is its own affair.
      ...(part.write === undefined ? [[['kinds', kind], part] as const] : []),
      ...lines.map(([name, line]) => [['kinds', kind, 'lines', name], line] as const),
    ];
    return rows.flatMap(([path, { table }]) => {
      const columns = live.get(table) ?? [];
      const filled = new Set(
        named.flatMap((one) => (one.kind === kind && one.table === table ? [one.column] : [])),
      );
      // One that is misspelled is missed twice.
      if ([...filled].some((name) => name !== null && columns.every((column) => column.name !== name)))
        return [];
      const empty = columns.filter(
        ({ name, nullable, hasDefault, type }) =>
          !nullable && !hasDefault && type !== 'timestamp' && !filled.has(name),
      );
      return empty.map(
        ({ name }) =>
          [path, `${table}.${name} must be filled: give it a field, or a value under \`defaults\``] as const,
      );
    });
  });
}

async function proceduresLacking(
  session: SqlSession,
  parts: readonly (readonly [Kind, KindPart])[],
  at: ReadDefinition['at'],
): Promise<readonly Lack[]> {
  const writes = parts.flatMap(([kind, { write }]) => (write === undefined ? [] : [{ kind, ...write }]));
  const live = await liveProcedures(session, [...new Set(writes.map(({ procedure }) => procedure))]);
  return writes.flatMap(({ kind, procedure, parameters, returns }): readonly Lack[] => {
    const path = ['kinds', kind, 'write'];
    const lack = (where: Path, column: string | null, says: string): Lack => ({
      kinds: [kind],
      table: procedure,
      column,
      says: `${at([...path, ...where])}: ${says}`,
    });
    const known = live.get(procedure);
    if (known === undefined)
      return [lack(['procedure'], null, `there is no procedure ${procedure}, or we may not call it`)];
    if (known === null) return [];
    const has = (name: string): boolean => known.some((one) => one.toLowerCase() === name.toLowerCase());
    return [
      ...Object.keys(parameters).map((name) => [name, ['parameters', name]] as const),
      // Views, which stand for procedures on SQLite, answer nothing.
      ...(returns === undefined ? [] : [[returns, ['returns']] as const]),
    ]
      .filter(([name]) => !has(name))
      .map(([name, where]) => {
        const close = didYouMean(name, known);
        const others = `; there are ${known.join(', ')}`;
        return lack(where, name, `${procedure} has no parameter ${name}${close === '' ? others : close}`);
      });
  });
}

function missing(table: string, column: string, columns: readonly LiveColumn[]): string {
  const names = columns.map(({ name }) => name);
  const close = didYouMean(column, names);
  return `there is no column ${table}.${column}${close === '' ? `; there are ${names.join(', ')}` : close}`;
}
