import type { ProcoreId } from '../../domain/kinds/record';
import { errorSentences } from '../client/error-body';
import type { Call, ProcoreHttp } from '../client/http';
import { isList, isObject, toId } from '../client/json';
import type { ItemError } from '../item-error';
import { chunks, entriesByIdOf } from './entries';
import type { Completion, ProcorePayroll } from './port';

/** Entries of one call: the OpenAPI names no limit for this one, and a read-back asks for as many. */
const ENTRIES_A_CALL = 100;

/** "Error Reference": too many at once. */
const TOO_MANY = [408, 413];
/** One entry may have been refused, and the others with it: what becomes of them is not documented. */
const REFUSED = [400, 404, 422];

/**
 * Closes entries for payroll (OpenAPI, "Bulk Update Timecard Entries": one set of values for many ids). What the answer does not name is read back,
 * so that every entry has an outcome of its own.
 */
export const completeOf =
  (http: ProcoreHttp): ProcorePayroll['complete'] =>
  async (ids) => {
    const completed: ProcoreId[] = [];
    const errors: ItemError[] = [];
    for (const some of chunks([...new Set(ids)], ENTRIES_A_CALL)) {
      const outcome = await completeSome(http, some);
      completed.push(...outcome.completed);
      errors.push(...outcome.errors);
    }
    return { completed, errors };
  };

async function completeSome(http: ProcoreHttp, ids: readonly ProcoreId[]): Promise<Completion> {
  const call: Call = {
    operation: 'timesheets.update',
    method: 'PATCH',
    path: `/rest/v1.0/companies/${http.companyId}/timesheets`,
    body: { approval_status: 'completed', updates: ids.map((id) => ({ id })) },
    repeatable: true,
    alsoAccept: [...REFUSED, ...(ids.length > 1 ? TOO_MANY : [])],
  };
  const { status, body } = await http.send(call);
  if (status < 300) return withReadBack(http, ids, namedIn(http, call, body));
  if (ids.length > 1) {
    const half = Math.ceil(ids.length / 2);
    const first = await completeSome(http, ids.slice(0, half));
    const second = await completeSome(http, ids.slice(half));
    return {
      completed: [...first.completed, ...second.completed],
      errors: [...first.errors, ...second.errors],
    };
  }
  const said = errorSentences(body).map(http.redact);
  const messages = said.length > 0 ? said : [`HTTP ${status}`];
  // Refused may mean that it is completed already.
  const known = await withReadBack(http, ids, new Set());
  return { ...known, errors: known.errors.map((error) => ({ ...error, messages })) };
}

/** The entries that the answer says were updated. */
function namedIn(http: ProcoreHttp, call: Call, body: unknown): ReadonlySet<ProcoreId> {
  const rows = isObject(body) ? body['updated_timecard_entries'] : undefined;
  if (!isList(rows)) throw http.invalid(call, 'updated_timecard_entries were expected');
  // The documented rows do not show the status; where one does, it must be the right one.
  const told = rows.filter(isObject).filter((row) => (row['approval_status'] ?? 'completed') === 'completed');
  return new Set(told.flatMap(({ id }) => toId(id) ?? []));
}

async function withReadBack(
  http: ProcoreHttp,
  ids: readonly ProcoreId[],
  named: ReadonlySet<ProcoreId>,
): Promise<Completion> {
  const completed = ids.filter((id) => named.has(id));
  const others = ids.filter((id) => !named.has(id));
  if (others.length === 0) return { completed, errors: [] };
  const { entries, unreadable } = await entriesByIdOf(http)(others);
  const errors: ItemError[] = [];
  for (const id of others) {
    const entry = entries.find((one) => one.id === id);
    if (entry?.deletedAt === null && entry.status === 'completed') completed.push(id);
    else
      errors.push({
        key: String(id),
        messages: messagesOf(
          entry,
          unreadable.find((one) => one.id === id),
        ),
      });
  }
  return { completed, errors };
}

function messagesOf(
  entry: { readonly status: string; readonly deletedAt: string | null } | undefined,
  unreadable: { readonly problems: readonly string[] } | undefined,
): readonly string[] {
  if (unreadable !== undefined) return unreadable.problems;
  if (entry === undefined) return ['Procore does not show this timecard entry any more'];
  if (entry.deletedAt !== null) return [`It was deleted in Procore at ${entry.deletedAt}`];
  return [`Procore left it ${entry.status}`];
}
