import { ApplicationFailure } from '@temporalio/activity';
import { whyNotApprover } from '../../domain/request/connection-policy';
import { decisionOn } from '../../domain/audit/evidence';
import type { Correction, Decision, DecisionReceipt, PageRef, RequestRef } from '../../domain/request/flow';
import type { RequestStatus } from '../../domain/request/status';
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { auditEntry } from '../record/entry';

/** Run on the main queue, as local activities: what people decide is in our store before they are told that it holds. */
export const decisionActivities = (deps: ActivityDeps) => ({
  /** Records an approval or a rejection of one plan, with identity, comment and time. A plan is decided once. */
  async recordDecision(
    input: PageRef & { decision: 'approved' | 'rejected'; by: Decision },
  ): Promise<DecisionReceipt> {
    const { connectionId, id: requestId, by, decision } = input;
    return deps.store.transaction('decision.record', async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(input);
      const { planHash, comment, channel } = by;
      assertMayDecide(connectionOf(deps, connectionId), row, { by: by.by, decision });
      const approval = {
        connectionId,
        requestId,
        planHash,
        decision,
        decidedBy: by.by,
        comment,
        channel,
        at: now,
      };
      const known = decisionOn(planHash, await t.audit.sealed(row, { planHash }));
      if (known?.decision !== decision || known.by !== by.by) {
        await t.plans.decide(approval);
        const stored = await t.plans.latest(input);
        if (stored?.hash === planHash) await t.plans.setState(stored, decision);
        if (decision === 'approved') await t.requests.setStatus(row, 'applying', null, now);
        const action = decision === 'approved' ? 'approval.granted' : 'approval.rejected';
        const more = { actor: by.by, planHash, detail: { comment, channel } };
        await t.audit.append(connectionId, [auditEntry(row, now, action, more)]);
      }
      return decision === 'approved'
        ? { status: 'applying', message: `Approved by ${by.by}; it is being written to the ERP.` }
        : { status: 'rejected', message: `Rejected by ${by.by}; Procore will show the comment.` };
    });
  },

  /** Records corrected values; the plan is built again from them. */
  async recordCorrection(input: RequestRef & { correction: Correction }): Promise<DecisionReceipt> {
    const { connectionId, id: requestId, correction } = input;
    return deps.store.transaction('decision.correct', async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(input);
      const { values, comment, by } = correction;
      // Recorded already when the request does not wait any more: this is the same correction again.
      if (CORRECTABLE.has(row.status)) {
        const corrections = { ...row.corrections, ...values };
        await t.requests.setStatus(row, 'planning', null, now, { corrections });
        await t.exceptions.resolve({ connectionId, requestId }, now);
        await t.waits.end(row, now);
        const more = { actor: by, detail: { values, comment } };
        await t.audit.append(connectionId, [auditEntry(row, now, 'correction.entered', more)]);
      }
      return { status: 'planning', message: 'The request is being planned again.' };
    });
  },
});

const CORRECTABLE: ReadonlySet<RequestStatus> = new Set(['waiting_for_finance', 'parked', 'busy', 'held']);

/**
 * Asked where the decision is recorded: the list of approvers may have changed since the question was put, and the webhook that names the
 * requester may come after the plan was built. Giving up is for every approver.
 */
function assertMayDecide(
  { policy }: ConnectionParts,
  row: SyncRequestRow,
  { by, decision }: { readonly by: string; readonly decision: 'approved' | 'rejected' },
): void {
  const { approvers } = policy;
  const requireSecondPerson = policy.requireSecondPerson && decision === 'approved';
  const message = whyNotApprover({ approvers, requireSecondPerson }, { by, requestedBy: row.requestedBy });
  if (message !== null) throw ApplicationFailure.create({ type: 'NotAllowed', message, nonRetryable: true });
}
