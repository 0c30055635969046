import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Noun, RequestResult, SyncRequestInput, PlanningView } from '../../domain/request/flow';
import type { Ending } from '../ending';
import { ended, isEnded } from '../ending';
import type { RequestFlow } from '../request-flow';
import { erpStep, procoreStep, storeStep } from '../steps';

/** How far a sync got. */
interface Progress {
  readonly written: number;
  readonly refused: number;
}

/** ERP → Procore, page by page: read, plan, write, checkpoint. One bad record never stops its page. */
export async function syncPages(flow: RequestFlow, noun: Noun): Promise<Ending> {
  const start = flow.input.resume ?? { page: 0, written: 0, refused: 0 };
  let progress: Progress = start;
  for (let page = start.page; ; page += 1) {
    const done = await syncPage(flow, noun, page);
    if (isEnded(done) || 'result' in done) return done;
    progress = {
      written: progress.written + done.written,
      refused: progress.refused + done.refused,
    };
    if (done.last) return closing(flow, noun, progress);
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      const resume = { page: page + 1, ...progress, startedAt: flow.startedAt };
      const input = { ...flow.input };
      delete input.answer;
      await continueAsNew<(input: SyncRequestInput) => Promise<RequestResult>>({
        ...input,
        fetched: true,
        resume,
      });
    }
  }
}

/** One page, until it is written; it is read and planned again when somebody corrected something. */
async function syncPage(
  flow: RequestFlow,
  noun: Noun,
  page: number,
): Promise<(Progress & { readonly last: boolean }) | Ending> {
  const { procoreQueue, erpQueue } = flow.input;
  const here = { ...flow.ref, page, way: 'sync' as const };
  let askFinance: string | null = null;
  for (;;) {
    const reading = erpStep(erpQueue, `read page ${page + 1} of the ERP's ${noun.many}`);
    const read = await flow.through(() => reading.readErp(here));
    if (isEnded(read)) return read;

    const plan: PlanningView = await storeStep.planPage({ ...here, askFinance });
    switch (plan.kind) {
      case 'closed':
        return plan;
      case 'done':
        await flow.release(plan.released);
        return { written: plan.written, refused: plan.refused, last: read.last };
      case 'refused': {
        const stop = await flow.parked(plan.error, true);
        if (stop) return stop;
        continue;
      }
      case 'plan':
        break;
      default:
        throw new Error(`a page is never ${plan.kind} as a whole`);
    }

    const decision = await flow.decision(plan, page);
    if (isEnded(decision)) return decision;
    if (decision === 'again') continue;

    const summary = `write page ${page + 1} to Procore (${plan.operations} ${plan.operations === 1 ? noun.one : noun.many})`;
    const writing = procoreStep(procoreQueue, summary);
    const told = await flow.through(() =>
      writing.writeProcore({ ...here, planHash: plan.hash, summary: null }),
    );
    if (isEnded(told) || told.kind === 'closed') return told;
    if (told.kind === 'moved') {
      askFinance = await flow.planMoved(told.reason);
      continue;
    }
    await flow.release(told.released);
    return { written: told.written, refused: told.refused, last: read.last };
  }
}

async function closing(
  flow: RequestFlow,
  { one, many }: Noun,
  { written, refused }: Progress,
): Promise<Ending> {
  const changed =
    written === 0 ? `No ${one} changed` : `${written} ${written === 1 ? one : many} brought up to date`;
  if (refused === 0) return ended({ status: 'applied', summary: `${changed}.` }, []);
  const problems = await storeStep.problemsOf(flow.ref);
  const summary = `${changed}; ${refused} could not be carried: ${problems.slice(0, 3).join(' · ')}`;
  return ended({ status: 'failed', summary }, problems);
}
