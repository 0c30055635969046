import { errorSentences } from './error-body';
import type { Answer, Call, ProcoreHttp } from './http';
import type { JsonObject } from './json';
import { isList, isObject } from './json';
import type { ItemError } from './port';

/** One bulk write of the kind "sync action" ("Using Sync Actions"). */
export interface SyncAction<T> {
  readonly operation: string;
  readonly path: string;
  readonly items: readonly T[];
  /** Largest number of records of one call. */
  readonly batchSize: number;
  /** The record as Procore wants it. */
  readonly encode: (item: T) => JsonObject;
  /** What the caller knows the record by: the key of an error. */
  readonly key: (item: T) => string;
  /** Fields by which an echoed record is recognised, the most certain one first. */
  readonly identity: readonly string[];
  /** Fields beside `updates`. */
  readonly scope?: JsonObject;
  /** The only published samples of the ERP tool show a bare array; it is tried when `updates` is refused. */
  readonly bareArrayToo?: boolean;
  readonly urgent?: boolean;
}

const TOO_LARGE = [413, 408];
const REFUSED = [400, 422];

/** Sends all records in batches. Answers 200 also for records it did not take: those are returned, matched by name, never by position. */
export async function sync<T>(http: ProcoreHttp, action: SyncAction<T>): Promise<readonly ItemError[]> {
  const errors: ItemError[] = [];
  for (let start = 0; start < action.items.length; start += action.batchSize) {
    errors.push(...(await sendBatch(http, action, action.items.slice(start, start + action.batchSize))));
  }
  return errors;
}

async function sendBatch<T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
  items: readonly T[],
): Promise<readonly ItemError[]> {
  const call = callOf(action, items, 'updates');
  const answer = await http.send({
    ...call,
    alsoAccept: [...REFUSED, ...(items.length > 1 ? TOO_LARGE : [])],
  });
  if (TOO_LARGE.includes(answer.status)) {
    const half = Math.ceil(items.length / 2);
    const first = await sendBatch(http, action, items.slice(0, half));
    return [...first, ...(await sendBatch(http, action, items.slice(half)))];
  }
  const told = readErrors(http, action, items, answer);
  if (told !== null) return told;
  return (action.bareArrayToo === true ? await sendAsArray(http, action, items) : null) ?? refuse();

  function refuse(): never {
    throw http.refusal(call, answer);
  }
}

/** Null when this form is refused as well. */
async function sendAsArray<T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
  items: readonly T[],
): Promise<readonly ItemError[] | null> {
  const answer = await http.send({ ...callOf(action, items, 'array'), alsoAccept: REFUSED });
  return readErrors(http, action, items, answer);
}

function callOf<T>(action: SyncAction<T>, items: readonly T[], form: 'updates' | 'array'): Call {
  const updates = items.map(action.encode);
  return {
    operation: action.operation,
    method: 'PATCH',
    path: action.path,
    body: form === 'array' ? updates : { ...action.scope, updates },
    repeatable: true,
    urgent: action.urgent ?? false,
  };
}

/** Null when the answer as a whole is a refusal that names no records. */
function readErrors<T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
  items: readonly T[],
  { body, status }: Answer,
): readonly ItemError[] | null {
  const refused = status < 300 ? refusedItems(body) : refusedByName(body);
  if (refused === null) {
    if (status >= 300) return null;
    throw http.invalid(action, 'entities and errors were expected');
  }
  const keys = keysOf(action, items);
  return refused.map((item) => ({
    key: isObject(item) ? keyIn(keys, item, action.identity) : '',
    messages: errorSentences(errorPart(item)).map(http.redact),
  }));
}

/** What a 200 answer did not take: `{entities, errors: [...]}`, or a list in which some records carry errors. */
function refusedItems(body: unknown): readonly unknown[] | null {
  if (body === undefined) return [];
  if (isList(body)) return body.filter(carriesErrors);
  if (!isObject(body)) return null;
  const { errors, entities } = body;
  if (isList(errors)) return errors;
  if (errors !== undefined && errors !== null) return [body];
  return isList(entities) ? [] : null;
}

/** Records named in a 400 or 422. */
function refusedByName(body: unknown): readonly unknown[] | null {
  const list = isObject(body) ? body['errors'] : body;
  const named = isList(list) ? list.filter(carriesErrors) : [];
  return named.length > 0 ? named : null;
}

/** An echoed record is mostly what was sent: only its errors speak. */
function errorPart(item: unknown): unknown {
  if (!isObject(item)) return item;
  const { errors, error } = item;
  return (errors ?? error) === undefined ? item : { errors, error };
}

const carriesErrors = (item: unknown): boolean =>
  isObject(item) && ['errors', 'error'].some((key) => item[key] !== undefined && item[key] !== null);

function keysOf<T>(action: SyncAction<T>, items: readonly T[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const item of items) {
    const sent = action.encode(item);
    for (const field of action.identity) keys.set(nameIn(sent, field) ?? '', action.key(item));
  }
  return keys;
}

function keyIn(keys: ReadonlyMap<string, string>, item: JsonObject, identity: readonly string[]): string {
  for (const field of identity) {
    const name = nameIn(item, field);
    const key = name === null ? undefined : keys.get(name);
    if (key !== undefined) return key;
  }
  return '';
}

function nameIn(record: JsonObject, field: string): string | null {
  const value = record[field];
  return typeof value === 'string' || typeof value === 'number' ? `${field}=${value}` : null;
}
