import type { AuditAction } from '../domain/audit/chain';
import type { Kind } from '../domain/kinds';
import type { SealedIdentity } from '../domain/people/identity';
import type { SealedInvitation, SealedPasskey } from '../domain/people/passkey';
import type { SealedSession } from '../domain/people/session';
import type { Signature } from '../domain/people/signature';
import type { SealedToken } from '../domain/people/token';
import type { Census } from '../domain/kinds/census';
import type { CanonicalRecord, Fields, FieldValue, KnownRecord, ProcoreId } from '../domain/kinds/record';
import type { LinkState } from '../domain/kinds/record-link';
import type { BatchPurpose } from '../domain/payroll/books';
import type { TimecardEntry } from '../domain/payroll/entry';
import type { PayLine } from '../domain/payroll/line';
import type { NoticeTopic } from '../domain/notify/due';
import type { OperationAction, OperationSide } from '../domain/plan/operation';
import type { AcceptedPerson } from '../domain/payroll/accepted-person';
import type { PlanBody } from '../domain/plan/plan';
import type { Snapshot } from '../domain/plan/snapshot';
import type { ClosedBecause, ConflictDecision } from '../domain/reconcile/conflict';
import type { OpenField } from '../domain/reconcile/merge-record';
import type { Owner } from '../domain/reconcile/ownership';
import type { SideName } from '../domain/reconcile/side-record';
import type { RequestAbout } from '../domain/request/about';
import type { ListedBy, ListedPlan } from '../domain/request/listed';
import type { Source } from '../domain/request/id';
import type { Intent, ReadRequest, StoredBody } from '../domain/request/intent';
import type { ProcoreEnd } from '../domain/request/procore-end';
import type { RulesBody } from '../domain/rules/body';
import type { VersionState } from '../domain/rules/versions';
import type { Rested, RequestStatus } from '../domain/request/status';

/** Rows of our own store, one type per table. Times are ISO 8601 UTC. */

/** This installation, in the one row of its table. */
export interface InstallationRow {
  /** Always 1: there is one row. */
  slot: number;
  /** Random, made once. A store that was emptied is another installation; a restored one is the same. */
  id: string;
  createdAt: string;
}

/** One process of the daemon, as it last told of itself. It says who works, never what may be done. */
export interface DaemonRow {
  /** Random, made at each start. */
  id: string;
  /** Name of its machine, and its process there. */
  host: string;
  pid: number;
  /** Version of Tieback. */
  version: string;
  /** Task queues that it polls. */
  queues: readonly string[];
  startedAt: string;
  /** When it last told of itself: every 15 seconds. */
  beatAt: string;
  /** Why it does not work, although it runs; null: it works. */
  problem: string | null;
  /** When it ended in order; null: it runs, or was killed. */
  stoppedAt: string | null;
}

export interface ConnectionRow {
  /** Short name from the configuration, e.g. `acme`. */
  id: string;
  companyId: number;
  erpAdapter: string;
  erpCompany: string;
  /** Procore's list of the ERP's standard cost codes; null until the ERP connection was made. */
  standardCostCodeListId: number | null;
  /** Hash of the metadata configuration that Procore was sent last; null: none. */
  metadataRevision: string | null;
  /** Who owned the origin_ids of Procore when they were counted last; null: they never were. */
  census: Census | null;
  /** Kinds whose reconcile somebody paused; null: none. */
  paused: Readonly<Partial<Record<Kind, Paused>>> | null;
  /** Kinds of which the next reconcile reads everything, and not only what moved; null: none. */
  fullNext: readonly Kind[] | null;
  /** Head of the audit chain; moved in the same transaction as the chain itself. */
  auditSeq: number;
  auditHash: string;
  createdAt: string;
}

/** Who paused a reconcile, when, and why. */
export interface Paused {
  readonly by: string;
  readonly at: string;
  readonly comment: string;
}

