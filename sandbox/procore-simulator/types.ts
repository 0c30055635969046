import type { Clock } from './clock';
import type { JsonObject } from './json';
import type { Kind } from './records/record';

/** Which clients may ask for tokens. */
export interface ClientCredentials {
  id: string;
  secret: string;
}

export interface CompanySeed {
  id: number;
  name: string;
  /** false: the app is not installed there, every call answers 403. */
  connected?: boolean;
}

/** Procore guide "Rate Limiting": two windows at once. */
export interface RateLimitOptions {
  hourly: number;
  spike: number;
  spikeWindowMs: number;
  hourlyWindowMs: number;
  /** One page of the guide names Retry-After, another only X-Rate-Limit-Reset. */
  retryAfterHeader: boolean;
  /** false: the bare sentence as text; true: `{"errors": …}`. */
  jsonBody: boolean;
}

/** Procore guide "Webhooks": delivery rules, all adjustable. */
export interface WebhookOptions {
  /** 'auto': a timer delivers; 'manual': only `deliverNow()` does. Default: auto with the real clock. */
  delivery: 'auto' | 'manual';
  timeoutMs: number;
  backOffFirstMs: number;
  backOffMaxMs: number;
  discardAfterMs: number;
  /** Hooks become `disabled` after that many failed attempts in a row. null: never. */
  disableAfterFailures: number | null;
  /** Send every Nth delivery twice. 0: never. */
  duplicateEvery: number;
  /** Deliver the waiting events of a destination in random order. */
  shuffle: boolean;
  delayMs: number;
  nullMetadata: boolean;
  /** That many coming events are lost without a trace in the delivery log. */
  loseNext: number;
  requireHttps: boolean;
}

export interface SimulatorOptions {
  host?: string;
  port?: number;
  clock?: Clock;
  clients?: ClientCredentials[];
  companies?: CompanySeed[];
  /** Directory user of the service account: `GET /me`, and `user_id` of webhooks caused by API writes. */
  serviceUserId?: number;
  /** false switches rate limiting off; a partial object changes single numbers. */
  rateLimit?: Partial<RateLimitOptions> | false;
  /** Status for a taken origin_id on create and update; the error table says 409, model validations usually 422. */
  duplicateOriginIdStatus?: 409 | 422;
  /** Guides: unique in the whole company. Examples: per type. */
  originIdScope?: 'company' | 'type';
  /** What becomes of a call without Procore-Company-Id: refused, or the company it names, else the first one. */
  companyHeader?: 'required' | 'optional';
  /** Prefix served for the operations whose path is only inferred. */
  inferredPathPrefix?: string;
  /** false: listing ERP requests answers 404, as its existence is not documented. */
  requestListAvailable?: boolean;
  /** Where budgets and requisitions carry `request_detail_id`, which the samples do not show. */
  requestDetailLocation?: 'request_data' | 'per_item' | 'absent';
  /** Open details become stale after that many hours. null: never. */
  detailStaleAfterHours?: number | null;
  /** How a record may be unlinked: the guide names Status Management, the events dictionary external data with nulls. */
  unlinkBy?: 'either' | 'external_data' | 'status_management';
  /** Commitments may be exported while their vendor is not in the ERP yet, as "direct export" lets happen. */
  allowUnsyncedVendor?: boolean;
  /** What the sync action of standard cost codes answers without `view`: the guide says ids, the OpenAPI whole records. */
  standardCodeSyncView?: 'ids' | 'full';
  /** What the company's list of timecard entries shows to a call without dates: the guide says today, of the project's list. */
  timecardsWithoutDates?: 'all' | 'today';
  /** Entries of a bulk update that cannot be changed are left out of its answer, or refuse all of it: not documented. */
  lockedTimecards?: 'leave_out' | 'refuse_all';
  /** Whether what overtime management split off is in lists by itself, or only within the entry it was made of: not documented. */
  timecardPieces?: 'listed' | 'within';
  /** Refuse unknown fields inside `data` of a staged record with a per-item error. */
  rejectUnknownStagedFields?: boolean;
  webhooks?: Partial<WebhookOptions>;
  /** Start of the pseudo-random sequence (tokens, ULIDs, shuffling). */
  seed?: number;
  /** One readable line per event. */
  onLine?: (line: string) => void;
}

export interface Addresses {
  apiUrl: string;
  loginUrl: string;
}

export type ErpStatus =
  'not_in_erp' | 'ready_to_export' | 'exporting' | 'failed_to_export' | 'rejected' | 'synced';

/** `status` is a word of the integrator; only success and failed are documented, anything is stored. */
export interface RequestDetail {
  id: number;
  request_id: number;
  request_name: string;
  status: string;
  messages: string[];
  item_type: string | null;
  item_id: number | string | null;
  created_at: number;
  updated_at: number;
}

export interface ErpRequest {
  id: number;
  company_id: number;
  request_name: string;
  /** Body served by `GET erp_requests/{id}`. Any JSON when emitted raw. */
  body: unknown;
  created_at: number;
  detailIds: number[];
}

export interface ExternalDataRow {
  id: number;
  item_type: string;
  item_id: number | string;
  origin_id: string | null;
  origin_code: string | null;
  origin_data: unknown;
}

