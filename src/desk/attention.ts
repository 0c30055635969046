import { actorOf } from '../domain/people/decision';
import type { Visitor } from '../domain/people/access';
import { placesOf } from '../domain/request/about';
import type { Attention, AttentionAction } from '../domain/request/attention';
import { ATTENTION_ACTIONS, attentionIn } from '../domain/request/attention';
import { decidedBy, inWhoseName, whyNotApprover } from '../domain/request/connection-policy';
import type { RequestRef } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { Store } from '../store/store';
import { assertOpen, commentOf } from './decide';
import { assertPerson } from './inbox-parts';
import { DeskRefusal } from './refusal';
import { requestFor } from './request-page';
import type { PolicyNow } from './rules/policy';

/** What somebody says about a request without deciding it. */
export type Said =
  | { readonly say: 'comment'; readonly comment: string }
  /** Null: nobody looks after it any more. */
  | { readonly say: 'assign'; readonly owner: string | null; readonly comment: string }
  | { readonly say: 'hold'; readonly comment: string }
  | { readonly say: 'release'; readonly comment: string };

const ACTIONS: Readonly<Record<Said['say'], AttentionAction>> = {
  comment: 'request.commented',
  assign: 'request.assigned',
  hold: 'hold.placed',
  release: 'hold.released',
};

/** What it takes. */
export interface AttentionParts {
  readonly store: Store;
  readonly policyOf: PolicyNow;
  /** ISO 8601 UTC. */
  readonly now: () => string;
}

/**
 * Notes what somebody says about a request in the log, where its history shows it. Who may decide about it may hold it, hand it over and let it go;
 * whoever may look may comment, also when it is closed. Throws `DeskRefusal` `REQUEST_UNKNOWN`, `NotAllowed`, `REQUEST_CLOSED`, `NO_COMMENT`,
 * `PERSON_UNKNOWN`, `NOT_HELD`.
 */
export async function sayAbout(
  { store, policyOf, now }: AttentionParts,
  visitor: Visitor,
  ref: RequestRef,
  said: Said,
  channel: string,
): Promise<Attention> {
  const request = await requestFor(store, visitor, ref);
  const policy = await policyOf(ref.connectionId);
  const at = now();
  const deciding = {
    ...{ by: visitor.id, at, requestedBy: null, about: decidedBy(request.id) },
    projects: placesOf(request.about),
  };
  const inNameOf = policy === null || said.say === 'comment' ? undefined : inWhoseName(policy, deciding);
  if (said.say !== 'comment') {
    assertOpen(request);
    const because =
      policy === null
        ? 'Its connection is not in the configuration.'
        : whyNotApprover(policy, { ...deciding, inNameOf });
    if (because !== null) throw new DeskRefusal('NotAllowed', because);
  }
  const comment = commentOf(said.comment);
  if (comment === '' && (said.say === 'comment' || said.say === 'hold'))
    throw new DeskRefusal('NO_COMMENT', 'Say it in words: whoever looks at the request next reads them.');
  return store.transaction('desk.attention', ref.connectionId, async (t) => {
    const before = await attentionOf(t, ref);
    if (said.say === 'release' && before.hold === null)
      throw new DeskRefusal('NOT_HELD', 'Nobody holds this request.');
    const owner = said.say === 'assign' ? said.owner : null;
    if (policy !== null) await assertPerson(t, policy, owner);
    await t.audit.append(ref.connectionId, [
      {
        at,
        actor: actorOf({ by: visitor.id, account: null, inNameOf }),
        action: ACTIONS[said.say],
        subject: request.id,
        requestId: request.id,
        planHash: null,
        workflowId: request.workflowId,
        detail: { comment, channel, ...(said.say === 'assign' ? { owner } : {}) },
      },
    ]);
    const attention = await attentionOf(t, ref);
    // Lists look at the row; whoever decides asks the log.
    const listed = { owner: attention.owner, heldBy: attention.hold?.by ?? null };
    await t.requests.update(ref, { updatedAt: at, ...listed });
    return attention;
  });
}

/** Who looks after a request, and who holds it: as the log vouches for it. */
export const attentionOf = async (t: Repositories, ref: RequestRef): Promise<Attention> =>
  attentionIn(await t.audit.sealed(ref, { actions: ATTENTION_ACTIONS }));
