import type { AuditEntry } from '../domain/audit/chain';
import { UNDO_UNTIL } from '../domain/audit/evidence';
import { sentenceOf } from '../domain/audit/sentence';
import type { Warning } from '../domain/base/warning';
import { isContradiction } from '../domain/base/warning';
import { definitionOf } from '../domain/kinds';
import { likenessOf } from '../domain/kinds/likeness';
import type { FieldValue } from '../domain/kinds/record';
import type { Visitor } from '../domain/people/access';
import { mayLook, seesHours } from '../domain/people/access';
import type { PlanDifference } from '../domain/plan/difference';
import { planDifference } from '../domain/plan/difference';
import type { Operation } from '../domain/plan/operation';
import { isErpWrite, isPayBatch } from '../domain/plan/operation';
import type { Snapshot } from '../domain/plan/snapshot';
import type { FieldType, ShownField, ShownLines, ShownTotal } from '../domain/plan/shown';
import { shownFields, shownLines, shownTotal } from '../domain/plan/shown';
import { undoing } from '../domain/plan/undoing';
import { placesOf } from '../domain/request/about';
import type { Attention } from '../domain/request/attention';
import { ATTENTION_ACTIONS, attentionIn } from '../domain/request/attention';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import { actorOf } from '../domain/people/decision';
import {
  approversOf,
  decidedBy,
  inWhoseName,
  whyNotApprover,
  deadlineOf,
} from '../domain/request/connection-policy';
import { decide } from '../domain/request/policy';
import type { PolicyNow } from './rules/policy';
import type { RequestRef } from '../domain/request/id';
import { isOfPayroll } from '../domain/request/id';
import type {
  ApprovalRow,
  ExceptionRow,
  OperationRow,
  PlanRow,
  SyncRequestRow,
  WaitRow,
} from '../store/rows';
import type { Store } from '../store/store';
import type { CorrectableRecord } from './corrections';
import { correctableIn } from './corrections';
import type { CurrentPlan } from './dossier';
import type { RequestDossier } from './dossier';
import { readDossier } from './dossier';
import { placeOfRequest } from './find-request';
import { assertGenuine } from './incident';
import type { JobBudget } from './request/budget';
import { budgetsOf } from './request/budget';
import type { Dependency, RecordPageRef } from './request/dependencies';
import { dependenciesOf, recordPagesOf } from './request/dependencies';
import type { NextStep } from './next-steps';
import { nextSteps } from './next-steps';
import { DeskRefusal } from './refusal';
import type { Places } from './web-links';
import { procoreLink, workflowLink } from './web-links';

/** Operations of a plan that come with the page, and lines of each; the others are asked for. */
export const FIRST_OPERATIONS = 50;
export const FIRST_LINES = 200;
const MOST_TWINS = 5;
/** Entries of the log and rows of outcomes that come with the page: the newest. */
const MOST_ROWS = 200;

/** An operation as a person looks at it. */
export interface OperationShown extends Pick<
  Operation,
  'seq' | 'side' | 'action' | 'kind' | 'recordId' | 'target' | 'erpKey' | 'procoreId'
> {
  readonly fields: readonly ShownField[];
  readonly lines: readonly ShownLines[];
  /** Lines that are not among them. */
  readonly moreLines: number;
  readonly total: ShownTotal | null;
  /** Of a batch of timecards: lines that come and go. */
  readonly batch: {
    readonly number: string | null;
    readonly added: number;
    readonly withdrawn: number;
  } | null;
  /** What became of it; null: nothing yet. */
  readonly outcome: Pick<OperationRow, 'state' | 'reason' | 'erpKey' | 'at'> | null;
}

/** The plan that stands. */
export interface PlanShown extends Pick<PlanRow, 'hash' | 'version' | 'state' | 'builtAt' | 'page'> {
  /** Pages of a sync so far. */
  readonly pages: number;
  readonly subject: string;
  readonly warnings: readonly (Warning & { readonly contradiction: boolean })[];
  readonly notes: readonly string[];
  readonly amount: string | null;
  readonly currency: string | null;
  readonly dates: readonly string[];
  readonly leftOut: readonly {
    readonly recordId: string;
    readonly erpKey: string | null;
    readonly reason: string;
  }[];
  readonly unchanged: number;
  readonly conflicts: number;
  readonly operations: readonly OperationShown[];
  /** All of them. */
  readonly count: number;
}

