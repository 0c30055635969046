import { TiebackError } from '../../domain/base/errors';
import type { FieldDefinition, LineKind } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { LiveColumn } from '../sql/columns';
import { liveColumns } from '../sql/columns';
import type { SqlCheck } from '../sql/model';
import type { SqlSession } from '../sql/session';
import type { Definition, FieldPart, KindPart, LinePart } from './definition';
import { tableOf } from './definition';
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
  /** What the definition says stands in the column. */
  readonly values?: readonly (string | number)[];
  /** It is a key that is a number. */
  readonly isNumber?: true;
}

/** What the definition names and the database does not have, one sentence each: file, line, key, table and column. */
export async function catalogueProblems(
  session: SqlSession,
  { definition, at }: ReadDefinition,
): Promise<readonly string[]> {
  const named = Object.entries(definition.kinds).flatMap(([kind, part]) => [
    ...namesOf(['kinds', kind], part),
    ...ofChanges(definition, kind, part),
    ...ofReferences(definition, kind, part),
  ]);
  const live = await liveColumns(session, [...new Set(named.map(({ table }) => table))]);
  const problems = named.flatMap(
    ({ path, table, column, decimals, values = [], isNumber }): readonly string[] => {
      const columns = live.get(table);
      if (column === null)
        return columns === undefined
          ? [`${at(path)}: there is no table or view ${table}, or we may not see it`]
          : [];
      if (columns === undefined) return [];
      const found = columns.find(({ name }) => name === column);
      if (found === undefined) return [`${at(path)}: ${missing(table, column, columns)}`];
      const { scale, type } = found;
      if (isNumber && TEXTS.test(type))
        return [`${at(path)}: ${table}.${column} holds texts (${type}): say \`keyForm: text\``];
      const wrong = NUMBERS.test(type)
        ? values.filter((value) => !/^-?\d+(\.\d+)?$/.test(String(value)))
        : [];
      if (wrong.length > 0)
        return [`${at(path)}: ${table}.${column} holds numbers (${type}); "${wrong.join('", "')}" is none`];
      return decimals !== undefined && scale !== null && scale !== decimals
        ? [`${at(path)}: ${table}.${column} keeps ${scale} decimals: say \`decimals: ${scale}\``]
        : [];
    },
  );
  return [
    ...new Set([...problems, ...unfilled(definition, live).map(([path, words]) => `${at(path)}: ${words}`)]),
  ];
}

const TEXTS = /char|text/;
const NUMBERS = /int|decimal|numeric|float|real|double|money/;

/** Columns that must be filled and that a new row would leave empty. */
function unfilled(
  { kinds }: Definition,
  live: ReadonlyMap<string, readonly LiveColumn[]>,
): readonly (readonly [path: Path, words: string])[] {
  return Object.entries(kinds).flatMap(([kind, part]) => {
    if (part.readOnly) return [];
    const lines = Object.entries(part.lines).filter(([, line]) => !line.readOnly);
    const rows: readonly (readonly [Path, KindPart | LinePart])[] = [
      // What a procedure fills is its own affair.
      ...(part.write === undefined ? [[['kinds', kind], part] as const] : []),
      ...lines.map(([name, line]) => [['kinds', kind, 'lines', name], line] as const),
    ];
    return rows.flatMap(([path, row]) => {
      const filled = new Set(
        namesOf(path, row).flatMap(({ table, column }) => (table === row.table ? [column] : [])),
      );
      const empty = (live.get(row.table) ?? []).filter(
        ({ name, nullable, hasDefault, type }) =>
          !nullable && !hasDefault && type !== 'timestamp' && !filled.has(name),
      );
      return empty.map(
        ({ name }) =>
          [
            path,
            `${row.table}.${name} must be filled: give it a field, or a value under \`defaults\``,
          ] as const,
      );
    });
  });
}

function missing(table: string, column: string, columns: readonly LiveColumn[]): string {
  const names = columns.map(({ name }) => name);
  const close = didYouMean(column, names);
  return `there is no column ${table}.${column}${close === '' ? `; there are ${names.join(', ')}` : close}`;
}

