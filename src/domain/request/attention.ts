import type { AuditAction, AuditEntry } from '../audit/chain';

/** What people said about a request besides deciding it. The log is the only place where it is kept: what was written past it counts for nothing. */
export const ATTENTION_ACTIONS = [
  'request.commented',
  'request.assigned',
  'hold.placed',
  'hold.released',
] as const satisfies readonly AuditAction[];
export type AttentionAction = (typeof ATTENTION_ACTIONS)[number];

/** Nobody approves a request that somebody holds. */
export interface Hold {
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly comment: string;
}

/** Who looks after a request, and who holds it. */
export interface Attention {
  readonly owner: string | null;
  readonly hold: Hold | null;
}

/** `sealed`: its entries of these actions that the chain vouches for, in order. */
export function attentionIn(sealed: readonly AuditEntry[]): Attention {
  const assigned = sealed.findLast(({ action }) => action === 'request.assigned')?.detail['owner'];
  const last = sealed.findLast(({ action }) => action === 'hold.placed' || action === 'hold.released');
  return {
    owner: typeof assigned === 'string' ? assigned : null,
    hold:
      last?.action === 'hold.placed'
        ? { by: last.actor, at: last.at, comment: textOf(last.detail['comment']) }
        : null,
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
