import { sleep } from '@temporalio/activity';
import type { RequestRef } from '../../domain/request/id';
import type { WorkflowStanding } from '../../domain/request/repair';
import { mayAgree, repairOf, repairReason } from '../../domain/request/repair';
import type { RequestStatus } from '../../domain/request/status';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { sealedEnd } from '../record/ended';
import { auditEntry } from '../record/entry';
import { startInput } from './start';

/** A workflow that is about to tell, or was about to when we looked, has done so by then. */
const SETTLING_MS = 1_000;

/** Runs on the main queue. */
export const repairActivities = (deps: ActivityDeps) => ({
  /**
   * Compares every open request of a connection with its workflow and with what the look before found in Procore, and every running workflow
   * with its request, and brings together what does not agree: after a crash of both, a restored database, a workflow that somebody ended in
   * the Web UI, or a request that was closed in Procore. Each repair has an audit entry. Also answers who is to be asked next what the ERP decided.
   */
  async repairRequests({ connectionId }: { connectionId: string }): Promise<Repaired> {
    const connection = connectionOf(deps, connectionId);
    const outcomesFrom = connection.erp.outcomes === undefined ? null : connection.erpQueue;
    const suspects = await suspectsOf(deps, connectionId);
    if (suspects.length === 0) return { repaired: 0, outcomesFrom };
    const before = new Map<string, string>();
    for (const { id } of suspects) before.set(id, JSON.stringify(await standing(deps, { connectionId, id })));
    await sleep(SETTLING_MS);
    let repaired = 0;
    for (const { id } of suspects) {
      const ref = { connectionId, id };
      const now = await standing(deps, ref);
      // It moved meanwhile: somebody is at work.
      if (now === null || JSON.stringify(now) !== before.get(id)) continue;
      if (await repair(deps, connection, now)) repaired += 1;
    }
    return { repaired, outcomesFrom };
  },
});

interface Repaired {
  readonly repaired: number;
  /** Queue of the ERP, where it decides later about what it accepted; null: it never does. */
  readonly outcomesFrom: string | null;
}

interface Standing {
  readonly row: SyncRequestRow;
  readonly workflow: WorkflowStanding;
}

async function standing(deps: ActivityDeps, ref: RequestRef): Promise<Standing | null> {
  const row = await deps.store.read('repair.request', (t) => t.requests.find(ref));
  return row && { row, workflow: await deps.workflows.standing(ref) };
}

/**
 * Requests that Procore shows as closed, and those whose workflow the server does not list as running, or lists with another status. The list
 * lags: each is looked at itself.
 */
async function suspectsOf(deps: ActivityDeps, connectionId: string): Promise<readonly RequestRef[]> {
  const open = await deps.store.read('repair.open', (t) => t.requests.open(connectionId));
  const ended = await endedOf(deps, connectionId, open);
  const running = new Map<string, RequestStatus | null>();
  for await (const { id, status } of deps.workflows.running(connectionId)) running.set(id, status);
  const suspects = open.filter(
    ({ id, status, started }) => started && (ended.has(id) || !mayAgree(status, running.get(id))),
  );
  const ids = new Set(open.map(({ id }) => id));
  // Closed here (or unknown: the store is an older one), but still running there.
  const closed = [...running.keys()].filter((id) => !ids.has(id)).map((id) => ({ connectionId, id }));
  return [...suspects, ...closed];
}

/** Ids of those that somebody saw closed in Procore; a row alone is not believed. */
async function endedOf(
  deps: ActivityDeps,
  connectionId: string,
  open: readonly SyncRequestRow[],
): Promise<ReadonlySet<string>> {
  const claimed = open.filter(({ procoreEnd }) => procoreEnd !== null);
  if (claimed.length === 0) return new Set();
  return deps.store.transaction('repair.ended', connectionId, async (t) => {
    const ended = new Set<string>();
    for (const row of claimed) if ((await sealedEnd(t, row, deps.now())) !== null) ended.add(row.id);
    return ended;
  });
}

async function repair(
  deps: ActivityDeps,
  connection: ConnectionParts,
  { row, workflow }: Standing,
): Promise<boolean> {
  const procore = row.procoreEnd?.status ?? 'unknown';
  const what = repairOf(row.status, workflow, procore);
  if (what === 'nothing' || what === 'later') return false;
  await deps.store.transaction('repair.note', connection.id, async (t) => {
    const detail = { reason: repairReason(row.status, workflow, procore) };
    await t.audit.append(row.connectionId, [auditEntry(row, deps.now(), 'request.restarted', { detail })]);
  });
  // To close is the first thing that a workflow does where Procore shows an end: there are not two ways to do it.
  if (workflow.kind === 'asking') await deps.workflows.restart(startInput(connection, row), workflow.runId);
  else await deps.startRequest(startInput(connection, row));
  return true;
}
