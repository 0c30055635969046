import type { PollResult } from '../domain/request-flow';
import { procoreStep, startStep } from './steps';

export interface IntakeInput {
  readonly connectionId: string;
  readonly procoreQueue: string;
}

/**
 * One round of looking for ERP requests that no webhook told us about, and of starting those that are stored but have no workflow.
 * The second part runs also when Procore cannot be reached.
 */
export async function intake({
  connectionId,
  procoreQueue,
}: IntakeInput): Promise<PollResult & { started: number }> {
  const before = await startStep.startRequests({ connectionId });
  const polled = await procoreStep(procoreQueue, 'look for new ERP requests').pollErpRequests({
    connectionId,
  });
  const after = polled.added === 0 ? { started: 0 } : await startStep.startRequests({ connectionId });
  return { ...polled, started: before.started + after.started };
}
