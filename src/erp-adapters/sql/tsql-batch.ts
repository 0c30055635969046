import type * as Mssql from 'mssql';
import type { IRecordSet, Request } from 'mssql';
import { TiebackError } from '../../domain/base/errors';
import type { Row, Statement, Value } from './session';

// The driver takes long to load, and most commands need none.
export const driver = (): typeof Mssql => module.require('mssql') as typeof Mssql;

/** Text, quoted names, comments and `@@functions` stay as they are; a name of a variable or a parameter is the first group. */
const NAMES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|@@\w+|@([A-Za-z_]\w*)/g;

/** Variables that a statement declares for itself. */
const DECLARED = /\bDECLARE\s+@(\w+)/gi;

/**
 * Several statements as one text: what they bind and declare gets names of its own, and behind each change stands how many rows it changed. Each of
 * them answers one set of rows.
 */
export function joined(statements: readonly Statement[]): {
  readonly text: string;
  readonly bound: Readonly<Record<string, Value>>;
} {
  const bound: Record<string, Value> = {};
  const texts = statements.map((statement, index) => {
    const own = (name: string): string => (statements.length === 1 ? name : `s${index}_${name}`);
    for (const [name, value] of Object.entries(statement.bound)) bound[own(name)] = value;
    const names = new Set([
      ...Object.keys(statement.bound),
      ...[...statement.sql.matchAll(DECLARED)].map(([, name = '']) => name),
    ]);
    const sql = statement.sql.replace(NAMES, (all, name?: string) =>
      name !== undefined && names.has(name) ? `@${own(name)}` : all,
    );
    return statement.reads ? `${sql};` : `${sql};\nSELECT @@ROWCOUNT AS changed;`;
  });
  return { text: texts.join('\n'), bound };
}

/** What a short text is bound as: two plans for a statement, not one for every length. */
const SHORT = 4_000;

/** All statements in one round trip. */
export async function send(
  request: Request,
  statements: readonly Statement[],
): Promise<readonly (readonly Row[])[]> {
  const { text, bound } = joined(statements);
  for (const [name, value] of Object.entries(bound)) bind(request, name, value);
  const { recordsets } = await request.query(`SET NOCOUNT ON;\n${text}`);
  const sets = recordsets as readonly IRecordSet<Record<string, unknown>>[];
  if (sets.length !== statements.length) {
    const reason =
      `${statements.length} statements were answered with ${sets.length} sets of rows: a trigger or a rule of the database answers with rows ` +
      'of its own, which nobody can tell from ours. Nothing was written; its owner must take its SELECT out';
    throw new TiebackError('ERP_CONFIG', { reason });
  }
  return sets.map((rows) => rows.map((row) => plain(row, rows.columns)));
}

function bind(request: Request, name: string, value: Value): void {
  const { NVarChar, MAX, BigInt: Whole } = driver();
  if (typeof value !== 'number') {
    request.input(name, NVarChar((value?.length ?? 0) <= SHORT ? SHORT : MAX), value);
    return;
  }
  if (!Number.isSafeInteger(value))
    throw new TypeError(`${value} for @${name} is no whole number: decimals travel as text`);
  request.input(name, Whole, value);
}

type Columns = IRecordSet<unknown>['columns'];

/** Types whose values the driver makes a number or a moment of: something would be lost, and nobody would see it in 12.00. */
const lossy = (): readonly unknown[] => {
  const { Decimal, Numeric, Money, SmallMoney, Float, Real } = driver();
  return [Decimal, Numeric, Money, SmallMoney, Float, Real];
};

/** Decimals and dates are read as text; whatever else the driver makes of a column would have lost something. */
function plain(row: Record<string, unknown>, columns: Columns): Row {
  const lossyTypes = lossy();
  return Object.fromEntries(
    Object.entries(row).map(([column, value]): [string, Value] => {
      const type: unknown = columns[column]?.type;
      if (lossyTypes.includes(type)) throw new TypeError(`${column} is a decimal: it has to be read as text`);
      if (typeof value === 'string' && type === driver().BigInt) return [column, wholeOf(value)];
      if (value === null || typeof value === 'string') return [column, value];
      if (typeof value === 'number' && Number.isSafeInteger(value)) return [column, value];
      if (typeof value === 'boolean') return [column, Number(value)];
      throw new TypeError(`${column} came as ${typeof value}: it has to be read as text`);
    }),
  );
}

/** The driver hands a `bigint` over as text; beyond 2^53 it stays that. */
function wholeOf(text: string): Value {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
