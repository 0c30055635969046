import type { TiebackError } from '../../domain/base/errors';
import { isTiebackError } from '../../domain/base/errors';
import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { ErpSchema, KindSchema } from '../contract/adapter';
import type { LiveColumn } from './columns';
import { liveColumns, liveTriggers } from './columns';
import type { Form } from './dialect';
import type { KindSpec, Lack, LineSpec, SqlModel } from './model';
import { columnsByTable } from './model';
import { among, headersQuery, linesQuery, parentOf, withIds } from './reader';
import type { Scope } from './scope';
import type { SqlSession, Statement } from './session';

const TEXT = /char|text|xml|uniqueidentifier/;
const EXACT = /^(decimal|numeric|money|smallmoney|int|integer|bigint|smallint|tinyint)$/;
const FLOATING = /^(float|real|double)/;
const DATES = /date/;

/** Reads the tables of every kind from the live catalogue, and compares them with what the adapter needs. */
export async function readSchema(session: SqlSession, model: SqlModel): Promise<ErpSchema> {
  const { specs, changes } = model;
  const beside = (spec: KindSpec): readonly string[] => (spec.changes ?? changes).columns;
  const tables = [...columnsByTable(specs, beside).keys()];
  const live = await liveColumns(session, tables);
  const triggers = await liveTriggers(session, tables);
  const lacks = (await model.lacks?.(session)) ?? [];
  const kinds = new Map<string, KindSchema>();
  // Several specs may keep one kind.
  for (const [kind, of] of specs.map((spec): [string, KindSchema] => {
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
    const told = lacks.filter(({ kinds: of }) => of === null || of.includes(spec.kind));
    const ours = problemsOf(spec, live).filter(
      ({ table, column }) => !told.some((lack) => lack.table === table && lack.column === column),
    );
    const problems = [...told, ...ours].map(({ says }) => says);
    return [spec.kind, { columns: Object.fromEntries(columns), problems }];
  })) {
    const known = kinds.get(kind);
    kinds.set(kind, {
      columns: { ...known?.columns, ...of.columns },
      problems: [...new Set([...(known?.problems ?? []), ...of.problems])],
    });
  }
  for (const [kind, says] of await unreadable(
    session,
    specs.filter(({ kind }) => kinds.get(kind)?.problems.length === 0),
  ))
    kinds.set(kind, { columns: kinds.get(kind)?.columns ?? {}, problems: [says] });
  return Object.fromEntries(kinds);
}

/**
 * Which of these kinds cannot be read: their own statements are asked for no record at all, so that the database looks up everything they name, also in
 * tables that are only read on the way.
 */
async function unreadable(
  session: SqlSession,
  specs: readonly KindSpec[],
): Promise<readonly (readonly [Kind, string])[]> {
  const nothing = (spec: KindSpec): readonly Statement[] => {
    const header = headersQuery(session, NOBODY, { spec, condition: withIds(session, spec, []) });
    return [
      header,
      ...spec.lines.map((line) => linesQuery(session, line, among(session.dialect, parentOf(line), []))),
    ];
  };
  // Mostly all is well, and one question tells.
  if ((await refusal(session, specs.flatMap(nothing))) === null) return [];
  const found: (readonly [Kind, string])[] = [];
  for (const spec of specs) {
    const says = await refusal(session, nothing(spec));
    if (says !== null)
      found.push([
        spec.kind,
        `${definitionOf(spec.kind).plural}: ${spec.table} cannot be read as Tieback needs it (${says})`,
      ]);
  }
  return found;
}

/** Nobody's records: no owner is needed to ask for none. */
const NOBODY: Scope = { company: '', companyName: '', owners: {}, masks: {}, settings: {} };

/** Why the database does not take the statements; null: it does. Throws where it could not be asked. */
async function refusal(session: SqlSession, statements: readonly Statement[]): Promise<string | null> {
  try {
    await session.ask('readable', statements);
    return null;
  } catch (error) {
    if (isTiebackError(error) && ['config', 'data'].includes(error.class)) return wordsOf(error);
    throw error;
  }
}

/** What the database said, without our words about it. */
const wordsOf = ({ message, cause }: TiebackError): string =>
  cause instanceof Error ? cause.message : message;

const describe = ({ type, length, scale, nullable, collation }: LiveColumn): string =>
  [
    length === null ? (scale === null || scale === 0 ? type : `${type}(, ${scale})`) : `${type}(${length})`,
    ...(collation === null ? [] : [collation]),
    ...(nullable ? [] : ['not null']),
  ].join(' ');

/** What keeps a kind from being read or written at all. */
function problemsOf(
  spec: KindSpec,
  live: ReadonlyMap<string, readonly LiveColumn[]>,
): readonly Omit<Lack, 'kinds'>[] {
  const { plural } = definitionOf(spec.kind);
  const parts: readonly (KindSpec | LineSpec)[] = [spec, ...spec.lines];
  return parts.flatMap((part): readonly Omit<Lack, 'kinds'>[] => {
    const columns = live.get(part.table);
    const { table } = part;
    if (columns === undefined)
      return [{ table, column: null, says: `${plural}: there is no table ${table}, or we may not see it` }];
    const byName = new Map(columns.map((column) => [column.name, column]));
    const [needed] = [
      ...columnsByTable([{ ...spec, ...('owner' in part ? { lines: [] } : { lines: [part] }) }]),
    ]
      .filter(([table]) => table === part.table)
      .map(([, use]) => use.columns);
    const missing = [...(needed ?? [])]
      .filter((column) => !byName.has(column))
      .map((column) => ({ table, column, says: `${plural}: there is no column ${table}.${column}` }));
    const unlike = Object.entries(part.fields).flatMap(([, { column, select, form }]) => {
      const found = byName.get(column);
      const problem = found === undefined || select !== undefined ? null : unlikeForm(found, form ?? 'text');
      return problem === null
        ? []
        : [
            {
              table,
              column,
              says: `${plural}: ${table}.${column} is ${describe(found as LiveColumn)}, ${problem}`,
            },
          ];
    });
    return [...missing, ...unlike];
  });
}

/** SQLite declares what it likes; only what would change a value is a problem. */
export function unlikeForm({ type }: LiveColumn, form: Form): string | null {
  if (form === 'decimal') {
    if (FLOATING.test(type)) return 'which does not keep decimals exactly';
    return EXACT.test(type) || TEXT.test(type) || type === '' ? null : 'where an exact number was expected';
  }
  if (form === 'date')
    return DATES.test(type) || TEXT.test(type) || type === '' ? null : 'where a date was expected';
  return null;
}
