import { ActivityFailure } from '@temporalio/workflow';
import type { PlanningView } from '../../domain/request/flow';
import type { Way } from '../../domain/request/intent';
import { inProcore } from '../../domain/request/procore-words';
import type { Ended, Ending } from '../ending';
import { ended, isEnded } from '../ending';
import type { RequestFlow } from '../request-flow';
import { erpStep, procoreStep, releaseStep, storeStep } from '../steps';

/** The ways that read once, plan once and tell Procore once. */
type InOneGo = Exclude<Way, 'export' | 'sync' | 'reconcile' | 'payroll'>;

/** What people read in the Web UI about each step. */
const STEPS: Readonly<Record<InOneGo, { erp?: string; procore: string; tell: string }>> = {
  refresh: {
    erp: 'read the job with its codes and costs',
    procore: '',
    tell: 'bring the project in Procore up to date',
  },
  release: {
    erp: 'ask the ERP whether the records are still there',
    procore: 'list the lines of the records in Procore',
    tell: 'let go in Procore of what the ERP no longer has',
  },
  links: { procore: 'find the imported record', tell: 'record the links' },
  metadata: {
    erp: "read the ERP's fields and limits",
    procore: '',
    tell: 'send the metadata configuration',
  },
};

/** Read → plan → approve → tell Procore. What moves nothing but our own links is over with the plan. */
export async function inOneGo(
  flow: RequestFlow,
  { way, mustAsk }: { readonly way: InOneGo; readonly mustAsk: boolean },
): Promise<Ending> {
  const { procoreQueue, erpQueue } = flow.input;
  const here = { ...flow.ref, page: 0, way };
  const words = STEPS[way];
  let askFinance: string | null = null;
  for (;;) {
    let asks = mustAsk;
    if (words.erp !== undefined) {
      const step = way === 'release' ? releaseStep(erpQueue) : erpStep(erpQueue, words.erp);
      const read = await patiently(way, () => flow.through(() => step.readErp(here)));
      if (isEnded(read)) return read;
      asks = read.mustAsk;
    }
    if (asks) {
      const asked = await flow.through(() => procoreStep(procoreQueue, words.procore).readProcore(here));
      if (isEnded(asked)) return asked;
    }

    const plan: PlanningView = await storeStep.planPage({ ...here, askFinance });
    switch (plan.kind) {
      case 'closed':
        return plan;
      case 'gone':
        return ended({ status: 'failed', summary: plan.error.message }, [inProcore(plan.error)]);
      case 'refused': {
        const stop = await flow.parked(plan.error, true);
        if (stop) return stop;
        continue;
      }
      case 'plan':
        break;
      default:
        throw new Error(`a ${way} is never ${plan.kind}`);
    }

    const decision = await flow.decision(plan);
    if (isEnded(decision)) return decision;
    if (decision === 'again') continue;

    const telling = procoreStep(procoreQueue, words.tell);
    const told = await flow.through(() =>
      telling.writeProcore({ ...here, planHash: plan.hash, summary: null }),
    );
    if (isEnded(told) || told.kind === 'closed') return told;
    if (told.kind === 'moved') {
      askFinance = await flow.planMoved(told.reason);
      continue;
    }
    throw new Error(`a ${way} is closed with what it tells Procore`);
  }
}

/** An open detail blocks the user ("ERP Technical Guide"): better a clear no than no answer. */
async function patiently<T>(way: InOneGo, read: () => Promise<T>): Promise<T | Ended> {
  try {
    return await read();
  } catch (error) {
    if (way !== 'release' || !(error instanceof ActivityFailure)) throw error;
    const summary = 'The state in the ERP could not be checked.';
    return ended({ status: 'failed', summary }, [summary]);
  }
}
