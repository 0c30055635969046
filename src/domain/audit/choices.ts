import { actorOf } from '../people/decision';
import type { Signature, Statement } from '../people/signature';
import type { SigningKeys } from '../people/signing-keys';
import type { Choice, ConflictDecision } from '../reconcile/conflict';
import type { Pair } from '../reconcile/merge-field';
import type { Decision } from '../request/flow';
import type { AuditEntry } from './chain';

/*
 * What the sealed entries prove of choices about conflicts. A choice in the row of a conflict is believed only where one of them vouches for it.
 */

/** What a person chose about one field of one link, with everything that is signed of it. */
export interface SignedChoice extends Pick<
  Decision,
  'by' | 'account' | 'channel' | 'comment' | 'at' | 'signatures'
> {
  readonly recordId: string;
  /** Id of the record link. */
  readonly link: string;
  readonly field: string;
  readonly choice: Choice;
  /** The two values that they saw. */
  readonly pair: Pair;
}

/** What the daemon signs of a choice: all of it, and where it was made. */
export const choiceStatement = (connectionId: string, choice: SignedChoice): Statement => ({
  ...choice,
  // Canonical JSON leaves out what is undefined.
  signatures: undefined,
  purpose: 'conflict',
  connectionId,
});

/** Subject, actor and detail of `conflict.decided`: a choice as the log keeps it. */
export const choiceEntry = (
  given: SignedChoice,
): Pick<AuditEntry, 'subject' | 'actor' | 'action'> & { readonly detail: AuditEntry['detail'] } => {
  const { recordId, by, account, at, ...detail } = given;
  return {
    subject: recordId,
    actor: actorOf(given),
    action: 'conflict.decided',
    detail: { ...detail, ...(account === null ? {} : { person: by, account }), signedAt: at },
  };
};

/** The choice that an entry tells of; null: it tells of none. */
export function choiceIn({ action, actor, subject, detail }: AuditEntry): SignedChoice | null {
  if (action !== 'conflict.decided') return null;
  const { person, account, signedAt, ...rest } = detail as Record<string, unknown>;
  const { link, field, choice, pair, comment, channel, signatures } = rest as Partial<SignedChoice>;
  return {
    recordId: subject,
    link: link ?? '',
    field: field ?? '',
    choice: choice ?? { take: 'ignore' },
    pair: pair ?? { procore: null, erp: null },
    by: typeof person === 'string' ? person : actor,
    account: typeof account === 'string' ? account : null,
    channel: channel ?? '',
    comment: comment ?? '',
    at: typeof signedAt === 'string' ? signedAt : '',
    signatures: Array.isArray(signatures) ? signatures : [],
  };
}

/** Whether the daemon signed what an entry tells, in the name of the person whom it names. */
export function isOurChoice(
  connectionId: string,
  entry: AuditEntry,
  keys: Pick<SigningKeys, 'isSigned'>,
): boolean {
  const choice = choiceIn(entry);
  return (
    choice !== null &&
    actorOf(choice) === entry.actor &&
    keys.isSigned(choiceStatement(connectionId, choice), choice.signatures)
  );
}

/** Names one field of one link among many. */
export const choiceKey = (link: string, field: string): string => `${link}#${field}`;

/**
 * The choice that holds for each field, by `choiceKey`: the newest that the daemon signed and that is no copy of an earlier one. A conflict that was
 * opened or closed since is another one. `sealed`: entries with `CONFLICT_ACTIONS`, in order.
 */
export function sealedChoices(
  connectionId: string,
  sealed: readonly AuditEntry[],
  keys: Pick<SigningKeys, 'isSigned'>,
): ReadonlyMap<string, SignedChoice> {
  const holding = new Map<string, SignedChoice>();
  const known = new Set<unknown>();
  for (const entry of sealed) {
    const choice = choiceIn(entry);
    if (choice === null) {
      const { link, field } = entry.detail;
      holding.delete(choiceKey(String(link), String(field)));
      continue;
    }
    const own = choice.signatures.map((given: Partial<Signature> | null) => given?.value);
    const isCopy = own.some((value) => known.has(value));
    for (const value of own) known.add(value);
    if (!isCopy && isOurChoice(connectionId, entry, keys))
      holding.set(choiceKey(choice.link, choice.field), choice);
  }
  return holding;
}

/** The entries that tell of conflicts of a record. */
export const CONFLICT_ACTIONS = ['conflict.opened', 'conflict.decided', 'conflict.closed'] as const;

/** A choice as the row of its conflict keeps it. */
export const decisionOf = (given: SignedChoice): ConflictDecision => {
  const { choice, pair, comment, at } = given;
  return { choice, pair, by: actorOf(given), comment, at };
};
