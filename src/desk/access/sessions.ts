import type { AuditEntry } from '../../domain/audit/chain';
import type { Grant, Visitor } from '../../domain/people/access';
import { isSealedBy, sealedBy } from '../../domain/people/sealed';
import type { SealedSession, Session, SessionLimits } from '../../domain/people/session';
import { hashOfSecret, idleEnd } from '../../domain/people/session';
import type { Repositories } from '../../store/repositories';
import type { Register } from './register';
import { DeskRefusal } from '../refusal';
import { accessEntry, disabledSince, DOOR, subjectOfPerson, toldOf } from './told';

/** What it takes to know who is logged in. */
export interface Doorkeeper extends Register {
  readonly limits: SessionLimits;
  /** What a person may; empty: they are not known here. */
  readonly grantsOf: (person: string) => readonly Grant[];
}

/** Somebody who has just shown who they are. */
export type Arrival = Pick<Session, 'person' | 'name' | 'way' | 'issuer' | 'subject' | 'sid' | 'idToken'>;

const subjectOf = ({ id }: Pick<Session, 'id'>): string => `session/${id}`;

/** Seen again within this time, a session is not written again. */
const SEEN_EVERY_MS = 60_000;
/** Sessions that were over so long ago are forgotten; the log remembers them. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/**
 * Opens a session. `id` and `secret` are random; the secret is what the browser shows from now on. Throws `DeskRefusal` `NOT_LET_IN` where the person is
 * shut out, or nothing is granted to them.
 */
export async function openSession(
  { store, keys, connectionIds, now, limits, grantsOf }: Doorkeeper,
  arrival: Arrival,
  { id, secret }: { readonly id: string; readonly secret: string },
): Promise<SealedSession> {
  const at = now();
  const { person, way, issuer, subject } = arrival;
  const session = sealedBy<Session>(keys, 'session', {
    ...arrival,
    id,
    hash: hashOfSecret(secret),
    name: arrival.name?.slice(0, 200) ?? null,
    createdAt: at,
    lastSeenAt: at,
    endsAt: new Date(Date.parse(at) + limits.absoluteMs).toISOString(),
    endedAt: null,
  });
  const problem = await store.transaction('session.open', connectionIds, async (t) => {
    const told = await toldOf(t, connectionIds, { subjects: [subjectOfPerson(person)], actions: DOOR });
    const why = whyNotLetIn(person, told, grantsOf(person));
    const detail = { person, way, issuer, subject };
    const entry = why
      ? accessEntry('session.refused', {
          at,
          actor: person,
          subject: subjectOfPerson(person),
          detail: { ...detail, why },
        })
      : accessEntry('session.opened', { at, actor: person, subject: subjectOf(session), detail });
    if (why === null) {
      t.access.addSession(session);
      t.access.forgetSessions(new Date(Date.parse(at) - FORGOTTEN_AFTER_MS).toISOString());
    }
    await inEveryLog(t, connectionIds, [entry]);
    return why;
  });
  if (problem !== null) throw new DeskRefusal('NOT_LET_IN', problem);
  return session;
}

/** Why a person is not let in, in one sentence; null: they are. */
function whyNotLetIn(person: string, told: readonly AuditEntry[], grants: readonly Grant[]): string | null {
  const since = disabledSince(told, person);
  if (since !== null) return `"${person}" was shut out at ${since}.`;
  return grants.length === 0 ? `Nothing is granted to "${person}" here.` : null;
}

/** A session that holds, and who is in it. */
export interface Present {
  readonly session: SealedSession;
  readonly visitor: Visitor;
}

/**
 * Who shows this secret. `passive`: the browser asks by itself, and nobody is there for it. Throws `DeskRefusal` `NOT_LOGGED_IN`. A row is not enough: it must
 * carry our seal, and no log may tell that it was ended or the person shut out.
 */
