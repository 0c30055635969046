import type { JsonObject } from './json';
import { isObject } from './json';

/** How much of a body is looked at: 2 kB tell a person what is wrong. */
export const MAX_ERROR_TEXT = 2048;
const MAX_SENTENCES = 20;
const MAX_DEPTH = 6;

/** Keys whose value is itself an error, in the order of the "Error Reference" and the shapes seen in the OpenAPI. */
const CONTAINERS = [
  'errors',
  'error',
  'details',
  'fields',
  'message',
  'error_description',
  'reason',
] as const;
/** Keys that describe the error but are not sentences. */
const NOT_SENTENCES = new Set([
  'code',
  'reason_code',
  'exception',
  'status',
  'id',
  'field',
  'error_type',
  'file',
]);

/**
 * Short sentences in Procore's own words: `field: message`, or just `message`. Understands every shape that v1 and v2 answers
 * are known to have; a body that is none of them is returned as text.
 */
export function errorSentences(body: unknown): readonly string[] {
  const sentences = [...new Set(collect(body, '', 0))].filter((sentence) => sentence !== '');
  if (sentences.length > 0) return sentences.slice(0, MAX_SENTENCES);
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  return text === '' ? [] : [text.slice(0, MAX_ERROR_TEXT)];
}

/** The sentences of one raw body, cut at 2 kB together, as one line; `HTTP 422` when it is empty. */
export function errorLine(body: unknown, status: number): string {
  return errorSentences(body).join('; ').slice(0, MAX_ERROR_TEXT) || `HTTP ${status}`;
}

function collect(value: unknown, field: string, depth: number): readonly string[] {
  if (depth > MAX_DEPTH) return [];
  if (typeof value === 'string') return [sentence(field, value)];
  if (typeof value === 'number' || typeof value === 'boolean') return [sentence(field, String(value))];
  if (Array.isArray(value)) return value.flatMap((item) => collect(item, field, depth + 1));
  return isObject(value) ? ofObject(value, field, depth) : [];
}

function ofObject(value: JsonObject, field: string, depth: number): readonly string[] {
  const containers = CONTAINERS.filter((key) => key in value && value[key] !== null);
  if (containers.length === 0) return ofFields(value, field, depth);
  const own = typeof value['field'] === 'string' ? value['field'] : field;
  return containers.flatMap((key) =>
    key === 'fields' || key === 'errors'
      ? ofNested(value[key], own, depth)
      : collect(value[key], own, depth + 1),
  );
}

/** `errors` may be a map of fields, whose names may be any; otherwise it is an error object itself. */
const ofNested = (value: unknown, field: string, depth: number): readonly string[] =>
  isObject(value) && !('errors' in value) ? ofMap(value, field, depth) : collect(value, field, depth + 1);

const ofFields = (value: JsonObject, outer: string, depth: number): readonly string[] =>
  ofMap(Object.fromEntries(Object.entries(value).filter(([key]) => !NOT_SENTENCES.has(key))), outer, depth);

/** `{"name": ["can't be blank"], "base": ["..."]}`. */
const ofMap = (value: JsonObject, outer: string, depth: number): readonly string[] =>
  Object.entries(value).flatMap(([key, messages]) =>
    collect(messages, key === 'base' || key === 'fields' ? outer : key, depth + 1),
  );

function sentence(field: string, message: string): string {
  // A proxy in between answers in HTML.
  const text = message
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return field === '' || text === '' ? text : `${field}: ${text}`;
}