/** A record of the ERP that may be the same, beside what would be written. */
export interface Twin {
  readonly erpKey: string;
  readonly name: string;
  readonly state: 'active' | 'inactive';
  /** Why it may be the same. */
  readonly because: readonly string[];
  readonly fields: readonly {
    readonly label: string;
    readonly type: FieldType;
    readonly here: FieldValue | null;
    readonly there: FieldValue | null;
  }[];
}

/** Whether a visitor may decide about a request. */
export interface MayDecide {
  readonly decide: boolean;
  /** Why not; null: they may. */
  readonly because: string | null;
}

/** Everything on the page of one request. */
export interface RequestPage {
  readonly request: SyncRequestRow;
  readonly procoreUrl: string | null;
  readonly workflowUrl: string | null;
  readonly nextSteps: readonly NextStep[];
  /** Who looks after it, and who holds it. */
  readonly attention: Attention;
  /** People to whom it can be handed over. */
  readonly people: readonly string[];
  readonly may: MayDecide;
  /** Until when finance has time, by the deadlines of the rules; null: nobody is told, or it does not wait for finance. */
  readonly due: string | null;
  /** Until when (ISO 8601 UTC) the visitor can withdraw the approval of the plan; null: they cannot. */
  readonly undo: string | null;
  /** What would undo the plan once it is written, a sentence each; empty: it writes nothing to the ERP. */
  readonly undoing: readonly string[];
  readonly plan: PlanShown | null;
  readonly twins: readonly Twin[];
  /** What the plan costs each job, beside what the ERP tells of its budget. */
  readonly budgets: readonly JobBudget[];
  readonly dependsOn: readonly Dependency[];
  /** Pages of the records that are written, by record id; those that have none yet are not among them. */
  readonly records: readonly (RecordPageRef & { readonly recordId: string })[];
  /** What it says otherwise than the plan that the visitor looked at; null: they looked at none, or at this one. */
  readonly difference: PlanDifference | null;
  readonly decisions: readonly ApprovalRow[];
  readonly outcomes: readonly OperationRow[];
  readonly waits: readonly WaitRow[];
  readonly exceptions: readonly ExceptionRow[];
  readonly trail: readonly (AuditEntry & { readonly sentence: string })[];
}

/** What it takes. */
export interface PageParts {
  readonly store: Store;
  readonly places: Places;
  readonly policyOf: PolicyNow;
  /** ISO 8601 UTC. */
  readonly now: () => string;
}

/**
 * The page of a request. `seen`: hash of the plan that the visitor looked at. Throws `DeskRefusal` `REQUEST_UNKNOWN` (also where the visitor may not
 * look), `PLAN_TAMPERED`.
 */
export async function readRequestPage(
  { store, places, policyOf, now }: PageParts,
  visitor: Visitor,
  ref: RequestRef,
  seen: string | null,
): Promise<RequestPage> {
  const request = await requestFor(store, visitor, ref);
  const dossier = dossierFor(visitor, await readDossier(store, request));
  const { current, operations } = dossier;
  await assertGenuine(store, request, current, now());
  const policy = await policyOf(request.connectionId);
  const { snapshot, plans, attention, budgets, dependsOn, records } = await store.read(
    'desk.page',
    async (t) => {
      const snapshot = await t.plans.snapshot({ ...ref, page: current?.plan.page ?? 0 });
      const read = snapshot?.body ?? null;
      const shown = current?.plan.body.operations.slice(0, FIRST_OPERATIONS) ?? [];
      return {
        snapshot,
        attention: attentionIn(await t.audit.sealed(ref, { actions: ATTENTION_ACTIONS })),
        plans: seen === null || current === null || current.plan.hash === seen ? [] : await t.plans.all(ref),
        budgets: current === null ? [] : await budgetsOf(t, visitor, request, current.plan.body, read),
        dependsOn: await dependenciesOf(t, visitor, { request, snapshot: read, waits: dossier.waits }),
        records: await recordPagesOf(t, visitor, ref.connectionId, shown),
      };
    },
  );
  const looked = plans.find(({ hash, page }) => hash === seen && page === current?.plan.page);
  return {
    request: dossier.request,
    procoreUrl: procoreLink(places, request),
    workflowUrl: workflowLink(places, request.workflowId),
    nextSteps: nextSteps(request),
    attention,
    people:
      policy === null
        ? []
        : approversOf(policy, decidedBy(request.id), placesOf(request.about)).map(({ id }) => id),
    may: mayDecide(policy, visitor, { request, dossier, at: now() }),
    due:
      policy === null || request.status !== 'waiting_for_finance'
        ? null
        : (deadlineOf(policy, request)?.due ?? null),
    undo: undoUntil(policy, visitor, { request, dossier, at: now() }),
    undoing: current === null ? [] : undoing(current.plan.body.operations),
    plan: current === null ? null : planShown(current, operations),
    twins: current === null ? [] : twinsIn(current.plan, snapshot?.body ?? null),
    budgets,
    dependsOn,
    records,
    difference:
      current === null || looked === undefined ? null : planDifference(looked.body, current.plan.body),
    decisions: dossier.approvals,
    outcomes: operations.slice(-MOST_ROWS),
    waits: dossier.waits,
    exceptions: dossier.exceptions.slice(0, MOST_ROWS),
    trail: dossier.trail.slice(-MOST_ROWS).map((entry) => ({ ...entry, sentence: sentenceOf(entry) })),
  };
}

