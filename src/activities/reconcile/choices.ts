import type { SignedChoice } from '../../domain/audit/choices';
import { choiceKey, CONFLICT_ACTIONS, decisionOf, sealedChoices } from '../../domain/audit/choices';
import { proofOf } from '../../domain/audit/evidence';
import { contentHash } from '../../domain/base/identity';
import type { ConflictDecision } from '../../domain/reconcile/conflict';
import { whyNotApprover } from '../../domain/request/connection-policy';
import type { Repositories } from '../../store/repositories';
import type { ConflictRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import type { InHand } from '../in-hand';

/** What people chose, by link and field. */
export type Choices = ReadonlyMap<string, ReadonlyMap<string, ConflictDecision>>;

/**
 * What people chose about these conflicts, by link and field. Only what the audit log vouches for counts, and only from somebody who may decide today:
 * any other choice in our store is taken out, and one that nobody ever made is an incident.
 */
export async function choicesFor(
  t: Repositories,
  { connection, row }: Pick<InHand, 'connection' | 'row'>,
  conflicts: readonly ConflictRow[],
  { people, now }: { readonly people: ActivityDeps['people']; readonly now: string },
): Promise<Choices> {
  const claimed = conflicts.flatMap((conflict) =>
    conflict.decision === null ? [] : [{ conflict, decision: conflict.decision }],
  );
  const chosen = new Map<string, Map<string, ConflictDecision>>();
  if (claimed.length === 0) return chosen;
  const subjects = [...new Set(claimed.map(({ conflict }) => conflict.recordId))];
  const sealed = await t.audit.sealedAboutAll(connection.id, { subjects, actions: CONFLICT_ACTIONS });
  const holding = sealedChoices(connection.id, sealed, people.keys);
  const isOfOtherKeys = sealed.some((entry) => proofOf(connection.id, entry, people.keys) === 'unchecked');
  for (const { conflict, decision } of claimed) {
    const { linkId, field, recordId } = conflict;
    const given = holding.get(choiceKey(linkId, field));
    const isGenuine = given !== undefined && contentHash(decisionOf(given)) === contentHash(decision);
    if (isGenuine && isInForce(connection, given, people.breakGlass)) {
      chosen.set(linkId, (chosen.get(linkId) ?? new Map<string, ConflictDecision>()).set(field, decision));
      continue;
    }
    t.conflicts.update(conflict, { decision: null });
    if (isGenuine || isOfOtherKeys) continue;
    const reason = `the choice of "${decision.by}" about ${field} of ${recordId} lies in the store, but the audit log does not know it`;
    await t.audit.noteIncident(row, { planHash: null, reason }, now);
  }
  return chosen;
}

const isInForce = (
  { policy }: ConnectionParts,
  { by, account }: SignedChoice,
  breakGlass: boolean,
): boolean => (account === null || breakGlass) && whyNotApprover(policy, { by, requestedBy: null }) === null;

/** The same as it lies in our store, for showing only: nobody vouches for it. */
export const shownChoices = (conflicts: readonly ConflictRow[]): Promise<Choices> => {
  const shown = new Map<string, Map<string, ConflictDecision>>();
  for (const { linkId, field, decision } of conflicts) {
    if (decision === null) continue;
    shown.set(linkId, (shown.get(linkId) ?? new Map<string, ConflictDecision>()).set(field, decision));
  }
  return Promise.resolve(shown);
};
