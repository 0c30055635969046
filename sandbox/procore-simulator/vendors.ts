import { isoSeconds } from './clock';
import { loadOperations } from './data';
import { invalid, type FieldErrors } from './errors';
import { checkPlace } from './geo';
import { created, ok, pathId, wrapped, type Call, type Handler, type Query, type Reply } from './http-kit';
import { asInt, asString, isObject, type JsonObject } from './json';
import { paginate } from './pagination';
import { readRange } from './ranges';
import type { Company, State } from './state';
import { ItemError, syncAction } from './sync-action';
import type { Vendor, VendorState } from './types';

/** Called after a vendor was created or really changed. */
export type VendorListener = (
  company: Company,
  vendor: Vendor,
  change: 'create' | 'update',
  userId: number | null,
) => void;

function writableFields(): Set<string> {
  const sync = loadOperations().find((o) => o.operationId === 'RestV10VendorsSyncPatch');
  const updates = isObject(sync?.bodySchema) ? sync.bodySchema['updates!'] : undefined;
  const item: unknown = Array.isArray(updates) ? updates[0] : undefined;
  return new Set(Object.keys(isObject(item) ? item : {}).map((k) => k.replace(/!$/, '')));
}

const WRITABLE = writableFields();

/** Where one origin_id may exist only once. */
export type OriginTaken = (
  company: Company,
  type: string,
  originId: string,
  exceptId: number | string | null,
) => boolean;

/** The company directory (Procore OpenAPI, "Company Vendors"; sync rules from the guide "Using Sync Actions"). */
export class Vendors {
  private readonly listeners: VendorListener[] = [];

  constructor(
    private readonly state: State,
    private readonly originTaken: OriginTaken,
    private readonly duplicateStatus: 409 | 422,
  ) {}

  onChange(listener: VendorListener): void {
    this.listeners.push(listener);
  }

  handlers(): Record<string, Handler> {
    return {
      RestV10VendorsGet: (call) => this.list(call, true),
      RestV10CompaniesCompanyIdVendorsInactiveGet: (call) => this.list(call, false),
      RestV10VendorsIdGet: (call) => ok(view(call.company.vendor(pathId(call)), call.query.get('view'))),
      RestV10VendorsPost: (call) => {
        const vendor = this.create(call.company, wrapped(call, 'vendor'), call.token.userId);
        return created(view(vendor, call.query.get('view')));
      },
      RestV10VendorsIdPatch: (call) => {
        const vendor = call.company.vendor(pathId(call));
        this.update(call.company, vendor, wrapped(call, 'vendor'), call.token.userId);
        return ok(view(vendor, call.query.get('view')));
      },
      RestV10VendorsSyncPatch: (call) =>
        syncAction(call.body, (item) => view(this.syncOne(call.company, item, call.token.userId), undefined)),
      RestV10ProjectsProjectIdVendorsIdActionsAddPost: (call) =>
        created(view(call.company.vendor(pathId(call)), 'extended')),
    };
  }

  create(company: Company, attributes: JsonObject, userId: number | null): Vendor {
    const errors = this.check(company, attributes, null);
    if (Object.keys(errors).length > 0) throw this.failure(errors);
    return this.insert(company, attributes, userId);
  }

  update(company: Company, vendor: Vendor, attributes: JsonObject, userId: number | null): boolean {
    const errors = this.check(company, attributes, vendor);
    if (Object.keys(errors).length > 0) throw this.failure(errors);
    return this.apply(company, vendor, attributes, userId);
  }

  /** Set or clear the ERP identity. Procore guide "ERP External Data": having an origin_id is being synced. */
  setOrigin(company: Company, vendor: Vendor, origin: JsonObject, userId: number | null): void {
    this.apply(company, vendor, origin, userId);
    if ('origin_id' in origin && vendor.erp.status !== 'exporting') {
      vendor.erp.status = isSynced(vendor) ? 'synced' : 'not_in_erp';
      vendor.erp.messages = [];
    }
  }

