import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { ErrorCode } from '../domain/base/errors';
import { isTiebackError } from '../domain/base/errors';
import type { RequestRef } from '../domain/request/id';
import type { ActivityDeps } from './deps';
import { connectionOf } from './deps';
import { startInput } from './intake/start';
import { auditEntry } from './record/entry';

const OLDER: ErrorCode = 'STORE_OLDER';
/** A workflow that began again and finds the same is no matter of a restored store: it is looked at again with the next try, not sooner. */
const ONCE_IN_MS = 60_000;

type Steps = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/**
 * The same steps; where one finds that its workflow is further than our store (which was restored from a backup), the workflow is ended and begins
 * again from what the store says. That is safe at any time, because every step first looks what is done already. It has an audit entry.
 */
export function restartingOlder<T extends Steps>(deps: ActivityDeps, steps: T): T {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      async (input: never) => {
        try {
          return await step(input);
        } catch (error) {
          if (isOlder(error)) await restart(deps, input, (error as Error).message);
          throw error;
        }
      },
    ]),
  ) as unknown as T;
}

const isOlder = (error: unknown): boolean =>
  (isTiebackError(error) && error.code === OLDER) ||
  (error instanceof ApplicationFailure && error.type === OLDER);

async function restart(deps: ActivityDeps, ref: RequestRef, reason: string): Promise<void> {
  const now = deps.now();
  const row = await deps.store.transaction('request.older', ref.connectionId, async (t) => {
    const known = await t.requests.get(ref);
    const [last] = (await t.audit.sealed(known, { actions: ['request.restarted'] })).slice(-1);
    if (last !== undefined && Date.parse(now) - Date.parse(last.at) < ONCE_IN_MS) return null;
    await t.audit.append(ref.connectionId, [
      auditEntry(known, now, 'request.restarted', { detail: { reason } }),
    ]);
    return known;
  });
  const runId = activityInfo().workflowExecution?.runId;
  if (row === null || runId === undefined) return;
  await deps.workflows.restart(startInput(connectionOf(deps, ref.connectionId), row), runId);
}
