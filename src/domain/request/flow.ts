/**
 * What workflows, activities and clients say to each other: ids, counts and sentences, never records.
 * Workflows, activities, the Desk and the CLI share this file; it holds types and names only.
 */
import type { ErrorShape } from '../base/errors';
import type { Kind } from '../kinds';
import type { PublicKey, Signature } from '../people/signature';
import type { Wait } from '../plan/plan';
import type { Findable } from './findable';
import type { SideName } from '../reconcile/side-record';
import type { ReconciledKind, RequestRef } from './id';
import type { Way } from './intent';
import type { FinalStatus, RequestStatus } from './status';

export type { RequestRef } from './id';

/** One page of a request; everything but a sync has page 0 alone. */
export interface PageRef extends RequestRef {
  readonly page: number;
}

/** A page and the plan that was approved for it. */
export interface ApprovedRef extends PageRef {
  readonly planHash: string;
}

/** After so long (milliseconds), Procore is asked whether it shows what was sent otherwise, before it is planned. */
export const LOOK_AGAIN_MS = 15 * 60_000;

export interface SyncRequestInput extends RequestRef {
  /** Queue of the Procore app: its rate limit belongs to the app, not to the process. */
  readonly procoreQueue: string;
  readonly erpQueue: string;
  /** The body is in our store already and need not be fetched. */
  readonly fetched: boolean;
  /** What it is about, for people, where that is known at the start. */
  readonly subject?: string;
  /** Of a reconcile: the workflow that is told when only people can go on. */
  readonly tells?: { readonly workflowId: string; readonly runId: string };
  /** What a person answered while the run before could not take it: signed as every answer, taken first of all. */
  readonly answer?:
    | { readonly kind: 'rejected'; readonly given: Decision }
    | { readonly kind: 'corrected'; readonly given: Correction };
  /** Where a sync goes on after continue-as-new. */
  readonly resume?: {
    readonly page: number;
    readonly written: number;
    readonly refused: number;
    /** When the first run of the request began: epoch milliseconds by the server's clock. */
    readonly startedAt: number;
  };
}

/** One look of a reconcile at one side. */
export interface ReconcileLook {
  readonly connectionId: string;
  readonly kind: ReconciledKind;
  /** Of the request that is made of what is found: `2026-11-27T14:00:05`. */
  readonly name: string;
  /** Read everything, and not only what moved. */
  readonly full: boolean;
}

/** What a look found. */
export interface Looked {
  readonly kind: 'looked';
  /** Records that were read. */
  readonly read: number;
  /** Of these, those that moved since they were settled, or are new. */
  readonly moved: number;
  /** Pages that they were staged as. */
  readonly pages: number;
  /** Some of them are linked: the other side must be read before a plan can be made. */
  readonly other: boolean;
  /** There is more: the next look goes on. */
  readonly more: boolean;
  /** How many records this side has, where all of them are read and it can say so. */
  readonly all?: number;
}

export interface ReconcileInput {
  readonly connectionId: string;
  readonly kind: ReconciledKind;
  readonly procoreQueue: string;
  readonly erpQueue: string;
  readonly full?: boolean;
  /** What the runs before this one came to, after continue-as-new. */
  readonly before?: Pick<ReconcileResult, 'read' | 'moved' | 'requests'> &
    Partial<Pick<ReconcileStanding, 'since' | 'all'>>;
}

/** Query to a reconcile: how far it is. */
export const RECONCILE_STANDING_QUERY = 'standing';

/** How far a reconcile is. */
export interface ReconcileStanding extends Pick<ReconcileResult, 'read' | 'moved' | 'requests'> {
  /** What it does, in words. */
  readonly now: string;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** Records of the ERP, where all of them are read; null: only what moved is, or nobody knows. */
  readonly all: number | null;
}

/** Signal to a reconcile: what is left of its request waits for people. */
export const PAGES_WAIT_SIGNAL = 'pagesWait';

/** What a reconcile came to. */
export interface ReconcileResult {
  readonly kind: ReconciledKind;
  /** Records that were read, by side. */
  readonly read: Readonly<Record<SideName, number>>;
  readonly moved: Readonly<Record<SideName, number>>;
  /** Requests that it made, oldest first; empty: there was nothing to do. */
  readonly requests: readonly string[];
  /** Why a side could not be looked at; null: it was. */
  readonly problem: string | null;
}

/** How the pages of a reconcile stand, after they were planned. */
export interface PagesPlanned {
  readonly kind: 'planned';
  /** Approved pages, and those among them that write to the ERP. */
  readonly approved: readonly PageApproved[];
  readonly toErp: readonly PageApproved[];
  /** Pages that somebody must decide about. */
  readonly asking: readonly { readonly page: number; readonly plan: PlanView }[];
  /** Pages that cannot be planned, with the reason. */
  readonly refused: readonly { readonly page: number; readonly error: ErrorShape }[];
  readonly released: readonly string[];
  /** Pages that must be read again, because what was read of them is old; then no other page is approved. Absent: none. */
  readonly again?: readonly number[];
}

