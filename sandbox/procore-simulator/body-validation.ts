import { isObject, type JsonObject } from './json';
import type { Violation } from './types';

/**
 * Checks a body against the compact schema of the operation catalogue: an object is `{"field": type}`, `!` after a
 * name means required, `[type]` an array, `"string: a|b"` an enum, `=x` a default, `{"$oneOf": […]}` a choice,
 * `"…"` as a key permits fields nobody published.
 */
export function validateBody(schema: unknown, body: unknown, resolve: (id: string) => unknown): Violation[] {
  const found: Violation[] = [];
  check(schema, body, '$', found, resolve);
  return found;
}

function check(
  schema: unknown,
  value: unknown,
  where: string,
  found: Violation[],
  resolve: (id: string) => unknown,
): void {
  // A null clears a field whatever its type.
  if (value === null || value === undefined) return;
  if (typeof schema === 'string') {
    checkScalar(schema, value, where, found);
  } else if (Array.isArray(schema)) {
    if (!Array.isArray(value)) {
      found.push(wrongType(where, 'array', value));
      return;
    }
    value.forEach((item, index) => check(schema[0], item, `${where}[${index}]`, found, resolve));
  } else if (isObject(schema)) {
    if (Array.isArray(schema['$oneOf'])) checkChoice(schema['$oneOf'], value, where, found, resolve);
    else if (typeof schema['$sameAs'] === 'string')
      check(resolve(schema['$sameAs']), value, where, found, resolve);
    else checkObject(schema, value, where, found, resolve);
  }
}

function checkChoice(
  choices: unknown[],
  value: unknown,
  where: string,
  found: Violation[],
  resolve: (id: string) => unknown,
): void {
  let best: Violation[] | undefined;
  for (const choice of choices) {
    const attempt: Violation[] = [];
    check(choice, value, where, attempt, resolve);
    if (!best || attempt.length < best.length) best = attempt;
  }
  found.push(...(best ?? []));
}

function checkObject(
  schema: JsonObject,
  value: unknown,
  where: string,
  found: Violation[],
  resolve: (id: string) => unknown,
): void {
  if (!isObject(value)) {
    found.push(wrongType(where, 'object', value));
    return;
  }
  const known = new Map<string, unknown>();
  const patterns: [RegExp, unknown][] = [];
  let open = false;
  for (const [rawKey, type] of Object.entries(schema)) {
    const required = rawKey.endsWith('!');
    const key = required ? rawKey.slice(0, -1) : rawKey;
    if (key === '...') open = true;
    else if (key.includes('{')) patterns.push([new RegExp('^' + key.replace(/\{.*\}/, '\\d+') + '$'), type]);
    else known.set(key, type);
    if (required && !(key in value)) {
      found.push({ kind: 'missing-body-field', where: `${where}.${key}`, message: `${key} is required` });
    }
  }
  for (const [key, item] of Object.entries(value)) {
    const type = known.has(key) ? known.get(key) : patterns.find(([pattern]) => pattern.test(key))?.[1];
    if (type !== undefined) check(type, item, `${where}.${key}`, found, resolve);
    else if (!open) {
      found.push({
        kind: 'unknown-body-field',
        where: `${where}.${key}`,
        message: `${key} is not documented here`,
      });
    }
  }
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

function checkScalar(type: string, value: unknown, where: string, found: Violation[]): void {
  const base = /^[a-z|]+/.exec(type)?.[0] ?? '';
  const names = base.split('|').filter((name) => name !== 'null' && name !== '');
  if (names.length === 0 || names.some((name) => !(name in TESTS))) return;
  if (!names.some((name) => TESTS[name]?.(value))) {
    found.push(wrongType(where, names.join(' or '), value));
    return;
  }
  const values = /^string: ([\w|.: ]+?)(?: =.*)?$/.exec(type)?.[1];
  if (values !== undefined && !values.split('|').includes(String(value))) {
    found.push({ kind: 'wrong-value', where, message: `${JSON.stringify(value)} is not one of ${values}` });
  }
}

function wrongType(where: string, wanted: string, value: unknown): Violation {
  const got = Array.isArray(value) ? 'array' : typeof value;
  return { kind: 'wrong-type', where, message: `expected ${wanted}, got ${got}` };
}
