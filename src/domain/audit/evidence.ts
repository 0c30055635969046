import { contentHash } from '../base/identity';
import type { Fields } from '../kinds/record';
import type { PlanBody } from '../plan/plan';
import { planHash } from '../plan/plan';
import { actorOf, decisionStatement } from '../people/decision';
import type { Signature, Statement } from '../people/signature';
import type { SigningKeys } from '../people/signing-keys';
import type { Correction, Decision } from '../request/flow';
import { REQUEST_UPDATES } from '../request/flow';
import type { RequestRef } from '../request/id';
import type { ReadRequest, StoredBody } from '../request/intent';
import type { AuditAction, AuditEntry } from './chain';
import { choiceIn, isOurChoice } from './choices';

/*
 * What the sealed entries of a request prove. A row of another table is believed only as far as it agrees with them: who can write to a
 * table can write anything into it, but not into a chain whose later links are there already.
 */

/** Detail of `request.fetched` and `request.reread`: what arrived, and what it was read as. */
export const bodySeal = (body: StoredBody, reading: ReadRequest): { body: string; reading: string } => ({
  body: contentHash(body),
  reading: contentHash(reading),
});

/**
 * What the daemon signs where a body takes the place of the one that arrived: whoever can write to our database can also continue a log that has
 * no key, and a later body would otherwise be theirs to choose. `at`: when, ISO 8601 UTC; a copy of an earlier entry counts for nothing.
 */
export const readingStatement = (
  { connectionId, id }: RequestRef,
  { body, reading, at }: { readonly body: unknown; readonly reading: unknown; readonly at: unknown },
): Statement => ({ purpose: 'reading', connectionId, requestId: id, body, reading, at });

/** A decision on a plan, as it was sealed. */
export interface SealedDecision {
  readonly decision: 'approved' | 'rejected';
  /** As the log names them: a person, `uid 0 (root) acting as <person>`, or `rule:<name>`. */
  readonly by: string;
  /** Whose right it was to decide: the person, or the rule. */
  readonly person: string;
  readonly comment: string;
  readonly isRule: boolean;
  /** What the daemon signed, with its signatures; of a rule nothing. */
  readonly signed: Decision | Correction | null;
  /** Other approvals of the same plan by people: where two must approve, one of them is the other. */
  readonly others: readonly PersonApproval[];
}

/** What a person approved, as the daemon signed it. */
export type PersonApproval = Decision | Correction;

const RULE = 'rule:';

/**
 * The decision that holds for a plan: a rejection outweighs an approval, a person outweighs a rule, a later one an earlier one. What was decided
 * before the plan was found to be tampered with, or before an approval was withdrawn, is void. A person's decision without the daemon's signature is none, and neither is a copy of an
 * earlier one: whoever can write to our database can also continue a log that has no key.
 */
export function decisionOn(
  ref: RequestRef & { readonly planHash: string },
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): SealedDecision | null {
  const about = provenAbout(ref, sealed, keys);
  const approvals = about.flatMap(approvalIn);
  const decisions = about.flatMap(({ entry, signed }): SealedDecision[] => {
    const { action, actor, detail } = entry;
    if (action !== 'approval.granted' && action !== 'approval.rejected') return [];
    return [
      {
        decision: action === 'approval.granted' ? 'approved' : 'rejected',
        by: actor,
        person: signed?.by ?? actor,
        comment: textOr(detail['comment'], ''),
        isRule: signed === null,
        signed,
        others: approvals.filter((one) => one !== signed),
      },
    ];
  });
  return (
    decisions.find(({ decision }) => decision === 'rejected') ??
    decisions.findLast(({ isRule }) => !isRule) ??
    decisions.at(-1) ??
    null
  );
}

/** Every approval of a plan by a person, in order: also those that alone decide nothing, because two must approve. */
export const approvalsOn = (
  ref: RequestRef & { readonly planHash: string },
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): readonly PersonApproval[] => provenAbout(ref, sealed, keys).flatMap(approvalIn);

/** A decision on a plan, with what the daemon signed of it; null: a rule decided. */
interface Proven {
  readonly entry: AuditEntry;
  readonly signed: PersonApproval | null;
}

const approvalIn = ({ entry: { action }, signed }: Proven): readonly PersonApproval[] =>
  signed === null || action === 'approval.rejected' || action === 'approval.withdrawn' ? [] : [signed];

