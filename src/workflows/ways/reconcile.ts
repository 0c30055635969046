import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Noun, PageApproved, PagesPlanned, PagesWritten } from '../../domain/request/flow';
import { PAGES_WAIT_SIGNAL } from '../../domain/request/flow';
import type { Ending } from '../ending';
import { isEnded } from '../ending';
import type { RequestFlow } from '../request-flow';
import { bulkStep, storeStep } from '../steps';

/** Pages up to which planning is a step of our store; more take longer than a local activity should. */
const FEW_PAGES = 3;

/**
 * Both sides, all pages in one step each: read the other side, plan, write to the ERP, write to Procore. A page that somebody must decide about waits
 * for them and holds up no other; before it is written, it is read and planned again.
 */
export async function reconcilePages(flow: RequestFlow, noun: Noun): Promise<Ending> {
  const { erpQueue, procoreQueue } = flow.input;
  const { ref } = flow;
  const erp = bulkStep(erpQueue, `read the ERP's side of the ${noun.many}`);
  const procore = bulkStep(procoreQueue, `read Procore's side of the ${noun.many}`);
  const done = { written: 0, refused: 0 };
  const askFinance: Record<number, string> = {};
  let again: readonly number[] = [];

  for (;;) {
    const standing = await storeStep.pagesOf({ ...ref, again });
    if (standing.pages === 0) break;
    if (standing.readErp) {
      const read = await flow.through(() => erp.readErpPages({ ...ref, again }));
      if (isEnded(read)) return read;
    }
    if (standing.readProcore) {
      const read = await flow.through(() => procore.readProcorePages({ ...ref, again }));
      if (isEnded(read)) return read;
    }
    const planning = standing.pages > FEW_PAGES ? bulkStep(null, `plan ${standing.pages} pages`) : storeStep;
    const planned = await planning.planPages({ ...ref, askFinance });
    if (planned.kind === 'closed') return planned;
    await flow.release(planned.released);

    const moved = await written(flow, noun, planned, done);
    if (isEnded(moved) || 'result' in moved) return moved;
    for (const { page, reason } of moved.pages) if (reason !== null) askFinance[page] = reason;
    const old = [...moved.pages.map(({ page }) => page), ...(planned.again ?? [])];
    if (old.length > 0) {
      again = old;
      continue;
    }
    const [refused] = planned.refused;
    if (refused !== undefined) {
      await tellWaiting(flow);
      const stop = await flow.parked(refused.error, true);
      if (stop) return stop;
      continue;
    }
    const [asked] = planned.asking;
    if (asked === undefined) continue;
    await tellWaiting(flow);
    const decision = await flow.decision(asked.plan, asked.page);
    if (isEnded(decision)) return decision;
    // Time went by: what was read is old, and only a plan that is still the same keeps its approval.
    again = [asked.page];
  }
  return storeStep.closeReconcile({ ...ref, status: 'applied', summary: summaryOf(noun, done) });
}

/** Who waits for the request need not wait for people. One that is over needs no word. */
async function tellWaiting({ input: { tells } }: RequestFlow): Promise<void> {
  if (tells === undefined) return;
  await getExternalWorkflowHandle(tells.workflowId, tells.runId)
    .signal(PAGES_WAIT_SIGNAL)
    .catch(() => undefined);
}

interface Moved {
  readonly pages: PagesWritten['moved'];
}

async function written(
  flow: RequestFlow,
  noun: Noun,
  { approved, toErp }: PagesPlanned,
  done: { written: number; refused: number },
): Promise<Moved | Ending> {
  const { erpQueue, procoreQueue } = flow.input;
  const moved: PagesWritten['moved'][number][] = [];
  if (toErp.length > 0) {
    const step = bulkStep(erpQueue, `write ${noun.many} to the ERP (${toErp.length} pages)`);
    const told = await flow.through(() => step.writeErpPages({ ...flow.ref, pages: toErp }));
    if (isEnded(told)) return told;
    moved.push(...told.moved);
  }
  const isStill = ({ page }: PageApproved): boolean => !moved.some((one) => one.page === page);
  const pages = approved.filter(isStill);
  if (pages.length === 0) return { pages: moved };
  const step = bulkStep(procoreQueue, `write ${noun.many} to Procore (${pages.length} pages)`);
  const told = await flow.through(() => step.writeProcorePages({ ...flow.ref, pages }));
  if (isEnded(told) || told.kind === 'closed') return told;
  await flow.release(told.released);
  done.written += told.written;
  done.refused += told.refused;
  return { pages: [...moved, ...told.moved] };
}

function summaryOf(
  { one, many }: Noun,
  { written: count, refused }: { written: number; refused: number },
): string {
  const changed =
    count === 0 ? `No ${one} had to be written` : `${count} ${count === 1 ? one : many} brought together`;
  return refused === 0 ? `${changed}.` : `${changed}; ${refused} could not be (\`tieback exceptions\`).`;
}
