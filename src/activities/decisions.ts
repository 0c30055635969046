import { ApplicationFailure } from '@temporalio/activity';
import type { ErrorShape } from '../domain/base/errors';
import type { Wait } from '../domain/plan/plan';
import type { Correction, Decision, DecisionReceipt, ParkedView, RequestRef } from '../domain/request/flow';
import type { RequestStatus } from '../domain/request/status';
import { isFinal } from '../domain/request/status';
import type { ErpRequestRow } from '../store/rows';
import type { ActivityDeps, ConnectionParts } from './deps';
import { connectionOf } from './deps';
import { auditEntry, hold, park } from './ledger';

/** Run on the main queue, as local activities: what people decide is in our store before they are told that it holds. */
export const decisionStoreActivities = (deps: ActivityDeps) => ({
  /** Records an approval or a rejection of one plan, with identity, comment and time. A plan is decided once. */
  async recordDecision(
    input: RequestRef & { page: number; decision: 'approved' | 'rejected'; by: Decision },
  ): Promise<DecisionReceipt> {
    const { connectionId, requestId, by } = input;
    return deps.store.transaction('decision.record', async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(connectionId, requestId);
      if (input.decision === 'approved') assertSecondPerson(connectionOf(deps, connectionId), row, by.by);
      const approval = {
        connectionId,
        requestId,
        planHash: by.planHash,
        decision: input.decision,
        decidedBy: by.by,
        comment: by.comment,
      };
      if (await t.plans.decide({ ...approval, channel: by.channel, at: now })) {
        const stored = await t.plans.latest(input, input.page);
        if (stored?.hash === by.planHash) await t.plans.setState(stored, input.decision);
        if (input.decision === 'approved') await t.requests.setStatus(row, 'applying', null, now);
        const action = input.decision === 'approved' ? 'approval.granted' : 'approval.rejected';
        const detail = { comment: by.comment, channel: by.channel };
        await t.audit.append(connectionId, [
          auditEntry(row, now, action, { actor: by.by, planHash: by.planHash, detail }),
        ]);
      }
      return input.decision === 'approved'
        ? { status: 'applying', message: `Approved by ${by.by}; it is being written to the ERP.` }
        : { status: 'rejected', message: `Rejected by ${by.by}; Procore will show the comment.` };
    });
  },

  /** Records corrected values; the plan is built again from them. */
  async recordCorrection(input: RequestRef & { correction: Correction }): Promise<DecisionReceipt> {
    const { connectionId, requestId, correction } = input;
    return deps.store.transaction('decision.correct', async (t): Promise<DecisionReceipt> => {
      const now = deps.now();
      const row = await t.requests.get(connectionId, requestId);
      const { values } = correction;
      // Recorded already when the request does not wait any more: this is the same correction again.
      if (CORRECTABLE.has(row.status)) {
        await t.requests.update(row, { corrections: { ...row.corrections, ...values } });
        await t.requests.setStatus(row, 'planning', null, now);
        await t.exceptions.resolve({ connectionId, requestId }, now);
        const detail = { values, comment: correction.comment };
        await t.audit.append(connectionId, [
          auditEntry(row, now, 'correction.entered', { actor: correction.by, detail }),
        ]);
      }
      return { status: 'planning', message: 'The request is being planned again.' };
    });
  },

  /** Parks the request for a person; answers who that may be, because a request that could not be fetched says nothing yet. */
  async parkRequest(input: RequestRef & { recordId: string; error: ErrorShape }): Promise<ParkedView> {
    const { policy } = connectionOf(deps, input.connectionId);
    await deps.store.transaction('request.park', (t) =>
      park(t, input, input.recordId, input.error, deps.now()),
    );
    return { approvers: policy.approvers.map(({ id }) => id), openDetailHours: policy.openDetailHours };
  },

  /** Notes that the request waits or works, with the reason. */
  async noteStatus(
    input: RequestRef & { status: 'busy' | 'applying' | 'planning'; reason: string | null },
  ): Promise<void> {
    await deps.store.transaction('request.status', async (t) => {
      const row = await t.requests.get(input.connectionId, input.requestId);
      if (isFinal(row.status)) return;
      // What it waited for is there, or is looked at again: waiting is no exception any more.
      if (row.status === 'held') await t.exceptions.resolve(pick(input), deps.now());
      await t.requests.setStatus(row, input.status, input.reason, deps.now());
    });
  },

  /** Holds the request until other records are there; who it waits for, and since when, is an exception with its age. */
  async holdRequest(input: RequestRef & { waits: readonly Wait[] }): Promise<ParkedView> {
    const { policy } = connectionOf(deps, input.connectionId);
    await deps.store.transaction('request.hold', (t) => hold(t, input, input.waits, deps.now()));
    return { approvers: policy.approvers.map(({ id }) => id), openDetailHours: policy.openDetailHours };
  },
});

const pick = ({ connectionId, requestId }: RequestRef): RequestRef => ({ connectionId, requestId });

const CORRECTABLE: ReadonlySet<RequestStatus> = new Set(['waiting_for_finance', 'parked', 'busy', 'held']);

/** The webhook that names the requester may come after the plan was built: the last word is here, where the decision is recorded. */
function assertSecondPerson({ policy }: ConnectionParts, row: ErpRequestRow, by: string): void {
  const person = policy.approvers.find(({ id }) => id === by)?.procoreUserId;
  if (!policy.requireSecondPerson || person === undefined || person !== row.requestedBy) return;
  throw ApplicationFailure.create({
    type: 'NotAllowed',
    message: `"${by}" asked for this in Procore; somebody else must approve it.`,
    nonRetryable: true,
  });
}
