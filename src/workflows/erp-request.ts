import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import type { ErpRequestInput, ErpRequestResult, Noun, RequestView } from '../domain/request/flow';
import { Ended, RequestFlow } from './request-flow';
import { erpStep, procoreStep, questionStep, storeStep } from './steps';

/**
 * One ERP request from Procore, from arrival to its closed request detail. It carries ids, hashes and sentences; the records stay in
 * our store. Procore's ERP guide: external data first, the request detail last.
 */
export async function erpRequest(input: ErpRequestInput): Promise<ErpRequestResult> {
  const flow = new RequestFlow(input);
  try {
    return await route(flow);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return await flow.close(error);
  } finally {
    await condition(allHandlersFinished);
  }
}

async function route(flow: RequestFlow): Promise<ErpRequestResult> {
  let view = await openRequest(flow);
  flow.opened(view);
  for (;;) {
    if (view.route === 'held') await flow.held(view.waits);
    // Not even closed in Procore: somebody decides, perhaps after an update of ours.
    else if (view.route === 'park' && view.error !== null) await flow.parked(view.error);
    else break;
    view = await openRequest(flow);
    flow.opened(view);
  }
  switch (view.route) {
    case 'closed':
      return flow.end(view.closedAs ?? { status: 'applied', summary: 'closed before' });
    case 'refuse':
    case 'park':
      return refuse(flow, view);
    case 'links':
      return flow.finish(await storeStep.followLinks(flow.ref));
    case 'notice':
      return followNotice(flow, view);
    case 'export':
      return exportRecords(flow);
    case 'sync':
      return syncRecords(flow, view);
    case 'refresh':
      return refreshJob(flow);
    case 'question':
      return answerQuestion(flow);
    case 'metadata':
      return sendMetadata(flow);
  }
}

async function openRequest(flow: RequestFlow): Promise<RequestView> {
  if (flow.input.fetched) return storeStep.openRequest(flow.ref);
  const fetched = await flow.through(async () => {
    const step = procoreStep(flow.input.procoreQueue, 'fetch the ERP request');
    const view = await step.fetchErpRequest(flow.ref);
    return 'kind' in view ? view : { kind: 'view' as const, view };
  });
  return fetched.view;
}

/** Nothing is dropped: what we cannot do is closed as failed with a message. */
async function refuse(flow: RequestFlow, { error }: RequestView): Promise<ErpRequestResult> {
  const summary = error?.message ?? 'This request cannot be handled.';
  return flow.close(
    new Ended({ status: 'failed', summary }, error ? [error.message, error.hint] : [summary]),
  );
}

/** Plan → approve → apply in the ERP → confirm in Procore. Whatever moves, waits or is corrected on the way leads back to the plan. */
async function exportRecords(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  let askFinance: string | null = null;
  for (;;) {
    await flow.through(() => erpStep(erpQueue, 'read what the plan needs from the ERP').readExport(flow.ref));
    const plan = await storeStep.planExport({ ...flow.ref, askFinance });
    if (plan.kind === 'refused') {
      await flow.parked(plan.error, true);
      continue;
    }
    if (plan.kind === 'held') {
      const step = procoreStep(procoreQueue, 'ask Procore what it knows of the records that are waited for');
      const learned = await flow.through(() => step.learnLinks({ ...flow.ref, waits: plan.waits }));
      if (learned.count === 0) await flow.held(plan.waits);
      continue;
    }
    if (!(await flow.approved(plan))) continue;
    const applied = await applyUntilFree(flow, plan.hash);
    if (applied.kind === 'moved') {
      await storeStep.noteStatus({ ...flow.ref, status: 'planning', reason: applied.reason });
      continue;
    }
    if (applied.kind === 'stopped') {
      // Asked once: when the ERP says the same after a person approved, the person must do more than approve.
      if (applied.error.class === 'policy' && askFinance === null) askFinance = applied.error.message;
      else await flow.parked(applied.error);
      continue;
    }
    const { summary } = applied;
    const confirmed = await flow.through(() =>
      procoreStep(procoreQueue, 'link and close in Procore').confirmExport({
        ...flow.ref,
        planHash: plan.hash,
        summary,
      }),
    );
    return flow.finish(confirmed);
  }
}

async function applyUntilFree(flow: RequestFlow, planHash: string) {
  for (let attempt = 0; ; attempt += 1) {
    const step = erpStep(flow.input.erpQueue, 'write the approved plan to the ERP');
    const applied = await step.applyExport({ ...flow.ref, planHash });
    if (applied.kind !== 'busy') return applied;
    await flow.waitBusy(applied, attempt);
  }
}

