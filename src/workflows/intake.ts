import { ActivityFailure } from '@temporalio/workflow';
import type { PollResult } from '../domain/request/flow';
import { anchorStep, outcomeStep, pollStep, startStep, storeStep } from './steps';

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
  /** What the ERP decided later about what it had accepted. */
  readonly outcomes: number;
  /** Why the ERP could not be asked for that, when it could not. */
  readonly outcomesProblem: string | null;
  /** The link of the audit log that was anchored outside our store; null: it was not its turn. */
  readonly anchored: number | null;
  /** Places that did not take it, each with the reason. */
  readonly anchorProblems: readonly string[];
}

/**
 * One round of looking for ERP requests that no webhook told us about, then of starting all that are stored but have no workflow, and of
 * bringing together requests and workflows that do not agree. What follows the look runs also when Procore cannot be reached; the next round
 * asks again. Then the ERP is asked what it decided later. Last, the head of the audit log is anchored.
 */
export async function intake({ connectionId, procoreQueue }: IntakeInput): Promise<IntakeResult> {
  const polled = await poll(connectionId, procoreQueue);
  const { started } = await startStep.startRequests({ connectionId });
  const { repaired, outcomesFrom } = await startStep.repairRequests({ connectionId });
  const learned = await learn(connectionId, outcomesFrom);
  return { ...polled, started, repaired, ...learned, ...(await anchor(connectionId)) };
}

async function learn(
  connectionId: string,
  /** Undefined in histories from before there were outcomes. */
  from: string | null | undefined,
): Promise<Pick<IntakeResult, 'outcomes' | 'outcomesProblem'>> {
  if (from === null || from === undefined) return { outcomes: 0, outcomesProblem: null };
  try {
    const { learned } = await outcomeStep(from).learnOutcomes({ connectionId });
    return { outcomes: learned, outcomesProblem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { outcomes: 0, outcomesProblem: error.cause?.message ?? error.message };
  }
}

async function anchor(connectionId: string): Promise<Pick<IntakeResult, 'anchored' | 'anchorProblems'>> {
  const done = await storeStep.anchorHead({ connectionId });
  if (done === null) return { anchored: null, anchorProblems: [] };
  const anchored = done.anchor.seq;
  if (done.erpQueue === null) return { anchored, anchorProblems: done.problems };
  try {
    await anchorStep(done.erpQueue).anchorInErp({ anchor: done.anchor });
    return { anchored, anchorProblems: done.problems };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return {
      anchored,
      anchorProblems: [...done.problems, `the ERP: ${error.cause?.message ?? error.message}`],
    };
  }
}

async function poll(
  connectionId: string,
  procoreQueue: string,
): Promise<Pick<IntakeResult, 'seen' | 'added' | 'problem'>> {
  try {
    return { ...(await pollStep(procoreQueue).pollRequests({ connectionId })), problem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { seen: 0, added: 0, problem: error.cause?.message ?? error.message };
  }
}
