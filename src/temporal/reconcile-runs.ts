import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { ReconcileResult } from '../domain/request/flow';
import type { ReconciledKind } from '../domain/request/id';
import { reconcileIdOf } from '../domain/request/id';

/** How the reconcile of a kind stands on the Temporal server. Times are ISO 8601 UTC. */
export interface ReconcileRuns {
  /** When its schedule was made; null: there is none. */
  readonly since: string | null;
  /** The schedule is paused in Temporal. */
  readonly isPaused: boolean;
  /** A run that is under way: since when, and why its step is tried again. */
  readonly running: { readonly since: string; readonly problem: string | null } | null;
  /** The newest run that came to its end, and why it could not look; null: there was none lately. */
  readonly last: { readonly endedAt: string; readonly problem: string | null } | null;
}

const NONE: ReconcileRuns = { since: null, isPaused: false, running: null, last: null };

/** Asks the schedule of a kind and its newest runs. Throws what the server throws, but not that there is no such schedule. */
export async function reconcileRuns(
  client: Client,
  connectionId: string,
  kind: ReconciledKind,
): Promise<ReconcileRuns> {
  const schedule = client.schedule.getHandle(reconcileIdOf(connectionId, kind));
  let described;
  try {
    described = await schedule.describe();
  } catch (error) {
    if ((error as Error).name === 'ScheduleNotFoundError') return NONE;
    throw error;
  }
  const { info, state } = described;
  const runs: ReconcileRuns = { ...NONE, since: info.createdAt.toISOString(), isPaused: state.paused };
  const ids = info.recentActions.map(({ action }) => action.workflow.workflowId).reverse();
  return ids.reduce<Promise<ReconcileRuns>>(async (before, id) => {
    const known = await before;
    return known.last === null ? { ...known, ...(await runOf(client, id, known)) } : known;
  }, Promise.resolve(runs));
}

async function runOf(
  client: Client,
  workflowId: string,
  known: ReconcileRuns,
): Promise<Partial<ReconcileRuns>> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const { status, startTime, closeTime, raw } = await handle.describe();
    if (status.name === 'RUNNING') {
      const problem = (raw.pendingActivities ?? [])
        .map(({ lastFailure }) => lastFailure?.message ?? null)
        .find(Boolean);
      return { running: known.running ?? { since: startTime.toISOString(), problem: problem ?? null } };
    }
    const endedAt = (closeTime ?? startTime).toISOString();
    if (status.name !== 'COMPLETED')
      return { last: { endedAt, problem: `it ended as ${status.name.toLowerCase()}` } };
    const { problem } = (await handle.result()) as ReconcileResult;
    return { last: { endedAt, problem } };
  } catch (error) {
    // Kept no longer than the namespace keeps its histories.
    if (error instanceof WorkflowNotFoundError) return {};
    throw error;
  }
}
