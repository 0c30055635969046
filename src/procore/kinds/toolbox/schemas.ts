import type { ZodError } from 'zod';
import * as z from 'zod';
import { isDecimal } from '../../../domain/base/money';
import { canonicalText } from '../../../domain/base/text';
import type { CustomFieldHolder } from '../../../domain/kinds/custom-fields';
import { isDate } from '../../../domain/kinds/fit-record';
import { isList, isObject, textOrNull, toId } from '../../client/json';
import { plainText } from './plain-text';

/*
 * Schemas whose issues say what was expected, in words for people, and the sentences made of them; made to be used as `s.text`. Unknown
 * fields are ignored: Procore adds fields without notice.
 */

/** What a schema reads. */
export type Of<S extends z.ZodType> = z.output<S>;

const MAX_PROBLEMS = 20;
const MAX_SHOWN = 40;

/** A schema of its own: what it makes of any value, missing ones too; undefined: that is not what was expected. */
export const reading = <T>(expected: string, read: (value: unknown) => T | undefined) =>
  z
    .unknown()
    .optional()
    .transform((value, context): T => judged(expected, read(value), context));

/** The same of text that must not be empty: one of the words that Procore has for something. */
export const word = <T>(expected: string, read: (text: string) => T | undefined) =>
  requiredText.transform((value, context): T => judged(expected, read(value), context));

function judged<T>(expected: string, result: T | undefined, context: z.RefinementCtx): T {
  if (result !== undefined) return result;
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** An id as a number or digits, below 2^53. */
export const id = reading('an id', (value) => toId(value) ?? undefined);

/** An id, or null where none is given. */
export const optionalId = reading('an id', (value) => (isNothing(value) ? null : (toId(value) ?? undefined)));

/** Text in NFC without surrounding space; empty or missing text is null. */
export const text = z
  .string({ error: 'text' })
  .nullish()
  .transform((value) => canonicalText(value ?? ''));

/** Text of Procore's editor, as plain text; its line breaks stay. */
export const richText = z
  .string({ error: 'text' })
  .nullish()
  .transform((value) => canonicalText(plainText(value ?? '')));

/** Text that must not be empty. */
export const requiredText = z
  .string({ error: 'text' })
  .transform((value, context): string =>
    judged('text that is not empty', canonicalText(value) ?? undefined, context),
  );

/** Empty text means nothing, and so do the four letters "null", which the samples of owner invoices send ("ERP Events Dictionary"). */
const isNoOriginId = (value: string): boolean => value === '' || value === 'null';

/** A name of the ERP, kept to the letter, because blanks may be part of it; null where there is none. */
export const originId = z
  .string({ error: 'text' })
  .nullish()
  .transform((value) => (value === undefined || value === null || isNoOriginId(value) ? null : value));

/** The same where the event means nothing without it. */
export const requiredOriginId = z
  .string({ error: 'text' })
  .transform((value, context): string =>
    judged('text that is not empty', isNoOriginId(value) ? undefined : value, context),
  );

/** A number people see, e.g. `4` or `"004"`: Procore sends some as text and some as numbers. */
export const numberText = reading('text', (value) => {
  if (isNothing(value)) return null;
  if (typeof value === 'string') return canonicalText(value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
});

/** Beyond this, a JSON number may not be the number that was written. */
const MOST_DIGITS_OF_A_NUMBER = 15;
const A_DECIMAL = 'a decimal number such as "184500.00"';

/** An exact decimal as plain text, or null where none is given. A JSON number must be one that kept all its digits. */
export const decimal = reading(A_DECIMAL, (value) => (isNothing(value) ? null : decimalText(value)));

/** The same where an amount must be there. */
export const requiredDecimal = reading(A_DECIMAL, decimalText);

function decimalText(value: unknown): string | undefined {
  if (typeof value === 'string') return isDecimal(value.trim()) ? value.trim() : undefined;
  if (typeof value !== 'number') return undefined;
  const plain = String(value);
  const digits = plain.replace(/^-?0*\.?0*|\./g, '').length;
  return isDecimal(plain) && digits <= MOST_DIGITS_OF_A_NUMBER ? plain : undefined;
}

/** Dates that stand for "not set": of Unix, of .NET, of SQL Server and Excel. */
const NO_DATES = new Set(['0000-00-00', '0001-01-01', '1900-01-01', '1970-01-01']);

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A date as it is written, or, where a time in some zone follows, the instant: ISO 8601 in UTC. */
const momentIn = (value: unknown, isDateAtMidnight: boolean): string | null | undefined => {
  if (isNothing(value) || (typeof value === 'string' && value.trim() === '')) return null;
  const written = typeof value === 'string' ? value.trim() : '';
  const [, day = '', time, seconds = '00', zone] = TIME.exec(written) ?? [];
  if (NO_DATES.has(day)) return null;
  if (!isDate(day)) return undefined;
  const isMidnight = time === '00:00' && seconds === '00';
  if (time === undefined || zone === undefined || (isDateAtMidnight && isMidnight)) return day;
  const instant = Date.parse(written.replace(' ', 'T'));
  if (instant === 0) return null;
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
};

/**
 * A calendar date, which never moves: `2026-03-31`, also where it is sent as midnight, wherever. A time that is none is an instant (see `instant`).
 * What stands for "not set", such as 1970-01-01, is null.
 */
export const date = reading('a date such as 2026-03-31', (value) => momentIn(value, true));

/** A moment in time (`reviewed_at`), as ISO 8601 in UTC: it becomes a date in the zone of its project (`Asking.finished`). */
export const instant = reading('a time such as 2026-03-31T16:00:00Z', (value) => momentIn(value, false));

/** Yes or no, with what a missing value means. */
export const flag = (missing: boolean) =>
  z
    .boolean({ error: 'true or false' })
    .nullish()
    .transform((value) => value ?? missing);

export const object = <T extends z.core.$ZodLooseShape>(shape: T) => z.object(shape, { error: 'an object' });

const HOLDERS = new WeakMap<z.ZodType, CustomFieldHolder>();

/** An object that may hold custom fields of a record or line of this kind: they stay in what is read. */
export const holder = <T extends z.core.$ZodLooseShape>(of: CustomFieldHolder, shape: T) => {
  const schema = z.looseObject(shape, { error: 'an object' });
  HOLDERS.set(schema, of);
  return schema;
};

/** Whose custom fields an object of this schema may hold; undefined: nobody's. */
export const holderOf = (schema: z.ZodType): CustomFieldHolder | undefined => HOLDERS.get(schema);

/** `erp_custom_fields`: what approvers enter in the export form, some of it known to us. */
export const exportForm = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.looseObject(shape, { error: 'an object' }).nullish();

/** Several fields that are read alike. */
export const each = <S extends z.ZodType, K extends string>(schema: S, ...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, schema])) as Record<K, S>;

