import type { AuditEntry } from '../../domain/audit/chain';
import { digestOf } from '../../domain/audit/chain';
import { withoutFormula } from '../../domain/base/text';
import { isKind } from '../../domain/kinds';
import type { RequestRef } from '../../domain/request/id';
import type { PlanRow, SyncRequestRow } from '../../store/rows';
import type { Store } from '../../store/store';
import type { RequestDossier } from '../dossier';
import { readDossier } from '../dossier';
import { chainPages } from './chain-pages';

/** Named in the first line of every export. */
export const AUDIT_FORMAT = 'tieback-audit/1';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What evidence is wanted of: one request, or one record, whose requests may be about thousands of others. */
export type Evidence =
  | { readonly of: 'request'; readonly request: SyncRequestRow }
  | {
      readonly of: 'record';
      readonly connectionId: string;
      /** For people: `vendor/1|10442`. */
      readonly name: string;
      /** Every id under which operations and entries tell of it. */
      readonly recordIds: readonly string[];
      readonly requests: readonly SyncRequestRow[];
    };

/** Which logs, how, and when. Without `evidence` the whole of each. */
export interface AuditExport {
  readonly connectionIds: readonly string[];
  readonly evidence?: Evidence | undefined;
  readonly format: ExportFormat;
  readonly exportedAt: string;
}

/** The audit log line by line, so that a third party can verify it: see docs/audit.md. A page of it is in memory. */
export async function* auditLines(
  store: Store,
  { connectionIds, evidence, format, exportedAt }: AuditExport,
): AsyncGenerator<string> {
  if (format === 'csv') yield CSV_HEAD.join(',');
  for (const connectionId of connectionIds) {
    if (format === 'csv') yield* csvLines(store, connectionId, evidence);
    else yield* jsonLines(store, connectionId, evidence, exportedAt);
  }
}

async function* jsonLines(
  store: Store,
  connectionId: string,
  evidence: Evidence | undefined,
  exportedAt: string,
): AsyncGenerator<string> {
  const line = (type: string, values: object): string => JSON.stringify({ type, ...values });
  const connection = await store.read('audit.connection', (t) => t.connections.find(connectionId));
  yield line('head', {
    format: AUDIT_FORMAT,
    connection: connectionId,
    companyId: connection?.companyId ?? null,
    erpAdapter: connection?.erpAdapter ?? null,
    erpCompany: connection?.erpCompany ?? null,
    head: { seq: connection?.auditSeq ?? 0, hash: connection?.auditHash ?? null },
    exportedAt,
    request: evidence?.of === 'request' ? evidence.request.id : null,
    ...(evidence?.of === 'record' ? { record: evidence.name } : {}),
  });
  let begun = evidence === undefined;
  for await (const links of chainPages(store, connectionId, connection?.auditSeq)) {
    for (const { entries: all, seq, prevHash, digests, hash, keyId, hmac } of links) {
      const entries = all.filter(({ entry }) => concerns(entry, evidence));
      // The proof begins at the first link of what it is about; from there every link is needed, but not what others wrote.
      begun ||= entries.length > 0;
      if (!begun) continue;
      yield line('link', { connection: connectionId, seq, prevHash, digests, hash, keyId, hmac });
      for (const { idx, entry } of entries)
        yield line('entry', { connection: connectionId, seq, idx, digest: digestOf(entry), entry });
    }
  }
  for (const request of requestsOf(evidence)) {
    const dossier = await readDossier(store, request);
    const plans = await store.read('audit.plans', (t) => t.plans.all(request));
    yield line('evidence', {
      ...narrowed({ ...dossier, plans }, evidence),
      current: undefined,
      trail: undefined,
    });
  }
}

/** The requests that evidence tells of. */
export const requestsOf = (evidence: Evidence | undefined): readonly SyncRequestRow[] =>
  evidence === undefined ? [] : evidence.of === 'request' ? [evidence.request] : evidence.requests;

function concerns({ requestId, subject }: AuditEntry, evidence: Evidence | undefined): boolean {
  if (evidence === undefined) return true;
  if (evidence.of === 'request') return requestId === evidence.request.id;
  if (evidence.recordIds.includes(subject)) return true;
  const isOfAnother = isKind(subject.slice(0, Math.max(0, subject.indexOf('/'))));
  return !isOfAnother && evidence.requests.some(({ id }) => id === requestId);
}

type Told = RequestDossier & { readonly plans: readonly PlanRow[] };

/** Of a record: its operations, and the plans that they were written by, with the decisions on them. */
function narrowed(told: Told, evidence: Evidence | undefined): Told {
  if (evidence?.of !== 'record') return told;
  const operations = told.operations.filter(({ recordId }) => evidence.recordIds.includes(recordId));
  const hashes = new Set(operations.map(({ planHash }) => planHash));
  return {
    ...told,
    operations,
    plans: told.plans.filter(({ hash }) => hashes.has(hash)),
    approvals: told.approvals.filter(({ planHash }) => hashes.has(planHash)),
    exceptions: told.exceptions.filter(({ recordId }) => evidence.recordIds.includes(recordId)),
  };
}

const CSV_HEAD = [
  'connection',
  'link',
  'position',
  'at',
  'actor',
  'action',
  'subject',
  'request',
  'plan_hash',
  'workflow',
  'detail',
  'digest',
  'link_hash',
];

async function* csvLines(
  store: Store,
  connectionId: string,
  evidence: Evidence | undefined,
): AsyncGenerator<string> {
  for await (const links of chainPages(store, connectionId))
    for (const { seq, hash, entries } of links)
      for (const { idx, entry } of entries.filter((one) => concerns(one.entry, evidence))) {
        const { at, actor, action, subject, requestId, planHash, workflowId, detail } = entry;
        const facts = [at, actor, action, subject, requestId, planHash, workflowId, JSON.stringify(detail)];
        yield [connectionId, seq, idx, ...facts, digestOf(entry), hash].map(csvCell).join(',');
      }
}

function csvCell(value: string | number | null): string {
  const safe = withoutFormula(value === null ? '' : String(value));
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** How an export is named: `audit-acme-2026-11-30.jsonl`, `evidence-erp-640018.zip`. */
export const fileNameOf = (parts: readonly string[], ending: string): string =>
  `${parts.map((part) => part.replace(/[^A-Za-z0-9._-]+/g, '-')).join('-')}.${ending}`;

/** A request of evidence, as it is named. */
export const evidenceName = (ref: RequestRef): readonly string[] => ['evidence', ref.connectionId, ref.id];
