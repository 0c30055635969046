import { definitionOf } from '../../domain/kinds';
import type { ErpSchema, KindSchema } from '../contract/adapter';
import type { LiveColumn } from './columns';
import { liveColumns, liveTriggers } from './columns';
import type { Form } from './dialect';
import type { KindSpec, LineSpec, SqlModel } from './model';
import { columnsByTable } from './model';
import type { SqlSession } from './session';

const TEXT = /char|text|xml|uniqueidentifier/;
const EXACT = /^(decimal|numeric|money|smallmoney|int|integer|bigint|smallint|tinyint)$/;
const FLOATING = /^(float|real|double)/;
const DATES = /date/;

/** Reads the tables of every kind from the live catalogue, and compares them with what the adapter needs. */
export async function readSchema(session: SqlSession, { specs, changes }: SqlModel): Promise<ErpSchema> {
  const beside = (spec: KindSpec): readonly string[] => (spec.changes ?? changes).columns;
  const tables = [...columnsByTable(specs, beside).keys()];
  const live = await liveColumns(session, tables);
  const triggers = await liveTriggers(session, tables);
  return Object.fromEntries(
    specs.map((spec): [string, KindSchema] => {
      const used = columnsByTable([spec], beside);
      const columns = [...used].flatMap(([table, use]) => {
        const named = (live.get(table) ?? []).filter(
          ({ name, nullable, hasDefault }) =>
            // A column that has to be filled matters, whoever knows of it.
            use.columns.has(name) || (use.written && !nullable && !hasDefault),
        );
        const ofTable = triggers.get(table) ?? [];
        return [
          ...named.map((column) => [`${table}.${column.name}`, describe(column)] as const),
          ...(ofTable.length === 0 || !use.written
            ? []
            : [[`${table} (triggers)`, ofTable.join(', ')] as const]),
        ];
      });
      return [spec.kind, { columns: Object.fromEntries(columns), problems: problemsOf(spec, live) }];
    }),
  );
}

const describe = ({ type, length, scale, nullable, collation }: LiveColumn): string =>
  [
    length === null ? (scale === null || scale === 0 ? type : `${type}(, ${scale})`) : `${type}(${length})`,
    ...(collation === null ? [] : [collation]),
    ...(nullable ? [] : ['not null']),
  ].join(' ');

/** What keeps a kind from being read or written at all. */
function problemsOf(spec: KindSpec, live: ReadonlyMap<string, readonly LiveColumn[]>): readonly string[] {
  const { plural } = definitionOf(spec.kind);
  const parts: readonly (KindSpec | LineSpec)[] = [spec, ...spec.lines];
  return parts.flatMap((part) => {
    const columns = live.get(part.table);
    if (columns === undefined) return [`${plural}: there is no table ${part.table}, or we may not see it`];
    const byName = new Map(columns.map((column) => [column.name, column]));
    const [needed] = [
      ...columnsByTable([{ ...spec, ...('owner' in part ? { lines: [] } : { lines: [part] }) }]),
    ]
      .filter(([table]) => table === part.table)
      .map(([, use]) => use.columns);
    const missing = [...(needed ?? [])]
      .filter((column) => !byName.has(column))
      .map((column) => `${plural}: there is no column ${part.table}.${column}`);
    const unlike = Object.entries(part.fields).flatMap(([, { column, select, form }]) => {
      const found = byName.get(column);
      const problem = found === undefined || select !== undefined ? null : unlikeForm(found, form ?? 'text');
      return problem === null
        ? []
        : [`${plural}: ${part.table}.${column} is ${describe(found as LiveColumn)}, ${problem}`];
    });
    return [...missing, ...unlike];
  });
}

/** SQLite declares what it likes; only what would change a value is a problem. */
function unlikeForm({ type }: LiveColumn, form: Form): string | null {
  if (form === 'decimal') {
    if (FLOATING.test(type)) return 'which does not keep decimals exactly';
    return EXACT.test(type) || TEXT.test(type) || type === '' ? null : 'where an exact number was expected';
  }
  if (form === 'date')
    return DATES.test(type) || TEXT.test(type) || type === '' ? null : 'where a date was expected';
  return null;
}
