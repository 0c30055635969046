import { TiebackError } from '../../domain/base/errors';
import type { LiveColumn } from '../sql/columns';
import { liveColumns } from '../sql/columns';
import type { SqlCheck } from '../sql/model';
import type { SqlSession } from '../sql/session';
import type { KindPart, LinePart } from './definition';
import type { Path, ReadDefinition } from './read-definition';
import { didYouMean } from './read-definition';

/** The check of `tieback doctor` and `tieback erp try`: every table and column of the definition is there. */
export const catalogueCheck = (read: ReadDefinition): SqlCheck => ({
  name: 'definition',
  hint: 'Mend the definition file; the places are named.',
  async ask(session) {
    const problems = await catalogueProblems(session, read);
    if (problems.length > 0) throw new TiebackError('ERP_CONFIG', { reason: problems.join('; ') });
    return 'all its tables and columns are there';
  },
});

interface Named {
  readonly path: Path;
  readonly table: string;
  /** Null: the table itself. */
  readonly column: string | null;
  /** Digits behind the point that are declared. */
  readonly decimals?: number;
}

/** What the definition names and the database does not have, one sentence each: file, line, key, table and column. */
export async function catalogueProblems(
  session: SqlSession,
  { definition, at }: ReadDefinition,
): Promise<readonly string[]> {
  const named = Object.entries(definition.kinds).flatMap(([kind, part]) => namesOf(['kinds', kind], part));
  const live = await liveColumns(session, [...new Set(named.map(({ table }) => table))]);
  return named.flatMap(({ path, table, column, decimals }): readonly string[] => {
    const columns = live.get(table);
    if (column === null)
      return columns === undefined
        ? [`${at(path)}: there is no table or view ${table}, or we may not see it`]
        : [];
    if (columns === undefined) return [];
    const found = columns.find(({ name }) => name === column);
    if (found === undefined) return [`${at(path)}: ${missing(table, column, columns)}`];
    const { scale } = found;
    return decimals !== undefined && scale !== null && scale !== decimals
      ? [`${at(path)}: ${table}.${column} keeps ${scale} decimals: say \`decimals: ${scale}\``]
      : [];
  });
}

function missing(table: string, column: string, columns: readonly LiveColumn[]): string {
  const names = columns.map(({ name }) => name);
  const close = didYouMean(column, names);
  return `there is no column ${table}.${column}${close === '' ? `; there are ${names.join(', ')}` : close}`;
}

function namesOf(path: Path, part: KindPart | LinePart): readonly Named[] {
  const { table, key, fields, fixed, defaults, state } = part;
  const own = (where: Path, column: string): Named => ({ path: [...path, ...where], table, column });
  return [
    { path: [...path, 'table'], table, column: null },
    own(['key'], key),
    ...Object.entries(fields).map(([name, { column, decimals }]) => ({
      ...own(['fields', name], column),
      ...(decimals === undefined ? {} : { decimals }),
    })),
    ...Object.keys(fixed).map((column) => own(['fixed', column], column)),
    ...Object.keys(defaults).map((column) => own(['defaults', column], column)),
    ...(state === undefined ? [] : [own(['state', 'column'], state.column)]),
    ...('parent' in part ? [own(['parent'], part.parent)] : []),
    ...('parent' in part && part.numberColumn !== undefined
      ? [own(['numberColumn'], part.numberColumn)]
      : []),
    ...('owner' in part ? ofKind(path, part) : []),
  ];
}

const ofKind = (
  path: Path,
  { table, owner, lines, numbering, write, changes }: KindPart,
): readonly Named[] => [
  { path: [...path, 'owner', 'column'], table, column: owner.column },
  ...Object.entries(write?.parameters ?? {}).map(([parameter, column]) => ({
    path: [...path, 'write', 'parameters', parameter],
    table,
    column,
  })),
  ...(changes !== undefined && 'column' in changes
    ? [{ path: [...path, 'changes', 'column'], table, column: changes.column }]
    : []),
  ...(numbering?.counter === undefined
    ? []
    : (['next', 'from', 'to'] as const).map((name) => ({
        path: [...path, 'numbering', 'counter', name],
        table: numbering.counter?.table ?? '',
        column: numbering.counter?.[name] ?? '',
      }))),
  ...Object.entries(lines).flatMap(([name, line]) => namesOf([...path, 'lines', name], line)),
];
