import type { Invitation, Passkey, SealedInvitation, SealedPasskey } from '../../domain/people/passkey';
import { isSealedBy, sealedBy } from '../../domain/people/sealed';
import { hashOfSecret } from '../../domain/people/session';
import type { Repositories } from '../../store/repositories';
import type { Register } from './register';
import { DeskRefusal } from '../refusal';
import { inEveryLog } from './sessions';
import { accessEntry, toldOf } from './told';

/** So long an invitation holds. */
const INVITED_MS = 86_400_000;

/** Lets a person register one passkey, once, within a day. `secret` is random and stands in the link; `id` names the invitation. */
export async function invite(
  { store, keys, connectionIds, now }: Register,
  {
    id,
    secret,
    person,
    by,
  }: { readonly id: string; readonly secret: string; readonly person: string; readonly by: string },
): Promise<SealedInvitation> {
  const at = now();
  const expiresAt = new Date(Date.parse(at) + INVITED_MS).toISOString();
  const bare: Invitation = {
    id,
    person,
    hash: hashOfSecret(secret),
    createdAt: at,
    expiresAt,
    usedAt: null,
  };
  const sealed = sealedBy(keys, 'invitation', bare);
  await store.transaction('invitation.issue', connectionIds, async (t) => {
    t.access.saveInvitation(sealed);
    const about = { at, actor: by, subject: `invitation/${id}`, detail: { person, expiresAt } };
    await inEveryLog(t, connectionIds, [accessEntry('invitation.issued', about)]);
  });
  return sealed;
}

/** Whom a link invites. Throws `DeskRefusal` `INVITATION_UNKNOWN`: it is used, over, taken back or none of ours. */
export const invited = ({ store, ...register }: Register, secret: string): Promise<SealedInvitation> =>
  store.read('invitation', (t) => invitationIn(t, register, secret));

async function invitationIn(
  t: Repositories,
  { keys, connectionIds, now }: Omit<Register, 'store'>,
  secret: string,
): Promise<SealedInvitation> {
  const row = await t.access.invitationByHash(hashOfSecret(secret));
  const unknown = (why: string): DeskRefusal =>
    new DeskRefusal('INVITATION_UNKNOWN', why, 'Ask IT for a new one: `tieback people invite <you>`.');
  if (row === null || !isSealedBy(keys, 'invitation', row))
    throw unknown('This invitation is not known here.');
  const asked = { subjects: [`invitation/${row.id}`], actions: ['invitation.ended'] } as const;
  if (row.usedAt !== null || (await toldOf(t, connectionIds, asked)).length > 0)
    throw unknown('This invitation was used or taken back.');
  if (row.expiresAt <= now()) throw unknown(`This invitation ended at ${row.expiresAt}.`);
  return row;
}

/** What an authenticator made. */
export type NewPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>;

/** Keeps the passkey that somebody made who was invited, and uses the invitation up. Throws `DeskRefusal` `INVITATION_UNKNOWN`. */
export async function acceptInvitation(
  register: Register,
  secret: string,
  given: NewPasskey,
): Promise<SealedPasskey> {
  const { store, keys, connectionIds, now } = register;
  return store.transaction('passkey.add', connectionIds, async (t) => {
    const invitation = await invitationIn(t, register, secret);
    const at = now();
    const { person } = invitation;
    const id = hashOfSecret(given.credentialId);
    if ((await t.access.passkey(id)) !== null)
      throw new DeskRefusal('PASSKEY_KNOWN', 'This passkey is registered already.');
    const bare: Passkey = { ...given, id, person, createdAt: at, usedAt: null, revokedAt: null };
    const passkey = sealedBy(keys, 'passkey', bare);
    t.access.savePasskey(passkey);
    t.access.saveInvitation(sealedBy(keys, 'invitation', { ...invitation, usedAt: at }));
    const detail = { person, passkey: id };
    await inEveryLog(t, connectionIds, [
      accessEntry('invitation.ended', { at, actor: person, subject: `invitation/${invitation.id}`, detail }),
      accessEntry('passkey.added', { at, actor: person, subject: `passkey/${id}`, detail }),
    ]);
    return passkey;
  });
}

/** The passkey of this credential. Throws `DeskRefusal` `PASSKEY_UNKNOWN`: it was removed, or is none of ours. */
export async function passkeyOf(
  { store, keys, connectionIds }: Register,
  credentialId: string,
): Promise<SealedPasskey> {
  return store.read('passkey', async (t) => {
    const row = await t.access.passkey(hashOfSecret(credentialId));
    const asked = { subjects: [`passkey/${row?.id ?? ''}`], actions: ['passkey.removed'] } as const;
    const isGone =
      row === null ||
      row.revokedAt !== null ||
      !isSealedBy(keys, 'passkey', row) ||
      (await toldOf(t, connectionIds, asked)).length > 0;
    if (isGone)
      throw new DeskRefusal(
        'PASSKEY_UNKNOWN',
        'This passkey is not known here.',
        'Ask IT for an invitation: `tieback people invite <you>`.',
      );
    return row;
  });
}

/** The passkey was shown, and its authenticator counts so many times. */
export async function notePasskey(
  { store, keys, now }: Register,
  passkey: SealedPasskey,
  counter: number,
): Promise<void> {
  const used = sealedBy(keys, 'passkey', { ...passkey, counter, usedAt: now() });
  await store.transaction('passkey.used', null, async (t) => t.access.savePasskey(used));
}

/** Takes back passkeys and invitations of a person, in a transaction about all connections. Answers how the log names them. */
export async function removeIn(
  t: Repositories,
  { keys, connectionIds, at }: Pick<Register, 'keys' | 'connectionIds'> & { readonly at: string },
  { person, by }: { readonly person: string; readonly by: string },
): Promise<readonly string[]> {
  const isTheirs = (one: { readonly person: string }): boolean => one.person === person;
  const passkeys = (await t.access.passkeys()).filter((one) => isTheirs(one) && one.revokedAt === null);
  const open = (await t.access.invitations()).filter((one) => isTheirs(one) && one.usedAt === null);
  for (const one of passkeys) t.access.savePasskey(sealedBy(keys, 'passkey', { ...one, revokedAt: at }));
  for (const one of open) t.access.saveInvitation(sealedBy(keys, 'invitation', { ...one, usedAt: at }));
  const entries = [
    ...passkeys.map(({ id }) => ({ action: 'passkey.removed' as const, subject: `passkey/${id}` })),
    ...open.map(({ id }) => ({ action: 'invitation.ended' as const, subject: `invitation/${id}` })),
  ];
  await inEveryLog(
    t,
    connectionIds,
    entries.map(({ action, subject }) => accessEntry(action, { at, actor: by, subject, detail: { person } })),
  );
  return entries.map(({ subject }) => subject);
}

export const listPasskeys = ({ store }: Pick<Register, 'store'>): Promise<readonly SealedPasskey[]> =>
  store.read('passkeys', async (t) =>
    (await t.access.passkeys()).filter(({ revokedAt }) => revokedAt === null),
  );
