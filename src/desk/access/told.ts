import type { AuditAction, AuditEntry } from '../../domain/audit/chain';
import type { Repositories } from '../../store/repositories';
import type { Register } from './register';

/**
 * What the logs tell of these subjects, oldest first. What was taken back is looked for here and not in the rows alone: a row may be changed past us.
 * Connections that are not in the configuration any more are asked too: it stood in the logs of that day.
 */
export async function toldOf(
  t: Repositories,
  connectionIds: readonly string[],
  asked: { readonly subjects: readonly string[]; readonly actions: readonly AuditAction[] },
): Promise<readonly AuditEntry[]> {
  const known = (await t.connections.all()).map(({ id }) => id);
  const logs = await Promise.all(
    [...new Set([...connectionIds, ...known])].map((id) => t.audit.sealedAboutAll(id, asked)),
  );
  return logs.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** How the log names somebody. */
export const subjectOfPerson = (person: string): string => `person/${person}`.slice(0, 200);

/** What opens or closes the door to a person. */
export const DOOR: readonly AuditAction[] = ['person.disabled', 'person.enabled'];

/** Since when a person is shut out; null: they are not. */
export function disabledSince(told: readonly AuditEntry[], person: string): string | null {
  const last = told.filter(
    ({ action, subject }) => DOOR.includes(action) && subject === subjectOfPerson(person),
  );
  const newest = last.at(-1);
  return newest?.action === 'person.disabled' ? newest.at : null;
}

/** Those of these people who are shut out. */
export const disabledPeople = (
  { store, connectionIds }: Pick<Register, 'store' | 'connectionIds'>,
  people: readonly string[],
): Promise<readonly string[]> =>
  store.read('people.disabled', async (t) => {
    const all = [...new Set(people)];
    const told = await toldOf(t, connectionIds, { subjects: all.map(subjectOfPerson), actions: DOOR });
    return all.filter((person) => disabledSince(told, person) !== null);
  });

/** An entry about who may come in; it belongs to no request. */
export const accessEntry = (
  action: AuditAction,
  { at, actor, subject, detail }: Pick<AuditEntry, 'at' | 'subject' | 'detail'> & { readonly actor: string },
): AuditEntry => ({
  at,
  actor: actor.slice(0, 200),
  action,
  subject: subject.slice(0, 200),
  requestId: null,
  planHash: null,
  workflowId: null,
  detail,
});