export interface IntakeEventRow {
  connectionId: string;
  /** `ulid` of the webhook delivery, `poll:<request id>`, or `open:<key>:<revision>` of a find of our own. */
  eventId: string;
  source: 'webhook' | 'poll' | 'open';
  requestId: string | null;
  /** Directory user who caused it, as the webhook says; null when unknown. */
  userId: number | null;
  /** Why it was not acted on; null when it led to a request. */
  ignored: string | null;
  body: unknown;
  receivedAt: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One sync request: the unit of work. Its body lies beside it (`RequestBodyRow`), because most steps do not need it. `ListedBy` follows `about`. */
export interface SyncRequestRow extends Mutable<ListedBy> {
  connectionId: string;
  /** `erp/640018`, `open/17`: unique within the connection. */
  id: string;
  source: Source;
  /** Order in which the source made its requests: Procore's number, or our own count. */
  position: number;
  /** Procore's number of it, for the source `erp`. */
  erpRequestId: ProcoreId | null;
  workflowId: string;
  /** Null until it was read, as the next ones. */
  eventName: string | null;
  way: Intent['way'] | null;
  subject: string | null;
  /** The one record the request is about (`commitment/310442`); null when it is about none or several. */
  recordId: string | null;
  /** Kind of its records: what people filter by. */
  kind: Kind | null;
  /** Of the plan that was asked about last; null: there is none. */
  planHash: ListedPlan['planHash'] | null;
  warnings: ListedPlan['warnings'];
  contradiction: ListedPlan['contradiction'];
  /** Since when somebody in Procore is blocked by its open detail; null: nobody is. */
  blockedSince: string | null;
  /** Who looks after it, and who holds it, for lists; the log says so itself to whoever decides. Null: nobody. */
  owner: string | null;
  heldBy: string | null;
  /** What people tell it by in a list. */
  about: RequestAbout | null;
  /** Titles, numbers, names and ids of its records in lower case, a line each: what people search by. Grows with what is planned and written. */
  searchText: string | null;
  status: RequestStatus;
  /** Why it stands where it stands, for people. */
  reason: string | null;
  /** Directory user of Procore who caused the request, when known. */
  requestedBy: number | null;
  /** What Procore calls that user, where the body names them; only ever shown beside the number. */
  sender: string | null;
  /** Values entered with `tieback correct`. */
  corrections: Fields | null;
  /** How it ended in Procore, where a look found it closed while it was open here; null: as far as we know it is open there. */
  procoreEnd: ProcoreEnd | null;
  /** Its body is there. */
  fetched: boolean;
  /** A workflow was started for it. */
  started: boolean;
  receivedAt: string;
  updatedAt: string;
  /** Since when it stands where it stands, for the same reason; a look in between does not begin it anew. */
  since: string;
  /** Where it rested before it was looked at again. */
  rested: Rested | null;
  closedAt: string | null;
}

/** The body of a request, and what it was read as. */
export interface RequestBodyRow {
  connectionId: string;
  requestId: string;
  body: StoredBody;
  reading: ReadRequest;
  /** Version of the readers that made the reading; another one reads again. */
  readerVersion: string;
}

/** What was read from a source for one request: decisions are made from it, never from the wire. */
export interface SnapshotRow {
  connectionId: string;
  requestId: string;
  page: number;
  /** Everything that a plan needs was read. */
  whole: boolean;
  body: Snapshot;
  readAt: string;
}

/** A plan as its table has it: the body as one text, of which the seal is taken. */
export type StoredPlanRow = Omit<PlanRow, 'body' | 'seal'> & { body: string };

export interface PlanRow {
  connectionId: string;
  requestId: string;
  /** Page of a sync; 0 for a single record. */
  page: number;
  /** 1, 2, ... : a rebuilt plan gets the next number. */
  version: number;
  hash: string;
  body: PlanBody;
  /** Of the body as it is stored; see `planSeal`. */
  seal: string;
  state: 'built' | 'approved' | 'rejected' | 'superseded' | 'applied';
  builtAt: string;
}

export interface OperationRow {
  connectionId: string;
  requestId: string;
  operationKey: string;
  planHash: string;
  side: OperationSide;
  action: OperationAction;
  recordId: string;
  erpKey: string | null;
  /**
   * `rejected`: accepted for the ERP's own import, which said no later. `lost`: written once, and gone with a restored backup of the ERP; an approver
   * accepted that.
   */
  state: 'planned' | 'written' | 'confirmed' | 'refused' | 'rejected' | 'lost';
  reason: string | null;
  /** The record as it was read back after the write (or found there); null: as the plan says, or it is not known. */
  record: CanonicalRecord | null;
  at: string;
}

export interface ApprovalRow {
  connectionId: string;
  requestId: string;
  planHash: string;
  /** `first`: the first of two approvals, which decides nothing alone. `withdrawn`: approvals before it count no more. */
  decision: 'first' | 'approved' | 'rejected' | 'withdrawn';
  /** A person, or `rule:<name>`. */
  decidedBy: string;
  comment: string;
  channel: string;
  at: string;
}

export interface RecordLinkRow {
  /** Random; an ERP key can be renamed. */
  id: string;
  connectionId: string;
  kind: Kind;
  erpKey: string;
  procoreId: number | null;
  state: LinkState;
  generation: number;
  /** The two shadows: what Procore last held, what the ERP last held. */
  /** `erp`: the same as the ERP's, which is kept once. */
  procore: CanonicalRecord | 'erp' | null;
  erp: CanonicalRecord | null;
  /** See `nameKeyOf`, of the ERP's shadow: finds a record that came under another key. */
  nameKey: string | null;
  erpRevision: string | null;
  procoreRevision: string | null;
  linesRevision: string | null;
  procoreLinesRevision: string | null;
  altered: readonly string[] | null;
  /** Procore project the record lives in. */
  projectId: number | null;
  updatedAt: string;
}

/** A record of one side that has no partner (yet), or that is to be read again. One row a record. */
export interface SideRecordRow {
  connectionId: string;
  kind: Kind;
  side: SideName;
  /** ERP key, or Procore id as text. */
  recordKey: string;
  /**
   * `unpaired`: it has no partner. `again`: it is to be looked at again, whatever the feed tells. `told`: it cannot be worked, which was told; as long as it
   * is as it was then, that is no news.
   */
  why: 'unpaired' | 'again' | 'told';
  originId: string | null;
  /** Null: it is to be read, or is not kept. */
  record: CanonicalRecord | null;
  state: KnownRecord['state'];
  revision: string | null;
  changedAt: string | null;
  seenAt: string;
}

/** One timecard entry of Procore, and what became of it in payroll. */
export interface TimecardEntryRow {
  connectionId: string;
  entryId: number;
  /** Date of work, a local calendar date. */
  workDate: string;
  personId: number | null;
  /** As Procore showed it last, deleted ones too. */
  entry: TimecardEntry;
  /** What was approved last, where it is another version; null: `entry` is, or nothing ever was. */
  approved: TimecardEntry | null;
  /** When it was approved first, as Procore says; null: it never was. */
  payableSince: string | null;
  /** The request whose batch has its hours. */
  writtenIn: string | null;
  /** Hours that were written, in hundredths. */
  hours: number | null;
  writtenRevision: string | null;
  /** `countedRevision`. */
  revision: string;
  seenAt: string;
}

/** One line of timecards that we wrote to the ERP and did not take back, or that the ERP refused. */
export interface PayLineRow {
  connectionId: string;
  lineKey: string;
  state: 'written' | 'refused';
  requestId: string;
  purpose: BatchPurpose;
  /** `periodName` of the period that its batch is of. */
  period: string;
  /** The batch in the ERP; null: refused. */
  batch: string | null;
  employee: string;
  workDate: string;
  line: PayLine;
  /** Why it was refused. */
  reason: string | null;
  at: string;
}

/** One field on which both sides differ, and nobody but a person can say which of them holds. */
export interface ConflictRow {
  connectionId: string;
  /** `<record id>#<field>`. */
  id: string;
  linkId: string;
  recordKind: Kind;
  recordId: string;
  erpKey: string;
  field: string;
  /** What both held when they agreed last, and when that was settled; nothing where they were never compared. */
  agreed: {
    readonly procore: FieldValue | null;
    readonly erp: FieldValue | null;
    readonly at: string | null;
  };
  procore: FieldValue;
  erp: FieldValue;
  /** How each side would keep the value of the other. */
  fits: OpenField['fits'];
  /** When its record changed there, where the side tells. */
  procoreAt: string | null;
  erpAt: string | null;
  /** The rule of ownership that leaves it to a person. */
  rule: Owner;
  owner: string | null;
  openedAt: string;
  /** What a person chose, for the pair that was seen; null: nobody did. */
  decision: ConflictDecision | null;
  closedAt: string | null;
  closedBecause: ClosedBecause | null;
}

/** Two records that a person said are not one. */
export interface LinkRejectionRow {
  connectionId: string;
  kind: Kind;
  erpKey: string;
  procoreId: number;
  /** What both were recognised by at that time (`matchRevision`): the question comes again when either changes. */
  erpRevision: string;
  procoreRevision: string;
  decidedBy: string;
  comment: string;
  at: string;
}

/** A person of Procore who was said to be an employee of the ERP. */
export interface PayrollPersonRow extends AcceptedPerson {
  readonly connectionId: string;
}

export interface CheckpointRow {
  connectionId: string;
  reader: string;
  cursor: string;
  /** Counts the moves; never goes back. */
  position: number;
  movedAt: string;
}

/** A record parked for a person, or left out until something else happened. One row a record. */
export interface ExceptionRow {
  connectionId: string;
  recordId: string;
  /** The part of `recordId` before the slash, e.g. `vendor`; for a request its source. */
  recordKind: string;
  /**
   * Class of the error table, `procore` for a record that Procore did not take, `dependency` for one that waits for another, `rejected` for one that
   * the ERP accepted and rejected later.
   */
  cause: string;
  reason: string;
  hint: string | null;
  /** Everything that is wrong with the record, where `reason` holds only the first of it. */
  problems: readonly string[] | null;
  erpKey: string | null;
  owner: string | null;
  /** Somebody does not want to see it until its reason is another one; null: it is shown. */
  ignored: { readonly by: string; readonly at: string; readonly comment: string } | null;
  /** Request that reported it last; null: a sweep, which has causes of its own (domain/request/exception.ts). */
  requestId: string | null;
  openedAt: string;
  resolvedAt: string | null;
}

/** A request that is held until something happens to a record or to another request. */
export interface WaitRow {
  connectionId: string;
  requestId: string;
  /** What it waits for: `vendor/98127745`, or a request such as `erp/640018`. */
  recordId: string;
  reason: string;
  hint: string | null;
  since: string;
  endedAt: string | null;
}

/** One thing that one receiver is told once: nobody is told again, after a restart or by another daemon. */
export interface NoticeRow {
  /** Name of the receiver in the configuration. */
  receiver: string;
  topic: NoticeTopic;
  /** `<connection>/<request or record>@<since>`, `digest@<date>`. */
  about: string;
  /** The message that tells it, often with others: random. */
  message: string;
  /** `open`: it is to be sent, or being sent. */
  state: 'open' | 'sent' | 'given_up';
  tries: number;
  claimedAt: string;
  /** When it may be tried (again): by then whoever tries it now has an answer, or is dead. */
  nextAt: string;
  /** What went wrong last. */
  reason: string | null;
}

/** One version of the rules of a connection. What of it counts is in the audit log; the row holds the body. */
export interface PolicyVersionRow {
  connectionId: string;
  /** 1, 2, ... */
  version: number;
  /** The version that was in force when it was proposed; 0: the configuration. */
  basedOn: number;
  body: RulesBody;
  /** `hashOfRules` of the body. */
  hash: string;
  state: VersionState;
  proposedBy: string;
  proposedAt: string;
  proposedComment: string;
  /** Null until somebody decided, as the two below. */
  decidedBy: string | null;
  decidedAt: string | null;
  decidedComment: string | null;
  /** The daemon's signatures under the newest step. */
  seal: readonly Signature[];
}

/** A personal token; the token itself is nowhere. */
export type PersonTokenRow = Mutable<SealedToken>;

/** A list that somebody comes back to. */
export interface SavedViewRow {
  person: string;
  name: string;
  /** As it stands in the address of the list. */
  query: string;
  savedAt: string;
}

/** Somebody who is logged in to the Desk with a browser. */
export type DeskSessionRow = { -readonly [Key in keyof SealedSession]: SealedSession[Key] };

/** Which person somebody at the identity provider is. */
export type DeskIdentityRow = { -readonly [Key in keyof SealedIdentity]: SealedIdentity[Key] };

export type PasskeyRow = { -readonly [Key in keyof SealedPasskey]: SealedPasskey[Key] };

/** A link with which somebody may register one passkey. */
export type InvitationRow = { -readonly [Key in keyof SealedInvitation]: SealedInvitation[Key] };

export interface AuditLinkRow {
  connectionId: string;
  seq: number;
  prevHash: string;
  digests: readonly string[];
  hash: string;
  /** Id of the key that signed the hash; null, as the HMAC: there was none. */
  keyId: string | null;
  hmac: string | null;
}

export interface AuditEntryRow {
  connectionId: string;
  seq: number;
  idx: number;
  at: string;
  actor: string;
  action: AuditAction;
  subject: string;
  requestId: string | null;
  planHash: string | null;
  workflowId: string | null;
  detail: Readonly<Record<string, unknown>>;
}
