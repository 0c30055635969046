import type { AuditEntry } from '../domain/audit/chain';
import type { Grant, Visitor } from '../domain/people/access';
import type { SigningKeys } from '../domain/people/signing-keys';
import type { SealedToken } from '../domain/people/token';
import { hashOfToken, isToken, tokenStatement } from '../domain/people/token';
import type { Store } from '../store/store';
import { DeskRefusal } from './refusal';

/** A person who showed a token that holds. */
export interface Person {
  readonly id: string;
  readonly tokenId: string;
  /** When the token ends, ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** What is needed to tell who somebody is. */
export interface Register {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** Every connection's log tells of tokens that were taken back. */
  readonly connectionIds: readonly string[];
  /** ISO 8601 UTC. */
  readonly now: () => string;
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
 * back.
 */
export async function whoIs({ store, keys, connectionIds, now }: Register, token: string): Promise<Person> {
  const row = isToken(token)
    ? await store.read('desk.token', (t) => t.people.byHash(hashOfToken(token)))
    : null;
  if (row === null) throw notLoggedIn('This token is not known here.');
  const problem = whyNotValid(row, keys, now());
  if (problem !== null) throw notLoggedIn(problem);
  const taken = await store.read('desk.token.taken', async (t) => {
    // Those too that are not in the configuration any more: it was taken back in the logs of that day.
    const known = (await t.connections.all()).map(({ id }) => id);
    for (const id of new Set([...connectionIds, ...known])) {
      const [entry] = await t.audit.sealedAbout(id, { subject: subjectOf(row), action: 'token.revoked' });
      if (entry) return entry;
    }
    return null;
  });
  if (taken !== null) throw notLoggedIn(`This token was taken back at ${taken.at}.`);
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

/** Takes back the token with this id, or every token of this person. Throws `DeskRefusal` `TOKEN_UNKNOWN` where nothing holds. */
export async function revokeTokens(
  { store, connectionIds, now }: Register,
  { name, by }: { /** Person, or id of a token. */ readonly name: string; readonly by: string },
): Promise<readonly SealedToken[]> {
  const at = now();
  const taken = await store.transaction('token.revoke', connectionIds, async (t) => {
    const all = await t.people.all();
    const found = all.filter(
      ({ id, person, revokedAt }) => revokedAt === null && (id === name || person === name),
    );
    await t.people.revoke(
      found.map(({ id }) => id),
      at,
    );
    const entries = found.map((token) => entryOf(token, 'token.revoked', by, at));
    for (const connectionId of connectionIds) await t.audit.append(connectionId, entries);
    return found;
  });
  if (taken.length > 0) return taken;
  throw new DeskRefusal('TOKEN_UNKNOWN', `There is no token of or with the id "${name}" that holds.`);
}

export const listTokens = (store: Store): Promise<readonly SealedToken[]> =>
  store.read('desk.tokens', (t) => t.people.all());

const subjectOf = ({ id }: Pick<SealedToken, 'id'>): string => `token/${id}`;

const entryOf = (
  token: SealedToken,
  action: 'token.issued' | 'token.revoked',
  actor: string,
  at: string,
): AuditEntry => ({
  at,
  actor,
  action,
  subject: subjectOf(token),
  requestId: null,
  planHash: null,
  workflowId: null,
  detail: { person: token.person, expiresAt: token.expiresAt },
});

const notLoggedIn = (message: string): DeskRefusal => new DeskRefusal('NOT_LOGGED_IN', message);