export interface PageApproved {
  readonly page: number;
  readonly planHash: string;
}

/** What became of approved pages. */
export interface PagesWritten {
  readonly kind: 'written';
  readonly written: number;
  readonly refused: number;
  readonly released: readonly string[];
  /** Pages that are to be read and planned again. `reason`: why a person looks at the new plan; null: nobody need. */
  readonly moved: readonly { readonly page: number; readonly reason: string | null }[];
}

/** Some pages of a request. */
export interface PagesRef extends RequestRef {
  readonly pages: readonly PageApproved[];
}

export interface SweepInput {
  readonly connectionId: string;
  readonly erpQueue: string;
}

/** What a sweep saw of one kind. */
export interface KindSwept {
  readonly kind: Kind;
  /** Links whose record must be there. */
  readonly linked: number;
  /** Records that the ERP listed. */
  readonly listed: number;
  /** Links whose record is not there. */
  readonly missing: number;
  /** So many are missing that the list is doubted: no single one was told. */
  readonly doubted: boolean;
  /** Records that changed without the feed telling it. */
  readonly missed: number;
  /** Exceptions that this sweep opened, and closed. */
  readonly opened: number;
  readonly closed: number;
}

export interface SweepResult {
  readonly kinds: readonly KindSwept[];
  /** Kinds that could not be read to their end: nothing was concluded about them. */
  readonly problems: readonly { readonly kind: Kind; readonly problem: string }[];
}

/** Type of the failure with which the workflow of a failed request ends; its detail is the `RequestResult`. */
export const REQUEST_FAILED = 'RequestFailed';

export interface RequestResult {
  readonly status: FinalStatus;
  /** What happened, in one sentence. */
  readonly summary: string;
}

/** Who may decide about a request that waits, and for how long it waits for them. */
export interface WaitingView {
  readonly approvers: readonly string[];
  /** Whose signature a decision must carry. */
  readonly publicKeys: readonly PublicKey[];
  /** 0 = no limit. */
  readonly openDetailHours: number;
}

/** What the workflow must know of a request to work it. */
export interface RequestView extends WaitingView {
  readonly eventName: string;
  readonly subject: string;
  readonly next:
    | {
        readonly kind: 'work';
        readonly way: Way;
        /** Procore must be asked first. */
        readonly mustAsk: boolean;
      }
    | { readonly kind: 'held'; readonly waits: readonly Wait[] }
    /** Closed as failed with a message. */
    | { readonly kind: 'refuse'; readonly error: ErrorShape }
    /** Not even closed in Procore: somebody decides. */
    | { readonly kind: 'park'; readonly error: ErrorShape }
    /** Procore shows it as closed: what the ERP knows of it is taken over, and it is closed here in the same way. */
    | { readonly kind: 'adopt' }
    | {
        readonly kind: 'closed';
        readonly as: RequestResult;
        /** Held requests that may go on, where it was closed just now. */
        readonly released?: readonly string[];
      };
  /** By what it is found in the Web UI. */
  readonly findable: Findable;
  /** Record for search (`vendor/98127745`), or the request itself. */
  readonly recordId: string;
  /** Header fields that may be corrected. */
  readonly fields: readonly CorrectableField[];
  /** What is synced, for people: `vendor`, `vendors`. */
  readonly noun: Noun;
}

/** A step could not go on: busy goes on by itself, stopped needs somebody. */
export type Interruption =
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs: number }
  | { readonly kind: 'stopped'; readonly error: ErrorShape };

export interface ReadView {
  readonly kind: 'read';
  /** Nothing more to read. */
  readonly last: boolean;
  /** Procore must be asked as well before a plan can be made. */
  readonly mustAsk: boolean;
}

/** A plan, and what was decided about it so far. */
export interface PlanView {
  readonly kind: 'plan';
  readonly hash: string;
  /** `rejected`: somebody rejected exactly this plan before; it is not asked about again. */
  readonly decision: 'approve' | 'ask_finance' | 'rejected';
  /** What the person who rejected it said. */
  readonly comment: string;
  /** The rule or person that decided, or the rule that asks. */
  readonly by: string;
  /** Why finance is asked, in a sentence; only of pages. */
  readonly because?: string;
  readonly operations: number;
  readonly warnings: number;
  /** Who may decide: validated synchronously by the update handlers. */
  readonly approvers: readonly string[];
  /** Names of the records that it takes away from people; absent: none. */
  readonly guarded?: readonly string[];
  /** It writes to the ERP. */
  readonly writesErp?: true;
  /** Nobody has counted yet whose origin_ids stand in Procore: that comes before anything is written. */
  readonly mustCount: boolean;
}

