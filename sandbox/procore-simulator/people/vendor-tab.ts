import { ActionRefused } from '../errors';
import { DEFAULT_USER } from '../erp-events';
import { asString, type JsonObject } from '../json';
import { isActive, isLinked, originId, type SimRecord } from '../records/record';
import { actions, type Actor, type Place } from '../stage';
import type { EmitResult, StagedRecord } from '../types';

/** What only the vendor tab of the ERP tool and the directory offer; each raises the event that Procore raises. */
export const VENDOR_TAB = actions({
  /** Links one staged ERP vendor to an existing company of the directory. */
  linkVendor(stagedRecordId: number, vendorId: number, actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const vendor = at.records.get(at.company, 'vendor', vendorId);
    tie(at, at.staged.waiting(at.company, stagedRecordId, 'vendor'), vendor, actor);
    return tell(at, 'link_vendor', { vendor: ids(vendor) }, actor);
  },

  /** Links every staged vendor whose name matches an active, unlinked company, ignoring case. */
  linkAllVendors(actor: Actor = {}): EmitResult & { vendorIds: number[] } {
    const at = this.at(actor.companyId);
    const linked: SimRecord[] = [];
    for (const staged of at.company.staged.values()) {
      if (staged.item_type !== 'vendor' || staged.status !== 'staged') continue;
      const name = lower(staged.data['name']);
      const match = at.records
        .of(at.company, 'vendor')
        .find((v) => isActive(v) && !isLinked(v) && lower(v.fields['name']) === name);
      if (!match) continue;
      tie(at, staged, match, actor);
      linked.push(match);
    }
    if (linked.length === 0) throw new ActionRefused('There is nothing to link');
    const result = tell(at, 'link_all_vendors', { vendors: linked.map(ids) }, actor);
    return { ...result, vendorIds: linked.map((v) => v.id) };
  },

  /** The vendor merge tool: sources disappear, the master stays. */
  mergeVendors(masterId: number, sourceIds: number[], actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const { company, records } = at;
    const master = records.get(company, 'vendor', masterId);
    if (sourceIds.includes(masterId)) throw new ActionRefused('A company cannot be merged into itself');
    const sources = sourceIds.map((id) => records.get(company, 'vendor', id));
    for (const source of sources) records.remove(company, source);
    const data = { master_vendor: ids(master), source_vendors: sources.filter(isLinked).map(ids) };
    return tell(at, 'merge_vendors', data, actor);
  },

  /** Gone from Procore's side when the event arrives; the staged record waits for import again. */
  unlinkVendor(vendorId: number, actor: Actor = {}): EmitResult {
    const at = this.at(actor.companyId);
    const vendor = at.records.get(at.company, 'vendor', vendorId);
    if (!isLinked(vendor)) throw new ActionRefused('This company is not synced');
    const before = ids(vendor);
    at.status.unlink(at.company, { type: 'vendor', id: vendorId }, actor.userId ?? DEFAULT_USER);
    return tell(at, 'unlink_vendor', { vendor: before }, actor);
  },
});

function tie(at: Place, staged: StagedRecord, vendor: SimRecord, actor: Actor): void {
  if (!isActive(vendor)) throw new ActionRefused('Only active companies can be linked');
  if (isLinked(vendor)) throw new ActionRefused('This company is already synced');
  const { origin_id, origin_code, origin_data } = staged;
  if (at.originTaken(at.company, origin_id, { type: 'vendor', id: vendor.id })) {
    throw new ActionRefused('origin_id has already been taken');
  }
  const author = at.records.by(actor.userId ?? DEFAULT_USER);
  author.setOrigin(at.company, vendor, { origin_id, origin_code, origin_data });
  at.staged.setStatus(at.company, staged, 'imported');
}

function tell({ company, events }: Place, name: string, data: JsonObject, actor: Actor): EmitResult {
  return events.emitRecords(company, name, { ...data, company_id: company.id }, actor);
}

const lower = (name: unknown): string => (asString(name) ?? '').toLowerCase();

const ids = (vendor: SimRecord): { id: number; origin_id: string | null } => ({
  id: vendor.id,
  origin_id: originId(vendor),
});
