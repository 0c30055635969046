import { ApplicationFailure } from '@temporalio/activity';
import type { ProcoreId } from '../../domain/kinds/record';
import { placesIn } from '../../domain/plan/operation';
import { placesOf } from '../../domain/request/about';
import type { AuditEntry } from '../../domain/audit/chain';
import type { PersonApproval } from '../../domain/audit/evidence';
import { approvalsOn, decisionOn, UNDO_UNTIL, wasTaken } from '../../domain/audit/evidence';
import { shorten } from '../../domain/base/text';
import type { Plan } from '../../domain/plan/plan';
import type { ConnectionPolicy, Deciding } from '../../domain/request/connection-policy';
import { decidedBy, waitsForSecond, whyNotApprover, whyNotTwo } from '../../domain/request/connection-policy';
import { decide } from '../../domain/request/policy';
import { actorOf, decisionStatement } from '../../domain/people/decision';
import type {
  Answered,
  Correction,
  Decision,
  DecisionReceipt,
  PageRef,
  RequestRef,
} from '../../domain/request/flow';
import { REQUEST_UPDATES } from '../../domain/request/flow';
import { missingLine } from '../../domain/request/corrections';
import { requestWords } from '../../domain/request/id';
import type { RequestStatus } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { ApprovalRow, SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { askedBy, policyNow, requesterOf } from '../approval';
import { connectionOf } from '../deps';
import { ahead, readingOf } from '../in-hand';
import { auditEntry } from '../record/entry';

/** Run on the main queue, as local activities: what people decide is in our store before they are told that it holds. */
export const decisionActivities = (deps: ActivityDeps) => ({
  /** Records an approval or a rejection of one plan, with identity, comment and time. A plan is decided once. */
  async recordDecision(
    input: PageRef & { decision: 'approved' | 'rejected'; by: Decision },
  ): Promise<DecisionReceipt> {
    const { connectionId, id: requestId, by, decision } = input;
    assertSigned(deps, input, decision === 'approved' ? REQUEST_UPDATES.approve : REQUEST_UPDATES.reject, by);
    return deps.store.transaction('decision.record', connectionId, async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const connection = connectionOf(deps, connectionId);
      await ahead(
        policyNow(t, connection, deps.people.keys),
        t.requests.get(input),
        t.audit.sealed(input, { planHash: by.planHash }),
        requesterOf(t, input),
        t.plans.latest(input),
      );
      const row = await t.requests.get(input);
      const { planHash, comment, channel } = by;
      const actor = actorOf(by);
      const policy = await policyNow(t, connection, deps.people.keys);
      const stored = await t.plans.latest(input);
      const isTwo =
        decision === 'approved' &&
        stored?.hash === planHash &&
        (await asksTwo(t, connection, { row, plan: { ...stored.body, hash: stored.hash }, policy }));
      const asked = isTwo ? askedBy(policy, 'ask_two') : policy;
      const projects = await reached(t, input, row, planHash);
      assertMayDecide(asked, {
        by: by.by,
        inNameOf: by.inNameOf,
        at: by.at,
        about: decidedBy(requestId),
        projects,
        // Giving up is for every approver.
        requestedBy: decision === 'approved' ? await requesterOf(t, row) : null,
      });
      const approval = {
        connectionId,
        requestId,
        planHash,
        decision,
        decidedBy: actor,
        comment,
        channel,
        at: now,
      };
      const sealed = await t.audit.sealed(row, { planHash });
      const known = decisionOn({ connectionId, id: requestId, planHash }, sealed, deps.people.keys);
      if (wasFirst(by, sealed)) return firstReceipt(actor);
      const isRepeated = known?.decision === decision && known.by === actor;
      // Whoever approved when one was enough is asked for the other of two.
      if (!isRepeated || (isTwo && !wasTaken(by.signatures, sealed))) {
        assertNotTaken(row, by, sealed);
        // A receipt that says "it is being written" would not be true.
        if (known?.decision === 'rejected' && decision === 'approved')
          refuse('AlreadyDecided', `${known.by} rejected this plan; rejected again, it is closed.`);
        if (isTwo) {
          const before = approvalsOn({ connectionId, id: requestId, planHash }, sealed, deps.people.keys);
          const requestedBy = await requesterOf(t, row);
          if (isFirst(asked, { row, by, before, requestedBy, projects }))
            return await recordFirst(t, row, approval, by);
        }
        if (decision === 'rejected') await giveUp(t, row, now);
        await t.plans.decide(approval);
        if (stored?.hash === planHash) await t.plans.setState(stored, decision);
        if (decision === 'approved') await t.requests.setStatus(row, 'applying', null, now, { rested: null });
        const action = decision === 'approved' ? 'approval.granted' : 'approval.rejected';
        const until = decision === 'approved' ? undoUntil(policy, by, now) : null;
        const undo = until === null ? {} : { [UNDO_UNTIL]: until };
        const more = { actor, planHash, detail: { comment, channel, ...undo, ...proofOf(by) } };
        await t.audit.append(connectionId, [auditEntry(row, now, action, more)]);
        if (until !== null) return approvedReceipt(actor, until, now);
      }
      return decision === 'approved'
        ? approvedReceipt(actor, undoGiven(by, sealed), now)
        : {
            status: 'rejected',
            message: `Rejected by ${actor}; ${REJECTED_MEANS[row.way ?? ''] ?? 'Procore will show the comment'}.`,
          };
    });
  },

  /** Records that an approval does not count any more. Only the workflow knows that nothing was begun, so it asks first. */
  async recordWithdrawal(input: PageRef & { by: Decision }): Promise<DecisionReceipt> {
    const { connectionId, id: requestId, by } = input;
    assertSigned(deps, input, REQUEST_UPDATES.withdraw, by);
    return deps.store.transaction('decision.withdraw', connectionId, async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(input);
      const { planHash, comment, channel } = by;
      const policy = await policyNow(t, connectionOf(deps, connectionId), deps.people.keys);
      const projects = await reached(t, input, row, planHash);
      const who = { by: by.by, inNameOf: by.inNameOf, at: by.at, about: decidedBy(requestId) };
      assertMayDecide(policy, { ...who, projects, requestedBy: null });
      const sealed = await t.audit.sealed(row, { planHash });
      if (wasTaken(by.signatures, sealed)) return WITHDRAWN;
      const known = decisionOn({ connectionId, id: requestId, planHash }, sealed, deps.people.keys);
      if (row.status !== 'applying' || known?.decision !== 'approved')
        refuse('TooLate', `${requestWords(requestId)} is "${row.status}": there is no approval to withdraw.`);
      const actor = actorOf(by);
      const stored = await t.plans.latest(input);
      await t.plans.decide({
        connectionId,
        requestId,
        planHash,
        decision: 'withdrawn',
        decidedBy: actor,
        comment,
        channel,
        at: now,
      });
      if (stored?.hash === planHash) await t.plans.setState(stored, 'built');
      await t.requests.setStatus(row, 'planning', null, now);
      const more = { actor, planHash, detail: { comment, channel, ...proofOf(by) } };
      await t.audit.append(connectionId, [auditEntry(row, now, 'approval.withdrawn', more)]);
      return WITHDRAWN;
    });
  },

  /** Records corrected values; the plan is built again from them. */
  async recordCorrection(input: RequestRef & { correction: Correction }): Promise<DecisionReceipt> {
    const { connectionId, id: requestId, correction } = input;
    assertSigned(deps, input, REQUEST_UPDATES.correct, correction);
    return deps.store.transaction('decision.correct', connectionId, async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(input);
      const { values, comment, channel, by } = correction;
      const connection = connectionOf(deps, connectionId);
      const policy = await policyNow(t, connection, deps.people.keys);
      const { inNameOf, at } = correction;
      const projects = placesOf(row.about);
      assertMayDecide(policy, { by, inNameOf, at, requestedBy: null, about: decidedBy(requestId), projects });
      await assertLines(t, connection, row, Object.keys(values));
      // Recorded already when the request does not wait any more: this is the same correction again.
      if (CORRECTABLE.has(row.status)) {
        assertNotTaken(row, correction, await t.audit.sealed(row, { actions: ['correction.entered'] }));
        const corrections = { ...row.corrections, ...values };
        // What is entered begins another wait; a mere second look goes on with the one before.
        const anew = Object.keys(values).length > 0 ? { rested: null } : {};
        await t.requests.setStatus(row, 'planning', null, now, { corrections, ...anew });
        await t.exceptions.resolve({ connectionId, requestId }, now);
        if (row.way === 'payroll') t.payroll.forgetRefusals(row);
        await t.waits.end(row, now);
        const more = {
          actor: actorOf(correction),
          detail: { values, comment, channel, ...proofOf(correction) },
        };
        await t.audit.append(connectionId, [auditEntry(row, now, 'correction.entered', more)]);
      }
      return { status: 'planning', message: 'The request is being planned again.' };
    });
  },
});

