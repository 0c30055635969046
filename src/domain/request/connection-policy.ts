import { dateIn } from '../base/time-zone';
import type { ProcoreId } from '../kinds/record';
import { isOfPayroll } from './id';
import type { PolicyRule } from './policy';

/** What a person may decide about: records of Procore and the ERP with all that belongs to them, or payroll. */
export const DECIDED = ['records', 'payroll'] as const;
export type Decided = (typeof DECIDED)[number];

/** A person who may decide about plans. */
export interface Approver {
  /** How the person is known to us, usually the e-mail address. */
  readonly id: string;
  /** The same person's user id in Procore, so that nobody approves a request of their own. */
  readonly procoreUserId?: number;
  /** What they may decide about; absent: everything. */
  readonly decides?: readonly Decided[];
  /** Procore projects whose requests they may decide about, and nothing that belongs to another or to none; absent: all. */
  readonly projects?: readonly ProcoreId[];
}

/** Whether an approver may decide about what reaches these projects; null among them: something that belongs to none. */
const reaches = ({ projects }: Approver, reached: readonly (ProcoreId | null)[]): boolean =>
  projects === undefined ||
  (reached.length > 0 && reached.every((project) => project !== null && projects.includes(project)));

/** What a decision about a request is about. */
export const decidedBy = (requestId: string): Decided => (isOfPayroll(requestId) ? 'payroll' : 'records');

/** Those who may decide about what reaches these projects; empty: it belongs to none. */
export const approversOf = (
  { approvers }: Pick<ConnectionPolicy, 'approvers'>,
  about: Decided,
  projects: readonly (ProcoreId | null)[],
): readonly Approver[] =>
  approvers.filter(
    (approver) => (approver.decides ?? DECIDED).includes(about) && reaches(approver, projects),
  );

/** Somebody who decides in the name of an approver for some days. */
export interface Delegation {
  /** The approver in whose name it is; their own right alone is handed on, never one that was handed to them. */
  readonly from: string;
  readonly to: string;
  /** User id of `to` in Procore, where they are no approver themselves: nobody approves what they asked for. */
  readonly procoreUserId?: number;
  /** Local calendar dates, both included. */
  readonly begin: string;
  readonly end: string;
}

/** Who is told of what waits for finance too long. */
export interface Deadline {
  /** Hours since it began to wait. */
  readonly afterHours: number;
  readonly tell: Told;
}

/** A person by their id, or a channel by its name. */
export type Told = { readonly person: string } | { readonly channel: string };

/**
 * What a connection lets happen, and how long it waits. The configuration says it at every start; where rules were changed in the Desk, the version in
 * force takes the place of rules, second person, delegations and deadlines (`Repositories.rules.inForce`).
 */
export interface ConnectionPolicy {
  readonly rules: readonly PolicyRule[];
  /** Who may decide. Empty: nobody can, and only rules approve. */
  readonly approvers: readonly Approver[];
  /** The person who caused the request in Procore must not approve it. */
  readonly requireSecondPerson: boolean;
  /**
   * How long a request detail may stay open in Procore while people think, in hours. Then it is closed as failed with a
   * message, because an open detail blocks its user. 0 = no limit.
   */
  readonly openDetailHours: number;
  /** Seconds for which an approval given in the Finance Desk can be withdrawn before anything is written; absent: 0. */
  readonly undoSeconds?: number;
  /** Who decides in whose name, and when; absent: nobody. */
  readonly delegations?: readonly Delegation[];
  /** In the order of their hours; absent: none. */
  readonly deadlines?: readonly Deadline[];
  /** Zone in which delegations begin and end, an IANA name; absent: UTC. */
  readonly timeZone?: string;
  /** Version of the rules in force; absent: they are those of the configuration. */
  readonly rulesVersion?: number;
}

/** What says who may decide. */
export type Deciders = Pick<
  ConnectionPolicy,
  'approvers' | 'requireSecondPerson' | 'delegations' | 'timeZone'
>;

