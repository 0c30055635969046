import type { SyncInput } from '../plan/sync';
import { planSync } from '../plan/sync';

/**
 * Keys of the records of a page that a sync would carry, had it been told of them: asked of the planner itself, so that a sweep and a sync never
 * disagree. Left out is what was linked or unlinked in Procore and not compared since: nothing is known to have changed, and the feed owes nothing.
 */
export function untoldIn(input: SyncInput): readonly string[] {
  const { kind, links } = input;
  const owed = new Map(
    links.flatMap((link) =>
      link.kind === kind ? [[link.erpKey, link.state !== 'unlinked' && link.erp !== null] as const] : [],
    ),
  );
  const { operations, leftOut } = planSync(input);
  return [...operations, ...leftOut].flatMap(({ erpKey }) =>
    erpKey === null || owed.get(erpKey) === false ? [] : [erpKey],
  );
}
