import { planSync, type SyncInput } from '../plan/sync';

/**
 * Keys of the records of a page that a sync would carry, had it been told of them: asked of the planner itself, so that a sweep and a sync never
 * disagree. A record that was unlinked in Procore is left out: it did not change, and its feed owes nothing.
 */
export function untoldIn(input: SyncInput): readonly string[] {
  const { kind, links } = input;
  const unlinked = new Set(
    links.flatMap((link) => (link.kind === kind && link.state === 'unlinked' ? [link.erpKey] : [])),
  );
  const { operations, leftOut } = planSync(input);
  return [...operations, ...leftOut].flatMap(({ erpKey }) =>
    erpKey === null || unlinked.has(erpKey) ? [] : [erpKey],
  );
}
