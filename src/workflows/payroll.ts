import { ActivityFailure, getExternalWorkflowHandle } from '@temporalio/workflow';
import type {
  Interruption,
  PayrollInput,
  PayrollLooked,
  PeriodsSeen,
  TimecardsLooked,
} from '../domain/request/flow';
import { RELEASE_SIGNAL } from '../domain/request/flow';
import { workflowIdOf } from '../domain/request/id';
import { lookStep, startStep } from './steps';

/**
 * One look at pay periods and timecards: a period that has begun gets its request, and requests are told what moved. A side that cannot be asked is named; the
 * next look comes soon.
 */
export async function payroll({
  connectionId,
  procoreQueue,
  erpQueue,
}: PayrollInput): Promise<PayrollLooked> {
  const problems: string[] = [];
  const timecards = await looked<TimecardsLooked>(problems, 'timecards', () =>
    lookStep(procoreQueue, 'look for timecards that changed').lookTimecards({ connectionId }),
  );
  const periods = await looked<PeriodsSeen>(problems, 'periods', () =>
    lookStep(erpQueue, 'look at the pay periods of the ERP').lookPayPeriods({ connectionId }),
  );
  await attempt(problems, () =>
    lookStep(procoreQueue, 'tell Procore who its people are').tellPeople({ connectionId }),
  );
  const made = periods?.made ?? [];
  if (made.length > 0) await startStep.startRequests({ connectionId });
  const told = [...new Set([...(timecards?.requests ?? []), ...(periods?.moved ?? [])])];
  for (const id of told)
    await getExternalWorkflowHandle(workflowIdOf({ connectionId, id }))
      .signal(RELEASE_SIGNAL)
      .catch(() => undefined);
  return { moved: timecards?.moved ?? 0, made, told, problems };
}

/** What could not be done is named, and comes again. */
async function attempt<T>(problems: string[], work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    problems.push(error.cause?.message ?? error.message);
    return null;
  }
}

async function looked<Seen extends { readonly kind: string }>(
  problems: string[],
  kind: Seen['kind'],
  look: () => Promise<Seen | Interruption>,
): Promise<Seen | null> {
  const seen = await attempt(problems, look);
  if (seen === null) return null;
  if (seen.kind === kind) return seen as Seen;
  problems.push('reason' in seen ? seen.reason : 'error' in seen ? seen.error.message : seen.kind);
  return null;
}
