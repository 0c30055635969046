import type { OperationRecord } from '../data';
import { isObject, type JsonObject } from '../json';

/** The documented attributes of a body; Procore ignores everything else. */
export function writable(operation: OperationRecord, wrap: string | undefined, item: JsonObject): JsonObject {
  const body = operation.bodySchema;
  const schema = isObject(body)
    ? (listed(body['updates!']) ??
      (wrap === undefined ? undefined : (body[`${wrap}!`] ?? body[wrap])) ??
      body)
    : undefined;
  if (!isObject(schema) || '...' in schema) return withoutId(item);
  const keys = Object.keys(schema).map((key) => key.replace(/!$/, ''));
  const known = new Set(keys.filter((key) => !key.includes('{')));
  const patterns = keys.filter((key) => key.includes('{')).map((key) => key.replace(/\{.*/, ''));
  return withoutId(
    Object.fromEntries(
      Object.entries(item).filter(([key]) => known.has(key) || patterns.some((p) => key.startsWith(p))),
    ),
  );
}

function listed(schema: unknown): unknown {
  return Array.isArray(schema) ? (schema as unknown[])[0] : undefined;
}

function withoutId(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'id'));
}
