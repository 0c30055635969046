/**
 * Keeps secrets out of everything we write: by the name of a field, by the shape of a value, and by value.
 *
 * `redact` turns any value into plain JSON data of bounded size. It never throws: what cannot be read is
 * described instead. A process calls `registerSecret` for each secret it loads, so that the secret is found
 * even where nobody expected it, in a URL or in the text of somebody else's error.
 */

import { PERSONAL_NAMES } from '../domain/base/personal';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Plain data, ready for `JSON.stringify`. */
export type Redacted = string | number | boolean | null | Redacted[] | { [key: string]: Redacted };

const MAX_DEPTH = 8;
const MAX_ENTRIES = 100;
const MAX_NODES = 2000;
const MAX_TEXT = 16_384;
/** Shorter values would blank out ordinary words. */
const MIN_SECRET_LENGTH = 4;

const secrets = new Set<string>();
let longestFirst: readonly string[] = [];

/**
 * From now on this value is removed wherever it appears, also in its URL-encoded, JSON-escaped and base64 form.
 * Values shorter than 4 characters are ignored.
 */
export function registerSecret(value: string | undefined): void {
  if (value === undefined || value.length < MIN_SECRET_LENGTH) return;
  for (const form of formsOf(value)) secrets.add(form);
  longestFirst = [...secrets].sort((a, b) => b.length - a.length);
}

/** Forgets all registered secrets; for tests. */
export function forgetSecrets(): void {
  secrets.clear();
  longestFirst = [];
}

function formsOf(secret: string): string[] {
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
  try {
    forms.push(encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2));
  } catch {
    // A lone surrogate has no URL form.
  }
  return forms.filter((form) => form.length >= MIN_SECRET_LENGTH);
}

/** Names whose values are secret, compared without case, underscores and dashes. */
const SECRET_NAME = new RegExp(
  [
    'authorization',
    'secret',
    'token',
    'passw(or)?d',
    'passphrase',
    'apikey',
    'privatekey',
    'encryptionkey',
    'signingkey',
    'credential',
    'cookie',
    'connectionstring',
    '^pwd$',
    '^pin$',
    ...PERSONAL_NAMES,
  ].join('|'),
);

/** True when the value of a field of this name must not be written. */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));

const NAMES_IN_TEXT =
  '(?:[\\w-]*(?:secret|token|password|passwd|passphrase|api[_-]?key|authorization)|pwd|ssn|assertion)';

/** Shapes of secrets in running text, each with what takes its place. */
const SHAPES: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9\-._~+/]+=*/gi, `$1 ${REDACTED}`],
  [/\btbk_[A-Za-z0-9_-]{43}\b/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  [/\b\d{3}-\d{2}-\d{4}\b/g, REDACTED],
  [/(:\/\/[^\s:/?#@]*:)[^\s/?#@]+@/g, `$1${REDACTED}@`],
  // "client_secret":"..." in a string that holds JSON, then the same where that string was itself put into JSON.
  [new RegExp(`("${NAMES_IN_TEXT}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*(?:"|$)`, 'gi'), `$1"${REDACTED}"`],
  [
    new RegExp(
      `(\\\\"${NAMES_IN_TEXT}\\\\"\\s*:\\s*)\\\\"(?:\\\\\\\\\\\\"|[^"\\\\]|\\\\[^"])*(?:\\\\"|$)`,
      'gi',
    ),
    `$1\\"${REDACTED}\\"`,
  ],
  // Password=...; of a connection string, client_secret=...& of a form.
  [
    new RegExp(`\\b(${NAMES_IN_TEXT}\\s*=\\s*)(?:"[^"]*"|'[^']*'|\\{[^}]*\\}|[^;&\\s"',)]+)`, 'gi'),
    `$1${REDACTED}`,
  ],
];

/** Text without secrets, cut at 16 KiB. */
export function redactText(text: string): string {
  const room = MAX_TEXT + (longestFirst[0]?.length ?? 0);
  // Look a little beyond the cut, so that a secret across it is seen whole.
  let result = text.length > room ? text.slice(0, room) : text;
  for (const secret of longestFirst) {
    if (result.includes(secret)) result = result.split(secret).join(REDACTED);
  }
  for (const [shape, replacement] of SHAPES) result = result.replace(shape, replacement);
  return text.length > MAX_TEXT ? `${result.slice(0, MAX_TEXT)}... (${text.length} characters)` : result;
}

/** Any value as plain data without secrets. */
export function redact(value: unknown): Redacted {
  try {
    return walk(value, { depth: 0, budget: { nodes: MAX_NODES }, path: new Set() });
  } catch {
    return '[unreadable]';
  }
}

interface Walk {
  readonly depth: number;
  readonly budget: { nodes: number };
  /** The objects we are inside of: meeting one again is a cycle. */
  readonly path: Set<object>;
}

function walk(value: unknown, at: Walk): Redacted {
  at.budget.nodes -= 1;
  if (at.budget.nodes < 0) return '[too large]';
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
      return Number.isFinite(value) ? numberOr(value) : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return redactText(String(value));
    case 'undefined':
      return null;
    case 'function':
      return '[function]';
    case 'symbol':
      return redactText(String(value));
    case 'object':
      return value === null ? null : inside(value, at);
    default:
      return '[unreadable]';
  }
}

/** A number may be a secret too, e.g. a PIN. */
function numberOr(value: number): Redacted {
  const text = String(value);
  return longestFirst.length > 0 && redactText(text) !== text ? REDACTED : value;
}

function inside(value: object, at: Walk): Redacted {
  if (at.path.has(value)) return '[circular]';
  if (at.depth >= MAX_DEPTH) return '[too deep]';
  at.path.add(value);
  try {
    return describe(value, { ...at, depth: at.depth + 1 });
  } catch {
    return '[unreadable]';
  } finally {
    at.path.delete(value);
  }
}

function describe(value: object, at: Walk): Redacted {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof RegExp || value instanceof URL) return redactText(String(value));
  if (isError(value)) return describeError(value, at);
  if (Array.isArray(value)) return items(value, at);
  if (value instanceof Map)
    return entries(limited([...value].map(([k, v]) => [nameOf(k), v])), value.size, at);
  if (value instanceof Set) return items([...value], at);
  if (value instanceof Promise) return '[promise]';
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJson === 'function') return walk((toJson as () => unknown).call(value), at);
  return fields(value, at);
}

