import { ActivityFailure } from '@temporalio/workflow';
import type { PollResult } from '../domain/request/flow';
import { pollStep, startStep } from './steps';

export interface IntakeInput {
  readonly connectionId: string;
  readonly procoreQueue: string;
}

export interface IntakeResult extends PollResult {
  readonly started: number;
  /** Why Procore could not be asked, when it could not. */
  readonly problem: string | null;
}

/**
 * One round of looking for ERP requests that no webhook told us about, then of starting all that are stored but have no workflow. The
 * second part runs also when Procore cannot be reached; the next round asks again.
 */
export async function intake({ connectionId, procoreQueue }: IntakeInput): Promise<IntakeResult> {
  const polled = await poll(connectionId, procoreQueue);
  const { started } = await startStep.startRequests({ connectionId });
  return { ...polled, started };
}

async function poll(connectionId: string, procoreQueue: string): Promise<Omit<IntakeResult, 'started'>> {
  try {
    return { ...(await pollStep(procoreQueue).pollRequests({ connectionId })), problem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { seen: 0, added: 0, problem: error.cause?.message ?? error.message };
  }
}
