import type { SealedDecision } from '../domain/audit/evidence';
import { TiebackError } from '../domain/base/errors';
import type { Plan } from '../domain/plan/plan';
import { whyNotApprover } from '../domain/request/connection-policy';
import { decide } from '../domain/request/policy';
import type { SyncRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';

/** What a decision is about. */
export interface Decided {
  readonly connection: ConnectionParts;
  readonly row: SyncRequestRow;
  readonly plan: Plan;
}

/** Why an approval does not hold any more, in one sentence: who may approve is asked again when it is acted on. Null: it holds. */
export function whyNotInForce(
  { connection, row, plan }: Decided,
  { person, isRule }: SealedDecision,
): string | null {
  const { policy } = connection;
  if (!isRule) return whyNotApprover(policy, { by: person, requestedBy: row.requestedBy });
  const now = decide(plan, row.eventName ?? '', policy.rules);
  return now.decision === 'approve' ? null : `The rules do not approve it any more: ${now.because}`;
}

/** Throws `POLICY_APPROVAL_NEEDED` where an approval does not hold any more. */
export function assertInForce(decided: Decided, decision: SealedDecision): void {
  const reason = whyNotInForce(decided, decision);
  if (reason !== null) throw new TiebackError('POLICY_APPROVAL_NEEDED', { reason });
}
