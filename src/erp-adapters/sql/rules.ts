import type { ColumnRule } from '../../domain/kinds/column-rules';
import type { CustomColumns } from '../../domain/kinds/custom-fields';
import { isCustomField } from '../../domain/kinds/custom-fields';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { Dictionary, FieldSpec, KindSpec, LineSpec } from './model';
import { noCounter } from './numbers';
import type { Scope } from './scope';
import { ownerIn } from './scope';
import type { SqlSession } from './session';
import { askOne, query } from './session';
import type { SqlParts } from './writer';

/** The rules of one kind, header and lines, as they are today. */
export async function readRules(
  session: SqlSession,
  { scopes, model }: Pick<SqlParts, 'scopes' | 'model'>,
  spec: KindSpec,
): Promise<RecordColumns> {
  const { scope } = await scopes.ask(session, 'scope', () => () => null);
  const currency = model.currency(scope);
  const number = await numberRule(session, scope, spec);
  const dictionary = await model.dictionary(session, tablesOf(spec));
  const rulesOf = (
    table: string,
    fields: Readonly<Record<string, FieldSpec>>,
  ): Readonly<Record<string, ColumnRule>> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, spec]) => {
        // Those of custom fields are offered apart.
        if (isCustomField(field)) return [];
        const [of, name] = spec.ruleOf ?? [table, spec.column];
        const rule = spec.rule(dictionary.get(of)?.get(name)?.rule, scope);
        return rule === null
          ? []
          : [[field, spec.unique ? { ...rule, unique: true as const } : rule] as const];
      }),
    );
  return {
    fields: { ...number, ...rulesOf(spec.table, spec.fields) },
    lines: Object.fromEntries(spec.lines.map(({ kind, table, fields }) => [kind, rulesOf(table, fields)])),
    custom: {
      fields: offered(dictionary, spec),
      lines: Object.fromEntries(spec.lines.map((line) => [line.kind, offered(dictionary, line)])),
    },
    ...(currency === null ? {} : { currency }),
  };
}

const tablesOf = ({ table, fields, lines }: KindSpec): readonly string[] => {
  const others = [fields, ...lines.map((line) => line.fields)].flatMap((of) =>
    Object.values(of).flatMap(({ ruleOf }) => ruleOf?.[0] ?? []),
  );
  return [...new Set([table, ...lines.map((line) => line.table), ...others])];
};

const offered = (
  dictionary: Dictionary,
  { table, custom = {} }: Pick<LineSpec, 'table' | 'custom'>,
): CustomColumns =>
  Object.fromEntries(
    Object.entries(custom).flatMap(([name, { type, column }]) => {
      const found = dictionary.get(table)?.get(column);
      return found === undefined ? [] : [[name, { ...found, type }] as const];
    }),
  );

/** Not required: without a number the next free one is taken. */
async function numberRule(
  session: SqlSession,
  scope: Scope,
  { numbering, owner, noun }: KindSpec,
): Promise<RecordColumns['fields']> {
  if (numbering === undefined) return {};
  const range = await rangeOf(session, numbering, { owner, value: ownerIn(owner, scope) });
  return {
    [numbering.field]: {
      maxLength: String(range.to).length,
      unit: 'characters',
      charset: 'ascii',
      required: false,
      pattern: {
        source: '^[1-9][0-9]*$',
        explains: `a ${noun} number from ${range.from} to ${range.to}`,
      },
      assigned: true,
      range,
    },
  };
}

async function rangeOf(
  session: SqlSession,
  { counter, range }: NonNullable<KindSpec['numbering']>,
  { owner, value }: { readonly owner: string; readonly value: ReturnType<typeof ownerIn> },
): Promise<{ readonly from: number; readonly to: number }> {
  if (counter === undefined) return range ?? { from: 1, to: 999_999_999 };
  const { table, from, to } = counter;
  const sql = `SELECT ${from} AS first_number, ${to} AS last_number FROM ${table} WHERE ${owner} = @owner`;
  const row = await askOne(session, 'range', query(sql, { owner: value }));
  if (row === undefined) throw noCounter(table, String(value));
  return { from: Number(row['first_number']), to: Number(row['last_number']) };
}
