import type { Grant, Visitor } from '../../domain/people/access';
import { handedGrants } from '../../domain/people/grants';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import type { RulesParts } from './parts';

/** The policy of a connection as it counts now; null: there is no such connection. */
export type PolicyNow = (connectionId: string) => Promise<ConnectionPolicy | null>;

export const policyNowIn =
  ({ store, keys, connections }: Pick<RulesParts, 'store' | 'keys' | 'connections'>): PolicyNow =>
  async (connectionId) => {
    const connection = connections.find(({ id }) => id === connectionId);
    if (connection === undefined) return null;
    return (await store.read('desk.policy', (t) => t.rules.inForce(connection, keys))).policy;
  };

/** Somebody with what approvers handed on to them for today: they may look, and decide in the name of those. */
export async function withDelegated(
  parts: Pick<RulesParts, 'store' | 'keys' | 'connections' | 'now'>,
  visitor: Visitor,
  grantsOf: (person: string) => readonly Grant[],
): Promise<Visitor> {
  const { store, keys, connections, now } = parts;
  const policies = await store.read('desk.delegated', (t) =>
    Promise.all(connections.map((connection) => t.rules.inForce(connection, keys))),
  );
  const handed = policies.flatMap(({ policy }, index) =>
    handedGrants({ connectionId: connections[index]?.id ?? '', policy, at: now() }, visitor.id, grantsOf),
  );
  return handed.length === 0 ? visitor : { ...visitor, grants: [...visitor.grants, ...handed] };
}