function namesOf(path: Path, part: KindPart | LinePart): readonly Named[] {
  const { table, key, keyForm, fields, fixed, defaults, state } = part;
  const own = (where: Path, column: string): Named => ({ path: [...path, ...where], table, column });
  return [
    { path: [...path, 'table'], table, column: null },
    { ...own(['key'], key), ...(keyForm === 'number' ? { isNumber: true as const } : {}) },
    ...Object.entries(fields).map(([name, { column, decimals, yes = [], no = [], codes = {} }]) => ({
      ...own(['fields', name], column),
      values: [...yes, ...no, ...Object.values(codes)],
      ...(decimals === undefined ? {} : { decimals }),
    })),
    ...Object.entries(fixed).map(([column, value]) => ({
      ...own(['fixed', column], column),
      values: [value],
    })),
    ...Object.entries(defaults).map(([column, value]) => ({
      ...own(['defaults', column], column),
      values: [value],
    })),
    ...(state === undefined
      ? []
      : [{ ...own(['state', 'column'], state.column), values: [...state.active, ...(state.void ?? [])] }]),
    ...('parent' in part ? [own(['parent'], part.parent)] : []),
    ...('parent' in part && part.numberColumn !== undefined
      ? [own(['numberColumn'], part.numberColumn)]
      : []),
    ...('owner' in part ? ofKind(path, part) : []),
  ];
}

const ofKind = (path: Path, { table, owner, lines, numbering, write }: KindPart): readonly Named[] => [
  { path: [...path, 'owner', 'column'], table, column: owner.column, values: [owner.value] },
  ...Object.entries(write?.parameters ?? {}).map(([parameter, column]) => ({
    path: [...path, 'write', 'parameters', parameter],
    table,
    column,
  })),
  ...(numbering?.counter === undefined
    ? []
    : (['table', 'next', 'from', 'to'] as const).map((name) => ({
        path: [...path, 'numbering', 'counter', name],
        table: numbering.counter?.table ?? '',
        column: name === 'table' ? null : (numbering.counter?.[name] ?? ''),
      }))),
  ...Object.entries(lines).flatMap(([name, line]) => namesOf([...path, 'lines', name], line)),
];

/** How changes show, of a kind: as it says itself, or as the top says for all. */
function ofChanges(
  { changes: all }: Definition,
  kind: string,
  { table, changes }: KindPart,
): readonly Named[] {
  const path = changes === undefined ? ['changes'] : ['kinds', kind, 'changes'];
  const by = changes ?? all;
  if (!('column' in by)) return [];
  const column: Named = { path: [...path, 'column'], table, column: by.column };
  if (by.by !== 'counter') return [column];
  const { counterTable, counterColumn } = by;
  return [
    column,
    { path: [...path, 'counterTable'], table: counterTable, column: null },
    { path: [...path, 'counterColumn'], table: counterTable, column: counterColumn },
  ];
}

/** Columns of other tables that references hold. */
function ofReferences(definition: Definition, kind: string, { fields, lines }: KindPart): readonly Named[] {
  if (!isKind(kind)) return [];
  const known = definitionOf(kind);
  const named = (
    path: Path,
    parts: Readonly<Record<string, FieldPart>>,
    definitions: Readonly<Record<string, FieldDefinition>> = {},
  ): readonly Named[] =>
    Object.entries(parts).flatMap(([field, { by }]) => {
      const target = definitions[field]?.refersTo;
      const other = target === undefined ? undefined : tableOf(definition, target);
      if (by === undefined || other === undefined) return [];
      return [{ path: [...path, 'fields', field, 'by'], table: other.table, column: by }];
    });
  return [
    ...named(['kinds', kind], fields, known.fields),
    ...Object.entries(lines).flatMap(([name, line]) =>
      named(['kinds', kind, 'lines', name], line.fields, known.lines[name as LineKind]?.fields),
    ),
  ];
}

/** Table → columns that are read beside those of its records: counters of changes, and what references hold. */
export function columnsReadBeside(definition: Definition): ReadonlyMap<string, readonly string[]> {
  const read = new Map<string, readonly string[]>();
  const known = new Set(
    Object.values(definition.kinds)
      .flatMap((part) => [part, ...Object.values(part.lines)])
      .flatMap(({ table, fields }) => Object.values(fields).map(({ column }) => `${table}.${column}`)),
  );
  for (const [kind, part] of Object.entries(definition.kinds)) {
    const beside = [...ofChanges(definition, kind, part), ...ofReferences(definition, kind, part)];
    for (const { table, column } of beside)
      if (column !== null && table !== part.table && !known.has(`${table}.${column}`))
        read.set(table, [...new Set([...(read.get(table) ?? []), column])]);
  }
  return read;
}