  insert(company: Company, attributes: JsonObject, userId: number | null, id?: number): Vendor {
    const now = this.state.now();
    const vendor: Vendor = {
      id: id ?? this.state.nextId('vendor'),
      fields: { ...DEFAULTS, ...writable(attributes), name: asString(attributes['name']) ?? '' },
      created_at: now,
      updated_at: now,
      erp: { status: 'not_in_erp', messages: [], customFields: {}, sentBy: null, comment: null },
    };
    if (isSynced(vendor)) vendor.erp.status = 'synced';
    company.vendors.set(vendor.id, vendor);
    this.tell(company, vendor, 'create', userId);
    return vendor;
  }

  private apply(company: Company, vendor: Vendor, attributes: JsonObject, userId: number | null): boolean {
    const wasSynced = isSynced(vendor);
    let changed = false;
    for (const [key, value] of Object.entries(writable(attributes))) {
      if (JSON.stringify(vendor.fields[key] ?? null) === JSON.stringify(value)) continue;
      vendor.fields[key] = value;
      changed = true;
    }
    if (!changed) return false;
    // The table of sync rules: an open-door origin_id marks the record synced as well.
    if (wasSynced !== isSynced(vendor) && vendor.erp.status !== 'exporting') {
      vendor.erp.status = isSynced(vendor) ? 'synced' : 'not_in_erp';
    }
    vendor.updated_at = this.state.now();
    this.tell(company, vendor, 'update', userId);
    return true;
  }

  /** The matching table of the guide: both → by id only; id → must exist; origin_id → upsert; neither → create. */
  private syncOne(company: Company, item: JsonObject, userId: number | null): Vendor {
    const { id: rawId, ...attributes } = item;
    const originId = asString(attributes['origin_id']);
    let found: Vendor | undefined;
    if (rawId !== undefined && rawId !== null) {
      found = company.vendors.get(asInt(rawId) ?? -1);
      if (!found) throw new ItemError({ id: ['Entity with this ID not found'] });
    } else if (originId !== undefined) {
      found = [...company.vendors.values()].find((v) => v.fields['origin_id'] === originId);
    }
    const errors = this.check(company, attributes, found ?? null);
    if (Object.keys(errors).length > 0) throw new ItemError(errors);
    if (!found) return this.insert(company, attributes, userId);
    this.apply(company, found, attributes, userId);
    return found;
  }

  private check(company: Company, attributes: JsonObject, current: Vendor | null): FieldErrors {
    const errors: FieldErrors = {};
    const name = 'name' in attributes ? attributes['name'] : current?.fields.name;
    if (typeof name !== 'string' || name.trim() === '') errors['name'] = ["can't be blank"];
    const place = (key: string): unknown => (key in attributes ? attributes[key] : current?.fields[key]);
    Object.assign(errors, checkPlace(place('country_code'), place('state_code')));
    const originId = attributes['origin_id'];
    if (typeof originId === 'string' && this.originTaken(company, 'vendor', originId, current?.id ?? null)) {
      errors['origin_id'] = ['has already been taken'];
    }
    return errors;
  }

  private failure(errors: FieldErrors): Error {
    return invalid(errors, errors['origin_id'] ? this.duplicateStatus : 422);
  }

  private list(call: Call, active: boolean): Reply {
    const filters = readFilters(call.query);
    const found = [...call.company.vendors.values()].filter(
      (v) => (v.fields['is_active'] !== false) === active && filters.every((f) => f(v)),
    );
    const sort = call.query.get('sort') ?? '';
    if (sort.endsWith('name')) {
      found.sort((a, b) => a.fields.name.localeCompare(b.fields.name) || a.id - b.id);
      if (sort.startsWith('-')) found.reverse();
    } else {
      found.sort((a, b) => a.id - b.id);
    }
    return paginate(found, call, (v) => view(v, call.query.get('view')));
  }

  private tell(company: Company, vendor: Vendor, change: 'create' | 'update', userId: number | null): void {
    for (const listener of this.listeners) listener(company, vendor, change, userId);
  }
}

const DEFAULTS: JsonObject = {
  is_active: true,
  prequalified: false,
  authorized_bidder: false,
  union_member: false,
  non_union_prevailing_wage: false,
};

