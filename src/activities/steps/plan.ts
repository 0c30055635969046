import type { AuditEntry } from '../../domain/audit/chain';
import { approvalsOn, decisionOn, withdrawnBy } from '../../domain/audit/evidence';
import { actorOf } from '../../domain/people/decision';
import type { ErrorCode } from '../../domain/base/errors';
import { isTiebackError, TiebackError } from '../../domain/base/errors';
import { firstOf, inShort } from '../../domain/base/text';
import type { SigningKeys } from '../../domain/people/signing-keys';
import { isErpWrite, isForProcore, placesIn } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { PageRef, PlanningView, PlanView } from '../../domain/request/flow';
import type { Way } from '../../domain/request/intent';
import { isPaged } from '../../domain/request/intent';
import { guardedIn } from '../../domain/reconcile/guard';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import { approversOf, decidedBy, waitsForSecond } from '../../domain/request/connection-policy';
import { decide, DEFAULT } from '../../domain/request/policy';
import { isFinal } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import type { InHand } from '../in-hand';
import { mayWrite } from '../census';
import { askedBy, policyNow, requesterOf, whyNotInForce } from '../approval';
import { ahead, asWay, inHandOf, SEALED_REQUEST, snapshotOf, subjectIdOf, tamperedRequest } from '../in-hand';
import { auditEntry } from '../record/entry';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { listedPlan } from '../../domain/request/listed';
import { learnFromPlan } from '../record/words';
import { beginWaits, park } from '../request/waiting';
import { NOTHING_SENT } from '../send';
import type { Done, Old, WaySteps } from '../way';
import { Together } from '../way';
import { waySteps } from '../ways';

/** Run on the main queue, as local activities. */
export const planActivities = (deps: ActivityDeps) => ({
  /**
   * Plans one page from what was stored, asks the policy, and remembers both. A plan that was approved before (a worker died, or the
   * Temporal server was emptied) keeps its approval. `askFinance` is set when the ERP itself asked for an approval. What moves nothing but
   * our own links is recorded at once.
   */
  async planPage(input: PlanPageInput): Promise<PlanningView> {
    const view = await planPageOnce(deps, input);
    if (view.kind === 'old') throw new Error(`page ${input.page} of ${input.id} must be read again`);
    return view;
  },
});

export type PlanPageInput = PageRef & { readonly way: Way; readonly askFinance: string | null };

/** The same, where what was read may be older than what is known by now. */
export async function planPageOnce(
  deps: ActivityDeps,
  input: PlanPageInput,
  together = new Together(),
): Promise<PlanningView | Old> {
  const connection = connectionOf(deps, input.connectionId);
  const plan = deps.store.transaction(
    `${input.way}.plan`,
    connection.id,
    async (t): Promise<PlanningView | Old> => {
      await aheadOfPlan(t, input, policyNow(t, connection, deps.people.keys));
      const row = await t.requests.get(input);
      const closed = await alreadyClosed(t, row);
      if (closed) return { kind: 'closed', ...closed };
      try {
        return await planOne(t, await inHandOf(t, connection, input), input, {
          people: deps.people,
          now: deps.now(),
          together,
        });
      } catch (error) {
        if (!isTiebackError(error) || !UNPROVEN.has(error.code)) throw error;
        return unproven(t, row, error, deps.now());
      }
    },
  );
  return plan.catch((error: unknown) => {
    if (!isTiebackError(error) || error.code !== 'STORE_UNFIT') throw error;
    // Nothing of it was written, and nothing would be the next time: a person has to see it.
    return deps.store.transaction('request.unfit', connection.id, async (t) =>
      unproven(t, await t.requests.get(input), error, deps.now()),
    );
  });
}

/** What planning a page asks of our store, whichever way it is worked. */
const aheadOfPlan = (
  t: Repositories,
  page: PageRef & { readonly way: Way },
  policy: Promise<unknown>,
): Promise<void> =>
  ahead(
    policy,
    ...(isPaged(page.way) ? [] : [t.audit.sealedPlans(page)]),
    t.requests.get(page),
    t.requests.reading(page),
    t.requests.body(page),
    t.audit.sealed(page, { actions: SEALED_REQUEST }),
    t.plans.snapshot(page),
    // A pay period rests for weeks: its last plan, of thousands of lines, is read where there is a new one.
    ...(page.way === 'payroll' ? [] : [t.plans.latest(page)]),
  );

