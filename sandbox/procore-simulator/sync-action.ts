import { ApiError, type FieldErrors } from './errors';
import { isObject, type JsonObject } from './json';
import type { Reply } from './http-kit';

export const SYNC_LIMIT = 1000;

/** Thrown for one item; the other items of the call go on. */
export class ItemError extends Error {
  constructor(readonly errors: FieldErrors) {
    super(JSON.stringify(errors));
  }
}

/**
 * Procore guide "Using Sync Actions": 1 to 1000 items, always 200 once the request itself is valid, errors echo the
 * submitted attributes.
 */
export function syncAction(
  body: unknown,
  apply: (item: JsonObject) => unknown,
  options: { bareArray?: boolean } = {},
): Reply {
  const updates =
    options.bareArray && Array.isArray(body) ? body : isObject(body) ? body['updates'] : undefined;
  if (!Array.isArray(updates) || updates.length === 0) {
    throw new ApiError(400, { errors: 'param is missing or the value is empty: updates' });
  }
  if (updates.length > SYNC_LIMIT) {
    throw new ApiError(413, { errors: `The number of updates must not exceed ${SYNC_LIMIT}` });
  }
  const entities: unknown[] = [];
  const errors: JsonObject[] = [];
  for (const item of updates) {
    if (!isObject(item)) {
      errors.push({ errors: { base: ['is not an object'] } });
      continue;
    }
    try {
      entities.push(apply(item));
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      errors.push({ ...item, errors: error.errors });
    }
  }
  return { status: 200, body: { entities, errors } };
}
