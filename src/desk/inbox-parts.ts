import type { SigningKeys } from '../domain/people/signing-keys';
import type { Choice } from '../domain/reconcile/conflict';
import type { Pair } from '../domain/reconcile/merge-field';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import { whyNotApprover } from '../domain/request/connection-policy';
import type { ReconciledKind } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { SideRecordRow } from '../store/rows';
import type { Store } from '../store/store';
import type { Decider } from './decide';
import { DeskRefusal } from './refusal';
import type { PolicyNow } from './rules/policy';

/** What a person chooses about one conflict, with the two values that they looked at. */
export interface ConflictAnswer {
  /** `<record id>#<field>`. */
  readonly id: string;
  readonly choice: Choice;
  readonly pair: Pair;
}

/** Conflicts (by id) or exceptions (by record id) of one connection. */
export interface Several {
  readonly connectionId: string;
  readonly ids: readonly string[];
}

/** What one person may do about conflicts and exceptions. Everything throws `DeskRefusal`, and only where nothing at all was done. */
export interface Inbox {
  settle(given: {
    readonly connectionId: string;
    readonly answers: readonly ConflictAnswer[];
    readonly comment: string;
  }): Promise<InboxReceipt>;
  /** Null: nobody looks after them any more. */
  assignConflicts(given: Several & { readonly owner: string | null }): Promise<InboxReceipt>;
  /** They are not shown until their reason is another one. */
  ignore(given: Several & { readonly comment: string }): Promise<InboxReceipt>;
  /** Their records are compared again. */
  retry(given: Several): Promise<InboxReceipt>;
  assignExceptions(given: Several & { readonly owner: string | null }): Promise<InboxReceipt>;
}

/** What became of each. */
export interface InboxReceipt {
  readonly done: readonly string[];
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
  /** Whether the records are looked at now, or at the next scheduled look; null: nothing has to be looked at. */
  readonly looks: 'now' | 'later' | null;
}

/** What it takes. */
export interface InboxParts {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  readonly policyOf: PolicyNow;
  /** Reconciles a kind now; where that runs already, it is left to. */
  readonly startReconcile: (connectionId: string, kind: ReconciledKind) => Promise<void>;
}

/** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`: who may approve may settle. */
export async function assertMay(
  { policyOf }: Pick<InboxParts, 'policyOf'>,
  connectionId: string,
  { by }: Decider,
): Promise<ConnectionPolicy> {
  const policy = await policyOf(connectionId);
  if (policy === null)
    throw new DeskRefusal('CONNECTION_UNKNOWN', `There is no connection "${connectionId}".`);
  const reason = whyNotApprover(policy, { by, requestedBy: null });
  if (reason !== null) throw new DeskRefusal('NotAllowed', reason);
  return policy;
}

/** Somebody who can look after something: an approver, or a person with a token. Throws `DeskRefusal` `PERSON_UNKNOWN`. */
export async function assertPerson(
  t: Repositories,
  { approvers }: ConnectionPolicy,
  owner: string | null,
): Promise<void> {
  if (owner === null || approvers.some(({ id }) => id === owner)) return;
  const people = (await t.people.all()).flatMap(({ person, revokedAt }) =>
    revokedAt === null ? [person] : [],
  );
  if (people.includes(owner)) return;
  const known = [...new Set([...approvers.map(({ id }) => id), ...people])].sort();
  throw new DeskRefusal(
    'PERSON_UNKNOWN',
    `"${owner}" is not known here.`,
    `Known are: ${known.join(', ') || 'nobody'}. \`tieback people add\` adds somebody.`,
  );
}

/** A record that the next look takes up whatever the feeds tell. One side is enough: its other one is read with it. */
export const againRow = (
  {
    connectionId,
    kind,
    side,
    recordKey,
  }: Pick<SideRecordRow, 'connectionId' | 'kind' | 'side' | 'recordKey'>,
  now: string,
): SideRecordRow => ({
  connectionId,
  kind,
  side,
  recordKey,
  why: 'again',
  originId: null,
  record: null,
  state: 'active',
  revision: null,
  changedAt: null,
  seenAt: now,
});

/** Starts the reconcile of these kinds. What was stored stays where that is not possible just now: the next scheduled look takes it up. */
export async function lookNow(
  { startReconcile }: InboxParts,
  connectionId: string,
  kinds: Iterable<ReconciledKind>,
): Promise<'now' | 'later'> {
  const started = await Promise.allSettled(
    [...new Set(kinds)].map((kind) => startReconcile(connectionId, kind)),
  );
  return started.every(({ status }) => status === 'fulfilled') ? 'now' : 'later';
}

/** Some of it, or why nothing. Throws `DeskRefusal` with the first reason where nothing was done. */
export function receiptOf(
  results: readonly { readonly id: string; readonly refusal: DeskRefusal | null }[],
  looks: InboxReceipt['looks'],
): InboxReceipt {
  const refused = results.flatMap(({ id, refusal }) =>
    refusal === null ? [] : [{ id, code: refusal.code, message: refusal.message }],
  );
  const done = results.flatMap(({ id, refusal }) => (refusal === null ? [id] : []));
  return { done, refused, looks: done.length === 0 ? null : looks };
}

/** Throws `DeskRefusal` with the first reason where each one is refused: nothing is done then. */
export function assertSome(results: readonly { readonly refusal: DeskRefusal | null }[]): void {
  const [first] = results;
  if (first?.refusal && results.every(({ refusal }) => refusal !== null)) throw first.refusal;
}
