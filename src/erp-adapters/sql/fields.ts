import { canonicalText } from '../../domain/base/text';
import type { RefTarget } from '../../domain/kinds';
import { fitDecimal } from '../../domain/kinds/column-rules';
import type { FieldValue } from '../../domain/kinds/record';
import type { FieldSpec } from './model';
import { refused } from './refusals';
import type { Value } from './session';

const isText = (value: FieldValue, column: string): string =>
  typeof value === 'string' ? value : refused(`${String(value)} is no text for ${column}`);

/** Rows from older systems are blank padded. */
const trimmed = (value: Value): string | null => canonicalText(String(value ?? ''));

/** Text, and codes without a mask. */
export const text = (column: string): FieldSpec => ({
  column,
  read: trimmed,
  write: (value) => isText(value, column),
  rule: (rule) => rule ?? null,
});

/** A calendar date of work: it has no time and no zone. */
export const date = (column: string): FieldSpec => ({ ...text(column), form: 'date' });

/** A short name of its own for every record. */
export const unique = (field: FieldSpec): FieldSpec => ({ ...field, unique: true });

/** The number that is also the key. `010442` and `10442` would be the same to the ERP but not to us: only the plain form is taken. */
export const number = (column: string): FieldSpec => ({
  column,
  read: trimmed,
  write: (value) =>
    typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value)
      ? Number(value)
      : refused(`"${String(value)}" is not a number for ${column}`),
  // The rule comes with the range of the counter: see `rules.ts`.
  rule: () => null,
});

/** Takes the form that the column holds (`10` is stored as `10.00`); what would have to be rounded goes as it is, and is refused. */
export const decimal = (column: string, decimals: number): FieldSpec => ({
  column,
  form: 'decimal',
  read: (value) => (value === null ? null : (fitDecimal(String(value).trim(), decimals) ?? trimmed(value))),
  write(value) {
    const given = isText(value, column);
    return (fitDecimal(given, decimals) ?? given).replace(/^-(0\.0*)$/, '$1');
  },
  rule: (rule) => rule ?? null,
});

export const money = (column: string): FieldSpec => decimal(column, 2);
export const quantity = (column: string): FieldSpec => decimal(column, 4);
export const unitCost = (column: string): FieldSpec => decimal(column, 5);
export const percent = (column: string): FieldSpec => decimal(column, 2);

/** A code with a mask. */
export const masked = (column: string, mask: string, select?: string): FieldSpec => ({
  column,
  ...(select === undefined ? {} : { select }),
  read: (value, { scope }) =>
    value === null ? null : (scope.masks[mask]?.canonical(String(value)) ?? trimmed(value)),
  write: (value, { scope }) => scope.masks[mask]?.raw(isText(value, column)) ?? isText(value, column),
  rule: (rule, { masks }) => {
    const form = masks[mask];
    if (rule === undefined || form === undefined) return rule ?? null;
    return {
      ...rule,
      pattern: { source: form.pattern, explains: `it does not follow the ${mask} mask of the ERP` },
    };
  },
});

/** A closed list of words, for which the ERP has letters of its own. */
export function coded(column: string, codes: Readonly<Record<string, string>>): FieldSpec {
  const words = new Map(Object.entries(codes).map(([word, letter]) => [letter, word]));
  return {
    column,
    read: (value) => (value === null ? null : (words.get(String(value)) ?? String(value))),
    write: (value) =>
      codes[isText(value, column)] ??
      refused(`"${String(value)}" is none of ${Object.keys(codes).join(', ')}`),
    rule: () => ({
      maxLength: Math.max(...Object.keys(codes).map(({ length }) => length)),
      unit: 'characters',
      charset: 'ascii',
      required: false,
      allowed: Object.keys(codes),
    }),
  };
}

/** Yes or no. `yes` may stand for several values; the first of each is written. */
export const flag = (column: string, yes: readonly Value[], no: readonly Value[]): FieldSpec => ({
  column,
  read: (value) => yes.map(String).includes(String(value).trim()),
  write: (value) => {
    const written = typeof value === 'boolean' ? (value ? yes : no)[0] : undefined;
    return written ?? refused(`${String(value)} is neither true nor false`);
  },
  rule: () => null,
});

/**
 * A reference to a record or line by its id. Where the column holds something else (its number), `sql` says how the id is read, and how the column is
 * written from it.
 */
export const ref = (
  column: string,
  refersTo: RefTarget,
  sql: Pick<FieldSpec, 'select' | 'into'> = {},
): FieldSpec => ({
  column,
  ...sql,
  refersTo,
  read: (value, { scope, catalogue }) => (value === null ? null : catalogue.keyOf(refersTo, value, scope)),
  write: (value, { scope, catalogue }) =>
    catalogue.idOf(refersTo, isText(value, column), scope) ??
    refused(`"${String(value)}" is no key of a ${refersTo.replace(/_/g, ' ')} in this company`),
  rule: () => null,
});