export type StagedStatus = 'staged' | 'archived' | 'imported' | 'invalid';

export interface StagedRecord {
  id: number;
  item_type: string;
  origin_id: string;
  origin_code: string | null;
  origin_data: unknown;
  parent_id: number | null;
  status: StagedStatus;
  data: JsonObject;
  created_at: number;
  updated_at: number;
}

export interface ErpConnection {
  service_url: string;
  metadata: JsonObject;
  standard_cost_code_list_id: number;
}

/** Something in a request that the documentation does not know or demands. */
export interface Violation {
  kind:
    | 'unknown-operation'
    | 'unknown-query-parameter'
    | 'missing-query-parameter'
    | 'unknown-body-field'
    | 'missing-body-field'
    | 'wrong-type'
    | 'wrong-value'
    | 'missing-header'
    | 'company-mismatch';
  where: string;
  message: string;
}

/** A violation, and the request it was in. */
export type LoggedViolation = Violation & { seq: number; operationId: string | null };

export interface RequestLogEntry {
  seq: number;
  at: number;
  method: string;
  path: string;
  query: Record<string, string[]>;
  headers: Record<string, string>;
  body: unknown;
  operationId: string | null;
  /** null while being handled and when the connection was cut without an answer. */
  status: number | null;
  fault: string | null;
  violations: Violation[];
}

export interface FaultMatch {
  method?: string;
  /** Regular expression on the path. */
  path?: string;
  operationId?: string;
}

interface FaultBase {
  match?: FaultMatch;
  /** How often the rule applies; default 1. */
  times?: number;
  /** Let that many matching requests pass first. */
  skip?: number;
}

/** A switch that makes coming requests go wrong. */
export type FaultRule = FaultBase &
  (
    | { kind: 'delay'; ms: number }
    | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
    | { kind: 'drop-before' }
    | { kind: 'drop-reply' }
    | { kind: 'truncate' }
    | { kind: 'duplicate-delivery' }
  );

export type ActiveFault = FaultRule & { id: number; remaining: number; toSkip: number; hits: number };

export interface DeliveryAttempt {
  started_at: number;
  completed_at: number;
  status: number | null;
  response_body: string;
  response_headers: Record<string, string>;
  error: string | null;
}

export type DeliveryState = 'enqueued' | 'retrying' | 'delivered' | 'discarded' | 'failed';

export interface DeliveryView {
  id: number;
  hookId: number;
  url: string;
  state: DeliveryState;
  payload: JsonObject;
  attempts: DeliveryAttempt[];
  enqueuedAt: number;
}

export interface EmitOptions {
  companyId?: number;
  /** Merged into `request_data` of the example payload (arrays are replaced). */
  requestData?: unknown;
  /** Merged into the envelope. */
  envelope?: JsonObject;
  /** Item of the request detail, when the payload does not tell. */
  item?: { type: string; id: number | string };
  userId?: number | null;
  /** false: keep the record ids of the example. */
  freshIds?: boolean;
}

export interface RawOptions {
  companyId?: number;
  userId?: number | null;
  /** Wrap the body in the usual envelope (id, company_id, times) instead of serving it verbatim. */
  envelope?: boolean;
  /** Create one open detail and tell its id. */
  withDetail?: boolean;
  /** false: no webhook. */
  notify?: boolean;
}

export interface EmitResult {
  requestId: number;
  requestDetailIds: number[];
  body: unknown;
}

export interface ApproverRule {
  /** Case-insensitive regular expression on the vendor name; left out: every vendor. */
  namePattern?: string;
  decision: 'accept' | 'reject';
  /** ERP code typed in the export form. `{n}` is replaced by a running number. */
  code?: string;
  customFields?: JsonObject;
  /** Comment of a rejection. */
  comment?: string;
}

export interface ApproverOutcome {
  vendorId: number;
  name: string;
  decision: 'accepted' | 'rejected' | 'refused' | 'undecided';
  requestId: number | null;
  reason: string | null;
}

/** One record as people and tests look at it. */
export interface RecordState extends JsonObject {
  kind: Kind;
  id: number;
  origin_id: string | null;
  origin_code: string | null;
  origin_data: unknown;
  linked: boolean;
  erp_status: ErpStatus;
  /** What the ERP tool shows beside the record: red after a failure, green after an unlink. */
  erp_messages: string[];
  erp_comment: string | null;
  lines?: RecordState[];
}

export interface CompanyStateView {
  id: number;
  name: string;
  connected: boolean;
  connection: ErpConnection | null;
  records: Record<Kind, RecordState[]>;
  stagedRecords: StagedRecord[];
  externalData: ExternalDataRow[];
  requests: { id: number; request_name: string; created_at: number; details: RequestDetail[] }[];
  other: Record<string, JsonObject[]>;
}

export interface HookView {
  id: number;
  namespace: string;
  destination_url: string;
  api_version: string;
  status: 'active' | 'disabled';
  company_id: number | null;
  project_id: number | null;
  triggers: { id: number; resource_name: string; event_type: string }[];
}

export interface SimulatorState {
  now: number;
  companies: CompanyStateView[];
  hooks: HookView[];
  deliveries: DeliveryView[];
  faults: ActiveFault[];
}