export const list = <T extends z.ZodType>(item: T) => z.array(item, { error: 'a list' });

/** A record that an event names: some fields are there, some are not, and a record that is not there may be `{}`. */
export const named = object({ id: optionalId, origin_id: originId, name: text, code: numberText }).nullish();

/** The same for a cost code. */
export const costCode = object({
  id: optionalId,
  origin_id: originId,
  full_code: text,
  name: text,
}).nullish();

/** A unit is text or, in direct costs, `{name}`. */
export const uom = reading('a unit', (value) => nameOf(value, ['name']));

/** The guides show no tax code that is not null: its text, or what an object calls itself. */
export const taxCode = reading('a tax code', (value) => nameOf(value, ['code', 'name']));

function nameOf(value: unknown, keys: readonly string[]): string | null {
  if (!isObject(value)) return canonicalText(textOrNull(value) ?? '');
  return keys.map((key) => canonicalText(textOrNull(value[key]) ?? '')).find((name) => name !== null) ?? null;
}

/** Request details of one item, under either name of the guides. */
export const itemDetail = { request_detail_id: optionalId, erp_request_detail_id: optionalId };

/** The currency of amounts, wherever a payload names it: in `currency_configuration`, or beside the amounts. */
export const currency = {
  currency_configuration: object({
    currency_iso_code: text,
    currency_exchange_rate: decimal,
    base_currency_iso_code: text,
  }).nullish(),
  currency_iso_code: text,
  currency_exchange_rate: decimal,
};

/** A line of a contract or change order (`commitment_items`, `change_order_items`, `prime_contract_change_order_items`). */
export const contractItem = object({
  id,
  amount: requiredDecimal,
  extended_amount: decimal,
  total_amount: decimal,
  cost_code: costCode,
  cost_code_id: optionalId,
  line_item_type: named,
  line_item_type_id: optionalId,
  description: richText,
  extended_type: text,
  position: numberText,
  quantity: decimal,
  tax_amount: decimal,
  tax_code: taxCode,
  tax_code_id: optionalId,
  ...currency,
  unit_cost: decimal,
  uom,
});

/** `additional_data` and `erp_custom_fields` are where an approver's dates arrive; both may be missing. */
export const approver = exportForm({ accounting_date: date });

/** `request_data.vendor.name: expected text, got null`, for every issue of a reading. */
export function problemsOf(error: ZodError, input: unknown, prefix: string): readonly string[] {
  return error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => problem(prefix, path, message, input));
}

function problem(prefix: string, path: readonly PropertyKey[], expected: string, input: unknown): string {
  let where = prefix;
  let value = input;
  for (const step of path) {
    where += typeof step === 'number' ? `[${step}]` : `${where === '' ? '' : '.'}${String(step)}`;
    value = isObject(value) || isList(value) ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return `${where || 'body'}: expected ${expected}, got ${describe(value)}`;
}

/** What was there instead, short enough for a sentence. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (typeof value === 'string') {
    if (value.trim() === '') return 'empty text';
    return value.length > MAX_SHOWN ? `"${value.slice(0, MAX_SHOWN)}..."` : `"${value}"`;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object';
}
