import { loadEvents } from './data';
import { NO_CONTENT, ok, type Call, type Handler, type Reply } from './http-kit';
import { refused } from './errors';
import { asInt, asString, isObject, type JsonObject } from './json';
import type { Company, State } from './state';
import type { OriginTaken } from './records/origin';
import type { Item } from './event-payload';
import { itemTypeOf, kindsOfItemType, type SimRecord } from './records/record';
import type { Records } from './records/store';
import { ItemError, syncAction } from './sync-action';
import type { ExternalDataRow } from './types';

/** Procore guide "ERP External Data" (25 types), events dictionary and public code. */
const ITEM_TYPES = new Set([
  'vendor',
  'project',
  'sub_job',
  'standard_cost_code',
  'cost_code',
  'line_item_type',
  'purchase_order_contract',
  'work_order_contract',
  'line_item',
  'change_order',
  'markup',
  'prime_contract',
  'budget',
  'requisition',
  'requisition_contract_item',
  'requisition_contract_detail_item',
  'requisition_change_order_item',
  'contract_payment',
  'invoice_payment',
  'payment_application',
  'payment_application_line_item',
  'item',
  'insurance',
  'department',
  'tax_code',
  'company_level_direct_cost',
  'budget_change',
  ...loadEvents().flatMap((event) => event.externalDataItemTypes),
]);

const FIELDS = ['origin_id', 'origin_code', 'origin_data'] as const;

/** (item_type, item_id) → origin_id, origin_code, origin_data. */
export class ExternalData {
  private readonly rowIds = new Map<string, number>();

  constructor(
    private readonly state: State,
    private readonly records: Records,
    private readonly originTaken: OriginTaken,
    private readonly nullsUnlink: boolean,
  ) {}

  handlers(): Record<string, Handler> {
    return {
      'externalData.sync': (call) =>
        syncAction(call.body, (item) => this.set(call.company, item, call.token.userId), { bareArray: true }),
      'externalData.list': (call) => this.list(call),
      'externalData.bulkDestroy': (call) => this.bulkDestroy(call),
    };
  }

  rows(company: Company): ExternalDataRow[] {
    const records = [...company.records.values()].flatMap((byId) =>
      [...byId.values()].filter((r) => hasOrigin(r.fields) && itemTypeOf(r) !== null),
    );
    return [...records.map((r) => this.row(r)), ...company.external.values()];
  }

  /** Clears the three fields of one item, as an unlink does. */
  clear(company: Company, { type, id }: Item, userId: number | null): void {
    const record = this.records.byItemType(company, type, id);
    if (record) this.records.by(userId).unlink(company, record);
    else company.external.delete(`${type}:${id}`);
  }

  /** The same for a record with everything that stands in it line by line. */
  clearWithLines(company: Company, item: Item, userId: number | null): void {
    const record = this.records.byItemType(company, item.type, item.id);
    for (const line of record ? this.records.lines(company, record) : []) this.records.unlink(company, line);
    this.clear(company, item, userId);
  }

  private set(company: Company, item: JsonObject, userId: number | null): ExternalDataRow {
    const type = asString(item['item_type']);
    if (type === undefined || !ITEM_TYPES.has(type)) {
      throw new ItemError({ item_type: ['is not included in the list'] });
    }
    const itemId = asInt(item['item_id']) ?? asString(item['item_id']);
    if (itemId === undefined) throw new ItemError({ item_id: ["can't be blank"] });
    for (const field of ['origin_id', 'origin_code'] as const) {
      if (field in item && item[field] !== null && typeof item[field] !== 'string') {
        throw new ItemError({ [field]: ['is invalid'] });
      }
    }
    const originId = asString(item['origin_id']);
    if (originId === '') throw new ItemError({ origin_id: ["can't be blank"] });
    if (item['origin_id'] === null && !this.nullsUnlink) {
      throw new ItemError({ origin_id: ['can only be removed by Status Management'] });
    }
    const record = this.records.byItemType(company, type, itemId);
    if (!record && kindsOfItemType(type).length > 0) {
      throw new ItemError({ item_id: ['Entity with this ID not found'] });
    }
    const owner = { type, id: record?.id ?? itemId };
    if (originId !== undefined && this.originTaken(company, originId, owner)) {
      throw new ItemError({ origin_id: ['has already been taken'] });
    }
    if (!record) return this.setRow(company, type, itemId, item);
    return this.row(this.records.by(userId).setOrigin(company, record, originOf(item)));
  }

  private setRow(company: Company, type: string, itemId: number | string, item: JsonObject): ExternalDataRow {
    const key = `${type}:${itemId}`;
    const row = company.external.get(key) ?? {
      id: this.state.nextId('external'),
      item_type: type,
      item_id: itemId,
      origin_id: null,
      origin_code: null,
      origin_data: null,
    };
    if ('origin_id' in item) row.origin_id = asString(item['origin_id']) ?? null;
    if ('origin_code' in item) row.origin_code = asString(item['origin_code']) ?? null;
    if ('origin_data' in item) row.origin_data = item['origin_data'];
    company.external.set(key, row);
    return { ...row };
  }

  private list(call: Call): Reply {
    const type = call.query.get('item_type');
    const itemId = call.query.get('item_id');
    return ok(
      this.rows(call.company).filter(
        (row) =>
          (type === undefined || row.item_type === type) &&
          (itemId === undefined || String(row.item_id) === itemId),
      ),
    );
  }

  private bulkDestroy(call: Call): Reply {
    const body = isObject(call.body) ? call.body : {};
    const type = asString(body['item_type']);
    const ids: unknown = body['item_ids'];
    if (type === undefined || !Array.isArray(ids)) {
      throw refused(400, 'param is missing or the value is empty: item_ids');
    }
    for (const id of ids) this.clear(call.company, { type, id: String(id) }, call.token.userId);
    return NO_CONTENT;
  }

  private row(record: SimRecord): ExternalDataRow {
    const { fields } = record;
    const type = itemTypeOf(record) ?? record.kind;
    const key = `${type}:${record.id}`;
    let id = this.rowIds.get(key);
    if (id === undefined) {
      id = this.state.nextId('external');
      this.rowIds.set(key, id);
    }
    return {
      id,
      item_type: type,
      item_id: record.id,
      origin_id: asString(fields['origin_id']) ?? null,
      origin_code: asString(fields['origin_code']) ?? null,
      origin_data: fields['origin_data'] ?? null,
    };
  }
}

function originOf(item: JsonObject): JsonObject {
  return Object.fromEntries(FIELDS.filter((field) => field in item).map((field) => [field, item[field]]));
}

function hasOrigin(fields: JsonObject): boolean {
  return FIELDS.some((f) => fields[f] !== undefined && fields[f] !== null);
}
