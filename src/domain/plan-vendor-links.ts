import type { ErpRequestIntent, ProcoreId } from './erp-request';
import { erpKeyOfOriginId, operationKeyOf, originIdOf, recordIdOf } from './identity';
import type { LeftOut, OperationAction, Plan, PlannedOperation } from './plan';
import { sealPlan } from './plan';
import type { RecordLink } from './record-link';

type LinkIntent = Extract<
  ErpRequestIntent,
  { kind: 'vendors_linked' | 'vendors_merged' | 'vendor_unlinked' }
>;

export interface VendorLinksInput {
  readonly connectionId: string;
  readonly intent: LinkIntent;
  /** Links of every ERP key and Procore id that the request names, in any state. */
  readonly links: readonly RecordLink[];
}

interface LinkChange {
  readonly action: Extract<OperationAction, 'link' | 'unlink' | 'merge'>;
  readonly target: string;
  readonly next: RecordLink;
  readonly old: RecordLink | null;
}

/**
 * Plans how our record links follow what Procore already did: import, link, merge, unlink. Writes to no other side. What is already
 * so is left alone, so a repeated notice changes nothing.
 */
export function planVendorLinks({ connectionId, intent, links }: VendorLinksInput): Plan {
  const leftOut: LeftOut[] = [];
  const changes =
    intent.kind === 'vendors_linked'
      ? intent.vendors.flatMap((vendor) => linkOne(vendor, intent.how, links, leftOut))
      : intent.kind === 'vendors_merged'
        ? mergeAll(intent, links, leftOut)
        : unlinkOne(intent.vendor.procoreId, links);
  const real = changes.filter(({ old, next }) => old === null || !sameLink(old, next));
  return sealPlan({
    subject: subjectOf(intent),
    operations: real.map((item, index) => toOperation(connectionId, item, index + 1)),
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: changes.length - real.length,
  });
}

function linkOne(
  { procoreId, originId }: { procoreId: ProcoreId; originId: string },
  how: 'imported' | 'linked',
  links: readonly RecordLink[],
  leftOut: LeftOut[],
): LinkChange[] {
  const erpKey = erpKeyOfOriginId('vendor', originId);
  if (erpKey === null) {
    const reason = `origin_id "${originId}" is not one of ours (expected "vendor|<group>|<number>"): another integration may own it.`;
    leftOut.push({ recordId: recordIdOf('vendor', procoreId), erpKey: null, reason });
    return [];
  }
  const byKey = links.find((link) => link.erpKey === erpKey) ?? null;
  if (byKey?.state === 'linked' && byKey.procoreId === procoreId)
    return [{ action: 'link', target: '', next: byKey, old: byKey }];
  const before = links.filter(
    (link) => link.procoreId === procoreId && link.erpKey !== erpKey && link.state === 'linked',
  );
  const next: RecordLink = {
    entity: 'vendor',
    erpKey,
    procoreId,
    state: 'linked',
    generation: (byKey?.generation ?? 0) + 1,
    // Imported from staged data: Procore holds exactly that. Linked to a company that was there: never compared, so no base.
    base: how === 'imported' ? (byKey?.base ?? null) : null,
    baseRevision: how === 'imported' ? (byKey?.baseRevision ?? null) : null,
  };
  return [
    ...before.map((link): LinkChange => ({
      action: 'unlink',
      target: `ERP vendor ${link.erpKey}`,
      old: link,
      next: { ...link, state: 'unlinked', generation: link.generation + 1 },
    })),
    { action: 'link', target: `ERP vendor ${erpKey}`, old: byKey, next },
  ];
}

function mergeAll(
  { master, sources }: Extract<LinkIntent, { kind: 'vendors_merged' }>,
  links: readonly RecordLink[],
  leftOut: LeftOut[],
): LinkChange[] {
  const linkedTo = (procoreId: ProcoreId): RecordLink | undefined =>
    links.find((link) => link.procoreId === procoreId && link.state === 'linked');
  const changes: LinkChange[] = [];
  let masterKey = linkedTo(master.procoreId)?.erpKey ?? null;
  if (masterKey === null && master.originId !== null) {
    const linked = linkOne(
      { procoreId: master.procoreId, originId: master.originId },
      'linked',
      links,
      leftOut,
    );
    changes.push(...linked);
    masterKey = linked.find(({ action }) => action === 'link')?.next.erpKey ?? null;
  }
  for (const source of sources) {
    const link = linkedTo(source.procoreId);
    // Already re-pointed as the master's own link above.
    if (!link || link.erpKey === masterKey) continue;
    const generation = link.generation + 1;
    if (masterKey === null) {
      masterKey = link.erpKey;
      changes.push({
        action: 'merge',
        target: `ERP vendor ${link.erpKey} to company ${master.procoreId}`,
        old: link,
        next: { ...link, procoreId: master.procoreId, generation, base: null, baseRevision: null },
      });
    } else {
      changes.push({
        action: 'merge',
        target: `ERP vendor ${link.erpKey} (its company was merged into ${master.procoreId}, tied to ${masterKey})`,
        old: link,
        next: { ...link, state: 'merged', generation },
      });
    }
  }
  return changes;
}

const unlinkOne = (procoreId: ProcoreId, links: readonly RecordLink[]): LinkChange[] =>
  links
    .filter((link) => link.procoreId === procoreId && link.state === 'linked')
    .map((link) => ({
      action: 'unlink',
      target: `ERP vendor ${link.erpKey}`,
      old: link,
      next: { ...link, state: 'unlinked', generation: link.generation + 1, base: null, baseRevision: null },
    }));

const sameLink = (a: RecordLink, b: RecordLink): boolean =>
  a.state === b.state && a.procoreId === b.procoreId;

function toOperation(
  connectionId: string,
  { action, target, next, old }: LinkChange,
  seq: number,
): PlannedOperation {
  const recordId = recordIdOf('vendor', next.procoreId ?? `erp:${next.erpKey}`);
  const targetRevision = next.baseRevision ?? 'none';
  return {
    seq,
    side: 'tieback',
    action,
    entity: 'vendor',
    recordId,
    target,
    erpKey: next.erpKey,
    procoreId: next.procoreId,
    generation: next.generation,
    targetRevision,
    operationKey: `${operationKeyOf({ connectionId, recordId: `vendor/erp:${next.erpKey}`, generation: next.generation, targetRevision })}:link`,
    changes: [
      { field: 'state', label: 'Link', old: old?.state ?? null, new: next.state },
      {
        field: 'procore_id',
        label: 'Procore company',
        old: old?.procoreId?.toString() ?? null,
        new: next.procoreId?.toString() ?? null,
      },
      {
        field: 'origin_id',
        label: 'ERP link',
        old: old ? originIdOf('vendor', old.erpKey) : null,
        new: originIdOf('vendor', next.erpKey),
      },
    ],
    record: next.base,
    link: next,
  };
}

function subjectOf(intent: LinkIntent): string {
  if (intent.kind === 'vendors_linked') {
    const verb = intent.how === 'imported' ? 'imported' : 'linked';
    return intent.vendors.length === 1
      ? `company ${intent.vendors[0]?.procoreId ?? ''} ${verb}`
      : `${intent.vendors.length} companies ${verb}`;
  }
  if (intent.kind === 'vendors_merged')
    return `${intent.sources.length} companies merged into ${intent.master.procoreId}`;
  return `company ${intent.vendor.procoreId} unlinked`;
}
