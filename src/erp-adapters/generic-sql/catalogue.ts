import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { LiveColumn } from '../sql/columns';
import { liveColumns, liveProcedures } from '../sql/columns';
import type { Lack } from '../sql/model';
import { unlikeForm } from '../sql/schema';
import type { SqlSession } from '../sql/session';
import type { KindPart, Path } from './definition';
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
  { decimals, form = 'text' }: Pick<Named, 'decimals' | 'form'>,
): string | null {
  if (column === null)
    return columns === undefined ? `there is no table or view ${table}, or we may not see it` : null;
  // That is said once, of the table.
  if (columns === undefined) return null;
  const found = columns.find(({ name }) => name === column);
  if (found === undefined) return missing(table, column, columns);
  const unlike = unlikeForm(found, form);
  if (unlike !== null) return `${table}.${column} is ${found.type}, ${unlike}`;
  const { scale } = found;
  return decimals !== undefined && scale !== null && scale !== decimals
    ? `${table}.${column} keeps ${scale} decimals: say \`decimals: ${scale}\``
    : null;
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
