import { errorSentences } from './error-body';
import type { Answer, Call, ProcoreHttp, Query } from './http';
import type { JsonObject } from './json';
import { isList, isObject } from './json';
import type { ItemError } from '../port';

export type Identity = string | readonly string[];

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
  /** Fields, or sets of fields, by which an echoed record is recognised, the most certain one first. */
  readonly identity: readonly Identity[];
  /** Fields beside `updates`. */
  readonly scope?: JsonObject;
  readonly query?: Query;
  /** The only published samples of the ERP tool show a bare array; it is tried when `updates` is refused. */
  readonly bareArrayToo?: boolean;
  readonly urgent?: boolean;
}

/** What became of the records of a sync action. */
export interface SyncAnswer {
  readonly errors: readonly ItemError[];
  /** Records as Procore echoed them; one that cannot be recognised is no one's. */
  readonly entities: readonly { readonly key: string; readonly entity: JsonObject }[];
}

const TOO_LARGE = [413, 408];
const REFUSED = [400, 422];

/**
 * Sends all records in batches. Answers 200 also for records it did not take: those are returned, and what it echoed of the others, both
 * matched by name, never by position.
 */
export async function sync<T>(http: ProcoreHttp, action: SyncAction<T>): Promise<SyncAnswer> {
  const outcomes: SyncAnswer[] = [];
  for (let start = 0; start < action.items.length; start += action.batchSize) {
    outcomes.push(await sendBatch(http, action, action.items.slice(start, start + action.batchSize)));
  }
  return together(outcomes);
}

/** The same where only what went wrong is of interest. */
export const syncErrors = async <T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
): Promise<readonly ItemError[]> => (await sync(http, action)).errors;

const together = (answers: readonly SyncAnswer[]): SyncAnswer => ({
  errors: answers.flatMap(({ errors }) => errors),
  entities: answers.flatMap(({ entities }) => entities),
});

async function sendBatch<T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
  items: readonly T[],
): Promise<SyncAnswer> {
  const call = callOf(action, items, 'updates');
  const answer = await http.send({
    ...call,
    alsoAccept: [...REFUSED, ...(items.length > 1 ? TOO_LARGE : [])],
  });
  if (TOO_LARGE.includes(answer.status)) {
    const half = Math.ceil(items.length / 2);
    const first = await sendBatch(http, action, items.slice(0, half));
    return together([first, await sendBatch(http, action, items.slice(half))]);
  }
  const told = readOutcome(http, action, items, answer);
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
): Promise<SyncAnswer | null> {
  const answer = await http.send({ ...callOf(action, items, 'array'), alsoAccept: REFUSED });
  return readOutcome(http, action, items, answer);
}

function callOf<T>(action: SyncAction<T>, items: readonly T[], form: 'updates' | 'array'): Call {
  const updates = items.map(action.encode);
  return {
    operation: action.operation,
    method: 'PATCH',
    path: action.path,
    ...(action.query === undefined ? {} : { query: action.query }),
    body: form === 'array' ? updates : { ...action.scope, updates },
    repeatable: true,
    urgent: action.urgent ?? false,
  };
}

/** Null when the answer as a whole is a refusal that names no records. */
function readOutcome<T>(
  http: ProcoreHttp,
  action: SyncAction<T>,
  items: readonly T[],
  { body, status }: Answer,
): SyncAnswer | null {
  const refused = status < 300 ? refusedItems(body) : refusedByName(body);
  if (refused === null) {
    if (status >= 300) return null;
    throw http.invalid(action, 'entities and errors were expected');
  }
  const keys = keysOf(action, items);
  const errors = refused.map((item) => ({
    key: isObject(item) ? keyIn(keys, item, action.identity) : '',
    messages: errorSentences(errorPart(item)).map(http.redact),
  }));
  const taken = status < 300 ? takenItems(body).filter(isObject) : [];
  const entities = taken.flatMap((entity) => {
    const key = keyIn(keys, entity, action.identity);
    return key === '' ? [] : [{ key, entity }];
  });
  return { errors, entities };
}

function takenItems(body: unknown): readonly unknown[] {
  const list = isObject(body) ? body['entities'] : body;
  return isList(list) ? list.filter((item) => !carriesErrors(item)) : [];
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
    for (const identity of action.identity) keys.set(nameIn(sent, identity) ?? '', action.key(item));
  }
  return keys;
}

function keyIn(keys: ReadonlyMap<string, string>, item: JsonObject, identities: readonly Identity[]): string {
  for (const identity of identities) {
    const name = nameIn(item, identity);
    const key = name === null ? undefined : keys.get(name);
    if (key !== undefined) return key;
  }
  return '';
}

/** `id=5`, or `cost_code_id=5 line_item_type_id=7` for a set of fields; null when a field has no value. */
function nameIn(record: JsonObject, identity: Identity): string | null {
  const fields = typeof identity === 'string' ? [identity] : identity;
  const values = fields.map((field) => record[field]);
  const complete = values.every((value) => typeof value === 'string' || typeof value === 'number');
  return complete ? fields.map((field, index) => `${field}=${String(values[index])}`).join(' ') : null;
}
