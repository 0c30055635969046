import type { AuditEntry } from '../domain/audit/chain';
import type { Grant, Visitor } from '../domain/people/access';
import type { SigningKeys } from '../domain/people/signing-keys';
import type { SealedSession } from '../domain/people/session';
import type { SealedToken } from '../domain/people/token';
import { hashOfToken, isToken, tokenStatement } from '../domain/people/token';
import type { Store } from '../store/store';
import { removeIn } from './access/passkeys';
import type { Register } from './access/register';
import { endIn, notLoggedIn } from './access/sessions';
import { accessEntry, disabledSince, DOOR, subjectOfPerson, toldOf } from './access/told';
import { DeskRefusal } from './refusal';

export type { Register } from './access/register';

/** A person who showed a token that holds. */
export interface Person {
  readonly id: string;
  readonly tokenId: string;
  /** When the token ends, ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** Why a stored token opens nothing, in one sentence; null: it holds. */
export function whyNotValid(token: SealedToken, keys: SigningKeys, now: string): string | null {
  if (!keys.isSigned(tokenStatement(token), token.seal))
    return 'Tieback did not issue this token, or its signing key is gone.';
  if (token.revokedAt !== null) return `This token was taken back at ${token.revokedAt}.`;
  return token.expiresAt <= now ? `This token ended at ${token.expiresAt}.` : null;
}

/**
 * Who shows this token. Throws `DeskRefusal` `NOT_LOGGED_IN`. A row is not enough: it must carry our seal, and no log may tell that it was taken
 * back, or the person shut out.
 */
export async function whoIs({ store, keys, connectionIds, now }: Register, token: string): Promise<Person> {
  const row = isToken(token)
    ? await store.read('desk.token', (t) => t.people.byHash(hashOfToken(token)))
    : null;
  if (row === null) throw notLoggedIn('This token is not known here.');
  const problem = whyNotValid(row, keys, now());
  if (problem !== null) throw notLoggedIn(problem);
  const told = await store.read('desk.token.told', (t) =>
    toldOf(t, connectionIds, {
      subjects: [subjectOf(row), subjectOfPerson(row.person)],
      actions: ['token.revoked', ...DOOR],
    }),
  );
  const taken = told.find(({ action }) => action === 'token.revoked');
  if (taken !== undefined) throw notLoggedIn(`This token was taken back at ${taken.at}.`);
  const since = disabledSince(told, row.person);
  if (since !== null) throw notLoggedIn(`"${row.person}" was shut out at ${since}.`);
  return { id: row.person, tokenId: row.id, expiresAt: row.expiresAt };
}

/**
 * Who sends this `Authorization` header: `Bearer tbk_...`. Throws `DeskRefusal` `NOT_LOGGED_IN`.
 */
export async function tokenVisitor(
  { grantsOf, ...register }: Register & { readonly grantsOf: (person: string) => readonly Grant[] },
  authorization: string | undefined,
): Promise<Visitor> {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === '') throw notLoggedIn('Show a personal token: Authorization: Bearer tbk_...');
  const { id, expiresAt } = await whoIs(register, token);
  return { id, name: null, identity: null, via: 'token', expiresAt, grants: grantsOf(id) };
}

/** Seals a new token, keeps it, and tells every log of it. `by`: who issued it. */
export async function issueToken(
  { store, keys, connectionIds, now }: Register,
  given: Pick<SealedToken, 'id' | 'person' | 'expiresAt'> & { readonly token: string; readonly by: string },
): Promise<SealedToken> {
  const { id, person, expiresAt, token, by } = given;
  const bare: SealedToken = {
    id,
    person,
    hash: hashOfToken(token),
    createdAt: now(),
    expiresAt,
    seal: [],
    revokedAt: null,
  };
  const sealed = { ...bare, seal: keys.sign(tokenStatement(bare)) };
  await store.transaction('token.issue', connectionIds, async (t) => {
    await t.people.add(sealed);
    for (const connectionId of connectionIds)
      await t.audit.append(connectionId, [entryOf(sealed, 'token.issued', by, bare.createdAt)]);
  });
  return sealed;
}

/** What was taken back. */
export interface Revoked {
  readonly tokens: readonly SealedToken[];
  readonly sessions: readonly SealedSession[];
  /** Passkeys and invitations, as the log names them. */
  readonly others: readonly string[];
}

/**
 * Takes back the token or ends the session with this id, or everything that lets this person in: tokens, sessions, passkeys and invitations. Throws
 * `DeskRefusal` `TOKEN_UNKNOWN` where nothing holds.
 */
export async function revoke(
  { store, keys, connectionIds, now }: Register,
  { name, by }: { /** Person, or id of a token or a session. */ readonly name: string; readonly by: string },
): Promise<Revoked> {
  const at = now();
  const taken = await store.transaction('token.revoke', connectionIds, async (t): Promise<Revoked> => {
    const all = await t.people.all();
    const tokens = all.filter(
      ({ id, person, revokedAt }) => revokedAt === null && (id === name || person === name),
    );
    await t.people.revoke(
      tokens.map(({ id }) => id),
      at,
    );
    const entries = tokens.map((token) => entryOf(token, 'token.revoked', by, at));
    for (const connectionId of connectionIds) await t.audit.append(connectionId, entries);
    const here = { keys, connectionIds, at };
    const ended = { actor: by, how: 'revoked' } as const;
    return {
      tokens,
      sessions: [
        ...(await endIn(t, here, { id: name }, ended)),
        ...(await endIn(t, here, { person: name }, ended)),
      ],
      others: await removeIn(t, here, { person: name, by }),
    };
  });
  if (taken.tokens.length + taken.sessions.length + taken.others.length > 0) return taken;
  throw new DeskRefusal(
    'TOKEN_UNKNOWN',
    `There is no token, session or passkey of or with the id "${name}" that holds.`,
  );
}

export const listTokens = (store: Store): Promise<readonly SealedToken[]> =>
  store.read('desk.tokens', (t) => t.people.all());

const subjectOf = ({ id }: Pick<SealedToken, 'id'>): string => `token/${id}`;

const entryOf = (
  token: SealedToken,
  action: 'token.issued' | 'token.revoked',
  actor: string,
  at: string,
): AuditEntry =>
  accessEntry(action, {
    at,
    actor,
    subject: subjectOf(token),
    detail: { person: token.person, expiresAt: token.expiresAt },
  });
