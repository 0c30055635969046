import type { ZodError } from 'zod';
import * as z from 'zod';
import { isDecimal } from '../domain/base/money';
import { isList, isObject, toId } from './json';

/*
 * Schemas whose issues say what was expected, in words for people, and the sentences made of them. Unknown fields are ignored:
 * Procore adds fields without notice.
 */

const MAX_PROBLEMS = 20;
const MAX_SHOWN = 40;

/** An id as a number or digits, below 2^53. */
export const idSchema = z
  .unknown()
  .optional()
  .transform((value, context): number => {
    const id = toId(value);
    if (id !== null) return id;
    context.addIssue({ code: 'custom', message: 'an id' });
    return z.NEVER;
  });

/** Text in NFC without surrounding space; empty or missing text is null. */
export const textSchema = z
  .string({ error: 'text' })
  .nullish()
  .transform((value) => clean(value ?? ''));

/** Text that must not be empty. */
export const requiredTextSchema = z.string({ error: 'text' }).transform((value, context): string => {
  const text = clean(value);
  if (text !== null) return text;
  context.addIssue({ code: 'custom', message: 'text that is not empty' });
  return z.NEVER;
});

/**
 * A name of the ERP, kept to the letter: blanks may be part of it. Empty text is null, and so are the four letters "null", which the
 * samples of owner invoices send for it ("ERP Events Dictionary").
 */
export const originIdSchema = z
  .string({ error: 'text' })
  .nullish()
  .transform((value) => (value === undefined || value === '' || value === 'null' ? null : value));

/** The same where the event means nothing without it. */
export const requiredOriginIdSchema = originIdSchema.transform((value, context): string => {
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: 'text that is not empty' });
  return z.NEVER;
});

/** An id, or null where none is given. */
export const optionalIdSchema = z
  .unknown()
  .optional()
  .transform((value, context): number | null => {
    if (value === undefined || value === null || value === '') return null;
    const id = toId(value);
    if (id !== null) return id;
    context.addIssue({ code: 'custom', message: 'an id' });
    return z.NEVER;
  });

/** A number people see, e.g. `4` or `"004"`: Procore sends some as text and some as numbers. */
export const numberTextSchema = z
  .unknown()
  .optional()
  .transform((value, context): string | null => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'string') return clean(value);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    context.addIssue({ code: 'custom', message: 'text' });
    return z.NEVER;
  });

/** Beyond this, a JSON number may not be the number that was written. */
const MOST_DIGITS_OF_A_NUMBER = 15;

/** An exact decimal as plain text, or null where none is given. A JSON number must be one that kept all its digits. */
export const decimalSchema = z
  .unknown()
  .optional()
  .transform((value, context): string | null => {
    if (value === undefined || value === null || value === '') return null;
    const text = decimalText(value);
    if (text !== null) return text;
    context.addIssue({ code: 'custom', message: 'a decimal number such as "184500.00"' });
    return z.NEVER;
  });

/** The same where an amount must be there. */
export const requiredDecimalSchema = decimalSchema.transform((value, context): string => {
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: 'a decimal number such as "184500.00"' });
  return z.NEVER;
});

function decimalText(value: unknown): string | null {
  if (typeof value === 'string') return isDecimal(value.trim()) ? value.trim() : null;
  if (typeof value !== 'number') return null;
  const text = String(value);
  const digits = text.replace(/^-?0*\.?0*|\./g, '').length;
  return isDecimal(text) && digits <= MOST_DIGITS_OF_A_NUMBER ? text : null;
}

/** A calendar date as `2026-03-31`: of a date, or the date part of a time as it is written, never converted. */
export const dateSchema = z
  .string({ error: 'a date such as 2026-03-31' })
  .nullish()
  .transform((value, context): string | null => {
    if (value === undefined || value === null || value.trim() === '') return null;
    const date = /^(\d{4}-\d{2}-\d{2})(?:[T ]|$)/.exec(value.trim())?.[1];
    if (date !== undefined && isCalendarDate(date)) return date;
    context.addIssue({ code: 'custom', message: 'a date such as 2026-03-31' });
    return z.NEVER;
  });

function isCalendarDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** Yes or no, with what a missing value means. */
export const flagSchema = (missing: boolean) =>
  z
    .boolean({ error: 'true or false' })
    .nullish()
    .transform((value) => value ?? missing);

export const objectSchema = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.object(shape, { error: 'an object' });

export const listSchema = <T extends z.ZodType>(item: T) => z.array(item, { error: 'a list' });

function clean(value: string): string | null {
  const text = value.normalize('NFC').trim();
  return text === '' ? null : text;
}

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