/** What a visitor may know of a request. Of payroll, plans and reasons tell the hours of people. */
function dossierFor({ grants }: Visitor, dossier: RequestDossier): RequestDossier {
  const { request } = dossier;
  if (!isOfPayroll(request.id) || seesHours(grants, request.connectionId)) return dossier;
  return {
    ...dossier,
    request: { ...request, reason: null },
    current: null,
    operations: [],
    exceptions: [],
    waits: [],
    trail: [],
    againstLast: null,
  };
}

/** Operations of the plan that stands, from this one on, with all their lines. Throws as above, and `PLAN_CHANGED`. */
export async function readOperations(
  { store, now }: Pick<PageParts, 'store' | 'now'>,
  visitor: Visitor,
  ref: RequestRef,
  { hash, from }: { readonly hash: string; /** Place in the plan, from 1. */ readonly from: number },
): Promise<readonly OperationShown[]> {
  const request = await requestFor(store, visitor, ref);
  const { current, operations } = dossierFor(visitor, await readDossier(store, request));
  await assertGenuine(store, request, current, now());
  if (current?.plan.hash !== hash)
    throw new DeskRefusal('PLAN_CHANGED', 'Another plan stands now.', 'Look at it again.');
  const outcomes = byKey(operations);
  return current.plan.body.operations
    .filter(({ seq }) => seq >= from)
    .slice(0, FIRST_OPERATIONS)
    .map((operation) => operationShown(operation, outcomes, Infinity));
}

/** What can be corrected of a request. Throws as above, and `NOT_CORRECTABLE`. */
export const readCorrectable = async (
  store: Store,
  visitor: Visitor,
  ref: RequestRef,
): Promise<CorrectableRecord> => correctableIn(store, await requestFor(store, visitor, ref));

/** Throws `DeskRefusal` `REQUEST_UNKNOWN`, also where they may not look at it. */
export async function requestFor(store: Store, visitor: Visitor, ref: RequestRef): Promise<SyncRequestRow> {
  const request = await store.read('desk.request', (t) => t.requests.find(ref));
  if (request !== null && mayLook(visitor.grants, placeOfRequest(request))) return request;
  throw new DeskRefusal(
    'REQUEST_UNKNOWN',
    `There is no request ${ref.id} of connection "${ref.connectionId}".`,
  );
}

function mayDecide(
  policy: ConnectionPolicy | null,
  { id: by }: Visitor,
  given: { readonly request: SyncRequestRow; readonly dossier: RequestDossier; readonly at: string },
): MayDecide {
  const { request, dossier, at } = given;
  if (policy === null) return { decide: false, because: 'Its connection is not in the configuration.' };
  const plan = dossier.current?.plan;
  const isTwo =
    plan !== undefined &&
    decide({ ...plan.body, hash: plan.hash }, request.eventName ?? '', policy.rules).decision === 'ask_two';
  const asked = isTwo ? { ...policy, requireSecondPerson: true } : policy;
  const about = {
    ...{ by, at, requestedBy: request.requestedBy, about: decidedBy(request.id) },
    projects: placesOf(request.about),
  };
  const inNameOf = inWhoseName(asked, about);
  const isFirst =
    isTwo &&
    dossier.approvals.some(
      ({ decision, planHash, decidedBy: actor }) =>
        decision === 'first' && planHash === plan.hash && actor === actorOf({ by, account: null, inNameOf }),
    );
  const because = isFirst
    ? 'You approved it as the first of two; somebody else must be the second.'
    : whyNotApprover(asked, { ...about, inNameOf });
  return { decide: because === null, because };
}

