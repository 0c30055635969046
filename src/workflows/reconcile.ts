import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ReconcileInput,
  ReconcileResult,
  ReconcileStanding,
  RequestResult,
  SyncRequestInput,
} from '../domain/request/flow';
import { PAGES_WAIT_SIGNAL, RECONCILE_STANDING_QUERY } from '../domain/request/flow';
import { paceWords } from '../domain/reconcile/pace';
import { RECONCILED, requestIdOf, workflowIdOf } from '../domain/request/id';
import { TiebackConnection, TiebackRequest, TiebackStatus } from '../temporal/search-attributes';
import { bulkStep, storeStep } from './steps';

/**
 * Brings one kind of one connection together: looks at both sides for what moved, stages it, and has a sync request work it. Rounds go on until a look
 * finds nothing more. What waits for a person waits in its request and holds up nothing here.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { connectionId, kind, procoreQueue, erpQueue, full = false } = input;
  const waits = { now: false };
  setHandler(defineSignal(PAGES_WAIT_SIGNAL), () => {
    waits.now = true;
  });
  const total = input.before ?? { read: { procore: 0, erp: 0 }, moved: { procore: 0, erp: 0 }, requests: [] };
  const read = { ...total.read };
  const moved = { ...total.moved };
  const requests = [...total.requests];
  const since = total.since ?? Date.now();
  let all = total.all ?? null;
  let now = '';
  const standing = (): ReconcileStanding => ({ read, moved, requests, now, since, all });
  setHandler(defineQuery<ReconcileStanding>(RECONCILE_STANDING_QUERY), standing);
  const show = (words: string): void => {
    now = words;
    setCurrentDetails(details(input, standing()));
  };
  for (let round = 0; ; round += 1) {
    const name = nameOf(workflowInfo().startTime, round);
    show('looking at both sides');
    const { paused, full: isAsked } = await storeStep.beginRound({ connectionId, kind });
    if (paused !== null) return { kind, read, moved, requests, problem: paused };
    const look = { connectionId, kind, name, full: isAsked || (full && round === 0) };
    let found;
    try {
      found = await Promise.all([
        bulkStep(procoreQueue, `look for ${kind} that moved in Procore`).lookProcore(look),
        bulkStep(erpQueue, `look for ${kind} that moved in the ERP`).lookErp(look),
      ]);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      return { kind, read, moved, requests, problem: error.cause?.message ?? error.message };
    }
    const [inProcore, inErp] = found;
    if (inProcore.kind !== 'looked' || inErp.kind !== 'looked') {
      const stop = inProcore.kind === 'looked' ? inErp : inProcore;
      const problem = stop.kind === 'stopped' ? stop.error.message : stop.kind === 'busy' ? stop.reason : '';
      return { kind, read, moved, requests, problem };
    }
    read.procore += inProcore.read;
    read.erp += inErp.read;
    moved.procore += inProcore.moved;
    moved.erp += inErp.moved;
    all = inErp.all ?? all;
    if (inProcore.pages + inErp.pages > 0) {
      const id = requestIdOf(RECONCILED[kind], name);
      requests.push(id);
      show(`working on ${id}`);
      waits.now = false;
      await worked({ connectionId, id, procoreQueue, erpQueue, fetched: true }, waits);
    }
    if (!inProcore.more && !inErp.more) break;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<(next: ReconcileInput) => Promise<ReconcileResult>>({
        ...input,
        full: false,
        before: { read, moved, requests, since, all },
      });
  }
  show('done');
  return { kind, read, moved, requests, problem: null };
}

/** Until the request is over, or only people can go on with it. */
async function worked(given: SyncRequestInput, waits: { readonly now: boolean }): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const started = startChild<(input: SyncRequestInput) => Promise<RequestResult>>('syncRequest', {
    workflowId: workflowIdOf(given),
    args: [{ ...given, tells: { workflowId, runId } }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    typedSearchAttributes: [
      { key: TiebackConnection, value: given.connectionId },
      { key: TiebackRequest, value: given.id },
      { key: TiebackStatus, value: 'received' },
    ],
    staticSummary: `Request ${given.id} of ${given.connectionId}: what moved on either side`,
  });
  const child = await started.catch((error: unknown) => {
    // A repair of our store was faster: the request is worked, and nobody waits for it here.
    if ((error as Error).name === 'WorkflowExecutionAlreadyStartedError') return null;
    throw error;
  });
  if (child === null) return;
  // A request that failed has its own record of it.
  const over = child.result().then(
    () => true,
    () => true,
  );
  await Promise.race([over, condition(() => waits.now)]);
}

/** To the millisecond: a run that people start may follow another one within a second, and what is closed takes nothing more. */
const nameOf = (start: Date, round: number): string =>
  `${start.toISOString().slice(0, 23)}${round === 0 ? '' : `-${round + 1}`}`;

const details = ({ connectionId, kind }: ReconcileInput, standing: ReconcileStanding): string => {
  const { read, moved, requests, now } = standing;
  const pace = paceWords(standing, Date.now());
  return [
    `**Reconcile ${kind} of ${connectionId}**: ${now}`,
    '',
    '| | ERP | Procore |',
    '| --- | --- | --- |',
    `| Read | ${read.erp} | ${read.procore} |`,
    `| Moved | ${moved.erp} | ${moved.procore} |`,
    '',
    ...(pace === '' ? [] : [`${pace}.`, '']),
    requests.length === 0 ? 'Nothing had to be done.' : `Requests: ${requests.slice(-10).join(', ')}`,
  ].join('\n');
};