/** Who wants to decide about a request, and what is known of it. */
export interface Deciding {
  readonly by: string;
  /** The approver in whose name; absent: in their own. */
  readonly inNameOf?: string | undefined;
  /** When they decide, ISO 8601 UTC: a delegation has dates. */
  readonly at?: string | undefined;
  /** Who caused it in Procore; null: nobody knows, or it does not matter. */
  readonly requestedBy: number | null;
  readonly about?: Decided;
  /** Projects that it reaches, null among them: something that belongs to none; left out: it belongs to none. */
  readonly projects?: readonly (ProcoreId | null)[];
}

/** Why a person may not approve a request, in one sentence; null when they may. */
export function whyNotApprover(policy: Deciders, deciding: Deciding): string | null {
  const { by, inNameOf, at, requestedBy } = deciding;
  if (inNameOf === undefined) return whyNotThemselves(policy, deciding);
  const delegation = delegationsAt(policy, at).find(({ from, to }) => from === inNameOf && to === by);
  if (delegation === undefined) return `"${by}" does not decide in the name of "${inNameOf}" on that day.`;
  const reason = whyNotThemselves(policy, { ...deciding, by: inNameOf });
  if (reason !== null) return reason;
  if (!policy.requireSecondPerson || requestedBy === null) return null;
  const user = procoreUserOf(policy, by);
  if (user === undefined)
    return `Nobody could tell whether "${by}" asked for this in Procore: their delegation names no procoreUserId.`;
  return user === requestedBy ? `"${by}" asked for this in Procore; somebody else must approve it.` : null;
}

function whyNotThemselves(
  { approvers, requireSecondPerson }: Deciders,
  { by, requestedBy, about = 'records', projects = [] }: Deciding,
): string | null {
  const approver = approvers.find(({ id }) => id === by);
  if (approver === undefined) return `"${by}" is no approver of this connection.`;
  if (!(approver.decides ?? DECIDED).includes(about))
    return `"${by}" does not decide about ${about} of this connection (\`approvers[].decides\`).`;
  if (!reaches(approver, projects))
    return `"${by}" decides about some projects of this connection alone (\`approvers[].projects\`), and this is not theirs alone.`;
  const isOwn = approver.procoreUserId !== undefined && approver.procoreUserId === requestedBy;
  return requireSecondPerson && isOwn
    ? `"${by}" asked for this in Procore; somebody else must approve it.`
    : null;
}

/** The delegations that hold at a moment, by the clocks of the connection; without one, none does. */
export function delegationsAt(
  { delegations = [], timeZone = 'Etc/UTC' }: Pick<ConnectionPolicy, 'delegations' | 'timeZone'>,
  at: string | undefined,
): readonly Delegation[] {
  const instant = Date.parse(at ?? '');
  if (delegations.length === 0 || Number.isNaN(instant)) return [];
  const date = dateIn(instant, timeZone);
  return delegations.filter(({ begin, end }) => begin <= date && date <= end);
}

/** In whose name a person decides who may not decide themselves; undefined: in nobody's. */
export function inWhoseName(policy: Deciders, deciding: Omit<Deciding, 'inNameOf'>): string | undefined {
  if (whyNotThemselves(policy, { ...deciding, requestedBy: null }) === null) return undefined;
  return delegationsAt(policy, deciding.at)
    .filter(({ to }) => to === deciding.by)
    .map(({ from }) => from)
    .find((inNameOf) => whyNotApprover(policy, { ...deciding, inNameOf }) === null);
}

/** Where somebody decides in their own right, or in that of another. */
export interface Right {
  /** Null: everywhere. */
  readonly projects: readonly ProcoreId[] | null;
  /** Users of Procore about whose own requests it says nothing. */
  readonly notFrom: readonly ProcoreId[];
}

