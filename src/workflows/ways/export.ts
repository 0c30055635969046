import { patched } from '@temporalio/workflow';
import type { PlanningView } from '../../domain/request/flow';
import { LOOK_AGAIN_MS } from '../../domain/request/flow';
import type { Ending } from '../ending';
import { ended, isEnded } from '../ending';
import type { RequestFlow } from '../request-flow';
import { erpStep, procoreStep, storeStep } from '../steps';

/** Plan → approve → apply in the ERP → confirm in Procore. Whatever moves, waits or is corrected on the way leads back to the plan. */
export async function exportRecords(flow: RequestFlow, mustAsk: boolean): Promise<Ending> {
  const { procoreQueue, erpQueue } = flow.input;
  const here = { ...flow.ref, page: 0, way: 'export' as const };
  let askFinance: string | null = null;
  let looks: { readonly hasWaited: boolean } | null = mustAsk ? { hasWaited: false } : null;
  let lookedAt = flow.startedAt;
  for (;;) {
    if (looks !== null || Date.now() - lookedAt >= LOOK_AGAIN_MS) {
      const again = { ...flow.ref, hasWaited: looks?.hasWaited ?? true };
      const asking = procoreStep(procoreQueue, 'ask Procore what it says now about what was sent');
      const looked = await flow.through(() => asking.lookAgain(again));
      if (isEnded(looked)) return looked;
      looks = null;
      lookedAt = Date.now();
    }
    const reading = erpStep(erpQueue, 'read what the plan needs from the ERP');
    const read = await flow.through(() => reading.readErp(here));
    if (isEnded(read)) return read;

    const plan: PlanningView = await storeStep.planPage({ ...here, askFinance });
    if (plan.kind === 'closed') return plan;
    if (plan.kind === 'refused') {
      const stop = await flow.parked(plan.error, true);
      if (stop) return stop;
      // Who tries again may have corrected the record in Procore.
      if (patched('look-again')) looks = { hasWaited: true };
      continue;
    }
    if (plan.kind === 'held') {
      const asking = procoreStep(
        procoreQueue,
        'ask Procore what it knows of the records that are waited for',
      );
      const learned = await flow.through(() => asking.learnLinks(flow.ref));
      if (isEnded(learned)) return learned;
      const stop = learned.count === 0 ? await flow.held(plan.waits) : null;
      if (stop) return stop;
      continue;
    }
    if (plan.kind !== 'plan') throw new Error(`an export is never ${plan.kind}`);

    if (plan.mustCount) {
      const counting = procoreStep(procoreQueue, 'count whose origin_ids stand in Procore');
      const counted = await flow.through(() => counting.countOrigins(flow.ref));
      if (isEnded(counted)) return counted;
    }

    const decision = await flow.decision(plan);
    if (isEnded(decision)) return decision;
    if (decision === 'again') continue;

    const approved = { ...here, planHash: plan.hash };
    const applied = await applyUntilFree(flow, approved);
    if (isEnded(applied)) return applied;
    if (applied.kind === 'moved') {
      await flow.planMoved(applied.reason);
      continue;
    }
    if (applied.kind === 'stopped') {
      // Asked once: when the ERP says the same after a person approved, the person must do more than approve.
      if (applied.error.class === 'policy' && askFinance === null) {
        askFinance = applied.error.message;
        continue;
      }
      const stop = await flow.parked(applied.error);
      if (stop) return stop;
      if (patched('look-again')) looks = { hasWaited: true };
      continue;
    }

    const telling = procoreStep(procoreQueue, 'link and close in Procore');
    const told = await flow.through(() => telling.writeProcore({ ...approved, summary: applied.summary }));
    if (isEnded(told) || told.kind === 'closed') return told;
    if (told.kind === 'moved') {
      askFinance = await flow.planMoved(told.reason);
      continue;
    }
    return ended({ status: 'failed', summary: 'The export was told to Procore, but not closed.' }, []);
  }
}

async function applyUntilFree(
  flow: RequestFlow,
  approved: Parameters<ReturnType<typeof erpStep>['writeErp']>[0],
) {
  for (let attempt = 0; ; attempt += 1) {
    const applied = await erpStep(flow.input.erpQueue, 'write the approved plan to the ERP').writeErp(
      approved,
    );
    if (applied.kind !== 'busy') return applied;
    const stop = await flow.waitBusy(applied, attempt);
    if (stop) return stop;
  }
}
