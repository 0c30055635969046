import { requestWords } from '../domain/request/id';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import type { CurrentPlan } from './dossier';
import { DeskRefusal } from './refusal';

/**
 * Nobody is shown, and nobody approves, a plan that was changed after it was built. Writes the incident down, which voids every approval of it.
 * Throws `DeskRefusal` `PLAN_TAMPERED`.
 */
export async function assertGenuine(
  store: Store,
  request: SyncRequestRow,
  current: CurrentPlan | null,
  now: string,
): Promise<void> {
  if (current === null || current.tampered === null) return;
  const { plan, tampered } = current;
  await store.transaction('desk.incident', request.connectionId, (t) =>
    t.audit.noteIncident(request, { planHash: plan.hash, reason: tampered }, now),
  );
  throw new DeskRefusal(
    'PLAN_TAMPERED',
    `The plan of ${requestWords(request.id)} is not shown and cannot be approved: ${tampered}.`,
    'Somebody changed our store past Tieback. Run `tieback audit verify` and find out who; `tieback retry` builds the plan again.',
  );
}
