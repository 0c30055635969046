import type { ProcoreId } from '../kinds/record';

/**
 * What a person is let in for. `viewer` looks, `approver` decides about records, `payroll` about pay periods, `admin` changes rules and who may what,
 * `auditor` reads the log and its evidence. Whoever holds one of them may look, too.
 */
export const ROLES = ['viewer', 'approver', 'payroll', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
/** Roles that are granted by name; who approves what stands with each connection. */
export const GRANTED = ['viewer', 'admin', 'auditor'] as const satisfies readonly Role[];

/** A role, and where it holds. */
export interface Grant {
  readonly role: Role;
  /** Connections; null: all of them. */
  readonly connections: readonly string[] | null;
  /** Procore projects; null: all of them, and what belongs to no project. */
  readonly projects: readonly ProcoreId[] | null;
}

/** Somebody who said who they are, with a personal token or in a session of the Desk. */
export interface Visitor {
  /** How the person is known to us, usually the e-mail address. */
  readonly id: string;
  /** What to call them; null: by their id. */
  readonly name: string | null;
  /** Who the identity provider says they are; null: they showed a token of ours, or a passkey. */
  readonly identity: { readonly issuer: string; readonly subject: string } | null;
  readonly via: 'token' | 'session';
  /** Names their session in lists and in the log; absent: they have none. */
  readonly sessionId?: string;
  /** When they have to say it again, ISO 8601 UTC. */
  readonly expiresAt: string;
  readonly grants: readonly Grant[];
}

/** Where something is that somebody wants to see or decide. What is left out is not asked about. */
export interface Place {
  readonly connectionId?: string;
  /** Null: it belongs to no project. */
  readonly projectId?: ProcoreId | null;
}

/** Whether one of these grants is of the role and holds there. */
export const holds = (grants: readonly Grant[], role: Role, place: Place = {}): boolean =>
  grants.some((grant) => grant.role === role && reaches(grant, place));

/** Whoever holds any role at a place may look at it. */
export const mayLook = (grants: readonly Grant[], place: Place): boolean =>
  grants.some((grant) => reaches(grant, place));

function reaches({ connections, projects }: Grant, { connectionId, projectId }: Place): boolean {
  if (connections !== null && connectionId !== undefined && !connections.includes(connectionId)) return false;
  if (projects === null || projectId === undefined) return true;
  return projectId !== null && projects.includes(projectId);
}

/** Who sees the hours of people. */
export const OF_PAYROLL = ['payroll', 'auditor', 'admin'] as const satisfies readonly Role[];

/** Whether somebody sees the hours of people of a connection: these belong to no project. */
export const seesHours = (grants: readonly Grant[], connectionId: string): boolean =>
  OF_PAYROLL.some((role) => holds(grants, role, { connectionId, projectId: null }));

/** Connections of which somebody may see something; null: all. */
export function connectionsSeen(grants: readonly Grant[]): readonly string[] | null {
  const named: string[] = [];
  for (const { connections } of grants) {
    if (connections === null) return null;
    named.push(...connections);
  }
  return [...new Set(named)];
}

/**
 * Which Procore projects of a connection somebody sees with grants of these roles (of any, where none is named). Null: all of them, and what belongs to no
 * project; empty: nothing.
 */
export function projectsSeen(
  grants: readonly Grant[],
  connectionId: string,
  roles: readonly Role[] = ROLES,
): readonly ProcoreId[] | null {
  const named: ProcoreId[] = [];
  for (const { role, connections, projects } of grants) {
    if (!roles.includes(role) || (connections !== null && !connections.includes(connectionId))) continue;
    if (projects === null) return null;
    named.push(...projects);
  }
  return [...new Set(named)];
}
