import { operationKeyOf, originIdOf, recordIdOf, revisionOf } from '../base/identity';
import type { FieldChange, OperationAction, Plan, PlannedOperation } from './plan';
import { sealPlan } from './plan';
import type { KnownVendor } from './vendor-export';
import type { LinkState, RecordLink } from '../kinds/record-link';
import type { Vendor, VendorField } from '../kinds/vendor';
import { VENDOR_FIELD_LABELS, VENDOR_FIELDS } from '../kinds/vendor';

/** Fields of a vendor that the ERP owns and that Procore can show; the others stay where they are. */
export const ERP_OWNED_VENDOR_FIELDS: readonly VendorField[] = VENDOR_FIELDS.filter(
  (field) => field !== 'vendorType' && field !== 'retainagePercent',
);

export interface VendorSyncInput {
  readonly connectionId: string;
  /** Vendors of one page, as the ERP holds them now. */
  readonly records: readonly KnownVendor[];
  /** Links of these vendors, by ERP key. */
  readonly links: readonly RecordLink<Vendor>[];
}

/**
 * Plans one page of ERP vendors for Procore: new ones are staged for import, staged ones follow the ERP, linked ones are updated
 * where an ERP-owned field moved since the base, inactive ones leave the list of candidates. What already agrees is left alone.
 */
export function planVendorSync({ connectionId, records, links }: VendorSyncInput): Plan<Vendor> {
  const byKey = new Map(links.map((link) => [link.erpKey, link]));
  // A page may carry the same vendor twice when it changed while being read: the later one is the newer.
  const newest = [...new Map(records.map((record) => [record.key, record])).values()];
  const leftOut = newest
    .filter(({ vendor }) => vendor.name.trim() === '')
    .map(({ key }) => ({
      recordId: recordIdOf('vendor', `erp:${key}`),
      erpKey: key,
      reason: 'The vendor has no name in the ERP.',
    }));
  const named = newest.filter(({ vendor }) => vendor.name.trim() !== '');
  const planned = named.map((record) => planOne(connectionId, record, byKey.get(record.key) ?? null));
  const operations = planned
    .filter((operation) => operation !== null)
    .map((operation, index) => ({ ...operation, seq: index + 1 }));
  return sealPlan({
    subject: `${operations.length} of ${newest.length} ERP vendors`,
    operations,
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: named.length - operations.length,
  });
}

function planOne(
  connectionId: string,
  { key, vendor }: KnownVendor,
  link: RecordLink<Vendor> | null,
): PlannedOperation<Vendor> | null {
  const state: LinkState | 'none' = link?.state ?? 'none';
  const revision = revisionOf(vendor);
  const changes = changedFields(link?.base ?? null, vendor);
  const label = `${vendor.code ?? key} ${vendor.name}`;
  if (state === 'linked') {
    return changes.length === 0 ? null : operation('update', `Procore company ${label}`, changes);
  }
  if (state === 'merged') return null;
  if (!vendor.isActive)
    return state === 'staged' ? operation('archive', `Ready to import: ${label}`, []) : null;
  const known = state === 'staged' && link?.baseRevision === revision;
  return known
    ? null
    : operation(
        'stage',
        `Ready to import: ${label}`,
        state === 'staged' ? changes : changedFields(null, vendor),
      );

  function operation(
    action: OperationAction,
    target: string,
    changed: readonly FieldChange[],
  ): PlannedOperation<Vendor> {
    const recordId = recordIdOf('vendor', link?.procoreId ?? `erp:${key}`);
    const generation = (link?.generation ?? 0) + 1;
    return {
      seq: 0,
      side: 'procore',
      action,
      entity: 'vendor',
      recordId,
      target,
      erpKey: key,
      procoreId: action === 'update' ? (link?.procoreId ?? null) : null,
      generation,
      targetRevision: revision,
      operationKey: operationKeyOf({ connectionId, recordId, generation, targetRevision: revision }),
      changes: changed,
      record: vendor,
      link: {
        entity: 'vendor',
        erpKey: key,
        procoreId: link?.procoreId ?? null,
        state: action === 'update' ? 'linked' : action === 'archive' ? 'archived' : 'staged',
        generation,
        base: vendor,
        baseRevision: revision,
      },
    };
  }
}

function changedFields(base: Vendor | null, vendor: Vendor): readonly FieldChange[] {
  return ERP_OWNED_VENDOR_FIELDS.filter((field) =>
    base === null ? vendor[field] !== null : base[field] !== vendor[field],
  ).map((field) => ({
    field,
    label: VENDOR_FIELD_LABELS[field],
    old: base?.[field] ?? null,
    new: vendor[field],
  }));
}

/** `origin_id` under which Procore knows an ERP vendor. */
export const vendorOriginId = (erpKey: string): string => originIdOf('vendor', erpKey);
