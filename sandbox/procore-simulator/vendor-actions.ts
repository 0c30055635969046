import { ActionRefused } from './errors';
import { DEFAULT_USER, type ErpEvents } from './erp-events';
import type { ErpRequests } from './erp-requests';
import type { ExternalData } from './external-data';
import { asInt, asString, isObject, type JsonObject } from './json';
import { exportComplaints } from './metadata-rules';
import type { StagedRecords } from './staged-records';
import type { Company } from './state';
import type { EmitResult, StagedRecord, Vendor } from './types';
import { isSynced, view, type Vendors } from './vendors';

export interface ExportForm {
  /** The ERP id typed by the approver. */
  code?: string | undefined;
  customFields?: JsonObject | undefined;
  userId?: number | undefined;
}

export interface VendorActionParts {
  vendors: Vendors;
  external: ExternalData;
  staged: StagedRecords;
  requests: ErpRequests;
  events: ErpEvents;
}

/** What people do with vendors in the ERP tool; each raises the event that Procore raises. */
export class VendorActions {
  constructor(private readonly parts: VendorActionParts) {
    parts.requests.onClosed((company, request, detail) => {
      if (request.request_name !== 'create_vendor') return;
      const vendor = company.vendors.get(Number(detail.item_id));
      if (!vendor || vendor.erp.status !== 'exporting') return;
      if (detail.status === 'success') vendor.erp.status = 'synced';
      else vendor.erp.status = detail.status === 'rejected' ? 'rejected' : 'failed_to_export';
      vendor.erp.messages = [...detail.messages];
    });
  }

  /** Send to ERP: waits for the accounting approver. */
  sendVendorToErp(company: Company, vendorId: number, userId = DEFAULT_USER): Vendor {
    const vendor = this.exportable(company, vendorId);
    vendor.erp = { ...vendor.erp, status: 'ready_to_export', sentBy: userId, comment: null, messages: [] };
    return vendor;
  }

  /** Retrieve from ERP, while nobody has answered. */
  retrieveVendor(company: Company, vendorId: number): Vendor {
    const vendor = company.vendor(vendorId);
    if (vendor.erp.status !== 'ready_to_export')
      throw new ActionRefused('This company is not waiting for approval');
    vendor.erp.status = 'not_in_erp';
    return vendor;
  }

  rejectVendor(company: Company, vendorId: number, comment: string): Vendor {
    const vendor = company.vendor(vendorId);
    if (vendor.erp.status !== 'ready_to_export')
      throw new ActionRefused('This company is not waiting for approval');
    vendor.erp.status = 'rejected';
    vendor.erp.comment = comment;
    return vendor;
  }

  /** Accept and Export: `create_vendor`. */
  exportVendor(company: Company, vendorId: number, form: ExportForm = {}): EmitResult {
    const vendor = this.exportable(company, vendorId);
    const complaints = exportComplaints(company.connection?.metadata, {
      ...vendor.fields,
      ...form.customFields,
      code: form.code ?? null,
    });
    if (complaints.length > 0) throw new ActionRefused(complaints.join(' '));
    vendor.erp.status = 'exporting';
    vendor.erp.messages = [];
    vendor.erp.comment = null;
    vendor.erp.customFields = form.customFields ?? {};
    const body = view(vendor, undefined);
    delete body['business_id'];
    delete body['contact_count'];
    delete body['is_connected'];
    body['origin_code'] = form.code ?? null;
    body['erp_custom_fields'] = vendor.erp.customFields;
    return this.parts.events.emitPayload(
      company,
      'create_vendor',
      { vendor: body, company_id: company.id },
      form.userId ?? DEFAULT_USER,
      { type: 'vendor', id: vendor.id },
    );
  }

  /** Refresh Vendors List: `sync_vendors`. The button is disabled while an earlier refresh is open. */
  refreshVendors(company: Company, userId = DEFAULT_USER, force = false): EmitResult {
    if (!force && this.parts.requests.openDetails(company, 'sync_vendors').length > 0) {
      throw new ActionRefused('A vendor refresh is still running', 409);
    }
    return this.parts.events.emitPayload(company, 'sync_vendors', { company_id: company.id }, userId);
  }

  /** Import: Procore creates and links the vendor, then tells. */
  importVendor(company: Company, stagedId: number, userId = DEFAULT_USER): EmitResult & { vendorId: number } {
    const record = this.stagedVendor(company, stagedId);
    const vendor = this.parts.vendors.create(
      company,
      {
        ...record.data,
        origin_id: record.origin_id,
        origin_code: record.origin_code,
        origin_data: record.origin_data,
      },
      userId,
    );
    this.parts.staged.setStatus(company, record, 'imported');
    const result = this.notice(company, 'create_vendor_in_procore', { vendor: ids(vendor) }, userId);
    return { ...result, vendorId: vendor.id };
  }

  /** Link one staged ERP vendor to an existing company of the directory. */
  linkVendor(company: Company, stagedId: number, vendorId: number, userId = DEFAULT_USER): EmitResult {
    const vendor = this.link(company, this.stagedVendor(company, stagedId), company.vendor(vendorId), userId);
    return this.notice(company, 'link_vendor', { vendor: ids(vendor) }, userId);
  }

  /** Link every staged vendor whose name matches an active, unlinked company, ignoring case. */
  linkAllVendors(company: Company, userId = DEFAULT_USER): EmitResult & { vendorIds: number[] } {
    const linked: Vendor[] = [];
    for (const record of company.staged.values()) {
      if (record.item_type !== 'vendor' || record.status !== 'staged') continue;
      const name = asString(record.data['name'])?.toLowerCase();
      const match = [...company.vendors.values()].find(
        (v) => v.fields['is_active'] !== false && !isSynced(v) && v.fields.name.toLowerCase() === name,
      );
      if (match) linked.push(this.link(company, record, match, userId));
    }
    if (linked.length === 0) throw new ActionRefused('There is nothing to link');
    const result = this.notice(company, 'link_all_vendors', { vendors: linked.map(ids) }, userId);
    return { ...result, vendorIds: linked.map((v) => v.id) };
  }

