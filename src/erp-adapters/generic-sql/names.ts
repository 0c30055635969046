import type { FieldDefinition, Kind, LineKind } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { KindDefinition } from '../../domain/kinds/definition';
import type { Form } from '../sql/dialect';
import type { ChangesPart, Definition, KindPart, LinePart, Path } from './definition';
import { partOf, secretsOf } from './definition';

/** A table or column that a definition names. */
export interface Named {
  readonly path: Path;
  readonly table: string;
  /** Null: the table itself. */
  readonly column: string | null;
  /** Digits behind the point that are declared. */
  readonly decimals?: number;
  readonly form?: Form;
  /** What the definition says stands in the column. */
  readonly values?: readonly (string | number)[];
  /** It is a key that is a number. */
  readonly isNumber?: true;
}

/** Every table and column that a definition names, and where. */
export const allNames = (definition: Definition): readonly (Named & { readonly kind: Kind })[] =>
  Object.entries(definition.kinds).flatMap(([kind, part]) =>
    isKind(kind)
      ? namesOf(['kinds', kind], part, { definition, ...definitionOf(kind) }).map((one) => ({ kind, ...one }))
      : [],
  );

/** Where a definition names a column that it calls secret itself. Databases do not tell capitals from others in names. */
export function secretsNamed(definition: Definition): readonly (readonly [Path, string])[] {
  const place = (table: string, column: string): string =>
    `${table.split('.').at(-1) ?? ''}.${column}`.toLowerCase();
  const secret = new Set(
    Object.entries(secretsOf(definition)).flatMap(([table, columns]) =>
      columns.map((column) => place(table, column)),
    ),
  );
  return allNames(definition).flatMap(({ path, table, column }): readonly (readonly [Path, string])[] =>
    column !== null && secret.has(place(table, column))
      ? [[path, `${column} is a secret column of ${table}: nothing may be mapped to it`]]
      : [],
  );
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
  const { table, key, keyForm, fields, fixed, defaults, state } = part;
  const own = (where: Path, column: string): Named => ({ path: [...path, ...where], table, column });
  return [
    { path: [...path, 'table'], table, column: null },
    { ...own(['key'], key), ...(keyForm === 'number' ? { isNumber: true as const } : {}) },
    ...Object.entries(fields).flatMap(
      ([name, { column, decimals, by, yes = [], no = [], codes = {} }]): readonly Named[] => {
        const { type = 'text', refersTo } = around.fields[name] ?? {};
        const other = refersTo === undefined ? undefined : partOf(around.definition, refersTo);
        return [
          {
            ...own(['fields', name], column),
            form: FORMS[type] ?? 'text',
            values: [...yes, ...no, ...Object.values(codes)],
            ...(decimals === undefined ? {} : { decimals }),
          },
          ...(by === undefined || other === undefined
            ? []
            : [{ path: [...path, 'fields', name, 'by'], table: other.table, column: by }]),
        ];
      },
    ),
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
    ...('owner' in part ? namesOfKind(path, part, around) : []),
  ];
}

const namesOfKind = (
  path: Path,
  { table, owner, lines, numbering, write, changes }: KindPart,
  around: Around,
): readonly Named[] => [
  { path: [...path, 'owner', 'column'], table, column: owner.column, values: [owner.value] },
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
