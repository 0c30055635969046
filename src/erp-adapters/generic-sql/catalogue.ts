import type { FieldDefinition, Kind, LineKind } from '../../domain/kinds';
import type { KindDefinition } from '../../domain/kinds/definition';
import { definitionOf, isKind } from '../../domain/kinds';
import type { LiveColumn } from '../sql/columns';
import { liveColumns, liveProcedures } from '../sql/columns';
import type { Form } from '../sql/dialect';
import type { Lack } from '../sql/model';
import { unlikeForm } from '../sql/schema';
import type { SqlSession } from '../sql/session';
import type { ChangesPart, Definition, KindPart, LinePart } from './definition';
import { partOf } from './definition';
import type { Path, ReadDefinition } from './read-definition';
import { didYouMean } from './read-definition';

interface Named {
  readonly path: Path;
  readonly table: string;
  /** Null: the table itself. */
  readonly column: string | null;
  /** Digits behind the point that are declared. */
  readonly decimals?: number;
  readonly form?: Form;
}

/** What the definition names and the database does not have, one sentence each: file, line, key, table and column. */
export async function lacksOf(
  session: SqlSession,
  { definition, at }: ReadDefinition,
): Promise<readonly Lack[]> {
  const parts = Object.entries(definition.kinds).flatMap(([kind, part]) =>
    isKind(kind) ? [[kind, part] as const] : [],
  );
  const named = parts.flatMap(([kind, part]) =>
    namesOf(['kinds', kind], part, { definition, ...definitionOf(kind) }).map((one) => ({ kind, ...one })),
  );
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

/** What the names of a part are looked up in. */
interface Around {
  readonly definition: Definition;
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  readonly lines: KindDefinition['lines'];
}

const FORMS: Readonly<Partial<Record<FieldDefinition['type'], Form>>> = {
  money: 'decimal',
  quantity: 'decimal',
  unit_cost: 'decimal',
  percent: 'decimal',
  date: 'date',
};

function namesOf(path: Path, part: KindPart | LinePart, around: Around): readonly Named[] {
  const { table, key, fields, fixed, defaults, state } = part;
  const own = (where: Path, column: string): Named => ({ path: [...path, ...where], table, column });
  return [
    { path: [...path, 'table'], table, column: null },
    own(['key'], key),
    ...Object.entries(fields).flatMap(([name, { column, decimals, by }]): readonly Named[] => {
      const { type = 'text', refersTo } = around.fields[name] ?? {};
      const other = refersTo === undefined ? undefined : partOf(around.definition, refersTo);
      return [
        {
          ...own(['fields', name], column),
          form: FORMS[type] ?? 'text',
          ...(decimals === undefined ? {} : { decimals }),
        },
        ...(by === undefined || other === undefined
          ? []
          : [{ path: [...path, 'fields', name, 'by'], table: other.table, column: by }]),
      ];
    }),
    ...Object.keys(fixed).map((column) => own(['fixed', column], column)),
    ...Object.keys(defaults).map((column) => own(['defaults', column], column)),
    ...(state === undefined ? [] : [own(['state', 'column'], state.column)]),
    ...('parent' in part ? [own(['parent'], part.parent)] : []),
    ...('parent' in part && part.numberColumn !== undefined
      ? [own(['numberColumn'], part.numberColumn)]
      : []),
    ...('owner' in part ? namesOfKind(path, part, around) : []),
  ];
}

const namesOfKind = (
  path: Path,
  { table, owner, lines, numbering, write, changes }: KindPart,
  around: Around,
): readonly Named[] => [
  { path: [...path, 'owner', 'column'], table, column: owner.column },
  ...Object.entries(write?.parameters ?? {}).map(([parameter, column]) => ({
    path: [...path, 'write', 'parameters', parameter],
    table,
    column,
  })),
  ...(changes === undefined
    ? ofChanges(['changes'], table, around.definition.changes)
    : ofChanges([...path, 'changes'], table, changes)),
  ...(numbering?.counter === undefined
    ? []
    : ofCounter([...path, 'numbering', 'counter'], owner.column, numbering.counter)),
  ...Object.entries(lines).flatMap(([name, line]) =>
    namesOf([...path, 'lines', name], line, {
      ...around,
      fields: around.lines[name as LineKind]?.fields ?? {},
    }),
  ),
];

function ofChanges(path: Path, table: string, changes: ChangesPart): readonly Named[] {
  if (!('column' in changes)) return [];
  const named: Named[] = [{ path: [...path, 'column'], table, column: changes.column }];
  if (changes.by !== 'counter') return named;
  const { counterTable, counterColumn } = changes;
  return [
    ...named,
    { path: [...path, 'counterTable'], table: counterTable, column: null },
    { path: [...path, 'counterColumn'], table: counterTable, column: counterColumn },
  ];
}

type Counter = NonNullable<NonNullable<KindPart['numbering']>['counter']>;

const ofCounter = (path: Path, owner: string, counter: Counter): readonly Named[] => [
  { path: [...path, 'table'], table: counter.table, column: null },
  // A row for every owner.
  { path: [...path, 'table'], table: counter.table, column: owner },
  ...(['next', 'from', 'to'] as const).map((name) => ({
    path: [...path, name],
    table: counter.table,
    column: counter[name],
  })),
];
