import type { ErpRequestIntent, ProcoreId } from '../request/intent';
import { erpKeyOfOriginId, operationKeyOf, originIdOf, recordIdOf } from '../base/identity';
import type { LeftOut, OperationAction, Plan, PlannedOperation } from './plan';
import { sealPlan } from './plan';
import type { RecordLink } from '../kinds/record-link';
import { shorten } from '../base/text';
import type { Vendor } from '../kinds/vendor';

type LinkIntent = Extract<
  ErpRequestIntent,
  { kind: 'vendors_linked' | 'vendors_merged' | 'vendor_unlinked' }
>;

export interface VendorLinksInput {
  readonly connectionId: string;
  readonly intent: LinkIntent;
  /** Links of every ERP key and Procore id that the request names, in any state. */
  readonly links: readonly RecordLink<Vendor>[];
}

interface LinkChange {
  readonly action: Extract<OperationAction, 'link' | 'unlink' | 'merge'>;
  readonly target: string;
  readonly next: RecordLink<Vendor>;
  readonly old: RecordLink<Vendor> | null;
}

/**
 * Plans how our record links follow what Procore already did: import, link, merge, unlink. Writes to no other side. What is already
 * so is left alone, so a repeated notice changes nothing.
 */
export function planVendorLinks({ connectionId, intent, links }: VendorLinksInput): Plan<Vendor> {
  const ledger = new LinkLedger(links);
  switch (intent.kind) {
    case 'vendors_linked':
      for (const vendor of intent.vendors) linkOne(ledger, vendor, intent.how);
      break;
    case 'vendors_merged':
      mergeAll(ledger, intent);
      break;
    case 'vendor_unlinked':
      unlinkOne(ledger, intent.vendor.procoreId);
  }
  return sealPlan({
    subject: subjectOf(intent),
    operations: ledger.changes.map((item, index) => toOperation(connectionId, item, index + 1)),
    warnings: [],
    notes: [],
    facts: {},
    leftOut: ledger.leftOut,
    unchanged: ledger.unchanged,
  });
}

/** The links as they stand after the changes so far: one notice may name a company or an ERP record more than once. */
class LinkLedger {
  readonly changes: LinkChange[] = [];
  readonly leftOut: LeftOut[] = [];
  unchanged = 0;
  private readonly links: Map<string, RecordLink<Vendor>>;

  constructor(links: readonly RecordLink<Vendor>[]) {
    this.links = new Map(links.map((link) => [link.erpKey, link]));
  }

  byKey(erpKey: string): RecordLink<Vendor> | null {
    return this.links.get(erpKey) ?? null;
  }

  linkedTo(procoreId: ProcoreId): RecordLink<Vendor> | null {
    const all = [...this.links.values()];
    return all.find((link) => link.procoreId === procoreId && link.state === 'linked') ?? null;
  }

  move(action: LinkChange['action'], target: string, next: Omit<RecordLink<Vendor>, 'generation'>): void {
    const old = this.byKey(next.erpKey);
    const moved = { ...next, generation: (old?.generation ?? 0) + 1 };
    this.links.set(next.erpKey, moved);
    this.changes.push({ action, target, next: moved, old });
  }
}

function linkOne(
  ledger: LinkLedger,
  { procoreId, originId }: { procoreId: ProcoreId; originId: string },
  how: 'imported' | 'linked',
): void {
  const erpKey = erpKeyOfOriginId('vendor', originId);
  if (erpKey === null) {
    const reason = `origin_id "${shorten(originId, 100)}" is not one of ours (expected "vendor|<group>|<number>"): another integration may own it.`;
    ledger.leftOut.push({ recordId: recordIdOf('vendor', procoreId), erpKey: null, reason });
    return;
  }
  const current = ledger.byKey(erpKey);
  if (current?.state === 'linked' && current.procoreId === procoreId) {
    ledger.unchanged += 1;
    return;
  }
  const before = ledger.linkedTo(procoreId);
  if (before) ledger.move('unlink', `ERP vendor ${before.erpKey}`, { ...before, state: 'unlinked' });
  ledger.move('link', `ERP vendor ${erpKey}`, {
    entity: 'vendor',
    erpKey,
    procoreId,
    state: 'linked',
    // Imported from staged data: Procore holds exactly that. Linked to a company that was there: never compared, so no base.
    base: how === 'imported' ? (current?.base ?? null) : null,
    baseRevision: how === 'imported' ? (current?.baseRevision ?? null) : null,
  });
}

function mergeAll(
  ledger: LinkLedger,
  { master, sources }: Extract<LinkIntent, { kind: 'vendors_merged' }>,
): void {
  if (ledger.linkedTo(master.procoreId) === null && master.originId !== null) {
    linkOne(ledger, { procoreId: master.procoreId, originId: master.originId }, 'linked');
  }
  for (const source of sources) {
    const link = ledger.linkedTo(source.procoreId);
    if (!link || source.procoreId === master.procoreId) continue;
    const masterKey = ledger.linkedTo(master.procoreId)?.erpKey ?? null;
    if (masterKey === null) {
      ledger.move('merge', `ERP vendor ${link.erpKey} to company ${master.procoreId}`, {
        ...link,
        procoreId: master.procoreId,
        base: null,
        baseRevision: null,
      });
    } else {
      const where = `its company was merged into ${master.procoreId}, tied to ${masterKey}`;
      ledger.move('merge', `ERP vendor ${link.erpKey} (${where})`, { ...link, state: 'merged' });
    }
  }
}

function unlinkOne(ledger: LinkLedger, procoreId: ProcoreId): void {
  const link = ledger.linkedTo(procoreId);
  if (!link) return;
  const next = { ...link, state: 'unlinked' as const, base: null, baseRevision: null };
  ledger.move('unlink', `ERP vendor ${link.erpKey}`, next);
}

function toOperation(
  connectionId: string,
  { action, target, next, old }: LinkChange,
  seq: number,
): PlannedOperation<Vendor> {
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