async function planOne<W extends Way>(
  t: Repositories,
  given: InHand,
  input: PlanPageInput & { readonly way: W },
  { people, now, together }: Parameters<WaySteps<W>['plan']>[3],
): Promise<PlanningView | Old> {
  const inHand = asWay(given, input.way);
  const { row } = inHand;
  const { keys } = people;
  const steps = waySteps(input.way);
  const tampered = await tamperedRequest(t, inHand, keys);
  if (tampered !== null) throw tampered;
  const snapshot = await snapshotOf(t, input, input.way, steps.nothingRead);
  const planned = await steps.plan(t, inHand, snapshot, { people, now, together });
  if (planned.kind === 'old') return planned;
  if (planned.kind !== 'held') await t.waits.end(row, now);
  switch (planned.kind) {
    case 'held':
      return {
        kind: 'held',
        waits: await beginWaits(t, row, planned.waits, now),
        ...(planned.lookAgainMs === undefined ? {} : { lookAgainMs: planned.lookAgainMs }),
      };
    case 'gone':
      return planned;
    case 'over': {
      const about = { row, plan: null, page: input.page };
      const outcome = { ...NOTHING_HAPPENED, settlesOwn: true, close: planned.result };
      const released = await recordOutcome(t, about, outcome, { now });
      return { kind: 'closed', result: planned.result, released };
    }
    case 'refused': {
      const error = new TiebackError('RECORD_REFUSED', { reason: inShort(planned.problems) }).toShape();
      const { problems } = planned;
      const detail = { problems: firstOf(problems), count: problems.length };
      const because = [auditEntry(row, now, 'plan.refused', { detail })];
      await park(t, row, { recordId: subjectIdOf(inHand), error, problems, because }, now);
      return { kind: 'refused', error };
    }
    case 'plan':
      break;
  }
  const { plan } = planned;
  const audit: AuditEntry[] = [];
  const isIdle = plan.operations.length === 0 && plan.leftOut.length === 0;
  // A page with nothing to do leaves no plan behind: a run that changes nothing writes next to nothing.
  if (!isIdle || steps.finishesInStore !== true || !isPaged(input.way)) {
    const { isNew, ...stored } = await t.plans.add(input, plan, now);
    if (isNew)
      audit.push(
        auditEntry(row, now, 'plan.built', {
          planHash: plan.hash,
          detail: detailOf(plan, { ...stored, page: input.page }),
        }),
      );
  }
  if (input.way === 'export') await learnFromPlan(t, row, plan);
  const view = await settlePlan(t, inHand, plan, { askFinance: input.askFinance, keys, now, audit });
  const isQuiet = !plan.operations.some((operation) => isErpWrite(operation) || isForProcore(operation));
  if (steps.finishesInStore !== true || !isQuiet || view.decision !== 'approve') {
    await t.audit.append(input.connectionId, audit);
    return view;
  }
  const page = { plan, page: input.page };
  const done: Done<W> = {
    approved: { ...page, operations: [], links: [] },
    sent: NOTHING_SENT,
    snapshot,
    summary: null,
  };
  await ahead(t.requests.get(row), t.plans.newest(input), ...(steps.asks?.(t, inHand, done.approved) ?? []));
  const outcome = await steps.outcome(t, inHand, done);
  const current = await t.requests.get(row);
  const released = await recordOutcome(t, { row: current, ...page }, outcome, { now, before: audit });
  if (outcome.close) return { kind: 'closed', result: outcome.close, released };
  return { kind: 'done', written: 0, refused: outcome.problems.filter(isFault).length, released };
}

/** What is stored of the request is not what the audit log vouches for, or that cannot be told, or it cannot be read any more. */
const UNPROVEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'REQUEST_TAMPERED',
  'BODY_UNPROVEN',
  'CORRECTIONS_UNPROVEN',
  'REQUEST_MALFORMED',
]);

/** Nothing is planned from what somebody changed past Tieback: it is an incident, and a person looks into it. */
async function unproven(
  t: Repositories,
  row: SyncRequestRow,
  error: TiebackError,
  now: string,
): Promise<PlanningView> {
  if (error.code === 'REQUEST_TAMPERED')
    await t.audit.noteIncident(row, { planHash: null, reason: error.message }, now);
  const recordId = row.recordId ?? row.id;
  await park(t, row, { recordId, error: error.toShape(), because: [] }, now);
  return { kind: 'refused', error: error.toShape() };
}

const isFault = ({ cause }: { readonly cause: string }): boolean => cause !== 'dependency';

const detailOf = (
  plan: Plan,
  at: { readonly version: number; readonly page: number; readonly seal: string },
): AuditEntry['detail'] => ({
  ...at,
  operations: plan.operations.length,
  warnings: firstOf(plan.warnings.map(({ text }) => text)),
  ...(plan.warnings.length === 0 ? {} : { codes: [...new Set(plan.warnings.map(({ code }) => code))] }),
  ...(plan.leftOut.length === 0 ? {} : { leftOut: plan.leftOut.length }),
});

const inWords = ({ actor, comment }: { readonly actor: string; readonly comment: string }): string =>
  `${actor} withdrew the approval${comment === '' ? '.' : `: ${comment}`}`;

