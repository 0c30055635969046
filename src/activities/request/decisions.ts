import { ApplicationFailure } from '@temporalio/activity';
import type { ProcoreId } from '../../domain/kinds/record';
import { placesIn } from '../../domain/plan/operation';
import { placesOf } from '../../domain/request/about';
import type { Decided } from '../../domain/request/connection-policy';
import { decidedBy, whyNotApprover } from '../../domain/request/connection-policy';
import { decisionOn, wasTaken } from '../../domain/audit/evidence';
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
import type { SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { requesterOf } from '../approval';
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
      await ahead(
        t.requests.get(input),
        t.audit.sealed(input, { planHash: by.planHash }),
        requesterOf(t, input),
        t.plans.latest(input),
      );
      const row = await t.requests.get(input);
      const { planHash, comment, channel } = by;
      const actor = actorOf(by);
      assertMayDecide(connectionOf(deps, connectionId), {
        by: by.by,
        about: decidedBy(requestId),
        projects: await reached(t, input, row, planHash),
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
      if (known?.decision !== decision || known.by !== actor) {
        assertNotTaken(row, by, sealed);
        // A receipt that says "it is being written" would not be true.
        if (known?.decision === 'rejected' && decision === 'approved')
          refuse('AlreadyDecided', `${known.by} rejected this plan; rejected again, it is closed.`);
        if (decision === 'rejected') await giveUp(t, row, now);
        await t.plans.decide(approval);
        const stored = await t.plans.latest(input);
        if (stored?.hash === planHash) await t.plans.setState(stored, decision);
        if (decision === 'approved') await t.requests.setStatus(row, 'applying', null, now, { rested: null });
        const action = decision === 'approved' ? 'approval.granted' : 'approval.rejected';
        const more = { actor, planHash, detail: { comment, channel, ...proofOf(by) } };
        await t.audit.append(connectionId, [auditEntry(row, now, action, more)]);
      }
      return decision === 'approved'
        ? { status: 'applying', message: `Approved by ${actor}; it is being written to the ERP.` }
        : {
            status: 'rejected',
            message: `Rejected by ${actor}; ${REJECTED_MEANS[row.way ?? ''] ?? 'Procore will show the comment'}.`,
          };
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
      const projects = placesOf(row.about);
      assertMayDecide(connection, { by, requestedBy: null, about: decidedBy(requestId), projects });
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
const proofOf = ({ by, account, at, signatures }: Answered): Record<string, unknown> => ({
  ...(account === null ? {} : { person: by, account }),
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
function assertMayDecide(
  { policy }: ConnectionParts,
  who: {
    readonly by: string;
    readonly about: Decided;
    readonly projects: readonly (ProcoreId | null)[];
    /** Null: it does not matter, or is not known. */ readonly requestedBy: number | null;
  },
): void {
  const message = whyNotApprover(policy, who);
  if (message !== null) refuse('NotAllowed', message);
}

function refuse(type: string, message: string): never {
  throw ApplicationFailure.create({ type, message, nonRetryable: true });
}