/** Until when an approval can be withdrawn, ISO 8601 UTC; null: it is acted on at once, as one that was typed is. */
function undoUntil({ undoSeconds = 0 }: ConnectionPolicy, { channel }: Decision, now: string): string | null {
  if (undoSeconds === 0 || channel !== 'desk') return null;
  return new Date(Date.parse(now) + undoSeconds * 1000).toISOString();
}

/** What an approval that is recorded already was told. */
const undoGiven = ({ signatures }: Decision, sealed: Parameters<typeof wasTaken>[1]): string | null => {
  const until = sealed.find((entry) => wasTaken(signatures, [entry]))?.detail[UNDO_UNTIL];
  return typeof until === 'string' ? until : null;
};

function approvedReceipt(actor: string, until: string | null, now: string): DecisionReceipt {
  const status = 'applying' as const;
  const ms = until === null ? 0 : Math.max(0, Date.parse(until) - Date.parse(now));
  return until === null || ms === 0
    ? { status, message: `Approved by ${actor}; it is being written to the ERP.` }
    : {
        status,
        message: `Approved by ${actor}; it is written in ${Math.ceil(ms / 1000)} seconds.`,
        undo: { ms, until },
      };
}

const WITHDRAWN: DecisionReceipt = {
  status: 'planning',
  message: 'The approval is withdrawn; nothing was written. Finance is asked again.',
};

