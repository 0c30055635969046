import type { Grant } from '../people/access';
import type { ConnectionPolicy, Decided } from './connection-policy';
import { decidedBy, whyNotApprover } from './connection-policy';
import type { ProcoreId } from './intent';
import type { RequestStatus } from './status';
import { isFinal } from './status';

/**
 * Where a request stands for one person. `needs_me`: it waits for a decision that they may take. `waiting`: it goes on by itself, or waits for
 * somebody else. `stuck`: it does not go on by itself, or should have long ago. `done`: it is closed.
 */
export const STAGES = ['needs_me', 'waiting', 'stuck', 'done'] as const;
export type Stage = (typeof STAGES)[number];

const HOUR_MS = 3_600_000;

/** After how long what goes on by itself is stuck. Others finish their batches within an hour, and what is waited for has its own approval first. */
export const STUCK_AFTER_MS: Readonly<Partial<Record<RequestStatus, number>>> = {
  received: HOUR_MS,
  planning: HOUR_MS,
  applying: HOUR_MS,
  busy: HOUR_MS,
  held: 24 * HOUR_MS,
};

/** What has stood so for longer is stuck; ISO 8601 UTC; null: a request does not get stuck in this status, or is at once. */
export function stuckBefore(status: RequestStatus, now: string): string | null {
  const bound = STUCK_AFTER_MS[status];
  return bound === undefined ? null : new Date(Date.parse(now) - bound).toISOString();
}

/** Projects; null: all, and what belongs to none. */
export type Projects = readonly ProcoreId[] | null;

/** What one person sees and may decide on one connection. */
export interface Reach {
  readonly sees: Projects;
  /** Where they decide about each; absent: nowhere. */
  readonly decides: Readonly<Partial<Record<Decided, Projects>>>;
  /** Their user id in Procore, where nobody decides about what they asked for themselves. */
  readonly notFrom: ProcoreId | null;
}

const ROLE_FOR = { records: 'approver', payroll: 'payroll' } as const;

/** What a person reaches on a connection; null: nothing. A decision takes the grant and a place among the approvers. */
export function reachOn(
  { id: by, grants }: { readonly id: string; readonly grants: readonly Grant[] },
  connectionId: string,
  policy: Pick<ConnectionPolicy, 'approvers' | 'requireSecondPerson'>,
): Reach | null {
  const here = grants.filter(({ connections }) => connections === null || connections.includes(connectionId));
  if (here.length === 0) return null;
  const decides: Partial<Record<Decided, Projects>> = {};
  for (const about of ['records', 'payroll'] as const) {
    const given = here.filter(({ role }) => role === ROLE_FOR[about]);
    if (given.length > 0 && whyNotApprover(policy, { by, requestedBy: null, about }) === null)
      decides[about] = projectsOf(given);
  }
  const { procoreUserId = null } = policy.approvers.find(({ id }) => id === by) ?? {};
  return { sees: projectsOf(here), decides, notFrom: policy.requireSecondPerson ? procoreUserId : null };
}

const projectsOf = (grants: readonly Grant[]): Projects =>
  grants.some(({ projects }) => projects === null)
    ? null
    : [...new Set(grants.flatMap(({ projects }) => projects ?? []))];

const within = (projects: Projects, projectId: ProcoreId | null): boolean =>
  projects === null || (projectId !== null && projects.includes(projectId));

/** As much of a request as its stage depends on. */
export interface Standing {
  readonly id: string;
  readonly status: RequestStatus;
  readonly projectId: ProcoreId | null;
  readonly requestedBy: ProcoreId | null;
  readonly since: string;
}

export const isSeen = ({ sees }: Reach, { projectId }: Pick<Standing, 'projectId'>): boolean =>
  within(sees, projectId);

/** Whether this person may decide about it, wherever it stands. */
export function mayDecide({ decides, notFrom }: Reach, { id, projectId, requestedBy }: Standing): boolean {
  const projects = decides[decidedBy(id)];
  if (projects === undefined || !within(projects, projectId)) return false;
  return notFrom === null || requestedBy !== notFrom;
}

/** Exactly one for each request that the person sees. */
export function stageOf(request: Standing, reach: Reach, now: string): Stage {
  const { status, since } = request;
  if (isFinal(status)) return 'done';
  if (status === 'parked') return 'stuck';
  if (status === 'waiting_for_finance') return mayDecide(reach, request) ? 'needs_me' : 'waiting';
  const before = stuckBefore(status, now);
  return before !== null && since < before ? 'stuck' : 'waiting';
}
