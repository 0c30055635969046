import type { SealedDecision } from '../domain/audit/evidence';
import { requesterIn } from '../domain/audit/evidence';
import { TiebackError } from '../domain/base/errors';
import { placesIn } from '../domain/plan/operation';
import type { Plan } from '../domain/plan/plan';
import { decidedBy, whyNotApprover } from '../domain/request/connection-policy';
import { decide } from '../domain/request/policy';
import type { RequestRef } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { SyncRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';

/** What a decision is about. */
export interface Decided {
  readonly connection: ConnectionParts;
  readonly row: Pick<SyncRequestRow, 'id' | 'eventName'>;
  readonly plan: Plan;
  /** Who caused the request in Procore, as `requesterOf` says; null also where a rule decided. */
  readonly requestedBy: number | null;
}

/** Who caused a request in Procore, as the audit log vouches for it: the row alone could be changed past us. */
export const requesterOf = async (t: Repositories, row: RequestRef): Promise<number | null> =>
  requesterIn(await t.audit.sealed(row, { actions: ['intake.received'] }));

/** Why an approval does not hold any more, in one sentence: who may approve is asked again when it is acted on. Null: it holds. */
export function whyNotInForce(
  { connection, row, plan, requestedBy }: Decided,
  { person, isRule }: SealedDecision,
): string | null {
  const { policy } = connection;
  if (!isRule) {
    const projects = placesIn(plan.operations);
    return whyNotApprover(policy, { by: person, requestedBy, about: decidedBy(row.id), projects });
  }
  const now = decide(plan, row.eventName ?? '', policy.rules);
  return now.decision === 'approve' ? null : `The rules do not approve it any more: ${now.because}`;
}

/** Throws `POLICY_APPROVAL_NEEDED` where an approval does not hold any more. */
export function assertInForce(decided: Decided, decision: SealedDecision): void {
  const reason = whyNotInForce(decided, decision);
  if (reason !== null) throw new TiebackError('POLICY_APPROVAL_NEEDED', { reason });
}
