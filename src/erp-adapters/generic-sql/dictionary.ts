import { TiebackError } from '../../domain/base/errors';
import type { ColumnRule } from '../../domain/kinds/column-rules';
import { misfit } from '../../domain/kinds/column-rules';
import type { LiveColumn } from '../sql/columns';
import { liveColumns } from '../sql/columns';
import type { Dictionary, KindSpec, LineSpec, RowValues, SqlModel, Work } from '../sql/model';
import type { Scope } from '../sql/scope';
import type { SqlSession } from '../sql/session';

/** Column → rule, from the live catalogue alone. */
export async function rulesOfTables(session: SqlSession, tables: readonly string[]): Promise<Dictionary> {
  const live = await liveColumns(session, tables);
  return new Map(
    [...live].map(([table, columns]) => [
      table,
      new Map(columns.map((column) => [column.name, { label: column.name, rule: ruleOf(column) }])),
    ]),
  );
}

/** Texts without a declared length take what no field of ours exceeds. */
const UNLIMITED = 4_000;

function ruleOf({ type, length, precision, scale, nullable, hasDefault }: LiveColumn): ColumnRule {
  const isDecimal = scale !== null && scale > 0;
  return {
    maxLength: /date/.test(type) ? 10 : isDecimal ? (precision ?? 0) + 1 : (length ?? precision ?? UNLIMITED),
    unit: 'characters',
    // Text without the n is in the code page of the database; that of SQLite is Unicode.
    charset: type === 'varchar' || type === 'char' ? 'cp1252' : null,
    required: !nullable && !hasDefault,
    ...(isDecimal ? { decimals: scale } : {}),
  };
}

/** Databases round decimals without a word, and SQLite keeps any length: what does not fit exactly is turned away before it is written. */
export const refuseMisfits: NonNullable<SqlModel['prepare']> = async ({ session, scope }, spec, work) => {
  const tables = [...new Set([spec.table, ...spec.lines.map(({ table }) => table)])];
  const dictionary = await rulesOfTables(session, tables);
  return work.map((each) => {
    const problem = problemOf(dictionary, scope, spec, each);
    return problem === null ? each : new TiebackError('ERP_REFUSED', { reason: problem });
  });
};

function problemOf(dictionary: Dictionary, scope: Scope, spec: KindSpec, work: Work): string | null {
  const { header, lines } = work;
  const [first] = [
    ...misfitsIn(dictionary, scope, spec, header),
    ...lines.flatMap(({ part, row }) =>
      misfitsIn(dictionary, scope, part.spec, row).map((problem) => `${part.where}${problem}`),
    ),
  ];
  return first ?? null;
}

const misfitsIn = (
  dictionary: Dictionary,
  scope: Scope,
  { table, fields }: Pick<KindSpec | LineSpec, 'table' | 'fields'>,
  { values }: RowValues,
): readonly string[] =>
  Object.entries(fields).flatMap(([field, spec]) => {
    const value = values[spec.column];
    const rule = spec.rule(dictionary.get(table)?.get(spec.column)?.rule, scope);
    if (typeof value !== 'string' || rule === null || rule.allowed !== undefined) return [];
    return misfit(field, value, { ...rule, required: false }) ?? [];
  });
