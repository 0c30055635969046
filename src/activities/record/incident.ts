import type { PageRef } from '../../domain/request/flow';
import { isTiebackError } from '../../domain/base/errors';
import type { ActivityDeps } from '../deps';

/**
 * Runs a step that acts on an approved plan. A plan that was tampered with is an incident: it is written down, and with it every approval of
 * that plan is void.
 */
export async function notingIncidents<T>(
  deps: ActivityDeps,
  input: PageRef & { readonly planHash: string },
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (isTiebackError(error) && error.code === 'PLAN_TAMPERED') {
      await deps.store.transaction('incident', input.connectionId, async (t) => {
        const incident = { planHash: input.planHash, reason: error.message };
        await t.audit.noteIncident(await t.requests.get(input), incident, deps.now());
      });
    }
    throw error;
  }
}
