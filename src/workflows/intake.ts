import { ActivityFailure } from '@temporalio/workflow';
import type { PollResult } from '../domain/request/flow';
import { pollStep, startStep } from './steps';

export interface IntakeInput {
  readonly connectionId: string;
  readonly procoreQueue: string;
}

export interface IntakeResult extends PollResult {
  readonly started: number;
  /** Requests whose workflow was started again, because it was gone or knew something else than our store. */
  readonly repaired: number;
  /** Why Procore could not be asked, when it could not. */
  readonly problem: string | null;
}

/**
 * One round of looking for ERP requests that no webhook told us about, then of starting all that are stored but have no workflow, and of
 * bringing together requests and workflows that do not agree. What follows the look runs also when Procore cannot be reached; the next round asks again.
 */
export async function intake({ connectionId, procoreQueue }: IntakeInput): Promise<IntakeResult> {
  const polled = await poll(connectionId, procoreQueue);
  const { started } = await startStep.startRequests({ connectionId });
  const { repaired } = await startStep.repairRequests({ connectionId });
  return { ...polled, started, repaired };
}

async function poll(
  connectionId: string,
  procoreQueue: string,
): Promise<Omit<IntakeResult, 'started' | 'repaired'>> {
  try {
    return { ...(await pollStep(procoreQueue).pollRequests({ connectionId })), problem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { seen: 0, added: 0, problem: error.cause?.message ?? error.message };
  }
}