export async function sessionVisitor(
  { store, keys, connectionIds, now, limits, grantsOf }: Doorkeeper,
  secret: string,
  { passive }: { readonly passive: boolean },
): Promise<Present> {
  const at = now();
  const session = await store.read('session', (t) => t.access.sessionByHash(hashOfSecret(secret)));
  if (session === null) throw notLoggedIn('You are not logged in any more.');
  const problem = whyOver(session, keys, { now: at, limits });
  if (problem !== null) throw notLoggedIn(problem);
  const { id, person, name, issuer, subject } = session;
  const told = await store.read('session.told', (t) =>
    toldOf(t, connectionIds, {
      subjects: [subjectOf(session), subjectOfPerson(person)],
      actions: ['session.ended', ...DOOR],
    }),
  );
  const ended = told.find(({ action }) => action === 'session.ended');
  if (ended !== undefined) throw notLoggedIn(`This session was ended at ${ended.at}.`);
  const grants = grantsOf(person);
  const shut = whyNotLetIn(person, told, grants);
  if (shut !== null) throw notLoggedIn(shut);
  const seen =
    passive || Date.parse(at) - Date.parse(session.lastSeenAt) < SEEN_EVERY_MS
      ? session
      : sealedBy(keys, 'session', { ...session, lastSeenAt: at });
  if (seen !== session)
    await store.transaction('session.seen', null, async (t) => t.access.saveSession(seen));
  const identity = issuer === null || subject === null ? null : { issuer, subject };
  const { endsAt: expiresAt } = session;
  return {
    session: seen,
    visitor: { id: person, name, identity, via: 'session', sessionId: id, expiresAt, grants },
  };
}

/** Why a session opens nothing, in one sentence; null: it does. */
export function whyOver(
  session: SealedSession,
  keys: Register['keys'],
  { now, limits }: { readonly now: string; readonly limits: SessionLimits },
): string | null {
  if (!isSealedBy(keys, 'session', session))
    return 'Tieback did not open this session, or its signing key is gone.';
  if (session.endedAt !== null) return `This session was ended at ${session.endedAt}.`;
  if (session.endsAt <= now) return `This session ended at ${session.endsAt}.`;
  const idle = idleEnd(session, limits);
  return idle <= now ? `This session ended at ${idle}: nothing was done in it.` : null;
}

/** Which sessions are to end. */
export type Ending =
  | { readonly id: string }
  | { readonly person: string }
  /** As the provider names it; without `sid` all of the subject. */
  | { readonly issuer: string; readonly subject: string | null; readonly sid: string | null };

/** How a session ended before its time. */
export type EndedBy = 'logout' | 'revoked' | 'provider';

/** Ends sessions, and tells every log. Answers those that were ended. */
export async function endSessions(
  { store, keys, connectionIds, now }: Register,
  which: Ending,
  { actor, how }: { readonly actor: string; readonly how: EndedBy },
): Promise<readonly SealedSession[]> {
  return store.transaction('session.end', connectionIds, (t) =>
    endIn(t, { keys, connectionIds, at: now() }, which, { actor, how }),
  );
}

/** As `endSessions`, in a transaction about all connections. */
export async function endIn(
  t: Repositories,
  { keys, connectionIds, at }: Pick<Register, 'keys' | 'connectionIds'> & { readonly at: string },
  which: Ending,
  { actor, how }: { readonly actor: string; readonly how: EndedBy },
): Promise<readonly SealedSession[]> {
  const ending = (await t.access.openSessions(at)).filter((session) => isMeant(session, which));
  for (const session of ending)
    t.access.saveSession(sealedBy(keys, 'session', { ...session, idToken: null, endedAt: at }));
  const entries = ending.map((session) => {
    const { person, issuer, subject } = session;
    const detail = { person, how, issuer, subject };
    return accessEntry('session.ended', { at, actor, subject: subjectOf(session), detail });
  });
  await inEveryLog(t, connectionIds, entries);
  return ending;
}

function isMeant(session: Session, which: Ending): boolean {
  if ('id' in which) return session.id === which.id;
  if ('person' in which) return session.person === which.person;
  if (session.issuer !== which.issuer) return false;
  if (which.subject !== null && session.subject !== which.subject) return false;
  return which.sid === null ? which.subject !== null : session.sid === which.sid;
}

/** Sessions that hold, without what opens them. */
export async function listSessions({
  store,
  keys,
  now,
  limits,
}: Omit<Doorkeeper, 'grantsOf'>): Promise<readonly SealedSession[]> {
  const at = now();
  const open = await store.read('sessions', (t) => t.access.openSessions(at));
  return open.filter((session) => whyOver(session, keys, { now: at, limits }) === null);
}

export const inEveryLog = async (
  t: Repositories,
  connectionIds: readonly string[],
  entries: readonly AuditEntry[],
): Promise<void> => {
  for (const connectionId of connectionIds) await t.audit.append(connectionId, entries);
};

export const notLoggedIn = (message: string): DeskRefusal => new DeskRefusal('NOT_LOGGED_IN', message);
