import { isoSeconds } from './clock';
import type { EventRecord } from './data';
import {
  detailHolders,
  detailPath,
  findEvent,
  holderItem,
  nameCompany,
  renumber,
  singleItem,
  wrappedExample,
  type Item,
} from './event-payload';
import type { ErpRequests } from './erp-requests';
import { asString, deepMerge, isObject, type JsonObject } from './json';
import { likeExample } from './records/documented-shape';
import { itemTypeOf, type SimRecord } from './records/record';
import type { Company, State } from './state';
import type { EmitOptions, EmitResult, RawOptions } from './types';
import type { DeliveryEngine } from './webhooks/delivery';

/** The user who acts in the ERP tool when nobody else is named. */
export const DEFAULT_USER = 7710;

/** The live records behind an event, and the user behind it; null where Procore acts on its own. */
export interface EventAbout {
  records?: SimRecord[];
  userId?: number | null | undefined;
}

/** An ERP request while it is made. */
interface Draft {
  readonly company: Company;
  readonly name: string;
  readonly id: number;
  readonly detailIds: number[];
}

/** What one request detail is about. */
interface Subject {
  item: Item | null;
  records?: SimRecord[];
}

/** Makes ERP requests with their details, and fires the "ERP Requests" webhook (Procore ERP events dictionary). */
export class ErpEvents {
  constructor(
    private readonly state: State,
    private readonly requests: ErpRequests,
    private readonly engine: DeliveryEngine,
    private readonly options: {
      detailLocation: 'request_data' | 'per_item' | 'absent';
      say: (line: string) => void;
    },
  ) {}

  /** One of the 51 documented events, from its example payload. */
  emitEvent(
    company: Company,
    requestName: string,
    options: EmitOptions = {},
    prepare?: (payload: JsonObject) => void,
  ): EmitResult {
    const event = findEvent(requestName);
    let payload = wrappedExample(event);
    if (options.freshIds !== false) payload = renumber(payload, () => this.state.nextId('record'));
    nameCompany(payload, company.id);
    if (options.requestData !== undefined) {
      payload['request_data'] = deepMerge(payload['request_data'], options.requestData);
    }
    if (options.envelope) Object.assign(payload, options.envelope);
    prepare?.(payload);
    const draft = this.draft(company, event.requestName);
    this.attachDetails(draft, event, payload, (holder, index) => {
      const own = index === null ? null : holderItem(event, holder);
      return { item: options.item ?? own ?? singleItem(event, payload) };
    });
    return this.send(draft, { ...this.envelope(draft), ...payload }, options);
  }

  /**
   * An event about live records, in the shape of its documented example. `records` are what its details are about: one record per
   * item where every item has a detail, all of them together where there is one.
   */
  emitRecords(
    company: Company,
    requestName: string,
    requestData: unknown,
    about: EventAbout = {},
  ): EmitResult {
    const all = about.records ?? [];
    const event = findEvent(requestName);
    const example = wrappedExample(event);
    const payload: JsonObject = {
      request_name: event.requestName,
      request_data: likeExample(example['request_data'], requestData),
    };
    const draft = this.draft(company, event.requestName);
    this.attachDetails(draft, event, payload, (_holder, index) => {
      const records = index === null ? all : all.slice(index, index + 1);
      const [first] = records;
      return { records, item: first ? { type: itemTypeOf(first) ?? first.kind, id: first.id } : null };
    });
    return this.send(draft, { ...this.envelope(draft), ...payload }, about);
  }

  /** Any JSON at all as the body of an ERP request. */
  emitRaw(company: Company, body: unknown, options: RawOptions = {}): EmitResult {
    const name = isObject(body) ? asString(body['request_name']) : undefined;
    const draft = this.draft(company, name ?? '(malformed)');
    if (options.withDetail) this.addDetail(draft, { item: null });
    const wrapped = options.envelope === true && isObject(body);
    return this.send(draft, wrapped ? { ...this.envelope(draft), ...body } : body, options);
  }

  private draft(company: Company, name: string): Draft {
    return { company, name, id: this.state.nextId('request'), detailIds: [] };
  }

  /** One detail in every place of the payload that has one; `index` counts the items that have one each. */
  private attachDetails(
    draft: Draft,
    event: EventRecord,
    payload: JsonObject,
    subject: (holder: JsonObject, index: number | null) => Subject,
  ): void {
    const path = detailPath(event);
    if (path === null) return;
    const { holders, key } = detailHolders(payload, path);
    const put = (holder: JsonObject, index: number | null): void => {
      holder[key] = this.addDetail(draft, subject(holder, index));
    };
    const perItem = event.requestDetail === 'per-item';
    if (event.requestDetailShownInPayload !== false) {
      holders.forEach((holder, index) => put(holder, perItem ? index : null));
      return;
    }
    // Budgets and requisitions: the sample does not show where the id stands, so it is an option.
    for (const holder of holders) delete holder[key];
    const data = payload['request_data'];
    const list = isObject(data) ? data['requisitions'] : undefined;
    if (this.options.detailLocation === 'per_item' && Array.isArray(list)) {
      list.filter(isObject).forEach(put);
    } else {
      for (const holder of this.options.detailLocation === 'absent' ? [{}] : holders) put(holder, null);
    }
  }

  private addDetail({ company, id, name, detailIds }: Draft, { item, records = [] }: Subject): number {
    const detail = this.requests.addDetail(company, id, name, item);
    if (records.length > 0) {
      const refs = records.map((record) => ({ kind: record.kind, id: record.id }));
      company.detailRecords.set(detail.id, refs);
    }
    detailIds.push(detail.id);
    return detail.id;
  }

  private envelope({ id, company }: Draft): JsonObject {
    const now = isoSeconds(this.state.now());
    return { id, company_id: company.id, created_at: now, updated_at: now, integration_app_name: null };
  }

  private send(
    { company, name, id, detailIds }: Draft,
    body: unknown,
    { userId = DEFAULT_USER, notify = true }: { userId?: number | null | undefined; notify?: boolean },
  ): EmitResult {
    this.requests.add(company, { id, request_name: name, body, detailIds });
    this.options.say(`erp request ${id} ${name}`);
    if (notify) {
      this.engine.emit({
        companyId: company.id,
        projectId: null,
        userId,
        eventType: 'create',
        resourceName: 'ERP Requests',
        resourceId: id,
        applicationId: null,
      });
    }
    return { requestId: id, requestDetailIds: detailIds, body };
  }
}