/** Whether nothing was begun yet is for the workflow to say. */
function undoUntil(
  policy: ConnectionPolicy | null,
  { id: by }: Visitor,
  given: { readonly request: SyncRequestRow; readonly dossier: RequestDossier; readonly at: string },
): string | null {
  const { request, dossier, at } = given;
  const hash = dossier.current?.plan.hash;
  if (policy === null || hash === undefined || request.status !== 'applying') return null;
  const last = dossier.trail.findLast(
    ({ action, planHash }) => planHash === hash && action.startsWith('approval.'),
  );
  const until = last?.action === 'approval.granted' ? last.detail[UNDO_UNTIL] : null;
  if (typeof until !== 'string' || until <= at) return null;
  const about = {
    by,
    at,
    requestedBy: null,
    about: decidedBy(request.id),
    projects: placesOf(request.about),
  };
  return whyNotApprover(policy, { ...about, inNameOf: inWhoseName(policy, about) }) === null ? until : null;
}

function planShown({ plan, pages }: CurrentPlan, rows: readonly OperationRow[]): PlanShown {
  const { hash, version, state, builtAt, page, body } = plan;
  const { subject, operations, warnings, notes, facts, leftOut, unchanged, conflicts = [] } = body;
  const outcomes = byKey(rows);
  return {
    hash,
    version,
    state,
    builtAt,
    page,
    pages,
    subject,
    warnings: warnings
      .map(({ code, text }) => ({ code, text, contradiction: isContradiction(code) }))
      .sort((one, two) => Number(two.contradiction) - Number(one.contradiction)),
    notes,
    amount: facts.amount,
    currency: facts.currency ?? null,
    dates: facts.dates,
    leftOut: leftOut
      .slice(0, MOST_ROWS)
      .map(({ recordId, erpKey, reason }) => ({ recordId, erpKey, reason })),
    unchanged,
    conflicts: conflicts.length,
    operations: operations
      .slice(0, FIRST_OPERATIONS)
      .map((operation) => operationShown(operation, outcomes, FIRST_LINES)),
    count: operations.length,
  };
}

const byKey = (rows: readonly OperationRow[]): ReadonlyMap<string, OperationRow> =>
  new Map(rows.map((row) => [row.operationKey, row]));

function operationShown(
  operation: Operation,
  outcomes: ReadonlyMap<string, OperationRow>,
  mostLines: number,
): OperationShown {
  const { seq, side, action, kind, recordId, target, erpKey, procoreId, operationKey } = operation;
  const lines = shownLines(operation);
  const outcome = outcomes.get(operationKey);
  return {
    seq,
    side,
    action,
    kind,
    recordId,
    target,
    erpKey,
    procoreId,
    fields: shownFields(operation),
    lines: lines.map((one) => ({ ...one, lines: one.lines.slice(0, mostLines) })),
    moreLines: lines.reduce((more, one) => more + Math.max(0, one.lines.length - mostLines), 0),
    total: shownTotal(operation),
    batch: isPayBatch(operation)
      ? {
          number: operation.batch.batch,
          added: operation.batch.added.length,
          withdrawn: operation.batch.withdrawn.length,
        }
      : null,
    outcome:
      outcome === undefined
        ? null
        : { state: outcome.state, reason: outcome.reason, erpKey: outcome.erpKey, at: outcome.at },
  };
}

/** Records of the ERP that the plan warns of, as they were read for it. */
function twinsIn({ body }: PlanRow, snapshot: Snapshot | null): readonly Twin[] {
  if (snapshot?.way !== 'export') return [];
  const writes = body.operations.filter(isErpWrite);
  // Records that are left out have no write: then nobody could say which write a side belongs to.
  if (writes.length !== snapshot.sides.length) return [];
  return snapshot.sides
    .flatMap((side, index) => {
      const write = writes[index];
      if (write === undefined) return [];
      const definition = definitionOf(write.kind);
      return [...side.same, ...side.similar]
        .filter(({ key }, at, all) => key !== write.erpKey && all.findIndex((one) => one.key === key) === at)
        .flatMap(({ key, state, record }): readonly Twin[] => {
          const because = likenessOf(definition, write.record, record);
          if (because.length === 0) return [];
          return [
            {
              erpKey: key,
              name: [record.fields['code'], record.fields['name']].filter(Boolean).join(' ') || key,
              state: state === 'inactive' ? 'inactive' : 'active',
              because,
              fields: Object.entries(definition.fields).flatMap(([field, { label, type }]) => {
                const [here, there] = [write.record.fields[field] ?? null, record.fields[field] ?? null];
                return here === null && there === null ? [] : [{ label, type, here, there }];
              }),
            },
          ];
        });
    })
    .slice(0, MOST_TWINS);
}
