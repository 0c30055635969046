import type { AuditEntry } from '../domain/audit/chain';
import { actorOf } from '../domain/people/decision';
import type { Repositories } from '../store/repositories';
import type { ExceptionRow } from '../store/rows';
import type { Decider } from './decide';
import { commentOf } from './decide';
import { wayOut } from './exceptions';
import type { Inbox, InboxParts, InboxReceipt } from './inbox-parts';
import { againRow, assertMay, assertPerson, assertSome, lookNow, receiptOf } from './inbox-parts';
import { DeskRefusal } from './refusal';

type Given<K extends keyof Inbox> = Parameters<Inbox[K]>[0];

/** Takes exceptions out of sight until their reason is another one. The log says who did so. */
export async function ignoreExceptions(
  parts: InboxParts,
  { connectionId, ids, comment }: Given<'ignore'>,
  decider: Decider,
): Promise<InboxReceipt> {
  await assertMay(parts, connectionId, decider);
  const at = parts.now();
  const ignored = { by: actorOf(decider), at, comment: commentOf(comment) };
  return parts.store.transaction('desk.ignore', connectionId, async (t) => {
    const looked = await lookAt(t, connectionId, ids);
    assertSome(looked);
    const found = looked.flatMap(({ exception }) => exception ?? []);
    for (const exception of found) t.exceptions.update(exception, { ignored });
    await t.audit.append(
      connectionId,
      found.map(({ recordId, requestId, cause, reason }): AuditEntry => ({
        at,
        actor: ignored.by,
        action: 'exception.ignored',
        subject: recordId,
        requestId,
        planHash: null,
        workflowId: null,
        detail: { cause, reason, comment: ignored.comment, channel: decider.channel },
      })),
    );
    return receiptOf(looked, null);
  });
}

/** Has the records of a reconcile compared again. What belongs to a request is tried again there. */
export async function retryExceptions(
  parts: InboxParts,
  { connectionId, ids }: Given<'retry'>,
  decider: Decider,
): Promise<InboxReceipt> {
  await assertMay(parts, connectionId, decider);
  const { results, kinds } = await parts.store.transaction('desk.again', connectionId, async (t) => {
    const looked = await Promise.all(
      (await lookAt(t, connectionId, ids)).map(async (one) => {
        if (one.exception === null) return { ...one, way: null };
        const way = await wayOut(t, one.exception);
        return { ...one, way, refusal: way.can === 'again' ? null : notHere(one.exception, way.words) };
      }),
    );
    assertSome(looked);
    const ways = looked.flatMap(({ way }) => (way?.can === 'again' ? [way] : []));
    t.sideRecords.put(ways.map(({ place }) => againRow({ connectionId, ...place }, parts.now())));
    return { results: looked, kinds: ways.map(({ place }) => place.kind) };
  });
  return receiptOf(results, await lookNow(parts, connectionId, kinds));
}

/** Has somebody look after exceptions. */
export async function assignExceptions(
  parts: InboxParts,
  { connectionId, ids, owner }: Given<'assignExceptions'>,
  decider: Decider,
): Promise<InboxReceipt> {
  const policy = await assertMay(parts, connectionId, decider);
  return parts.store.transaction('desk.assign', connectionId, async (t) => {
    await assertPerson(t, policy, owner);
    const looked = await lookAt(t, connectionId, ids);
    assertSome(looked);
    for (const { exception } of looked) if (exception !== null) t.exceptions.update(exception, { owner });
    return receiptOf(looked, null);
  });
}

interface Looked {
  readonly id: string;
  readonly exception: ExceptionRow | null;
  readonly refusal: DeskRefusal | null;
}

const lookAt = (t: Repositories, connectionId: string, ids: readonly string[]): Promise<readonly Looked[]> =>
  Promise.all(
    ids.map(async (id): Promise<Looked> => {
      const exception = await t.exceptions.find(connectionId, id);
      if (exception?.resolvedAt === null) return { id, exception, refusal: null };
      const message = `Nothing is open about "${id}".`;
      return {
        id,
        exception: null,
        refusal: new DeskRefusal('EXCEPTION_UNKNOWN', message, '`tieback exceptions` lists what is.'),
      };
    }),
  );

const notHere = ({ recordId }: ExceptionRow, words: string): DeskRefusal =>
  new DeskRefusal('NOT_HERE', `${recordId} cannot be tried again here.`, words);
