import type { BoundIdentity, Identity, SealedIdentity } from '../../domain/people/identity';
import { identityIdOf } from '../../domain/people/identity';
import { isSealedBy, sealedBy } from '../../domain/people/sealed';
import type { Repositories } from '../../store/repositories';
import type { Register } from './register';
import { DeskRefusal } from '../refusal';
import { inEveryLog } from './sessions';
import { accessEntry, subjectOfPerson, toldOf } from './told';

/** What the identity provider says of somebody. */
export interface Claims extends Identity {
  /** Null: it did not say. */
  readonly email: string | null;
  /** The provider vouches for the address. */
  readonly emailVerified: boolean;
}

/** Who it is, or why nobody of ours. */
type Found = { readonly person: string } | { readonly refusal: DeskRefusal };

/**
 * Which person of ours this is: the one that issuer and subject are bound to. Nobody yet: the person whose id is the verified e-mail address is bound to them,
 * once. `knownAs`: the id of a known person by an address, whatever its case; null: there is none. Every refusal is in the log. Throws `DeskRefusal`
 * `EMAIL_UNVERIFIED`, `NOT_LET_IN`, `OTHER_IDENTITY`, `IDENTITY_FORGED`.
 */
export async function personOf(
  register: Register,
  claims: Claims,
  knownAs: (email: string) => string | null,
): Promise<string> {
  const { store, connectionIds, now } = register;
  const found = await store.transaction('identity.find', connectionIds, async (t) => {
    const at = now();
    const answer = await findIn(t, register, { claims, knownAs, at });
    if ('refusal' in answer) {
      const { issuer, subject, email } = claims;
      const detail = { issuer, subject, email, why: answer.refusal.message };
      const about = { at, actor: email ?? 'nobody', subject: `identity/${identityIdOf(claims)}`, detail };
      await inEveryLog(t, connectionIds, [accessEntry('session.refused', about)]);
    }
    return answer;
  });
  // Thrown out here: a refusal must not undo its own entry in the log.
  if ('refusal' in found) throw found.refusal;
  return found.person;
}

async function findIn(
  t: Repositories,
  { keys, connectionIds }: Register,
  {
    claims,
    knownAs,
    at,
  }: {
    readonly claims: Claims;
    readonly knownAs: (email: string) => string | null;
    readonly at: string;
  },
): Promise<Found> {
  const { issuer, subject, email, emailVerified } = claims;
  const id = identityIdOf(claims);
  const row = await t.access.identity(id);
  if (row !== null && !isSealedBy(keys, 'identity', row))
    return refusal('IDENTITY_FORGED', 'Tieback did not bind this account, or its signing key is gone.');
  // A row that outlived its release counts for nothing.
  if (row !== null && (await boundTo(t, connectionIds, row.person)) === id) return { person: row.person };
  if (email === null || !emailVerified)
    return refusal(
      'EMAIL_UNVERIFIED',
      'The provider does not vouch for an e-mail address of this account.',
      'The account needs a verified e-mail address; where all addresses are given by your organisation: desk.oidc.trustEmail.',
    );
  const person = knownAs(email);
  if (person === null) return refusal('NOT_LET_IN', `Nobody here is known as ${email}.`);
  const bound = await boundTo(t, connectionIds, person);
  if (bound !== null && bound !== id)
    return refusal(
      'OTHER_IDENTITY',
      `${person} is bound to another account of the provider already.`,
      `Where the account was replaced, IT releases it: \`tieback people unbind ${person}\`.`,
    );
  const bare: BoundIdentity = { id, issuer, subject, person, email, boundAt: at };
  t.access.bind(sealedBy(keys, 'identity', bare));
  const detail = { issuer, subject, email, identity: id };
  const about = { at, actor: person, subject: subjectOfPerson(person), detail };
  await inEveryLog(t, connectionIds, [accessEntry('identity.bound', about)]);
  return { person };
}

const refusal = (code: string, message: string, hint: string | null = null): Found => ({
  refusal: new DeskRefusal(code, message, hint),
});

/** To which identity the logs say that a person is bound; null: to none. */
async function boundTo(
  t: Repositories,
  connectionIds: readonly string[],
  person: string,
): Promise<string | null> {
  const actions = ['identity.bound', 'identity.unbound'] as const;
  const last = (await toldOf(t, connectionIds, { subjects: [subjectOfPerson(person)], actions })).at(-1);
  return last?.action === 'identity.bound' ? String(last.detail['identity']) : null;
}

/**
 * Releases a person from their account at the provider: the next login with their verified address binds anew. Answers the ids of what they were bound to.
 * Throws `DeskRefusal` `IDENTITY_UNKNOWN`.
 */
export async function unbind(
  { store, connectionIds, now }: Register,
  { person, by }: { readonly person: string; readonly by: string },
): Promise<readonly string[]> {
  const released = await store.transaction('identity.unbind', connectionIds, async (t) => {
    const rows = (await t.access.identities()).filter((identity) => identity.person === person);
    const told = await boundTo(t, connectionIds, person);
    const ids = [...new Set([...rows.map(({ id }) => id), ...(told === null ? [] : [told])])];
    t.access.unbind(ids);
    const at = now();
    const entries = ids.map((identity) =>
      accessEntry('identity.unbound', {
        at,
        actor: by,
        subject: subjectOfPerson(person),
        detail: { identity },
      }),
    );
    await inEveryLog(t, connectionIds, entries);
    return ids;
  });
  if (released.length > 0) return released;
  throw new DeskRefusal('IDENTITY_UNKNOWN', `"${person}" is bound to no account of a provider.`);
}

export const listIdentities = ({ store }: Pick<Register, 'store'>): Promise<readonly SealedIdentity[]> =>
  store.read('identities', (t) => t.access.identities());
