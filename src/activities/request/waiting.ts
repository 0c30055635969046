import type { AuditEntry } from '../../domain/audit/chain';
import type { ErrorShape } from '../../domain/base/errors';
import { hintOf } from '../../domain/base/errors';
import type { Wait } from '../../domain/plan/plan';
import { placesOf } from '../../domain/request/about';
import { approversOf, decidedBy } from '../../domain/request/connection-policy';
import { isCorrectable } from '../../domain/request/correctable';
import type { RequestRef, WaitingView } from '../../domain/request/flow';
import { isOwn, isRequestId, requestWords } from '../../domain/request/id';
import { isFinal } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { auditEntry } from '../record/entry';

/** Run on the main queue, as local activities: a request waits for a person, for something else, or for a busy system. */
export const waitingActivities = (deps: ActivityDeps) => ({
  /** Parks the request for a person; answers who that may be, because a request that could not be fetched says nothing yet. */
  async parkRequest(input: RequestRef & { recordId: string; error: ErrorShape }): Promise<WaitingView> {
    return deps.store.transaction('request.park', input.connectionId, async (t) => {
      const row = await t.requests.get(input);
      await park(t, row, { ...input, because: [] }, deps.now());
      return waitingView(deps, row);
    });
  },

  /** Notes that the request waits or works, with the reason. */
  async noteStatus(
    input: RequestRef & { status: 'busy' | 'held' | 'applying' | 'planning'; reason: string | null },
  ): Promise<void> {
    await deps.store.transaction('request.status', input.connectionId, async (t) => {
      const row = await t.requests.get(input);
      if (isFinal(row.status)) return;
      await t.requests.setStatus(row, input.status, input.reason, deps.now());
    });
  },
});

function waitingView(deps: ActivityDeps, { connectionId, id, about }: SyncRequestRow): WaitingView {
  const { policy } = connectionOf(deps, connectionId);
  const { publicKeys } = deps.people.keys;
  return {
    approvers: approversOf(policy, decidedBy(id), placesOf(about)).map((one) => one.id),
    publicKeys,
    // Nobody in Procore is blocked by what we look for ourselves.
    openDetailHours: isOwn(id) ? 0 : policy.openDetailHours,
  };
}

/** Parks a request: status, exception and audit entries. A repetition with the same reason adds nothing. */
export async function park(
  t: Repositories,
  row: SyncRequestRow,
  {
    recordId,
    error,
    problems,
    because,
  }: {
    readonly recordId: string;
    readonly error: ErrorShape;
    /** All that is wrong, where the error holds only the first of it. */
    readonly problems?: readonly string[];
    readonly because: readonly AuditEntry[];
  },
  now: string,
): Promise<void> {
  if (isFinal(row.status)) return;
  const { connectionId, id } = row;
  const { message: reason, class: cause, code } = error;
  const hint = hintOf(error, isCorrectable(row));
  await t.requests.setStatus(row, 'parked', reason, now);
  const exception = {
    connectionId,
    requestId: id,
    recordId,
    cause,
    reason,
    hint,
    problems: problems ?? null,
    erpKey: null,
    openedAt: now,
  };
  const opened = await t.exceptions.open([exception]);
  if (opened.length === 0) return;
  const detail = { code, class: cause, reason };
  const entry = auditEntry(row, now, 'exception.opened', { subject: recordId, detail });
  await t.audit.append(connectionId, [...because, entry]);
}

/** More than these are counted where they cross Temporal; our store holds all. */
const MOST_SHOWN = 20;

/**
 * One wait per record that a request waits for, with its age and an audit entry; a repetition adds nothing. It belongs into the transaction
 * that looked: what comes after the look then finds somebody who waits for it. Requests that wait for each other never go on by
 * themselves, so the waits that are answered say so. Answers the first of them, and how many more there are.
 */
export async function beginWaits(
  t: Repositories,
  row: SyncRequestRow,
  waits: readonly Wait[],
  now: string,
): Promise<readonly Wait[]> {
  const circle = await circleOf(t, row, waits);
  const hint = circle ?? 'It goes on by itself when that is there. Give it up with `tieback reject`.';
  const begun = await t.waits.begin(
    row,
    waits.map((wait) => ({ ...wait, hint })),
    now,
  );
  const entries = begun.map((wait) =>
    auditEntry(row, now, 'request.held', {
      ...(row.recordId === null ? {} : { subject: row.recordId }),
      detail: { waitsFor: wait.recordId, reason: wait.reason },
    }),
  );
  if (entries.length > 0) await t.audit.append(row.connectionId, entries);
  const last = waits.length - 1;
  const shown =
    circle === null
      ? waits
      : waits.map((wait, index) => (index === last ? { ...wait, reason: `${wait.reason} ${circle}` } : wait));
  const between = shown.slice(MOST_SHOWN - 1, -1).length;
  if (between === 0) return shown;
  const more = { recordId: row.id, reason: `... and ${between} more.` };
  return [...shown.slice(0, MOST_SHOWN - 1), more, ...shown.slice(-1)];
}

/** A sentence when a request, through the requests it waits for, waits for itself. */
async function circleOf(
  t: Repositories,
  { connectionId, id }: RequestRef,
  waits: readonly Wait[],
): Promise<string | null> {
  const seen = new Set<string>();
  let ahead = waits.map(({ recordId }) => recordId);
  while (ahead.length > 0) {
    const about = await t.requests.openAbout(connectionId, ahead);
    const found = [...ahead.filter(isRequestId), ...about.map((row) => row.id)];
    const next = [...new Set(found)].filter((other) => !seen.has(other));
    if (next.includes(id)) {
      const words = [id, ...[...seen].sort()].map(requestWords).join(', ');
      return `They wait for each other (${words}): reject one of them.`;
    }
    for (const other of next) seen.add(other);
    ahead = [];
    for (const other of next) {
      for (const { recordId } of await t.waits.ofRequest({ connectionId, id: other })) ahead.push(recordId);
    }
  }
  return null;
}