const nameOf = (key: unknown): string => (typeof key === 'string' ? key : `[${typeof key}]`);

function items(values: readonly unknown[], at: Walk): Redacted[] {
  const result = values.slice(0, MAX_ENTRIES).map((item) => walk(item, at));
  if (values.length > MAX_ENTRIES) result.push(`... ${values.length - MAX_ENTRIES} more`);
  return result;
}

function fields(value: object, at: Walk, skip?: ReadonlySet<string>): { [key: string]: Redacted } {
  const keys = Object.keys(value).filter((key) => !skip?.has(key));
  const read = keys.slice(0, MAX_ENTRIES).map((key): [string, unknown] => [key, property(value, key)]);
  return entries(read, keys.length, at, namedSecret(value));
}

const limited = <T>(list: T[]): T[] => list.slice(0, MAX_ENTRIES);

function entries(
  list: readonly [string, unknown][],
  total: number,
  at: Walk,
  valueIsSecret = false,
): { [key: string]: Redacted } {
  // No prototype: a field named __proto__ is a field like any other.
  const result = Object.create(null) as { [key: string]: Redacted };
  for (const [key, value] of list) {
    const secret = isSecretName(key) || (valueIsSecret && key === 'value');
    result[redactText(key)] = secret
      ? hidden(value)
      : alternating(key, value)
        ? '[headers]'
        : walk(value, at);
  }
  if (total > list.length) result['...'] = `${total - list.length} more`;
  return result;
}

/** Whether a secret is set is worth knowing; what it is, is not. */
const hidden = (value: unknown): Redacted =>
  value === null || value === undefined ? null : typeof value === 'boolean' ? value : REDACTED;

/** Node's raw headers: names and values in one flat list, where no name marks the secret one. */
const alternating = (key: string, value: unknown): boolean => key === 'rawHeaders' && Array.isArray(value);

/** `{ name: 'password', value: '...' }`, as in parameter lists. */
function namedSecret(value: object): boolean {
  const name = property(value, 'name') ?? property(value, 'key');
  return typeof name === 'string' && isSecretName(name);
}

function property(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}

const isError = (value: object): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** Said first, in this order. */
const ERROR_HEAD = ['name', 'message', 'code', 'class', 'stack'] as const;
/** Sockets, buffers and functions of an HTTP client: large, and of no use in a log. */
const HTTP_NOISE = new Set([
  'request',
  'agent',
  'httpAgent',
  'httpsAgent',
  'socket',
  'transformRequest',
  'transformResponse',
  'adapter',
  'validateStatus',
  'transitional',
  'env',
  'signal',
  'cancelToken',
]);

function describeError(error: Error, at: Walk): Redacted {
  const result = Object.create(null) as { [key: string]: Redacted };
  for (const key of ERROR_HEAD) {
    const value = property(error, key);
    if (value !== undefined) result[key] = walk(value, at);
  }
  const skip = new Set<string>([...ERROR_HEAD, ...HTTP_NOISE, 'config', 'response', 'cause', 'toJSON']);
  Object.assign(result, fields(error, at, skip));
  const { config, response, cause, errors } = {
    config: property(error, 'config'),
    response: property(error, 'response'),
    cause: property(error, 'cause'),
    errors: property(error, 'errors'),
  };
  if (typeof config === 'object' && config !== null) result['config'] = fields(config, at, HTTP_NOISE);
  if (typeof response === 'object' && response !== null) {
    result['response'] = fields(response, at, new Set([...HTTP_NOISE, 'config']));
  }
  if (cause !== undefined) result['cause'] = walk(cause, at);
  if (errors !== undefined && result['errors'] === undefined) result['errors'] = walk(errors, at);
  return result;
}
