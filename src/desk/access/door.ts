import type { Register } from './register';
import { endIn, inEveryLog } from './sessions';
import { accessEntry, subjectOfPerson } from './told';

/** Shuts a person out, or lets them in again. Their sessions end at once; tokens and passkeys open nothing while they are shut out. */
export async function setDoor(
  { store, keys, connectionIds, now }: Register,
  { person, open, by }: { readonly person: string; readonly open: boolean; readonly by: string },
): Promise<void> {
  await store.transaction('person.door', connectionIds, async (t) => {
    const at = now();
    const about = { at, actor: by, subject: subjectOfPerson(person), detail: {} };
    await inEveryLog(t, connectionIds, [accessEntry(open ? 'person.enabled' : 'person.disabled', about)]);
    if (!open) await endIn(t, { keys, connectionIds, at }, { person }, { actor: by, how: 'revoked' });
  });
}
