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

/** What a connection lets happen, and how long it waits; read from the configuration at every start. */
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
}

/**
 * Why a person may not approve a request, in one sentence; null when they may. `requestedBy`: who caused it in Procore, where known. `projects`: those that it
 * reaches; left out: it belongs to none.
 */
export function whyNotApprover(
  { approvers, requireSecondPerson }: Pick<ConnectionPolicy, 'approvers' | 'requireSecondPerson'>,
  {
    by,
    requestedBy,
    about = 'records',
    projects = [],
  }: {
    readonly by: string;
    readonly requestedBy: number | null;
    readonly about?: Decided;
    readonly projects?: readonly (ProcoreId | null)[];
  },
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

/** Records per page of a sync. */
export const SYNC_PAGE_SIZE = 1000;
