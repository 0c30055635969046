import type { AuditAction } from '../domain/audit/chain';
import type { Census } from '../domain/kinds/census';
import type { LinkState } from '../domain/kinds/record-link';
import type { RequestStatus } from '../domain/request/status';
import type { OperationAction, OperationSide, PlanBody } from '../domain/plan/plan';
import type { Entity } from '../domain/kinds/entity';
import type { AnyRecord, Fields } from '../domain/kinds/record';

/** Rows of our own store, one type per table. Times are ISO 8601 UTC. */

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
  /** Head of the audit chain; moved in the same transaction as the chain itself. */
  auditSeq: number;
  auditHash: string;
  createdAt: string;
}

export interface IntakeEventRow {
  connectionId: string;
  /** `ulid` of the webhook delivery, `poll:<request id>`, or `open:<key>:<revision>` of a find of our own. */
  eventId: string;
  source: 'webhook' | 'poll' | 'open';
  requestId: number | null;
  /** Directory user who caused it, as the webhook says; null when unknown. */
  userId: number | null;
  /** Why it was not acted on; null when it led to a request. */
  ignored: string | null;
  body: unknown;
  receivedAt: string;
}

export interface ErpRequestRow {
  connectionId: string;
  requestId: number;
  workflowId: string;
  eventName: string | null;
  subject: string | null;
  /** The one record the request is about (`commitment/310442`); null when it is about none or several. */
  recordId: string | null;
  status: RequestStatus;
  /** Why it stands where it stands, for people. */
  reason: string | null;
  /** Directory user of Procore who caused the request, when known. */
  requestedBy: number | null;
  /** What Procore sent, word for word; null until it was fetched. */
  body: { readonly received: unknown } | null;
  /** Values entered with `tieback correct`. */
  corrections: Fields | null;
  /** A workflow was started for it. */
  started: boolean;
  receivedAt: string;
  updatedAt: string;
  closedAt: string | null;
}

/** What was read from a source for one request: decisions are made from it, never from the wire. */
export interface SnapshotRow {
  connectionId: string;
  requestId: number;
  page: number;
  body: unknown;
  readAt: string;
}

export interface PlanRow {
  connectionId: string;
  requestId: number;
  /** Page of a sync; 0 for a single record. */
  page: number;
  /** 1, 2, ... : a rebuilt plan gets the next number. */
  version: number;
  hash: string;
  body: PlanBody;
  state: 'built' | 'approved' | 'rejected' | 'superseded' | 'applied';
  builtAt: string;
}

export interface OperationRow {
  connectionId: string;
  requestId: number;
  operationKey: string;
  planHash: string;
  side: OperationSide;
  action: OperationAction;
  recordId: string;
  erpKey: string | null;
  state: 'planned' | 'written' | 'confirmed' | 'refused';
  reason: string | null;
  /** The record as it was read back after the write (or found there). */
  record: AnyRecord | null;
  at: string;
}

export interface ApprovalRow {
  connectionId: string;
  requestId: number;
  planHash: string;
  decision: 'approved' | 'rejected';
  /** A person, or `rule:<name>`. */
  decidedBy: string;
  comment: string;
  channel: string;
  at: string;
}

export interface RecordLinkRow {
  connectionId: string;
  entity: Entity;
  erpKey: string;
  procoreId: number | null;
  state: LinkState;
  generation: number;
  base: AnyRecord | null;
  baseRevision: string | null;
  /** Procore project the record lives in. */
  projectId: number | null;
  updatedAt: string;
}

export interface CheckpointRow {
  connectionId: string;
  reader: string;
  cursor: string;
  /** Counts the moves; never goes back. */
  position: number;
  movedAt: string;
}

export interface ExceptionRow {
  connectionId: string;
  requestId: number;
  recordId: string;
  /** Class of the error table, or `procore` for a record that Procore did not take. */
  kind: string;
  reason: string;
  hint: string | null;
  erpKey: string | null;
  owner: string | null;
  openedAt: string;
  resolvedAt: string | null;
}

export interface AuditLinkRow {
  connectionId: string;
  seq: number;
  prevHash: string;
  digests: readonly string[];
  hash: string;
}

export interface AuditEntryRow {
  connectionId: string;
  seq: number;
  idx: number;
  at: string;
  actor: string;
  action: AuditAction;
  subject: string;
  requestId: number | null;
  planHash: string | null;
  workflowId: string | null;
  detail: Readonly<Record<string, unknown>>;
}
