import * as z from 'zod';
import { shorten } from '../../../domain/base/text';
import type { JsonObject } from '../../client/json';
import { isList, isObject } from '../../client/json';
import { isWithoutMeaning } from './without-meaning';

const MOST_NAMED = 40;

/**
 * Names, for people, of the filled fields of a body that its schema does not read: nobody would ever hear of them. Names alone, because a value
 * may be personal. Fields without a meaning for an ERP are left out (see `without-meaning.ts`).
 */
export function notCarried(event: string, schema: z.ZodType, data: unknown): readonly string[] {
  const names = new Set<string>();
  walk(schema, data, [event], (path, value) => {
    for (const name of namesOf(path, value)) names.add(name);
  });
  const all = [...names];
  const more = all.length - MOST_NAMED;
  return more > 0 ? [...all.slice(0, MOST_NAMED), `and ${more} more`] : all;
}

type Path = readonly string[];

/** Every filled field below `value` of which the schema knows nothing, the topmost ones. */
function walk(
  given: z.ZodType,
  value: unknown,
  path: Path,
  found: (path: Path, value: unknown) => void,
): void {
  const schema = unwrapped(given);
  if (schema instanceof z.ZodArray && isList(value)) {
    for (const item of value) walk(schema.element as z.ZodType, item, path, found);
    return;
  }
  if (!(schema instanceof z.ZodObject) || !isObject(value)) return;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (known !== undefined) walk(known, inner, at, found);
    else if (isFilled(inner) && !isWithoutMeaning(at)) found(at, inner);
  }
}

/** What a schema expects, whatever it makes of it. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrapped(schema.in as z.ZodType) : schema;
}

/** A zero, a "no" and an empty list say no more than nothing at all. Nesting of any depth is looked through. */
function isFilled(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (isList(one)) open.push(...one.slice(0, MOST_LOOKED_AT));
    else if (isObject(one))
      for (const [key, inner] of Object.entries(one)) {
        if (key !== 'data_type') open.push(inner);
      }
    else if (isSomething(one)) return true;
  }
  return false;
}

/** Of a list: more of them say no more. */
const MOST_LOOKED_AT = 10_000;

const isSomething = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.trim() !== '' && !/^-?0+(\.0*)?$/.test(value.trim())
    : value !== undefined && value !== null && value !== false && value !== 0;

/** Keys that mean nothing without what they belong to. */
const GENERAL = new Set([
  'name',
  'code',
  'number',
  'title',
  'description',
  'status',
  'type',
  'notes',
  'value',
]);

const CUSTOM: Readonly<Record<string, string>> = {
  custom_fields: 'custom field',
  erp_custom_fields: 'field of the export form',
};

function namesOf(path: Path, value: unknown): readonly string[] {
  const [holder = '', key = ''] = [path.at(-2), path.at(-1)];
  const custom = (words: string, name: string, field: unknown) =>
    isFilled(field) ? [`${words} "${shown(labelOf(field) ?? name)}"`] : [];
  const own = CUSTOM[key];
  if (own !== undefined && isObject(value))
    return Object.entries(value).flatMap(([name, field]) => custom(own, name, field));
  const ofHolder = CUSTOM[holder];
  if (ofHolder !== undefined) return custom(ofHolder, key, value);
  const words = GENERAL.has(key) && holder !== '' ? `${holder} ${key}` : key;
  return [shown(words.replaceAll('_', ' '))];
}

/** What people call a custom field, where it says so. */
function labelOf(field: unknown): string | null {
  const { label, name } = isObject(field) ? field : ({} as JsonObject);
  return [label, name].find((text): text is string => typeof text === 'string' && text.trim() !== '') ?? null;
}

const shown = (text: string): string => shorten(text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim(), 60);
