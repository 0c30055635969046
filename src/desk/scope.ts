import type { ProcoreId } from '../domain/kinds/record';
import type { Role, Visitor } from '../domain/people/access';
import { projectsSeen } from '../domain/people/access';
import { DeskRefusal } from './refusal';

/** What somebody sees of one connection. */
export interface Scope {
  readonly connectionId: string;
  /** Procore projects; null: all of them, and what belongs to none. */
  readonly projects: readonly ProcoreId[] | null;
}

/**
 * What a visitor sees of these connections, by grants of these roles (of any, where none is named); connections of which they see nothing are left out. With
 * `only`, of that one: throws `DeskRefusal` `CONNECTION_UNKNOWN` where they see nothing of it, in the words for one that is not there.
 */
export function scopesOf(
  { grants }: Pick<Visitor, 'grants'>,
  connectionIds: readonly string[],
  { only, roles }: { readonly only?: string | undefined; readonly roles?: readonly Role[] | undefined } = {},
): readonly Scope[] {
  const scopes = connectionIds
    .filter((connectionId) => only === undefined || connectionId === only)
    .map((connectionId) => ({ connectionId, projects: projectsSeen(grants, connectionId, roles) }))
    .filter(({ projects }) => projects === null || projects.length > 0);
  if (only !== undefined && scopes.length === 0) throw connectionUnknown(only);
  return scopes;
}

/** Connections that somebody sees as a whole, and not only projects of them. Throws as `scopesOf`. */
export function wholeConnections(
  visitor: Pick<Visitor, 'grants'>,
  connectionIds: readonly string[],
  asked: Parameters<typeof scopesOf>[2] = {},
): readonly string[] {
  const whole = scopesOf(visitor, connectionIds, asked).filter(({ projects }) => projects === null);
  if (asked.only !== undefined && whole.length === 0) throw connectionUnknown(asked.only);
  return whole.map(({ connectionId }) => connectionId);
}

export const connectionUnknown = (id: string): DeskRefusal =>
  new DeskRefusal('CONNECTION_UNKNOWN', `There is no connection "${id}".`);
