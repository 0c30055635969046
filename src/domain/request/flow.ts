/**
 * What workflows, activities and clients say to each other: ids, counts and sentences, never records.
 * Workflows, activities, the Desk and the CLI share this file; it holds types and names only.
 */
import type { ErrorShape } from '../base/errors';
import type { Wait } from '../plan/plan';
import type { FinalStatus, RequestStatus } from './status';

/** Names one ERP request. */
export interface RequestRef {
  readonly connectionId: string;
  readonly requestId: number;
}

export interface ErpRequestInput extends RequestRef {
  /** Queue of the Procore app: its rate limit belongs to the app, not to the process. */
  readonly procoreQueue: string;
  readonly erpQueue: string;
  /** The body came with the intake (poll) and need not be fetched. */
  readonly fetched: boolean;
  /** Where a sync goes on after continue-as-new. */
  readonly resume?: { readonly page: number; readonly written: number; readonly refused: number };
}

export interface ErpRequestResult {
  readonly status: FinalStatus;
  /** What happened, in one sentence. */
  readonly summary: string;
}

/** What the workflow must know of a request to route it. */
export interface RequestView {
  readonly eventName: string;
  readonly subject: string;
  readonly route:
    | 'export'
    | 'sync'
    | 'refresh'
    | 'question'
    | 'links'
    | 'notice'
    | 'metadata'
    | 'refuse'
    | 'park'
    | 'held'
    | 'closed';
  /** Record for search (`vendor/98127745`), when there is one. */
  readonly recordId: string | null;
  /** For `held`: what it waits for. For a notice: whether Procore must be asked which records it means. */
  readonly waits: readonly Wait[];
  readonly mustAsk: boolean;
  /** Header fields that may be corrected. */
  readonly fields: readonly CorrectableField[];
  /** What is synced, for people: `vendor`, `vendors`. */
  readonly noun: Noun;
  /** For `refuse` and `park`: what to tell; for `closed`: how it ended before. */
  readonly error: ErrorShape | null;
  readonly closedAs: ErpRequestResult | null;
  readonly openDetailHours: number;
  /** When the request arrived, ISO 8601 UTC: since then its detail blocks somebody in Procore. */
  readonly receivedAt: string;
  /** Who may correct, retry or give up a parked request. */
  readonly approvers: readonly string[];
}

/** Who may decide about a parked request, and for how long it waits for them. */
export interface ParkedView {
  readonly approvers: readonly string[];
  readonly openDetailHours: number;
}

export type PlanView =
  | {
      readonly kind: 'plan';
      readonly hash: string;
      /** `rejected`: somebody rejected exactly this plan before; it is not asked about again. */
      readonly decision: 'approve' | 'ask_finance' | 'rejected';
      /** What the person who rejected it said. */
      readonly comment: string;
      /** The rule or person that decided, or the rule that asks. */
      readonly by: string;
      readonly operations: number;
      readonly warnings: number;
      /** Who may decide: validated synchronously by the update handlers. */
      readonly approvers: readonly string[];
    }
  | { readonly kind: 'refused'; readonly error: ErrorShape }
  | { readonly kind: 'held'; readonly waits: readonly Wait[] };

export type ApplyView =
  | { readonly kind: 'written'; readonly summary: string }
  | { readonly kind: 'moved'; readonly reason: string }
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs: number }
  | { readonly kind: 'stopped'; readonly error: ErrorShape };

export type ReadView = { readonly kind: 'read' } | Extract<ApplyView, { kind: 'busy' | 'stopped' }>;

export type ConfirmView =
  ({ readonly kind: 'applied' } & ClosedRequest) | { readonly kind: 'stopped'; readonly error: ErrorShape };

export type PageView =
  | { readonly kind: 'page'; readonly records: number; readonly last: boolean }
  | Extract<ApplyView, { kind: 'busy' | 'stopped' }>;

/** A closed request, and the held requests that may go on because of it. */
export interface ClosedRequest {
  readonly result: ErpRequestResult;
  readonly released: readonly number[];
}

export interface Noun {
  readonly one: string;
  readonly many: string;
}

/** A header field that a person may correct. */
export interface CorrectableField {
  readonly name: string;
  readonly kind: 'text' | 'flag';
  /** Must not be emptied. */
  readonly required: boolean;
}

/** Decision of a person, as sent to the workflow. */
export interface Decision {
  readonly planHash: string;
  /** Id of the approver. */
  readonly by: string;
  readonly comment: string;
  /** Where it was entered: `cli`, `desk`. */
  readonly channel: string;
}

export interface Correction {
  readonly by: string;
  readonly comment: string;
  /** Canonical field → new value; empty = just try again. */
  readonly values: Readonly<Record<string, string | boolean | null>>;
}

export interface DecisionReceipt {
  readonly status: RequestStatus;
  readonly message: string;
}

/** What `tieback show` asks the running workflow. */
export interface RequestState {
  readonly status: RequestStatus;
  readonly reason: string | null;
  readonly planHash: string | null;
}

export interface PollResult {
  readonly seen: number;
  readonly added: number;
}

/** Names of the updates and the query of an `erpRequest` workflow. */
export const REQUEST_UPDATES = { approve: 'approve', reject: 'reject', correct: 'correct' } as const;
export const REQUEST_STATE_QUERY = 'state';
/** Signal: what the request waits for may be there now. */
export const RELEASE_SIGNAL = 'release';

/** `planHash` of a decision where there is no plan to decide about (a parked request is given up). */
export const NO_PLAN = 'none';