/** Where a decision reaches: as the plan says, and before there is one, the request. */
async function reached(
  t: Repositories,
  page: PageRef,
  { about }: SyncRequestRow,
  planHash: string,
): Promise<readonly (ProcoreId | null)[]> {
  const stored = await t.plans.latest(page);
  return stored?.hash === planHash ? placesIn(stored.body.operations) : placesOf(about);
}

/** Whether two must approve a plan, by what the sealed reading of its request names. */
async function asksTwo(
  t: Repositories,
  connection: ConnectionParts,
  {
    row,
    plan,
    policy,
  }: { readonly row: SyncRequestRow; readonly plan: Plan; readonly policy: ConnectionPolicy },
): Promise<boolean> {
  if (policy.rules.every((rule) => rule.decision !== 'ask_two')) return false;
  const { eventName } = await readingOf(t, connection, row);
  return decide(plan, shorten(eventName, 200), policy.rules).decision === 'ask_two';
}

/** Whether nobody else approved it before who still may. Refuses who stands behind an approval already, and accounts of the machine. */
function isFirst(
  policy: ConnectionPolicy,
  given: {
    readonly row: SyncRequestRow;
    readonly by: Decision;
    readonly before: readonly PersonApproval[];
    readonly requestedBy: number | null;
    readonly projects: readonly (ProcoreId | null)[];
  },
): boolean {
  const { row, by, before, requestedBy, projects } = given;
  const whyNotAlone = whyNotTwo(policy, null, by);
  if (whyNotAlone !== null) refuse('NotAllowed', whyNotAlone);
  const about = decidedBy(row.id);
  const reasons = before
    .filter((one) => whyNotApprover(policy, { ...one, requestedBy, about, projects }) === null)
    .map((one) => whyNotTwo(policy, one, by));
  if (reasons.length === 0) return true;
  if (reasons.includes(null)) return false;
  refuse('AlreadyDecided', reasons[0] ?? '');
}

/** Keeps the first of two approvals: it waits for the second. */
async function recordFirst(
  t: Repositories,
  row: SyncRequestRow,
  approval: ApprovalRow,
  by: Decision,
): Promise<DecisionReceipt> {
  const { at, planHash, decidedBy: actor, comment, channel } = approval;
  await t.plans.decide({ ...approval, decision: 'first' });
  if (row.status === 'waiting_for_finance')
    await t.requests.setStatus(row, row.status, waitsForSecond(actor), at);
  const more = { actor, planHash, detail: { comment, channel, ...proofOf(by) } };
  await t.audit.append(row.connectionId, [auditEntry(row, at, 'approval.first', more)]);
  return firstReceipt(actor);
}