/** Decides by an earlier approval, or by policy; sets the status that follows. */
async function settlePlan(
  t: Repositories,
  { connection, row }: Pick<InHand, 'connection' | 'row'>,
  plan: Plan,
  context: {
    readonly askFinance: string | null;
    readonly keys: SigningKeys;
    readonly now: string;
    readonly audit: AuditEntry[];
  },
): Promise<PlanView> {
  const { keys, now, audit } = context;
  const { connectionId, id: requestId } = row;
  const [sealed, isCounted, rules] = await Promise.all([
    sealedAbout(t, row, plan),
    mayWrite(t, connection),
    policyNow(t, connection, keys),
  ]);
  const ref = { connectionId, id: requestId, planHash: plan.hash };
  const earlier = decisionOn(ref, sealed, keys);
  const withdrawn = withdrawnBy(ref, sealed, keys);
  // What a person withdrew, no rule gives back.
  const askFinance = context.askFinance ?? (withdrawn === null ? null : inWords(withdrawn));
  const policy = decide(plan, row.eventName ?? '', rules.rules);
  const requestedBy = earlier === null || earlier.isRule ? null : await requesterOf(t, row);
  const rejected = earlier?.decision === 'rejected';
  // Where the ERP asks for a person, the approval of a rule is not enough.
  const holds =
    earlier?.decision === 'approved' &&
    (askFinance === null || !earlier.isRule) &&
    whyNotInForce({ policy: rules, row, plan, requestedBy }, earlier) === null;
  const approved = !rejected && (holds || (askFinance === null && policy.decision === 'approve'));
  const by = rejected || holds ? (earlier?.by ?? '') : `rule:${policy.rule}`;
  if (approved && !holds) {
    await t.plans.decide({
      connectionId,
      requestId,
      planHash: plan.hash,
      decision: 'approved',
      decidedBy: by,
      comment: '',
      channel: POLICY,
      at: now,
    });
    const detail = { because: policy.because, ...versionOf(rules) };
    audit.push(auditEntry(row, now, 'approval.granted', { actor: by, planHash: plan.hash, detail }));
  }
  const [first] = policy.decision === 'ask_two' ? approvalsOn(ref, sealed, keys) : [];
  const because = plan.warnings.length > 0 ? inShort(plan.warnings.map(({ text }) => text)) : policy.because;
  const waiting = askFinance ?? (first === undefined ? because : waitsForSecond(actorOf(first)));
  const isAsking = !approved && !rejected && askFinance === null && policy.rule !== DEFAULT;
  if (isAsking && !wasAsked(sealed, policy.rule, rules)) {
    const detail = { because: policy.because, ...versionOf(rules) };
    audit.push(
      auditEntry(row, now, 'approval.asked', { actor: `rule:${policy.rule}`, planHash: plan.hash, detail }),
    );
  }
  if (!isFinal(row.status)) {
    await t.requests.setStatus(
      row,
      approved ? 'applying' : 'waiting_for_finance',
      approved ? null : waiting,
      now,
      listedPlan(plan),
    );
  }
  const guarded = row.way === 'reconcile' ? guardedIn(plan) : [];
  const { requireSecondPerson } = askedBy(rules, policy.decision);
  const allowed = approversOf(rules, decidedBy(row.id), placesIn(plan.operations)).filter(
    ({ procoreUserId }) =>
      !requireSecondPerson || procoreUserId === undefined || procoreUserId !== row.requestedBy,
  );
  return {
    kind: 'plan',
    hash: plan.hash,
    decision: rejected ? 'rejected' : approved ? 'approve' : 'ask_finance',
    by,
    comment: rejected ? (earlier?.comment ?? '') : '',
    operations: plan.operations.length,
    warnings: plan.warnings.length,
    ...(guarded.length === 0 ? {} : { guarded }),
    ...(row.way === 'reconcile' && plan.operations.some(isErpWrite) ? { writesErp: true as const } : {}),
    approvers: allowed.map(({ id }) => id),
    mustCount: !isCounted,
    ...(row.way === 'reconcile' && !approved ? { because: waiting } : {}),
  };
}

/** Which version of the rules it was, where it is not the configuration. */
const versionOf = ({ rulesVersion }: ConnectionPolicy): { readonly rulesVersion?: number } =>
  rulesVersion === undefined ? {} : { rulesVersion };

/** Whether the log has that this rule of this version asked about the plan. */
const wasAsked = (sealed: readonly AuditEntry[], rule: string, { rulesVersion }: ConnectionPolicy): boolean =>
  sealed.some(
    ({ action, actor, detail }) =>
      action === 'approval.asked' && actor === `rule:${rule}` && detail['rulesVersion'] === rulesVersion,
  );

/** What the log says of one plan. A request of pages has too many others to ask about all. */
const sealedAbout = async (
  t: Repositories,
  row: SyncRequestRow,
  { hash }: Plan,
): Promise<readonly AuditEntry[]> =>
  row.way !== null && isPaged(row.way)
    ? t.audit.sealed(row, { planHash: hash })
    : (await t.audit.sealedPlans(row)).filter(({ planHash }) => planHash === hash);

/** Channel of decisions that a rule made. */
const POLICY = 'policy';
