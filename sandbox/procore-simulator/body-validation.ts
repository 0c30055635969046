import { isObject, type JsonObject } from './json';
import type { Violation } from './types';

type Resolve = (operationId: string) => unknown;

/**
 * Checks a body against the compact schema of the operation catalogue: an object is `{"field": type}`, `!` after a
 * name means required, `[type]` an array, `"string: a|b"` an enum, `=x` a default, `{"$oneOf": […]}` a choice,
 * `"…"` as a key permits fields nobody published.
 */
export function validateBody(schema: unknown, body: unknown, resolve: Resolve): Violation[] {
  return check(schema, body, '$', resolve);
}

function check(schema: unknown, value: unknown, where: string, resolve: Resolve): Violation[] {
  // A null clears a field whatever its type.
  if (value === null || value === undefined) return [];
  if (typeof schema === 'string') return checkScalar(schema, value, where);
  if (Array.isArray(schema)) {
    if (!Array.isArray(value)) return [wrongType(where, 'array', value)];
    return value.flatMap((item, index) => check(schema[0], item, `${where}[${index}]`, resolve));
  }
  if (!isObject(schema)) return [];
  if (typeof schema['$sameAs'] === 'string') return check(resolve(schema['$sameAs']), value, where, resolve);
  if (!Array.isArray(schema['$oneOf'])) return checkObject(schema, value, where, resolve);
  const attempts = schema['$oneOf'].map((choice) => check(choice, value, where, resolve));
  return attempts.sort((a, b) => a.length - b.length)[0] ?? [];
}

function checkObject(schema: JsonObject, value: unknown, where: string, resolve: Resolve): Violation[] {
  if (!isObject(value)) return [wrongType(where, 'object', value)];
  const found: Violation[] = [];
  const known = new Map<string, unknown>();
  const patterns: [RegExp, unknown][] = [];
  for (const [rawKey, type] of Object.entries(schema)) {
    const key = rawKey.replace(/!$/, '');
    if (key.includes('{')) patterns.push([new RegExp('^' + key.replace(/\{.*\}/, '\\d+') + '$'), type]);
    else known.set(key, type);
    if (rawKey.endsWith('!') && !(key in value)) {
      found.push({ kind: 'missing-body-field', where: `${where}.${key}`, message: `${key} is required` });
    }
  }
  for (const [key, item] of Object.entries(value)) {
    const at = `${where}.${key}`;
    const type = known.has(key) ? known.get(key) : patterns.find(([pattern]) => pattern.test(key))?.[1];
    if (type !== undefined) found.push(...check(type, item, at, resolve));
    else if (!known.has('...')) {
      found.push({ kind: 'unknown-body-field', where: at, message: `${key} is not documented here` });
    }
  }
  return found;
}

const TESTS: Record<string, (value: unknown) => boolean> = {
  string: (v) => typeof v === 'string',
  int: (v) => typeof v === 'number' && Number.isSafeInteger(v),
  number: (v) => typeof v === 'number',
  bool: (v) => typeof v === 'boolean',
  date: (v) => typeof v === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(v),
  datetime: (v) => typeof v === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(v),
  object: (v) => isObject(v),
};

function checkScalar(type: string, value: unknown, where: string): Violation[] {
  const base = /^[a-z|]+/.exec(type)?.[0] ?? '';
  const names = base.split('|').filter((name) => name !== 'null' && name !== '');
  if (names.length === 0 || names.some((name) => !(name in TESTS))) return [];
  if (!names.some((name) => TESTS[name]?.(value))) return [wrongType(where, names.join(' or '), value)];
  const values = /^string: ([\w|.: ]+?)(?: =.*)?$/.exec(type)?.[1];
  if (values === undefined || values.split('|').includes(String(value))) return [];
  return [{ kind: 'wrong-value', where, message: `${JSON.stringify(value)} is not one of ${values}` }];
}

function wrongType(where: string, wanted: string, value: unknown): Violation {
  const got = Array.isArray(value) ? 'array' : typeof value;
  return { kind: 'wrong-type', where, message: `expected ${wanted}, got ${got}` };
}