export type PlanningView =
  | PlanView
  /** There was nothing to write outside our own store, and the page is done. */
  | (Omit<PageWritten, 'kind'> & { readonly kind: 'done' })
  | ({ readonly kind: 'closed' } & ClosedRequest)
  /** The record must be corrected; it is parked already. */
  | { readonly kind: 'refused'; readonly error: ErrorShape }
  /** What was asked for cannot be had any more: closed as failed. */
  | { readonly kind: 'gone'; readonly error: ErrorShape }
  | { readonly kind: 'held'; readonly waits: readonly Wait[]; readonly lookAgainMs?: number };

/** One look for pay periods and timecards. */
export interface PayrollInput {
  readonly connectionId: string;
  readonly procoreQueue: string;
  readonly erpQueue: string;
}

/** What a look at the pay periods of the ERP found: ids of requests. */
export interface PeriodsSeen {
  readonly kind: 'periods';
  readonly made: readonly string[];
  /** Those whose period is not as it was. */
  readonly moved: readonly string[];
}

/** What a look at timecards found. */
export interface TimecardsLooked {
  readonly kind: 'timecards';
  readonly moved: number;
  /** Requests of pay periods that it is about. */
  readonly requests: readonly string[];
}

/** What a look for pay periods and timecards came to. */
export interface PayrollLooked {
  /** Entries that were not as they were kept. */
  readonly moved: number;
  readonly made: readonly string[];
  /** Requests that were told. */
  readonly told: readonly string[];
  /** Sides that could not be asked. */
  readonly problems: readonly string[];
}

export type ErpWriteView =
  | { readonly kind: 'written'; readonly summary: string }
  /** The approved plan does not hold any more. */
  | { readonly kind: 'moved'; readonly reason: string };

export interface PageWritten {
  readonly kind: 'written';
  readonly written: number;
  readonly refused: number;
  readonly released: readonly string[];
}

/** A closed request, and the ids of held requests that may go on because of it. */
export interface ClosedRequest {
  readonly result: RequestResult;
  readonly released: readonly string[];
  /** Numbers that the ERP gave to what was written; see `Findable`. */
  readonly numbers?: readonly string[];
}

export interface Noun {
  readonly one: string;
  readonly many: string;
}

/** A field that a person may correct: of the header (`code`), or of every line of a kind (`commitment_line[*].description`). */
export interface CorrectableField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'flag';
  /** Must not be emptied. */
  readonly required: boolean;
}

/** What every answer of a person carries to the workflow. The daemon, which knows the person, signs all of it. */
export interface Answered {
  /** Id of the approver. */
  readonly by: string;
  /** The approver in whose name they answer, by delegation; absent: in their own. */
  readonly inNameOf?: string | undefined;
  /** Break-glass: the account of the machine that decides in the name of `by`, e.g. `uid 0 (root)`; null: the person showed a token. */
  readonly account: string | null;
  readonly comment: string;
  /** Where it was entered: `cli`, `desk`. */
  readonly channel: string;
  /** When it was signed, ISO 8601 UTC. */
  readonly at: string;
  readonly signatures: readonly Signature[];
}

/** An approval, its withdrawal, or a rejection. */
export interface Decision extends Answered {
  readonly planHash: string;
}

export interface Correction extends Answered {
  /** Canonical field → new value; empty = just try again. */
  readonly values: Readonly<Record<string, string | boolean | null>>;
}

export interface DecisionReceipt {
  readonly status: RequestStatus;
  readonly message: string;
  /** Of an approval that is not acted on at once: until then (ISO 8601 UTC, `ms` milliseconds from now) it can be withdrawn. */
  readonly undo?: { readonly ms: number; readonly until: string };
}

/** What `tieback show` asks the running workflow. */
export interface RequestState {
  readonly status: RequestStatus;
  readonly reason: string | null;
  readonly planHash: string | null;
  /** It began with an answer that it has not looked at yet. */
  readonly answerWaits: boolean;
}

export interface PollResult {
  readonly seen: number;
  readonly added: number;
}

/** Names of the updates and the query of a `syncRequest` workflow. */
export const REQUEST_UPDATES = {
  approve: 'approve',
  reject: 'reject',
  correct: 'correct',
  withdraw: 'withdraw',
} as const;
export const REQUEST_STATE_QUERY = 'state';
/** Signal: what the request waits for may be there now. */
export const RELEASE_SIGNAL = 'release';

/** `planHash` of a decision where there is no plan to decide about (a parked request is given up). */
export const NO_PLAN = 'none';
