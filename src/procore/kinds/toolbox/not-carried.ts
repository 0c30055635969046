import * as z from 'zod';
import { shorten } from '../../../domain/base/text';
import type { CustomFields } from '../../../domain/kinds/custom-fields';
import { isList, isObject } from '../../client/json';
import { labelOf } from './custom-fields';
import { holderOf } from './schemas';
import { isWithoutMeaning } from './without-meaning';

const MOST_NAMED = 40;

/**
 * Names, for people, of the filled fields of a body that its schema does not read: nobody would ever hear of them. Names alone, because a value
 * may be personal. Fields without a meaning for an ERP are left out (see `without-meaning.ts`), and so are mapped custom fields.
 */
export function notCarried(
  event: string,
  schema: z.ZodType,
  data: unknown,
  customFields: CustomFields = {},
): readonly string[] {
  const names = new Set<string>();
  const found: Found = (at, value) => {
    for (const name of namesOf(at, value)) names.add(name);
  };
  walk(schema, data, { path: [event], mapped: NOTHING }, { customFields, found });
  const all = [...names];
  const more = all.length - MOST_NAMED;
  return more > 0 ? [...all.slice(0, MOST_NAMED), `and ${more} more`] : all;
}

/** A place in a body. */
interface At {
  readonly path: readonly string[];
  /** Custom fields that are carried from the object around it. */
  readonly mapped: ReadonlySet<string>;
}

type Found = (at: At, value: unknown) => void;
const NOTHING: ReadonlySet<string> = new Set();

/** Every filled field below `value` of which the schema knows nothing, the topmost ones. */
function walk(
  given: z.ZodType,
  value: unknown,
  at: At,
  how: { readonly customFields: CustomFields; readonly found: Found },
): void {
  const schema = unwrapped(given);
  if (schema instanceof z.ZodArray && isList(value)) {
    for (const item of value) walk(schema.element as z.ZodType, item, at, how);
    return;
  }
  if (!(schema instanceof z.ZodObject) || !isObject(value)) return;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  const holder = holderOf(schema);
  const mapped = holder === undefined ? at.mapped : new Set(Object.keys(how.customFields[holder] ?? {}));
  for (const [key, inner] of Object.entries(value)) {
    const isCustom = CUSTOM[key] !== undefined || CUSTOM[at.path.at(-1) ?? ''] !== undefined;
    const below: At = { path: [...at.path, key], mapped: isCustom ? mapped : NOTHING };
    const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (known !== undefined) walk(known, inner, below, how);
    else if (isFilled(inner) && !isWithoutMeaning(below.path)) how.found(below, inner);
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

function namesOf({ path, mapped }: At, value: unknown): readonly string[] {
  const [holder = '', key = ''] = [path.at(-2), path.at(-1)];
  const custom = (words: string, name: string, field: unknown) =>
    isFilled(field) && !mapped.has(name) ? [`${words} "${shown(labelOf(field) ?? name)}"`] : [];
  const own = CUSTOM[key];
  if (own !== undefined && isObject(value))
    return Object.entries(value).flatMap(([name, field]) => custom(own, name, field));
  const ofHolder = CUSTOM[holder];
  if (ofHolder !== undefined) return custom(ofHolder, key, value);
  const words = GENERAL.has(key) && holder !== '' ? `${holder} ${key}` : key;
  return [shown(words.replaceAll('_', ' '))];
}

const shown = (text: string): string => shorten(text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim(), 60);
