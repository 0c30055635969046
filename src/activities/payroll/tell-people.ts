import type { AuditEntry } from '../../domain/audit/chain';
import { contentHash } from '../../domain/base/identity';
import type { AcceptedPerson, AcceptedState } from '../../domain/payroll/accepted-person';
import {
  contradictionOf,
  fieldsBack,
  isPending,
  isTakenBack,
  personSubject,
} from '../../domain/payroll/accepted-person';
import type { Person } from '../../domain/payroll/person';
import type { PersonChange } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { asFailure } from '../step';

/** What became of what Procore was to be told. */
export interface ToldPeople {
  readonly told: number;
  readonly refused: number;
}

const NOTHING: ToldPeople = { told: 0, refused: 0 };

/** What became of one of them; null as a reason: Procore shows it. */
interface Outcome {
  readonly accepted: AcceptedPerson;
  readonly reason: string | null;
}

/** Tells Procore who is which employee, as people decided. */
export const tellPeopleActivities = (deps: ActivityDeps) => ({
  /**
   * Writes what is pending, and records what became of each. Sets a state and may be repeated: what Procore shows already is not written again, and a
   * decision that changed meanwhile is left to the next round.
   */
  tellPeople: ({ connectionId }: { readonly connectionId: string }): Promise<ToldPeople> =>
    asFailure(async () => {
      const { procore } = connectionOf(deps, connectionId);
      const all = await deps.store.read('people.pending', (t) => t.payrollPeople.accepted(connectionId));
      const pending = all.filter(isPending);
      if (pending.length === 0) return NOTHING;
      const shown = new Map((await procore.payroll.people()).map((person) => [person.id, person]));
      const judged = pending.map((accepted) => ({ accepted, ...changeFor(accepted, shown) }));
      // What is taken back makes room for what is written.
      const changes = [...judged].sort(
        (one, two) => Number(isTakenBack(two.accepted)) - Number(isTakenBack(one.accepted)),
      );
      const errors = await procore.payroll.writePeople(changes.flatMap(({ change }) => change ?? []));
      const refusals = new Map(errors.map(({ key, messages }) => [key, messages.join('; ')]));
      return record(
        deps,
        connectionId,
        judged.map(({ accepted, reason }) => ({
          accepted,
          reason: reason ?? refusals.get(String(accepted.personId)) ?? null,
        })),
      );
    }),
});

/** What is to be written for one of them, or why nothing may be. */
function changeFor(
  accepted: AcceptedPerson,
  shown: ReadonlyMap<number, Person>,
): { readonly change: PersonChange | null; readonly reason: string | null } {
  const { personId: id, toWrite } = accepted;
  const person = shown.get(id);
  if (isTakenBack(accepted)) {
    const back = person === undefined ? {} : fieldsBack(person, accepted);
    return { change: Object.keys(back).length === 0 ? null : { id, ...back }, reason: null };
  }
  // Nobody decided to put their number in the place of another one.
  const reason = person === undefined ? null : contradictionOf(person, accepted);
  return { change: reason === null ? { id, ...toWrite } : null, reason };
}

async function record(
  { store, now }: ActivityDeps,
  connectionId: string,
  outcomes: readonly Outcome[],
): Promise<ToldPeople> {
  const at = now();
  return store.transaction('people.told', connectionId, async (t) => {
    const known = new Map(
      (await t.payrollPeople.accepted(connectionId)).map((one) => [one.personId, one] as const),
    );
    const entries: AuditEntry[] = [];
    let refused = 0;
    for (const { accepted, reason } of outcomes) {
      const current = known.get(accepted.personId);
      if (current === undefined || contentHash(current) !== contentHash(accepted)) continue;
      const state = stateAfter(accepted, reason === null);
      t.payrollPeople.put(connectionId, { ...current, state, reason });
      if (reason !== null) refused += 1;
      entries.push({
        ...{ at, actor: 'tieback', action: 'person.told', subject: personSubject(accepted.personId) },
        ...{ requestId: null, planHash: null, workflowId: null },
        detail: { employee: accepted.employeeKey, state, reason },
      });
    }
    await t.audit.append(connectionId, entries);
    return { told: entries.length - refused, refused };
  });
}

const stateAfter = (accepted: AcceptedPerson, isDone: boolean): AcceptedState =>
  isTakenBack(accepted) ? (isDone ? 'undone' : 'undo_refused') : isDone ? 'written' : 'refused';
