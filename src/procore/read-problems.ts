import type { ZodError } from 'zod';
import * as z from 'zod';
import { isList, isObject, toId } from './json';

/*
 * Schemas whose issues say what was expected, in words for people, and the sentences made of them. Unknown fields are ignored:
 * Procore adds fields without notice.
 */

const MAX_PROBLEMS = 20;
const MAX_SHOWN = 40;

/** An id as a number or digits, below 2^53. */
export const idSchema = z.unknown().transform((value, context): number => {
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
