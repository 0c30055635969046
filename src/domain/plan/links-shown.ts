import type { Kind } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';

/** What ties a record, as Procore shows it now. */
export interface ShownTie {
  readonly kind: Kind;
  readonly procoreId: ProcoreId;
  /** The ERP record in its `origin_id`; null: nothing ties it. */
  readonly erpKey: string | null;
  readonly projectId?: ProcoreId | null;
  /** Of the write that led to it, as the ERP's ledger tells; absent: it tells none. */
  readonly generation?: number;
}

/**
 * How our links move where nobody knows what happened, only what Procore shows now. `links`: of all that is shown, by either key, in any state.
 * A record that is tied gets its link; what the sides held is not known, so that the shadows stay empty until they are compared. A link in force
 * to another record gives way only where that other one is shown, too, and has no tie. `letsGo`: what has no tie loses its link; without it,
 * links only come. Pure.
 */
export function linksShown(
  links: readonly RecordLink[],
  shown: readonly ShownTie[],
  letsGo: boolean,
): readonly RecordLink[] {
  const moved: RecordLink[] = [];
  const untied = shown.filter(({ erpKey }) => erpKey === null);
  const isUntied = ({ kind, procoreId }: RecordLink): boolean =>
    untied.some((tie) => tie.kind === kind && tie.procoreId === procoreId);
  const inForce = links.filter(({ state }) => state === 'linked');
  for (const { generation = 0, ...tie } of shown) {
    const own = inForce.find(({ kind, procoreId }) => kind === tie.kind && procoreId === tie.procoreId);
    if (tie.erpKey === null || own?.erpKey === tie.erpKey) continue;
    const ofKey = links.filter(({ kind, erpKey }) => kind === tie.kind && erpKey === tie.erpKey);
    const known = ofKey.find(({ state }) => state === 'linked') ?? ofKey[0];
    const isOthers = known?.state === 'linked' && !(letsGo && isUntied(known));
    // Without proof that it was let go, a link in force stays.
    if (isOthers || (own !== undefined && !letsGo)) continue;
    if (own !== undefined) moved.push(unlinked(own));
    const nothing = { procore: null, erp: null, erpRevision: null };
    const next = Math.max(generation, (known?.generation ?? 0) + 1);
    const { erpKey } = tie;
    moved.push({ ...nothing, ...known, ...tie, erpKey, state: 'linked', generation: next });
  }
  if (!letsGo) return moved;
  const taken = new Set(moved.map(({ id }) => id));
  return [...moved, ...inForce.filter((link) => isUntied(link) && !taken.has(link.id)).map(unlinked)];
}

const unlinked = (link: RecordLink): RecordLink => ({
  ...link,
  state: 'unlinked',
  generation: link.generation + 1,
});
