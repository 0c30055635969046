import { isoSeconds } from './clock';
import { ApiError, notFound, refused } from './errors';
import { ok, pathId, wrapped, type Call, type Handler } from './http-kit';
import { asInt, asString, type JsonObject } from './json';
import { paginate } from './pagination';
import type { Company, State } from './state';
import { ItemError, syncAction } from './sync-action';
import type { ErpRequest, RequestDetail } from './types';

/** Only the first two are shown in the guides; the others are named in prose or seen in public code. */
export const CLOSED = new Set(['success', 'failed', 'rejected', 'stale']);
const KNOWN = new Set([...CLOSED, 'open', 'in_progress', 'in progress']);

export interface ErpRequestRules {
  listAvailable: boolean;
  staleAfterHours: number | null;
}

export type DetailListener = (company: Company, request: ErpRequest, detail: RequestDetail) => void;

/** ERP requests (immutable) and request details (the changeable status rows behind them). */
export class ErpRequests {
  private readonly listeners: DetailListener[] = [];
  /** Status words nobody published: stored all the same. */
  readonly unknownStatuses: string[] = [];

  constructor(
    private readonly state: State,
    private readonly rules: ErpRequestRules,
  ) {}

  onClosed(listener: DetailListener): void {
    this.listeners.push(listener);
  }

  handlers(): Record<string, Handler> {
    const update: Handler = (call) => ok(detailView(this.updateOne(call)));
    return {
      'request.show': (call) => {
        const request = call.company.requests.get(pathId(call));
        if (!request) throw notFound("Couldn't find ErpRequest");
        return ok(request.body);
      },
      'request.list': (call) => {
        if (!this.rules.listAvailable) throw notFound('No route matches');
        const all = [...call.company.requests.values()].sort((a, b) => a.id - b.id);
        return paginate(all, call, (r) => r.body);
      },
      'requestDetail.update': update,
      'requestDetail.replace': update,
      'requestDetail.sync': (call) =>
        syncAction(call.body, (item) => this.syncOne(call.company, item), { bareArray: true }),
      'requestDetail.list': (call) => {
        const item = call.query.get('filters[item_id]');
        this.markStale(call.company);
        const found = [...call.company.details.values()].filter(
          (d) =>
            item === undefined ||
            String(d.item_id) === item ||
            call.company.detailRecords.get(d.id)?.some((ref) => String(ref.id) === item) === true,
        );
        return ok(found.map(detailView));
      },
    };
  }

  add(company: Company, made: Omit<ErpRequest, 'company_id' | 'created_at'>): void {
    company.requests.set(made.id, { ...made, company_id: company.id, created_at: this.state.now() });
  }

  addDetail(
    company: Company,
    requestId: number,
    requestName: string,
    item: { type: string; id: number | string } | null,
  ): RequestDetail {
    const now = this.state.now();
    const detail: RequestDetail = {
      id: this.state.nextId('detail'),
      request_id: requestId,
      request_name: requestName,
      status: 'open',
      messages: [],
      item_type: item?.type ?? null,
      item_id: item?.id ?? null,
      created_at: now,
      updated_at: now,
    };
    company.details.set(detail.id, detail);
    return detail;
  }

  openDetails(company: Company, requestName: string): RequestDetail[] {
    this.markStale(company);
    return [...company.details.values()].filter(
      (d) => d.request_name === requestName && !CLOSED.has(d.status),
    );
  }

  /** A time-out exists, its length is not public: an option. */
  markStale(company: Company): void {
    const hours = this.rules.staleAfterHours;
    if (hours === null) return;
    const limit = this.state.now() - hours * 3_600_000;
    for (const detail of company.details.values()) {
      if (!CLOSED.has(detail.status) && detail.created_at <= limit) {
        this.move(company, detail, 'stale', ['No answer from the ERP integration.']);
      }
    }
  }

  private updateOne(call: Call): RequestDetail {
    const detail = call.company.details.get(pathId(call));
    if (!detail) throw notFound("Couldn't find ErpRequestDetail");
    const wanted = wrapped(call, 'request_detail');
    try {
      return this.change(call.company, detail, wanted);
    } catch (error) {
      if (error instanceof ItemError) throw new ApiError(422, { errors: error.errors });
      throw error;
    }
  }

  private syncOne(company: Company, item: JsonObject): JsonObject {
    const detail = company.details.get(asInt(item['id']) ?? -1);
    if (!detail) throw new ItemError({ id: ['Entity with this ID not found'] });
    return detailView(this.change(company, detail, item));
  }

  /** One detail closes once; repeating the same word is harmless. */
  private change(company: Company, detail: RequestDetail, wanted: JsonObject): RequestDetail {
    const status = asString(wanted['status']);
    if (status === undefined || status === '') throw new ItemError({ status: ["can't be blank"] });
    const messages: unknown = wanted['messages'] ?? [];
    if (!Array.isArray(messages) || messages.some((m) => typeof m !== 'string')) {
      throw new ItemError({ messages: ['is invalid'] });
    }
    this.markStale(company);
    if (CLOSED.has(detail.status)) {
      if (detail.status === status && status !== 'stale') return detail;
      throw new ItemError({ status: [`is already ${detail.status} and cannot be changed`] });
    }
    if (!KNOWN.has(status)) this.unknownStatuses.push(status);
    this.move(company, detail, status, messages as string[]);
    return detail;
  }

  private move(company: Company, detail: RequestDetail, status: string, messages: string[]): void {
    detail.status = status;
    detail.messages = [...messages];
    detail.updated_at = this.state.now();
    const request = company.requests.get(detail.request_id);
    if (!request) throw refused(422, 'The request of this detail is gone');
    if (CLOSED.has(status)) for (const listener of this.listeners) listener(company, request, detail);
  }
}

function detailView(detail: RequestDetail): JsonObject {
  return {
    id: detail.id,
    status: detail.status,
    messages: detail.messages,
    item_type: detail.item_type,
    item_id: detail.item_id,
    created_at: isoSeconds(detail.created_at),
    updated_at: isoSeconds(detail.updated_at),
  };
}