/** What was decided about a plan since it was found to be tampered with last, and is proven. */
function provenAbout(
  { connectionId, id, planHash: hash }: RequestRef & { readonly planHash: string },
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): readonly Proven[] {
  const about = withoutCopies(sealed.filter(({ planHash: of }) => of === hash));
  const since = about.slice(about.findLastIndex(({ action }) => action === 'incident.found') + 1);
  const proven = since.flatMap((entry): Proven[] => {
    if (!DECIDES.has(entry.action)) return [];
    const answer = answerIn(entry);
    // Alone it decides nothing, and a rule gives none.
    if (answer === null) return PEOPLE_ALONE.has(entry.action) ? [] : [{ entry, signed: null }];
    return isOurs(keys, { connectionId, id }, answer) ? [{ entry, signed: answer.given }] : [];
  });
  return proven.slice(Math.max(0, proven.findLastIndex(isWithdrawal)));
}

/** Detail of `approval.granted`: until when it could be withdrawn, ISO 8601 UTC. */
export const UNDO_UNTIL = 'undoUntil';

const isWithdrawal = ({ entry: { action } }: Proven): boolean => action === 'approval.withdrawn';

/** Who withdrew the approval of a plan, as the log names them, and their words; null: nobody did, or it was decided again since. */
export function withdrawnBy(
  ref: RequestRef & { readonly planHash: string },
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): { readonly actor: string; readonly comment: string } | null {
  const last = provenAbout(ref, sealed, keys).at(-1);
  if (last === undefined || !isWithdrawal(last)) return null;
  const { actor, detail } = last.entry;
  return { actor, comment: textOr(detail['comment'], '') };
}

const DECIDES: ReadonlySet<AuditAction> = new Set([
  'approval.first',
  'approval.granted',
  'approval.rejected',
  'approval.withdrawn',
]);

const PEOPLE_ALONE: ReadonlySet<AuditAction> = new Set(['approval.first', 'approval.withdrawn']);

/** Whether the log knows an answer with one of these signatures: a signature counts once. */
export const wasTaken = (signatures: Decision['signatures'], sealed: readonly AuditEntry[]): boolean => {
  const known = new Set(sealed.flatMap(({ detail }) => signatureTexts(detail)));
  return signatures.some(({ value }) => known.has(value));
};

/** The entries whose signatures no earlier one carries. */
function withoutCopies(sealed: readonly AuditEntry[]): readonly AuditEntry[] {
  const known = new Set<unknown>();
  return sealed.filter(({ detail }) => {
    const own = signatureTexts(detail);
    const isCopy = own.some((text) => known.has(text));
    for (const text of own) known.add(text);
    return !isCopy;
  });
}

/** The signatures under an entry, as they are told apart. */
export const signatureTexts = (detail: AuditEntry['detail']): readonly unknown[] =>
  signedIn(detail).signatures.map((given: Partial<Signature> | null) => given?.value);

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

const signedIn = ({
  channel,
  account,
  signedAt,
  signatures,
  inNameOf,
}: AuditEntry['detail']): Pick<Decision, 'inNameOf' | 'channel' | 'account' | 'at' | 'signatures'> => ({
  ...(typeof inNameOf === 'string' ? { inNameOf } : {}),
  channel: textOr(channel, ''),
  account: typeof account === 'string' ? account : null,
  at: textOr(signedAt, ''),
  signatures: Array.isArray(signatures) ? (signatures as Decision['signatures']) : [],
});

/** Why a stored plan is not the one that was sealed when it was built, in one sentence; null when it is. */
export function tamperedPlan(
  stored: { readonly hash: string; readonly body: PlanBody; readonly seal: string },
  sealed: readonly AuditEntry[],
): string | null {
  const built = sealed.findLast(({ action, planHash: of }) => action === 'plan.built' && of === stored.hash);
  // The seal is of more than the hash is of: where it holds, the hash need not be made as well, which takes long for a plan of thousands of lines.
  if (built !== undefined && built.detail['seal'] === stored.seal) return null;
  if (planHash(stored.body) !== stored.hash)
    return 'the stored plan does not have the hash under which it is stored';
  return built === undefined
    ? 'the audit log does not know that this plan was built'
    : 'the stored plan was changed after it was built';
}

/**
 * Why a stored body is not the one that arrived, in one sentence; null when it is. Without a `reading` (its reader is another one now) only the
 * body is compared. `sealed`: entries with `request.fetched` and `request.reread`.
 */
