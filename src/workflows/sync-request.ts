import { allHandlersFinished, ApplicationFailure, condition, patched } from '@temporalio/workflow';
import { inProcore } from '../domain/request/procore-words';
import type { RequestResult, RequestView, SyncRequestInput } from '../domain/request/flow';
import { REQUEST_FAILED } from '../domain/request/flow';
import type { Ending } from './ending';
import { ended, isEnded } from './ending';
import { RequestFlow } from './request-flow';
import { erpStep, procoreStep, storeStep } from './steps';
import { exportRecords } from './ways/export';
import { inOneGo } from './ways/in-one-go';
import { workPeriod } from './ways/payroll';
import { reconcilePages } from './ways/reconcile';
import { syncPages } from './ways/sync';

/**
 * One sync request, from arrival to its closed request detail. It carries ids, hashes and sentences; the records stay in our store.
 * Procore's ERP guide: external data first, the request detail last.
 */
export async function syncRequest(input: SyncRequestInput): Promise<RequestResult> {
  const flow = new RequestFlow(input);
  try {
    return shownAs(await flow.finish(await work(flow)));
  } finally {
    await condition(allHandlersFinished);
  }
}

/** A request that failed is a workflow that failed: the list of the Web UI shows it without a look inside. */
function shownAs(result: RequestResult): RequestResult {
  if (result.status !== 'failed' || !patched('failed-is-failed')) return result;
  const failure = ApplicationFailure.create({
    message: result.summary,
    type: REQUEST_FAILED,
    nonRetryable: true,
    category: 'BENIGN',
    details: [result],
  });
  // Nothing of ours broke, so nobody should look for the line.
  failure.stack = '';
  throw failure;
}

async function work(flow: RequestFlow): Promise<Ending> {
  const view = await opened(flow);
  if (isEnded(view)) return view;
  const { next } = view;
  switch (next.kind) {
    case 'closed':
      return { kind: 'closed', result: next.as, released: next.released ?? [] };
    case 'adopt':
      return erpStep(
        flow.input.erpQueue,
        'take over what the ERP knows of a request that Procore shows as closed',
      ).adoptRequest(flow.ref);
    case 'refuse':
      // Nothing is dropped: what we cannot do is closed as failed with a message.
      return ended({ status: 'failed', summary: next.error.message }, [inProcore(next.error)]);
    case 'work':
      break;
  }
  const { way, mustAsk } = next;
  switch (way) {
    case 'export':
      return exportRecords(flow, mustAsk);
    case 'sync':
      return syncPages(flow, view.noun);
    case 'reconcile':
      return reconcilePages(flow, view.noun);
    case 'payroll':
      return workPeriod(flow);
    default:
      return inOneGo(flow, { way, mustAsk });
  }
}

type Opened = RequestView & {
  readonly next: Exclude<RequestView['next'], { kind: 'held' | 'park' }>;
};

/** Opens the request; it may have to wait for an earlier one first, or for a person who says what to do with it. */
async function opened(flow: RequestFlow): Promise<Opened | Extract<Ending, { kind: 'ended' }>> {
  for (let isFirst = true; ; isFirst = false) {
    const view = await open(flow);
    if (isEnded(view)) return view;
    flow.opened(view);
    const { next } = view;
    const answered = isFirst && next.kind !== 'closed' ? await flow.answered() : null;
    if (answered) return answered;
    const stop =
      next.kind === 'held'
        ? await flow.held(next.waits)
        : next.kind === 'park'
          ? await flow.parked(next.error)
          : null;
    if (stop) return stop;
    if (next.kind !== 'held' && next.kind !== 'park') return { ...view, next };
  }
}

async function open(flow: RequestFlow): Promise<RequestView | Extract<Ending, { kind: 'ended' }>> {
  if (flow.input.fetched) return storeStep.openRequest(flow.ref);
  const step = procoreStep(flow.input.procoreQueue, 'fetch the request');
  const fetched = await flow.through(() => step.fetchRequest(flow.ref));
  return isEnded(fetched) ? fetched : fetched.view;
}
