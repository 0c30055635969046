import { actingAs } from '../people/decision';
import type { AuditEntry } from './chain';

/**
 * One entry more for every account of the machine that did something in the name of a person, by request and plan: nobody has to know how the actor of the others
 * is written to find them all.
 */
export function breakGlassIn(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  const told = new Map<string, AuditEntry>();
  for (const entry of entries) {
    const { at, actor, action, subject, requestId, planHash, workflowId } = entry;
    const acting = actingAs(actor);
    if (acting === null) continue;
    const key = JSON.stringify([actor, requestId ?? subject, planHash]);
    const did = [...new Set([...((told.get(key)?.detail['did'] ?? []) as readonly string[]), action])];
    told.set(key, {
      ...{ at, actor, subject, requestId, planHash, workflowId },
      action: 'breakglass.used',
      detail: { ...acting, did },
    });
  }
  return [...told.values()];
}
