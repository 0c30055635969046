import { isoSeconds } from './clock';
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
import { deepMerge, isObject, type JsonObject } from './json';
import { likeExample } from './records/documented-shape';
import { itemTypeOf, type SimRecord } from './records/record';
import type { Company, State } from './state';
import type { EmitOptions, EmitResult, RawOptions } from './types';
import type { DeliveryEngine } from './webhooks/delivery';

/** The user who acts in the ERP tool when nobody else is named. */
export const DEFAULT_USER = 7710;

/** Makes ERP requests with their details, and fires the "ERP Requests" webhook (Procore ERP events dictionary). */
export class ErpEvents {
  constructor(
    private readonly state: State,
    private readonly requests: ErpRequests,
    private readonly engine: DeliveryEngine,
    private readonly detailLocation: 'request_data' | 'per_item' | 'absent',
    private readonly say: (line: string) => void,
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
    const requestId = this.state.nextId('request');
    const detailIds: number[] = [];
    const attach = (holder: JsonObject, key: string, item: Item | null): void => {
      const detail = this.requests.addDetail(company, requestId, event.requestName, options.item ?? item);
      holder[key] = detail.id;
      detailIds.push(detail.id);
    };
    const path = detailPath(event);
    if (path !== null) {
      const { holders, key } = detailHolders(payload, path);
      if (event.requestDetailShownInPayload === false) {
        this.attachUnshown(payload, holders, key, (holder) =>
          attach(holder, key, singleItem(event, payload)),
        );
      } else {
        for (const holder of holders) {
          const item = event.requestDetail === 'per-item' ? holderItem(event, holder) : null;
          attach(holder, key, item ?? singleItem(event, payload));
        }
      }
    }
    return this.store(
      company,
      event.requestName,
      requestId,
      payload,
      detailIds,
      options.userId ?? DEFAULT_USER,
    );
  }

  /** An event with a payload of our own in the documented shape, e.g. of a real vendor of this company. */
  emitPayload(
    company: Company,
    requestName: string,
    requestData: JsonObject,
    userId: number | null,
    item: Item | null = null,
  ): EmitResult {
    const event = findEvent(requestName);
    const requestId = this.state.nextId('request');
    const detailIds: number[] = [];
    if (event.requestDetail === 'single') {
      const detail = this.requests.addDetail(company, requestId, event.requestName, item);
      requestData['request_detail_id'] = detail.id;
      detailIds.push(detail.id);
    }
    const payload = { request_name: event.requestName, request_data: requestData };
    return this.store(company, event.requestName, requestId, payload, detailIds, userId);
  }

  /**
   * An event about live records, in the shape of its documented example. `records` are what its details are about: one record per
   * item where every item has a detail, all of them together where there is one.
   */
  emitRecords(
    company: Company,
    requestName: string,
    requestData: unknown,
    records: SimRecord[],
    userId: number | null,
  ): EmitResult {
    const event = findEvent(requestName);
    const example = wrappedExample(event);
    const payload: JsonObject = {
      request_name: event.requestName,
      request_data: likeExample(example['request_data'], requestData),
    };
    if (!('id' in event.examplePayload) && 'company_id' in example) payload['company_id'] = company.id;
    const requestId = this.state.nextId('request');
    const detailIds: number[] = [];
    const attach = (holder: JsonObject, key: string, about: SimRecord[]): void => {
      const [first] = about;
      const item = first ? { type: itemTypeOf(first) ?? first.kind, id: first.id } : null;
      const detail = this.requests.addDetail(company, requestId, event.requestName, item);
      company.detailRecords.set(
        detail.id,
        about.map(({ kind, id }) => ({ kind, id })),
      );
      holder[key] = detail.id;
      detailIds.push(detail.id);
    };
    const path = detailPath(event);
    if (path !== null) {
      const { holders, key } = detailHolders(payload, path);
      const perItem = event.requestDetail === 'per-item';
      if (event.requestDetailShownInPayload === false) {
        this.attachUnshown(payload, holders, key, (holder, index) =>
          attach(holder, key, index === null ? records : records.slice(index, index + 1)),
        );
      } else {
        holders.forEach((holder, index) =>
          attach(holder, key, perItem ? records.slice(index, index + 1) : records),
        );
      }
    }
    return this.store(company, event.requestName, requestId, payload, detailIds, userId);
  }

  /** Any JSON at all as the body of an ERP request. */
  emitRaw(company: Company, body: unknown, options: RawOptions = {}): EmitResult {
    const requestId = this.state.nextId('request');
    const name =
      isObject(body) && typeof body['request_name'] === 'string' ? body['request_name'] : '(malformed)';
    const detailIds = options.withDetail ? [this.requests.addDetail(company, requestId, name, null).id] : [];
    const served =
      options.envelope && isObject(body) ? { ...this.envelope(company, requestId), ...body } : body;
    return this.register(
      company,
      name,
      requestId,
      served,
      detailIds,
      options.userId ?? DEFAULT_USER,
      options.notify,
    );
  }

  /** Budgets and requisitions: the sample does not show where the id stands, so it is an option. */
  private attachUnshown(
    payload: JsonObject,
    holders: JsonObject[],
    key: string,
    attach: (holder: JsonObject, index: number | null) => void,
  ): void {
    for (const holder of holders) delete holder[key];
    const data = payload['request_data'];
    const list = isObject(data) ? data['requisitions'] : undefined;
    if (this.detailLocation === 'per_item' && Array.isArray(list)) {
      list.filter(isObject).forEach((item, index) => attach(item, index));
    } else if (this.detailLocation === 'absent') {
      attach({}, null);
    } else {
      for (const holder of holders) attach(holder, null);
    }
  }

  private store(
    company: Company,
    requestName: string,
    requestId: number,
    payload: JsonObject,
    detailIds: number[],
    userId: number | null,
  ): EmitResult {
    const body = { ...this.envelope(company, requestId), ...payload };
    return this.register(company, requestName, requestId, body, detailIds, userId);
  }

  private envelope(company: Company, requestId: number): JsonObject {
    const now = isoSeconds(this.state.now());
    return {
      id: requestId,
      company_id: company.id,
      created_at: now,
      updated_at: now,
      integration_app_name: null,
    };
  }

  private register(
    company: Company,
    requestName: string,
    requestId: number,
    body: unknown,
    detailIds: number[],
    userId: number | null,
    notify = true,
  ): EmitResult {
    this.requests.add(company, requestName, requestId, body, detailIds);
    this.say(`erp request ${requestId} ${requestName}`);
    if (notify) {
      this.engine.emit({
        companyId: company.id,
        projectId: null,
        userId,
        eventType: 'create',
        resourceName: 'ERP Requests',
        resourceId: requestId,
        applicationId: null,
      });
    }
    return { requestId, requestDetailIds: detailIds, body };
  }
}
