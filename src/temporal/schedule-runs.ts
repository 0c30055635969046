import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { PayrollLooked, ReconcileResult } from '../domain/request/flow';
import type { ReconciledKind } from '../domain/request/id';
import { intakeIdOf, payrollIdOf, reconcileIdOf } from '../domain/request/id';

/** How a schedule and its runs stand on the Temporal server. Times are ISO 8601 UTC. */
export interface ScheduleRuns {
  /** When its schedule was made; null: there is none. */
  readonly since: string | null;
  /** The schedule is paused in Temporal. */
  readonly isPaused: boolean;
  /** When the next run begins; null: none is to come. */
  readonly next: string | null;
  /** A run that is under way: since when, and why its step is tried again. */
  readonly running: { readonly since: string; readonly problem: string | null } | null;
  /** The newest run that came to its end, and why it could not look; null: there was none lately. */
  readonly last: { readonly endedAt: string; readonly problem: string | null } | null;
}

const NONE: ScheduleRuns = { since: null, isPaused: false, next: null, running: null, last: null };

/** Asks the schedule that compares a kind, and its newest runs. */
export const reconcileRuns = (
  client: Client,
  connectionId: string,
  kind: ReconciledKind,
): Promise<ScheduleRuns> => scheduleRuns(client, reconcileIdOf(connectionId, kind));

/** Asks the schedule that looks for timecards, and its newest runs. */
export const payrollRuns = (client: Client, connectionId: string): Promise<ScheduleRuns> =>
  scheduleRuns(client, payrollIdOf(connectionId));

/** Asks the schedule that polls for requests, and its newest runs. */
export const intakeRuns = (client: Client, connectionId: string): Promise<ScheduleRuns> =>
  scheduleRuns(client, intakeIdOf(connectionId));

/** Throws what the server throws, but not that there is no such schedule. */
async function scheduleRuns(client: Client, scheduleId: string): Promise<ScheduleRuns> {
  const schedule = client.schedule.getHandle(scheduleId);
  let described;
  try {
    described = await schedule.describe();
  } catch (error) {
    if ((error as Error).name === 'ScheduleNotFoundError') return NONE;
    throw error;
  }
  const { info, state } = described;
  const runs: ScheduleRuns = {
    ...NONE,
    since: info.createdAt.toISOString(),
    isPaused: state.paused,
    next: info.nextActionTimes[0]?.toISOString() ?? null,
  };
  const ids = info.recentActions.map(({ action }) => action.workflow.workflowId).reverse();
  return ids.reduce<Promise<ScheduleRuns>>(async (before, id) => {
    const known = await before;
    return known.last === null ? { ...known, ...(await runOf(client, id, known)) } : known;
  }, Promise.resolve(runs));
}

async function runOf(
  client: Client,
  workflowId: string,
  known: ScheduleRuns,
): Promise<Partial<ScheduleRuns>> {
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
    const result = (await handle.result()) as Partial<ReconcileResult & PayrollLooked>;
    return { last: { endedAt, problem: result.problem ?? result.problems?.[0] ?? null } };
  } catch (error) {
    // Kept no longer than the namespace keeps its histories.
    if (error instanceof WorkflowNotFoundError) return {};
    throw error;
  }
}
