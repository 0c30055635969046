import type { Approver, ConnectionPolicy } from '../request/connection-policy';
import { DECIDED, delegationsAt } from '../request/connection-policy';
import type { Grant } from './access';

/** Who stands where in the configuration. Approvers stand with their connection, because what they decide is checked wherever it is acted on. */
export interface Granted {
  readonly connections: readonly {
    readonly id: string;
    readonly policy: { readonly approvers: readonly Approver[] };
  }[];
  readonly desk: { readonly grants: readonly PersonGrant[] };
}

/** What a person is let in for who is no approver, or beside that. */
export interface PersonGrant extends Grant {
  readonly person: string;
}

/** Everything that a person is let in for; empty: they are not known here. */
export const grantsOf = ({ connections, desk }: Granted, person: string): readonly Grant[] => [
  ...connections.flatMap(({ id, policy }) =>
    policy.approvers
      .filter((approver) => approver.id === person)
      .flatMap(({ decides = DECIDED, projects = null }) =>
        decides.map((about): Grant => ({
          role: about === 'payroll' ? 'payroll' : 'approver',
          connections: [id],
          projects,
        })),
      ),
  ),
  ...desk.grants.flatMap(({ person: holder, ...grant }) => (holder === person ? [grant] : [])),
];

/** What approvers of a connection handed on to somebody for a moment: they may look, and decide in the name of those. */
export const handedGrants = (
  {
    connectionId,
    policy,
    at,
  }: { readonly connectionId: string; readonly policy: ConnectionPolicy; readonly at: string },
  person: string,
  grantsOfPerson: (person: string) => readonly Grant[],
): readonly Grant[] =>
  delegationsAt(policy, at)
    .filter(({ to }) => to === person)
    .flatMap(({ from }) => grantsOfPerson(from))
    .filter(({ role }) => role === 'approver' || role === 'payroll')
    .filter((grant) => grant.connections?.includes(connectionId) === true)
    .map((grant): Grant => ({ ...grant, connections: [connectionId] }));

/** Everybody who is let in for something, in order. */
export const peopleIn = ({ connections, desk }: Granted): readonly string[] =>
  [
    ...new Set([
      ...connections.flatMap(({ policy }) => policy.approvers.map(({ id }) => id)),
      ...desk.grants.map(({ person }) => person),
    ]),
  ].sort();

/** The person whose id is this address, whatever its case; null: nobody, or more than one. */
export function personByEmail(granted: Granted, email: string): string | null {
  const [only, second] = peopleIn(granted).filter((id) => id.toLowerCase() === email.toLowerCase());
  return second === undefined ? (only ?? null) : null;
}