function writable(attributes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(attributes).filter(([k]) => k !== 'id' && WRITABLE.has(k)));
}

export function isSynced(vendor: Vendor): boolean {
  const originId = vendor.fields['origin_id'];
  return typeof originId === 'string' && originId !== '';
}

type Predicate = (vendor: Vendor) => boolean;

function readFilters(query: Query): Predicate[] {
  const filters: Predicate[] = [];
  const ids = query.list('filters[id]');
  if (ids) filters.push((v) => ids.includes(String(v.id)));
  const originIds = query.list('filters[origin_id]');
  if (originIds) filters.push((v) => originIds.includes(asString(v.fields['origin_id']) ?? ''));
  const search = query.get('filters[search]')?.toLowerCase();
  if (search !== undefined) filters.push((v) => v.fields.name.toLowerCase().includes(search));
  for (const field of ['created_at', 'updated_at'] as const) {
    const range = query.get(`filters[${field}]`);
    if (range === undefined) continue;
    const [from, to] = readRange(range);
    filters.push((v) => v[field] >= from && v[field] <= to);
  }
  return filters;
}

const PLAIN_FIELDS = [
  'abbreviated_name',
  'address',
  'authorized_bidder',
  'business_phone',
  'city',
  'country_code',
  'email_address',
  'fax_number',
  'is_active',
  'labor_union',
  'license_number',
  'mobile_phone',
  'non_union_prevailing_wage',
  'notes',
  'origin_code',
  'origin_data',
  'origin_id',
  'prequalified',
  'state_code',
  'trade_name',
  'union_member',
  'website',
  'zip',
];

/** The views of the OpenAPI; without one, `normal`. */
export function view(vendor: Vendor, name: string | undefined): JsonObject {
  const { id, fields } = vendor;
  if (name === 'compact') return { id, name: fields.name };
  if (name === 'summary') {
    return {
      id,
      name: fields.name,
      active_users_count: 0,
      bids_count: 0,
      business_id: null,
      company_vendor: true,
      is_connected: false,
      open_bids_count: 0,
      projects_count: 0,
      synced_to_erp: isSynced(vendor),
    };
  }
  const body: JsonObject = { id, name: fields.name, company: fields.name };
  for (const field of PLAIN_FIELDS) body[field] = fields[field] ?? null;
  Object.assign(body, {
    attachments: [],
    business_id: null,
    business_register: fields['business_register_attributes'] ?? null,
    contact_count: 0,
    created_at: isoSeconds(vendor.created_at),
    is_connected: false,
    logo: null,
    primary_contact: null,
    synced_to_erp: isSynced(vendor),
    updated_at: isoSeconds(vendor.updated_at),
    vendor_group: null,
  });
  if (name === 'erp') {
    body['origin_custom_fields'] = fields['origin_custom_fields'] ?? {};
    body['erp_custom_fields'] = vendor.erp.customFields;
  }
  if (name === 'extended' || name === 'directory') {
    Object.assign(body, {
      bidding: fields['bidding'] ?? {},
      bidding_distribution: [],
      children_count: 0,
      company_vendor: true,
      legal_name: fields.name,
      parent: null,
      project_ids: [],
      standard_cost_codes: [],
      trades: [],
    });
  }
  return body;
}

/** A vendor as the control door shows it. */
export function vendorState(vendor: Vendor): VendorState {
  return {
    ...vendor.fields,
    id: vendor.id,
    name: vendor.fields.name,
    origin_id: asString(vendor.fields['origin_id']) ?? null,
    origin_code: asString(vendor.fields['origin_code']) ?? null,
    origin_data: vendor.fields['origin_data'] ?? null,
    is_active: vendor.fields['is_active'] !== false,
    synced_to_erp: isSynced(vendor),
    erp_status: vendor.erp.status,
    erp_messages: [...vendor.erp.messages],
    erp_comment: vendor.erp.comment,
    created_at: isoSeconds(vendor.created_at),
    updated_at: isoSeconds(vendor.updated_at),
  };
}
