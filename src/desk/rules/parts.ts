import type { Grant, Visitor } from '../../domain/people/access';
import { mayLook } from '../../domain/people/access';
import type { SigningKeys } from '../../domain/people/signing-keys';
import type { ConnectionPolicy } from '../../domain/request/connection-policy';
import type { RulesBody } from '../../domain/rules/body';
import { problemsOfRules } from '../../domain/rules/body';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';

/** A connection as the configuration has it. */
export interface RuledConnection {
  readonly id: string;
  readonly policy: ConnectionPolicy;
}

/** What it takes to look at rules and to change them. */
export interface RulesParts {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  readonly connections: readonly RuledConnection[];
  /** Reads a body as the configuration is read; or what is wrong with it, a sentence each. */
  readonly check: (given: unknown) => { readonly body: RulesBody } | { readonly problems: readonly string[] };
}

/** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, also where the visitor may not look. */
export function connectionFor(
  { connections }: Pick<RulesParts, 'connections'>,
  { grants }: Pick<Visitor, 'grants'>,
  connectionId: string,
): RuledConnection {
  const connection = connections.find(({ id }) => id === connectionId);
  if (connection !== undefined && mayLook(grants, { connectionId })) return connection;
  throw new DeskRefusal('CONNECTION_UNKNOWN', `There is no connection "${connectionId}".`);
}

/** Rules hold in every project, so who changes them, or tries them on all plans, is admin of all of it. Throws as above, and `NotAllowed`. */
export function connectionOfAdmin(
  parts: Pick<RulesParts, 'connections'>,
  visitor: Pick<Visitor, 'id' | 'grants'>,
  connectionId: string,
): RuledConnection {
  const connection = connectionFor(parts, visitor, connectionId);
  if (visitor.grants.some((grant) => grant.role === 'admin' && isWhole(grant, connectionId)))
    return connection;
  throw new DeskRefusal(
    'NotAllowed',
    `"${visitor.id}" may not change the rules of "${connectionId}": that takes an admin of the whole connection.`,
  );
}

/** Whether somebody sees every project of a connection. */
export const seesAll = ({ grants }: Pick<Visitor, 'grants'>, connectionId: string): boolean =>
  grants.some((grant) => isWhole(grant, connectionId));

const isWhole = ({ connections, projects }: Grant, connectionId: string): boolean =>
  projects === null && (connections === null || connections.includes(connectionId));

/** The body that somebody sent. Throws `DeskRefusal` `RULES_INVALID` with everything that is wrong with it. */
export function bodyOf(
  { check }: Pick<RulesParts, 'check'>,
  { policy }: RuledConnection,
  given: unknown,
): RulesBody {
  const read = check(given);
  const problems = 'problems' in read ? read.problems : problemsOfRules(read.body, policy.approvers);
  if ('body' in read && problems.length === 0) return read.body;
  throw new DeskRefusal('RULES_INVALID', `These rules cannot be used: ${problems.join('; ')}`);
}