/** What a person may decide about at a moment. Whoever decides everywhere in their own right uses no other. */
export function rightsOf(
  policy: Deciders,
  { by, about, at }: { readonly by: string; readonly about: Decided; readonly at: string },
): readonly Right[] {
  const rightOf = (person: string, users: readonly (ProcoreId | undefined)[]): readonly Right[] =>
    policy.approvers
      .filter(({ id, decides = DECIDED }) => id === person && decides.includes(about))
      .map(({ projects = null, procoreUserId }) => ({
        projects,
        notFrom: policy.requireSecondPerson
          ? [procoreUserId, ...users].filter((user) => user !== undefined)
          : [],
      }));
  const own = rightOf(by, []);
  if (own.some(({ projects }) => projects === null)) return own;
  const user = procoreUserOf(policy, by);
  const isTold = !policy.requireSecondPerson || user !== undefined;
  const handed = isTold ? delegationsAt(policy, at).filter(({ to }) => to === by) : [];
  return [...own, ...handed.flatMap(({ from }) => rightOf(from, [user]))];
}

/** User id in Procore of an approver, or of somebody to whom a right is handed on. */
const procoreUserOf = ({ approvers, delegations = [] }: Deciders, person: string): number | undefined =>
  approvers.find(({ id }) => id === person)?.procoreUserId ??
  delegations.find(({ to, procoreUserId }) => to === person && procoreUserId !== undefined)?.procoreUserId;

/** An approval of a plan: whose, and in whose name. */
export interface Approval {
  readonly by: string;
  readonly inNameOf?: string | undefined;
  /** Break-glass: the account of the machine that decided in the name of `by`. */
  readonly account: string | null;
}

/**
 * Why two approvals are not those of two persons, in one sentence; null: they are. Everybody who stands behind one counts: who gave it, in whose name, and
 * under which number of Procore. Null for the first: whether the other one could be one of two at all. Whose approval an account of the machine gave nobody can tell, so it is neither.
 */
export function whyNotTwo(policy: Deciders, first: Approval | null, second: Approval): string | null {
  const byAccount = [first, second].find((one) => one !== null && one.account !== null);
  if (byAccount)
    return `Two persons must approve this, and ${byAccount.account ?? ''} in the name of "${byAccount.by}" is neither of them.`;
  if (first === null) return null;
  const known = behind(policy, first);
  const same = behind(policy, second).some((one) => known.includes(one));
  return same
    ? `Two persons must approve this, and "${second.by}" stands behind both approvals; somebody else must be the second.`
    : null;
}

const behind = (policy: Deciders, { by, inNameOf }: Approval): readonly string[] =>
  [by, ...(inNameOf === undefined ? [] : [inNameOf])].flatMap((person) => {
    const user = procoreUserOf(policy, person);
    return [`person ${person.toLowerCase()}`, ...(user === undefined ? [] : [`user ${user}`])];
  });

/** What a request waits for after the first of two approvals. */
export const waitsForSecond = (first: string): string => `Approved by ${first} ${AS_FIRST}`;

const AS_FIRST = 'as the first of two; somebody else must approve it as well.';

/** Who gave the first of two approvals, by the reason for which a request waits; null: nobody has. */
export const firstOfTwo = (reason: string | null): string | null =>
  reason?.startsWith('Approved by ') === true && reason.endsWith(` ${AS_FIRST}`)
    ? reason.slice('Approved by '.length, -AS_FIRST.length - 1)
    : null;

/** When somebody is told of a request that waits, and who: in order. */
export const deadlinesOf = (
  { deadlines = [] }: Pick<ConnectionPolicy, 'deadlines'>,
  { since }: { /** Since when it waits for finance, ISO 8601 UTC. */ readonly since: string },
): readonly { readonly due: string; readonly escalateTo: Told }[] =>
  [...deadlines]
    .sort((one, other) => one.afterHours - other.afterHours)
    .map(({ afterHours, tell }) => ({
      due: new Date(Date.parse(since) + afterHours * HOUR_MS).toISOString(),
      escalateTo: tell,
    }));

/** The first of them: until then finance has time. Null: nobody is told. */
export const deadlineOf = (
  policy: Pick<ConnectionPolicy, 'deadlines'>,
  request: { readonly since: string },
): { readonly due: string; readonly escalateTo: Told } | null => deadlinesOf(policy, request)[0] ?? null;

const HOUR_MS = 3_600_000;

/** Records per page of a sync. */
export const SYNC_PAGE_SIZE = 1000;
