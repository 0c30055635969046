import type { OperationRecord } from '../data';
import { isObject, type JsonObject } from '../json';

/** Keys whose content is defined by the customer: Procore custom fields, and the fields of the export form. */
const FREE_MAPS = new Set(['custom_fields', 'erp_custom_fields']);

/**
 * Gives a value exactly the fields of a documented example: what the value does not know becomes an empty value of the example's kind,
 * what the example does not show is left out. Objects and lists that the example shows empty are taken as they are.
 */
export function likeExample(example: unknown, value: unknown): unknown {
  if (Array.isArray(example)) {
    const item = mergedItem(example);
    if (!Array.isArray(value)) return [];
    return item === undefined ? value : value.map((one) => likeExample(item, one));
  }
  if (!isObject(example)) return value === undefined ? blank(example, '') : value;
  if (value === null) return null;
  if (Object.keys(example).length === 0) return value ?? {};
  const given = isObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(example).map(([key, shown]) => {
      if (FREE_MAPS.has(key)) return [key, given[key] ?? {}];
      return [key, key in given ? likeExample(shown, given[key]) : blank(shown, key)];
    }),
  );
}

/** All fields that any item of a list shows. */
function mergedItem(items: unknown[]): unknown {
  return items.reduce<unknown>((merged, item) => {
    if (Array.isArray(merged) && Array.isArray(item))
      return [...(merged as unknown[]), ...(item as unknown[])];
    if (!isObject(merged) || !isObject(item)) return merged ?? item;
    const keys = new Set([...Object.keys(merged), ...Object.keys(item)]);
    return Object.fromEntries([...keys].map((key) => [key, mergedItem([merged[key], item[key]])]));
  }, undefined);
}

/** Nothing, in the type of the example: "0.0" for an amount, so that readers of amounts find one. */
function blank(example: unknown, key: string): unknown {
  if (Array.isArray(example)) return [];
  if (isObject(example)) {
    return Object.fromEntries(
      Object.entries(example).map(([name, item]) => [name, FREE_MAPS.has(name) ? {} : blank(item, name)]),
    );
  }
  if (typeof example === 'boolean') return false;
  const isId = key === 'id' || key.endsWith('_id');
  if (typeof example === 'number') return isId ? null : 0;
  return typeof example === 'string' && /^-?\d+\.\d+$/.test(example) ? '0.0' : null;
}

/** The documented part of an answer, by the response schema of its operation; unknown fields are null. */
export function likeResponse(
  operation: OperationRecord,
  value: JsonObject,
  resolve: (operationId: string) => OperationRecord | undefined,
): unknown {
  const schema = itemSchema(operation.responseSchema, resolve);
  return isObject(schema) ? select(schema, value) : value;
}

/** The schema of one record: lists, `data` envelopes and references to other operations are followed. */
function itemSchema(schema: unknown, resolve: (id: string) => OperationRecord | undefined): unknown {
  if (Array.isArray(schema)) return itemSchema(schema[0], resolve);
  if (typeof schema === 'string') {
    const other = /^same as (\w+)/.exec(schema)?.[1];
    return other === undefined ? undefined : itemSchema(resolve(other)?.responseSchema, resolve);
  }
  if (!isObject(schema)) return undefined;
  if (typeof schema['$sameAs'] === 'string')
    return itemSchema(resolve(schema['$sameAs'])?.responseSchema, resolve);
  if (Array.isArray(schema['$oneOf'])) return union(schema['$oneOf'].map((one) => itemSchema(one, resolve)));
  if ('entities' in schema) return itemSchema(schema['entities'], resolve);
  if ('data' in schema && Object.keys(schema).length === 1) return itemSchema(schema['data'], resolve);
  return schema;
}

function union(schemas: unknown[]): JsonObject {
  return Object.assign({}, ...schemas.filter(isObject)) as JsonObject;
}

function select(schema: JsonObject, value: JsonObject): JsonObject {
  const open = '...' in schema;
  const known = Object.keys(schema)
    .map((key) => key.replace(/!$/, ''))
    .filter((key) => key !== '...' && !key.includes('{'));
  return { ...(open ? value : {}), ...Object.fromEntries(known.map((key) => [key, value[key] ?? null])) };
}
