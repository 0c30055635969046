import type { ProcoreId } from '../../domain/request/intent';

/** A JSON object whose fields have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `Array.isArray` without letting `any` in. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** An id: a positive integer below 2^53, as a number or (v2, some payloads) as digits. Null when it is anything else. */
export function toId(value: unknown): ProcoreId | null {
  const number = typeof value === 'string' && /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** Text, or null for anything that is not text. */
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The rows of a list answer: a bare array (v1) or an array under `data` (v2). Null when it is neither. */
export function rowsOf(body: unknown): readonly unknown[] | null {
  const rows = isObject(body) && 'data' in body ? body['data'] : body;
  return Array.isArray(rows) ? rows : null;
}