/** ERP → Procore, page by page: read, plan, write, checkpoint. One bad record never stops its page. */
async function syncRecords(flow: RequestFlow, { noun }: RequestView): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  let { page, written, refused } = flow.input.resume ?? { page: 0, written: 0, refused: 0 };
  for (; ; page += 1) {
    const here = { ...flow.ref, page };
    const read = await flow.through(() =>
      erpStep(erpQueue, `read page ${page + 1} of the ERP's ${noun.many}`).readPage(here),
    );
    const plan = await storeStep.planPage(here);
    if (plan.kind !== 'plan') throw new Error('a page is never refused as a whole');
    if (plan.by !== 'rule:nothing-to-do') {
      if (!(await flow.approved(plan, page))) {
        page -= 1;
        continue;
      }
      const step = procoreStep(
        procoreQueue,
        `write page ${page + 1} to Procore (${plan.operations} ${noun.many})`,
      );
      const done = await flow.through(() => step.applyPage({ ...here, planHash: plan.hash }));
      written += done.written;
      refused += done.refused;
      await flow.release(done.released);
    }
    if (read.last) break;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof erpRequest>({
        ...flow.input,
        fetched: true,
        resume: { page: page + 1, written, refused },
      });
    }
  }
  return closeSync(flow, noun, written, refused);
}

async function closeSync(
  flow: RequestFlow,
  { one, many }: Noun,
  written: number,
  refused: number,
): Promise<ErpRequestResult> {
  const changed =
    written === 0 ? `No ${one} changed` : `${written} ${written === 1 ? one : many} brought up to date`;
  if (refused === 0)
    return flow.close(new Ended({ status: 'applied', summary: `${changed}.` }, [`${changed}.`]));
  const problems = await procoreStep(flow.input.procoreQueue, 'list what was not taken').syncProblems(
    flow.ref,
  );
  const summary = `${changed}; ${refused} could not be carried: ${problems.slice(0, 3).join(' · ')}`;
  const more = problems.length > 20 ? [`... and ${problems.length - 20} more.`] : [];
  return flow.close(new Ended({ status: 'failed', summary }, [...problems.slice(0, 20), ...more]));
}

/** One project or sub job: read → plan → write to Procore. */
async function refreshJob(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  for (;;) {
    await flow.through(() => erpStep(erpQueue, 'read the job with its codes and costs').readJob(flow.ref));
    const plan = await storeStep.planRefresh(flow.ref);
    if (plan.kind !== 'plan') {
      const summary = plan.kind === 'refused' ? plan.error.message : 'The job cannot be refreshed.';
      return flow.close(new Ended({ status: 'failed', summary }, [summary]));
    }
    if (!(await flow.approved(plan))) continue;
    const step = procoreStep(procoreQueue, 'bring the project in Procore up to date');
    return flow.finish(await flow.through(() => step.applyRefresh({ ...flow.ref, planHash: plan.hash })));
  }
}

/** May Procore let go of a record? The ERP decides, item by item. */
async function answerQuestion(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  try {
    await flow.through(() => questionStep(erpQueue).askErp(flow.ref));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    // An open detail blocks the user ("ERP Technical Guide"): better a clear no than no answer.
    const summary = 'The state in the ERP could not be checked; try again.';
    return flow.close(new Ended({ status: 'failed', summary }, [summary]));
  }
  const step = procoreStep(procoreQueue, 'let go in Procore of what the ERP no longer has');
  return flow.finish(await flow.through(() => step.answerQuestion(flow.ref)));
}

/** Procore did its part: our links follow. Some imports do not say which record they were. */
async function followNotice(flow: RequestFlow, { mustAsk }: RequestView): Promise<ErpRequestResult> {
  if (mustAsk) {
    const step = procoreStep(flow.input.procoreQueue, 'find the imported record');
    await flow.through(() => step.findImported(flow.ref));
  }
  return flow.finish(await storeStep.followNotice(flow.ref));
}

async function sendMetadata(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  await flow.through(() => erpStep(erpQueue, "read the ERP's fields and limits").readMetadata(flow.ref));
  const step = procoreStep(procoreQueue, 'send the metadata configuration');
  return flow.finish(await flow.through(() => step.sendMetadata(flow.ref)));
}