/** This very answer is in the log already, as the first of two. */
const wasFirst = ({ signatures }: Decision, sealed: readonly AuditEntry[]): boolean =>
  wasTaken(
    signatures,
    sealed.filter(({ action }) => action === 'approval.first'),
  );

const firstReceipt = (actor: string): DecisionReceipt => ({
  status: 'waiting_for_finance',
  message: waitsForSecond(actor),
});

/** Lines stand for all of their kind in the question; the request knows which there are. */
async function assertLines(
  t: Repositories,
  connection: ConnectionParts,
  row: SyncRequestRow,
  names: readonly string[],
): Promise<void> {
  const ofLines = names.filter((name) => name.includes('['));
  if (ofLines.length === 0) return;
  const missing = missingLine(ofLines, (await readingOf(t, connection, row)).intent);
  if (missing !== null) refuse('UnknownField', missing);
}

/** What follows of a rejection, where nobody in Procore waits for it. */
const REJECTED_MEANS: Readonly<Partial<Record<string, string>>> = {
  reconcile: 'both sides stay as they are (`tieback exceptions`)',
  payroll:
    'nothing is written; it is asked about again when it changes, and rejecting it once more gives the period up',
};

const CORRECTABLE: ReadonlySet<RequestStatus> = new Set(['waiting_for_finance', 'parked', 'busy', 'held']);

/** What stands in the log beside a decision, so that others can check its signature too. */
const proofOf = ({ by, account, inNameOf, at, signatures }: Answered): Record<string, unknown> => ({
  ...(account === null && inNameOf === undefined ? {} : { person: by }),
  ...(account === null ? {} : { account }),
  ...(inNameOf === undefined ? {} : { inNameOf }),
  signedAt: at,
  signatures,
});

/** The workflow asked the same; it may have been started by somebody who is not us. */
function assertSigned(
  { people }: ActivityDeps,
  ref: RequestRef,
  update: (typeof REQUEST_UPDATES)[keyof typeof REQUEST_UPDATES],
  given: Decision | Correction,
): void {
  const { connectionId, id } = ref;
  if (!people.keys.isSigned(decisionStatement({ connectionId, id }, update, given), given.signatures))
    refuse('NotSigned', `The decision about ${requestWords(id)} does not carry the signature of the daemon.`);
  if (given.account === null || people.breakGlass) return;
  refuse(
    'NotAllowed',
    `Nobody decides in the name of "${given.by}" here: break-glass is off (people.breakGlass).`,
  );
}

/** The workflow asked the same, but one that began again has forgotten what was taken before. */
function assertNotTaken(
  { id }: SyncRequestRow,
  { signatures }: Answered,
  sealed: Parameters<typeof wasTaken>[1],
): void {
  if (!wasTaken(signatures, sealed)) return;
  refuse('AlreadyDecided', `This decision about ${requestWords(id)} was taken before.`);
}

/**
 * What a person answered to a workflow that could not go on reaches the next one wherever the request stands: one that is being written may be in
 * the ERP already, and one between two rests was given up as if it were parked.
 */
async function giveUp(t: Repositories, row: SyncRequestRow, now: string): Promise<void> {
  if (row.status === 'applying')
    refuse('NothingToDecide', `${requestWords(row.id)} is being written: it cannot be rejected any more.`);
  if (row.status === 'received' || row.status === 'planning')
    await t.requests.setStatus(row, 'parked', 'Its workflow could not go on.', now);
}

/**
 * Asked where the decision is recorded: the list of approvers may have changed since the question was put, and the webhook that names the
 * requester may come after the plan was built.
 */
function assertMayDecide(policy: ConnectionPolicy, who: Deciding): void {
  const message = whyNotApprover(policy, who);
  if (message !== null) refuse('NotAllowed', message);
}

function refuse(type: string, message: string): never {
  throw ApplicationFailure.create({ type, message, nonRetryable: true });
}
