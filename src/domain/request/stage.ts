import type { Grant } from '../people/access';
import { seesHours } from '../people/access';
import { actorOf } from '../people/decision';
import type { ConnectionPolicy, Decided, Deciders } from './connection-policy';
import { DECIDED, decidedBy, rightsOf, waitsForSecond } from './connection-policy';
import { isOfPayroll } from './id';
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
  /** They see the hours of people. */
  readonly seesHours: boolean;
  /** Where they decide about each; absent: nowhere. */
  readonly decides: Readonly<Partial<Record<Decided, Projects>>>;
  /** Users of Procore about whose requests they do not decide: their own, where that takes somebody else. */
  readonly notFrom: Readonly<Partial<Record<Decided, readonly ProcoreId[]>>>;
  /** Reasons for which a request waits that they approved as the first of two: somebody else is the second. */
  readonly gaveFirst: readonly string[];
}

const ROLE_FOR = { records: 'approver', payroll: 'payroll' } as const;

/** What a person reaches on a connection at a moment; null: nothing. A decision takes the grant, and a right of their own or of somebody who handed it on. */
export function reachOn(
  { id: by, grants }: { readonly id: string; readonly grants: readonly Grant[] },
  connectionId: string,
  policy: Deciders & Partial<Pick<ConnectionPolicy, 'rules'>>,
  at: string,
): Reach | null {
  const here = grants.filter(({ connections }) => connections === null || connections.includes(connectionId));
  if (here.length === 0) return null;
  const decides: Partial<Record<Decided, Projects>> = {};
  const notFrom: Partial<Record<Decided, readonly ProcoreId[]>> = {};
  for (const about of DECIDED) {
    const given = here.filter(({ role }) => role === ROLE_FOR[about]);
    const rights = rightsOf(policy, { by, about, at });
    if (given.length === 0 || rights.length === 0) continue;
    decides[about] = inBoth(projectsOf(given), projectsOf(rights));
    notFrom[about] = [...new Set(rights.flatMap((right) => right.notFrom))];
  }
  return {
    ...{ sees: projectsOf(here), seesHours: seesHours(grants, connectionId), decides, notFrom },
    gaveFirst:
      policy.rules?.some(({ decision }) => decision === 'ask_two') === true ? firstBy(by, policy) : [],
  };
}

const firstBy = (by: string, { delegations = [] }: Deciders): readonly string[] => [
  ...new Set(
    [undefined, ...delegations.filter(({ to }) => to === by).map(({ from }) => from)].map((inNameOf) =>
      waitsForSecond(actorOf({ by, account: null, inNameOf })),
    ),
  ),
];

const projectsOf = (all: readonly { readonly projects: Projects }[]): Projects =>
  all.some(({ projects }) => projects === null)
    ? null
    : [...new Set(all.flatMap(({ projects }) => projects ?? []))];

const inBoth = (one: Projects, other: Projects): Projects =>
  one === null ? other : other === null ? one : one.filter((id) => other.includes(id));

const within = (projects: Projects, projectId: ProcoreId | null): boolean =>
  projects === null || (projectId !== null && projects.includes(projectId));

/** As much of a request as its stage depends on. */
export interface Standing {
  readonly id: string;
  readonly status: RequestStatus;
  readonly projectId: ProcoreId | null;
  readonly requestedBy: ProcoreId | null;
  readonly since: string;
  readonly reason: string | null;
}

export const isSeen = ({ sees }: Reach, { projectId }: Pick<Standing, 'projectId'>): boolean =>
  within(sees, projectId);

/** Why it stands where it stands, for those who may know: of payroll it may tell the hours of people. */
export const reasonFor = (
  reach: Pick<Reach, 'seesHours'>,
  { id, reason }: { readonly id: string; readonly reason: string | null },
): string | null => (isOfPayroll(id) && !reach.seesHours ? null : reason);

/** Whether this person may decide about it, wherever it stands. */
export function mayDecide({ decides, notFrom }: Reach, { id, projectId, requestedBy }: Standing): boolean {
  const about = decidedBy(id);
  const projects = decides[about];
  if (projects === undefined || !within(projects, projectId)) return false;
  return requestedBy === null || notFrom[about]?.includes(requestedBy) !== true;
}

/** Whether this person is asked about it, where it waits for finance. */
export const isAsked = (reach: Reach, request: Standing): boolean =>
  mayDecide(reach, request) && !(request.reason !== null && reach.gaveFirst.includes(request.reason));

/** Exactly one for each request that the person sees. */
export function stageOf(request: Standing, reach: Reach, now: string): Stage {
  const { status, since } = request;
  if (isFinal(status)) return 'done';
  if (status === 'parked') return 'stuck';
  if (status === 'waiting_for_finance') return isAsked(reach, request) ? 'needs_me' : 'waiting';
  const before = stuckBefore(status, now);
  return before !== null && since < before ? 'stuck' : 'waiting';
}
