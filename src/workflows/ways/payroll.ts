import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { PlanningView, RequestResult, SyncRequestInput } from '../../domain/request/flow';
import { inProcore } from '../../domain/request/procore-words';
import type { Ended, Ending } from '../ending';
import { ended, isEnded } from '../ending';
import type { RequestFlow } from '../request-flow';
import { bulkStep, erpStep, storeStep } from '../steps';

/**
 * One pay period: it gathers until its cut-off, asks the clerk, writes one batch, and keeps it right until the ERP has closed the period. Each round looks at
 * both sides and plans; what a person approved is looked at once more before it is written, and only the same plan keeps its approval.
 */
export async function workPeriod(flow: RequestFlow): Promise<Ending> {
  const { erpQueue, procoreQueue } = flow.input;
  const here = { ...flow.ref, page: 0, way: 'payroll' as const };
  for (;;) {
    const read = await flow.through(() =>
      erpStep(erpQueue, 'read employees, codes, periods and lines of the ERP').readErp(here),
    );
    if (isEnded(read)) return read;
    const asked = await flow.through(() =>
      bulkStep(procoreQueue, 'read people and what is new of timecards').readProcore(here),
    );
    if (isEnded(asked)) return asked;
    const plan: PlanningView = await storeStep.planPage({ ...here, askFinance: null });
    switch (plan.kind) {
      case 'closed':
        return plan;
      case 'held': {
        const stop = await flow.held(plan.waits, plan.lookAgainMs);
        if (stop) return stop;
        await goOnAsNew(flow);
        continue;
      }
      case 'refused': {
        const stop = await flow.parked(plan.error, true);
        if (stop) return stop;
        continue;
      }
      case 'gone':
        return ended({ status: 'failed', summary: plan.error.message }, [inProcore(plan.error)]);
      case 'plan':
        break;
      default:
        throw new Error(`a pay period is never ${plan.kind}`);
    }
    if (plan.decision === 'rejected') {
      const reason = `Rejected by ${plan.by}: ${plan.comment} It is asked about again when it changes.`;
      const stop = await flow.held([{ recordId: flow.ref.id, reason }], REJECTED_LOOK_MS);
      if (stop) return stop;
      continue;
    }
    if (plan.decision === 'ask_finance') {
      // A rejected plan is not the end of a period, and an approved one is looked at once more: time went by.
      await flow.decision(plan, 0, { wakes: true });
      continue;
    }
    const stop = await written(flow, plan);
    if (stop !== null) return stop;
  }
}

/** A rejected period looks by itself so often; what moved is told to it. */
const REJECTED_LOOK_MS = 3_600_000;

/** Writes the approved plan. Null: it goes on with what is there now. */
async function written(
  flow: RequestFlow,
  plan: Extract<PlanningView, { kind: 'plan' }>,
): Promise<Ended | null> {
  const { erpQueue, procoreQueue } = flow.input;
  const approved = { ...flow.ref, page: 0, planHash: plan.hash };
  await flow.decision(plan);
  const step = erpStep(erpQueue, 'write the approved batch to the ERP');
  const done = await flow.through(() => step.writePayBatches(approved));
  if (isEnded(done)) return done;
  if (done.kind === 'moved') {
    await flow.planMoved(done.reason);
    return null;
  }
  const completing = bulkStep(procoreQueue, 'close the entries in Procore');
  const completed = await flow.through(() => completing.completeEntries(approved));
  return isEnded(completed) ? completed : null;
}

/** Between two rests nothing is remembered: a long period does not make a long history. */
async function goOnAsNew(flow: RequestFlow): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  await condition(allHandlersFinished);
  const input = { ...flow.input };
  delete input.answer;
  const resume = { page: 0, written: 0, refused: 0, startedAt: flow.startedAt };
  await continueAsNew<(input: SyncRequestInput) => Promise<RequestResult>>({
    ...input,
    fetched: true,
    resume,
  });
}