export function tamperedBody(
  ref: RequestRef,
  stored: { readonly body: StoredBody; readonly reading: ReadRequest | null },
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): string | null {
  const rereads = withoutCopies(sealed.filter(({ action }) => action === 'request.reread'));
  const again = rereads.findLast(({ detail }) => {
    const { at, signatures } = signedIn(detail);
    const { body, reading } = detail;
    return keys.isSigned(readingStatement(ref, { body, reading, at }), signatures);
  });
  const fetched = again ?? sealed.find(({ action }) => action === 'request.fetched');
  if (fetched === undefined) return 'the audit log does not know that the body of this request arrived';
  const { body, reading } = stored;
  if (fetched.detail['body'] !== contentHash(body)) return 'the stored body is not the one that arrived';
  return reading === null || fetched.detail['reading'] === contentHash(reading)
    ? null
    : 'what the body was read as was changed in the store';
}

/** What people entered with `tieback correct`, all in all; what the daemon did not sign is left out. */
export const sealedCorrections = (
  ref: RequestRef,
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): Fields => {
  const entered = withoutCopies(sealed.filter(({ action }) => action === 'correction.entered'));
  const values = entered.flatMap((entry) => {
    const answer = answerIn(entry);
    return answer !== null && isOurs(keys, ref, answer) ? [entry.detail['values']] : [];
  });
  return Object.assign({}, ...values) as Fields;
};

/** Directory user of Procore who caused a request, as the webhooks that told of it were sealed; null: none says so. */
export const requesterIn = (sealed: readonly AuditEntry[]): number | null =>
  sealed
    .filter(({ action }) => action === 'intake.received')
    .flatMap(({ detail: { userId } }) => (typeof userId === 'number' ? [userId] : []))
    .at(-1) ?? null;

const isOurs = (
  keys: Pick<SigningKeys, 'isSigned'>,
  { connectionId, id }: RequestRef,
  { update, given, actor }: Answer,
): boolean =>
  actorOf(given) === actor &&
  keys.isSigned(decisionStatement({ connectionId, id }, update, given), given.signatures);

/** What a person answered, put together again from its entry. */
interface Answer {
  readonly actor: string;
  readonly update: (typeof REQUEST_UPDATES)[keyof typeof REQUEST_UPDATES];
  readonly given: Decision | Correction;
}

const UPDATES: Partial<Record<AuditAction, Answer['update']>> = {
  'approval.first': REQUEST_UPDATES.approve,
  'approval.granted': REQUEST_UPDATES.approve,
  'approval.rejected': REQUEST_UPDATES.reject,
  'approval.withdrawn': REQUEST_UPDATES.withdraw,
  'correction.entered': REQUEST_UPDATES.correct,
};

/** Null: the entry is about no answer of a person. */
function answerIn({ action, actor, planHash: hash, detail }: AuditEntry): Answer | null {
  const update = UPDATES[action];
  if (update === undefined || actor.startsWith(RULE)) return null;
  const what =
    update === REQUEST_UPDATES.correct
      ? { values: detail['values'] as Correction['values'] }
      : { planHash: hash ?? '' };
  const by = textOr(detail['person'], actor);
  return {
    actor,
    update,
    given: { ...what, by, comment: textOr(detail['comment'], ''), ...signedIn(detail) },
  };
}

/** How an entry proves that a person gave the answer it tells of. `none`: it tells of none; `unchecked`: nobody here has the key. */
export type Proof = 'none' | 'right' | 'unchecked' | 'wrong';

export function proofOf(
  connectionId: string,
  entry: AuditEntry,
  keys: Pick<SigningKeys, 'isSigned' | 'publicKeys'>,
): Proof {
  const choice = choiceIn(entry);
  const answer = answerIn(entry);
  const given = choice ?? answer?.given;
  if (given === undefined) return 'none';
  const isRight =
    answer === null
      ? isOurChoice(connectionId, entry, keys)
      : isOurs(keys, { connectionId, id: entry.requestId ?? '' }, answer);
  if (isRight) return 'right';
  return isOfOtherKeys(given.signatures, keys) ? 'unchecked' : 'wrong';
}

/** Whether a body was read again last under a key that nobody here has: whether it is the right one cannot be told. */
export const isReadUnderOtherKey = (
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'publicKeys'>,
): boolean => {
  const last = sealed.findLast(({ action }) => action === 'request.reread');
  return last !== undefined && isOfOtherKeys(signedIn(last.detail).signatures, keys);
};

function isOfOtherKeys(
  signatures: Decision['signatures'],
  { publicKeys }: Pick<SigningKeys, 'publicKeys'>,
): boolean {
  const ids = signatures.map((given: Partial<Signature> | null) => given?.keyId);
  return ids.length > 0 && !publicKeys.some(({ keyId }) => ids.includes(keyId));
}
