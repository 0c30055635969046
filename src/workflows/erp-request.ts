import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ErpRequestInput, ErpRequestResult, RequestView } from '../domain/request-flow';
import { Ended, RequestFlow } from './request-flow';
import { erpStep, procoreStep, storeStep } from './steps';

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
  while (view.route === 'park' && view.error !== null) {
    // Not even closed in Procore: somebody decides, perhaps after an update of ours.
    await flow.parked(view.error);
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
      return flow.end(await storeStep.followLinks(flow.ref));
    case 'export':
      return exportVendor(flow);
    case 'sync':
      return syncVendors(flow);
  }
}

async function openRequest(flow: RequestFlow): Promise<RequestView> {
  if (flow.input.fetched) return storeStep.openRequest(flow.ref);
  const fetched = await flow.through(async () => {
    const view = await procoreStep(flow.input.procoreQueue, 'fetch the ERP request').fetchErpRequest(
      flow.ref,
    );
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

/** Plan → approve → apply in the ERP → confirm in Procore. Whatever moves or is corrected on the way leads back to the plan. */
async function exportVendor(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  let askFinance: string | null = null;
  for (;;) {
    await flow.through(() => erpStep(erpQueue, 'read the vendor in the ERP').readVendorExport(flow.ref));
    const plan = await storeStep.planVendorExport({ ...flow.ref, askFinance });
    if (plan.kind === 'refused') {
      await flow.parked(plan.error, true);
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
      procoreStep(procoreQueue, 'link and close in Procore').confirmVendorExport({
        ...flow.ref,
        planHash: plan.hash,
        summary,
      }),
    );
    return flow.end({ status: 'applied', summary: confirmed.summary });
  }
}

async function applyUntilFree(flow: RequestFlow, planHash: string) {
  for (let attempt = 0; ; attempt += 1) {
    const step = erpStep(flow.input.erpQueue, 'write the approved plan to the ERP');
    const applied = await step.applyVendorExport({ ...flow.ref, planHash });
    if (applied.kind !== 'busy') return applied;
    await flow.waitBusy(applied, attempt);
  }
}

/** ERP → Procore, page by page: read, plan, write, checkpoint. One bad record never stops its page. */
async function syncVendors(flow: RequestFlow): Promise<ErpRequestResult> {
  const { procoreQueue, erpQueue } = flow.input;
  let { page, written, refused } = flow.input.resume ?? { page: 0, written: 0, refused: 0 };
  for (; ; page += 1) {
    const here = { ...flow.ref, page };
    const read = await flow.through(() =>
      erpStep(erpQueue, `read page ${page + 1} of the ERP's vendors`).readVendorPage(here),
    );
    const plan = await storeStep.planVendorPage(here);
    if (plan.kind === 'refused') throw new Error('a page is never refused as a whole');
    if (plan.operations > 0 || read.records > plan.operations) {
      if (plan.by !== 'rule:nothing-to-do') {
        if (!(await flow.approved(plan, page))) {
          page -= 1;
          continue;
        }
        const step = procoreStep(
          procoreQueue,
          `write page ${page + 1} to Procore (${plan.operations} vendors)`,
        );
        const done = await flow.through(() => step.applyVendorPage({ ...here, planHash: plan.hash }));
        written += done.written;
        refused += done.refused;
      }
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
  return closeSync(flow, written, refused);
}

async function closeSync(flow: RequestFlow, written: number, refused: number): Promise<ErpRequestResult> {
  const changed =
    written === 0 ? 'No vendor changed' : `${written} vendor${written === 1 ? '' : 's'} brought up to date`;
  if (refused === 0)
    return flow.close(new Ended({ status: 'applied', summary: `${changed}.` }, [`${changed}.`]));
  const problems = await procoreStep(flow.input.procoreQueue, 'list what was not taken').syncProblems(
    flow.ref,
  );
  const summary = `${changed}; ${refused} could not be carried: ${problems.slice(0, 3).join(' · ')}`;
  const more = problems.length > 20 ? [`... and ${problems.length - 20} more.`] : [];
  return flow.close(new Ended({ status: 'failed', summary }, [...problems.slice(0, 20), ...more]));
}
