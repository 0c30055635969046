import type { SealedDecision } from '../domain/audit/evidence';
import { requesterIn } from '../domain/audit/evidence';
import { TiebackError } from '../domain/base/errors';
import { placesIn } from '../domain/plan/operation';
import type { SigningKeys } from '../domain/people/signing-keys';
import type { Plan } from '../domain/plan/plan';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import { decidedBy, whyNotApprover, whyNotTwo } from '../domain/request/connection-policy';
import { decide } from '../domain/request/policy';
import type { RequestRef } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { SyncRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';

/** What a decision is about. */
export interface Decided {
  /** As it counts now, see `policyNow`. */
  readonly policy: ConnectionPolicy;
  readonly row: Pick<SyncRequestRow, 'id' | 'eventName'>;
  readonly plan: Plan;
  /** Who caused the request in Procore, as `requesterOf` says; null also where a rule decided. */
  readonly requestedBy: number | null;
}

/** The policy of a connection as it counts now. */
export const policyNow = async (
  t: Repositories,
  connection: Pick<ConnectionParts, 'id' | 'policy'>,
  keys: SigningKeys,
): Promise<ConnectionPolicy> => (await t.rules.inForce(connection, keys)).policy;

/** Who caused a request in Procore, as the audit log vouches for it: the row alone could be changed past us. */
export const requesterOf = async (t: Repositories, row: RequestRef): Promise<number | null> =>
  requesterIn(await t.audit.sealed(row, { actions: ['intake.received'] }));

/**
 * Why an approval does not hold any more, in one sentence: who may approve, and how many must, is asked again when it is acted on. An approval by a rule
 * holds as long as the rules in force approve the plan, whichever of them and whichever version it was. Null: it holds.
 */
export function whyNotInForce(
  { policy, row, plan, requestedBy }: Decided,
  { person, isRule, signed, others }: SealedDecision,
): string | null {
  const now = decide(plan, row.eventName ?? '', policy.rules);
  if (isRule)
    return now.decision === 'approve' ? null : `The rules do not approve it any more: ${now.because}`;
  const asked = askedBy(policy, now.decision);
  const about = decidedBy(row.id);
  const projects = placesIn(plan.operations);
  const given = signed ?? { by: person, account: null, at: '' };
  const whyNot = ({ by, inNameOf, at }: typeof given & { inNameOf?: string | undefined }): string | null =>
    whyNotApprover(asked, { by, inNameOf, at, requestedBy, about, projects });
  const reason = whyNot(given);
  if (reason !== null || now.decision !== 'ask_two') return reason;
  const isSecond = others.some((other) => whyNot(other) === null && whyNotTwo(policy, other, given) === null);
  return isSecond ? null : `One person approved it, and two must: ${now.because}`;
}

/** Where two must approve, neither may be who asked. */
export const askedBy = (policy: ConnectionPolicy, decision: string): ConnectionPolicy =>
  decision === 'ask_two' ? { ...policy, requireSecondPerson: true } : policy;

/** Throws `POLICY_APPROVAL_NEEDED` where an approval does not hold any more. */
export function assertInForce(decided: Decided, decision: SealedDecision): void {
  const reason = whyNotInForce(decided, decision);
  if (reason !== null) throw new TiebackError('POLICY_APPROVAL_NEEDED', { reason });
}