  /** The vendor merge tool: sources disappear, the master stays. */
  mergeVendors(company: Company, masterId: number, sourceIds: number[], userId = DEFAULT_USER): EmitResult {
    const master = company.vendor(masterId);
    if (sourceIds.includes(masterId)) throw new ActionRefused('A company cannot be merged into itself');
    const sources = sourceIds.map((id) => company.vendor(id));
    for (const source of sources) company.vendors.delete(source.id);
    return this.notice(
      company,
      'merge_vendors',
      { master_vendor: ids(master), source_vendors: sources.filter(isSynced).map(ids) },
      userId,
    );
  }

  /** Unlink: gone from Procore's side when the event arrives; the staged record waits for import again. */
  unlinkVendor(company: Company, vendorId: number, userId = DEFAULT_USER): EmitResult {
    const vendor = company.vendor(vendorId);
    if (!isSynced(vendor)) throw new ActionRefused('This company is not synced');
    const before = ids(vendor);
    this.unlinkItem(company, 'vendor', vendorId, userId);
    return this.notice(company, 'unlink_vendor', { vendor: before }, userId);
  }

  /** Status Management: clears the link and puts the staged record back. External data with nulls does not. */
  unlinkItem(company: Company, type: string, itemId: number, userId: number | null): void {
    const originId = this.parts.external
      .rows(company)
      .find((r) => r.item_type === type && String(r.item_id) === String(itemId))?.origin_id;
    this.parts.external.clearWithLines(company, type, itemId, userId);
    const stagedType = type === 'change_order' ? 'commitment_change_order' : type;
    const record = originId ? this.parts.staged.find(company, stagedType, originId) : undefined;
    if (record) this.parts.staged.setStatus(company, record, 'staged');
  }

  /** A person edits the directory; an exporting record is locked. */
  editVendor(company: Company, vendorId: number, patch: JsonObject, userId = DEFAULT_USER): Vendor {
    const vendor = company.vendor(vendorId);
    if (vendor.erp.status === 'exporting' || vendor.erp.status === 'ready_to_export') {
      throw new ActionRefused('This company is waiting for the ERP and cannot be edited');
    }
    this.parts.vendors.update(company, vendor, patch, userId);
    return vendor;
  }

  archiveStaged(company: Company, stagedId: number): StagedRecord {
    const record = company.staged.get(stagedId);
    if (!record) throw new ActionRefused(`no staged record ${stagedId}`, 404);
    this.parts.staged.setStatus(company, record, 'archived');
    return record;
  }

  /** Vendors of a generic example event exist from then on, so that closing calls can find them. */
  materialize(company: Company, requestName: string, payload: JsonObject): void {
    const data = payload['request_data'];
    const vendor = isObject(data) ? data['vendor'] : undefined;
    const id = isObject(vendor) ? asInt(vendor['id']) : undefined;
    if (!isObject(vendor) || id === undefined) return;
    let stored = company.vendors.get(id);
    if (!stored) {
      // Until the export is done, the code typed by the approver belongs to the request only.
      const typed = requestName === 'create_vendor' ? { origin_code: null } : {};
      const named = { name: `Vendor ${id}`, ...vendor, ...typed };
      stored = this.parts.vendors.insert(company, named, null, id);
    }
    if (requestName === 'create_vendor') stored.erp.status = 'exporting';
    if (requestName === 'unlink_vendor') this.parts.external.clear(company, 'vendor', id, null);
  }

  private exportable(company: Company, vendorId: number): Vendor {
    const vendor = company.vendor(vendorId);
    if (isSynced(vendor)) throw new ActionRefused('A synced company cannot be exported again');
    if (vendor.erp.status === 'exporting') throw new ActionRefused('This company is being exported');
    if (vendor.fields['is_active'] === false)
      throw new ActionRefused('Only active companies can be exported');
    return vendor;
  }

  private stagedVendor(company: Company, stagedId: number): StagedRecord {
    const record = company.staged.get(stagedId);
    if (!record || record.item_type !== 'vendor')
      throw new ActionRefused(`no staged vendor ${stagedId}`, 404);
    if (record.status !== 'staged') throw new ActionRefused(`The staged record is ${record.status}`);
    return record;
  }

  private link(company: Company, record: StagedRecord, vendor: Vendor, userId: number): Vendor {
    if (vendor.fields['is_active'] === false) throw new ActionRefused('Only active companies can be linked');
    if (isSynced(vendor)) throw new ActionRefused('This company is already synced');
    if (this.parts.external.isTaken(company, 'vendor', record.origin_id, vendor.id)) {
      throw new ActionRefused('origin_id has already been taken');
    }
    const { origin_id, origin_code, origin_data } = record;
    this.parts.vendors.setOrigin(company, vendor, { origin_id, origin_code, origin_data }, userId);
    this.parts.staged.setStatus(company, record, 'imported');
    return vendor;
  }

  private notice(company: Company, name: string, data: JsonObject, userId: number): EmitResult {
    return this.parts.events.emitPayload(company, name, { ...data, company_id: company.id }, userId);
  }
}

function ids(vendor: Vendor): { id: number; origin_id: string | null } {
  return { id: vendor.id, origin_id: asString(vendor.fields['origin_id']) ?? null };
}
