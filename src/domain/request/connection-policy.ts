import type { PolicyRule } from './policy';

/** A person who may decide about plans. */
export interface Approver {
  /** How the person is known to us, usually the e-mail address. */
  readonly id: string;
  /** The same person's user id in Procore, so that nobody approves a request of their own. */
  readonly procoreUserId?: number;
}

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

/** Why a person may not approve a request, in one sentence; null when they may. `requestedBy`: who caused it in Procore, where known. */
export function whyNotApprover(
  { approvers, requireSecondPerson }: Pick<ConnectionPolicy, 'approvers' | 'requireSecondPerson'>,
  { by, requestedBy }: { readonly by: string; readonly requestedBy: number | null },
): string | null {
  const approver = approvers.find(({ id }) => id === by);
  if (approver === undefined) return `"${by}" is no approver of this connection.`;
  const isOwn = approver.procoreUserId !== undefined && approver.procoreUserId === requestedBy;
  return requireSecondPerson && isOwn
    ? `"${by}" asked for this in Procore; somebody else must approve it.`
    : null;
}

/** Records per page of a sync. */
export const SYNC_PAGE_SIZE = 1000;
