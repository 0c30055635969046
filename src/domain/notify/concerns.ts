import type { Grant } from '../people/access';
import { handedGrants } from '../people/grants';
import type { ConnectionPolicy, Deadline, Told } from '../request/connection-policy';
import { deadlinesOf } from '../request/connection-policy';
import { isAsked, reachOn } from '../request/stage';
import type { Receiver } from './due';
import type { Concerns } from './matters';

export interface ConcernsInput {
  readonly receivers: readonly Pick<Receiver, 'name' | 'person'>[];
  /** The policies in force, by connection. */
  readonly policies: ReadonlyMap<string, ConnectionPolicy>;
  readonly grantsOf: (person: string) => readonly Grant[];
  /** ISO 8601 UTC. */
  readonly now: string;
}

/** Whether a receiver is whom a deadline names: a person by their id, a channel by its name. */
export const isTold = ({ name, person }: Pick<Receiver, 'name' | 'person'>, tell: Told): boolean =>
  'person' in tell ? person === tell.person : name === tell.channel;

/** Deadlines of which nobody would hear, a sentence each with what to set. */
export const untold = (
  deadlines: readonly Deadline[],
  receivers: readonly Pick<Receiver, 'name' | 'person'>[],
): readonly string[] =>
  deadlines
    .filter(({ tell }) => !receivers.some((receiver) => isTold(receiver, tell)))
    .map(({ afterHours, tell }) =>
      'person' in tell
        ? `after ${afterHours} h nobody is told: no receiver under desk.notify.receivers has person "${tell.person}"`
        : `after ${afterHours} h nobody is told: no receiver under desk.notify.receivers has the name "${tell.channel}"`,
    );

/** Whom what is to be told concerns: of what needs somebody, a person is told what their inbox shows under "Needs me". */
export function concernsOf({ receivers, policies, grantsOf, now }: ConcernsInput): Concerns {
  const known = new Map<string, ReturnType<typeof reachOn>>();
  const reachOf = (person: string, connectionId: string): ReturnType<typeof reachOn> => {
    const policy = policies.get(connectionId);
    if (policy === undefined) return null;
    const key = JSON.stringify([person, connectionId]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const handed = handedGrants({ connectionId, policy, at: now }, person, grantsOf);
    const grants = [...grantsOf(person), ...handed];
    const reach = reachOn({ id: person, grants }, connectionId, policy, now);
    known.set(key, reach);
    return reach;
  };
  return {
    deciders: (request) =>
      receivers.flatMap(({ name, person }) => {
        if (person === null) return [name];
        const reach = reachOf(person, request.connectionId);
        return reach !== null && isAsked(reach, request) ? [name] : [];
      }),
    deadlines: (request) => {
      const policy = policies.get(request.connectionId);
      if (policy === undefined) return [];
      return deadlinesOf(policy, request).map(({ due, escalateTo }) => ({
        due,
        to: receivers.filter((receiver) => isTold(receiver, escalateTo)).map(({ name }) => name),
      }));
    },
  };
}
