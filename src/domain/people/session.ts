import { createHash } from 'node:crypto';
import type { Sealed } from './sealed';

/** How a session was opened: at the identity provider, with a passkey, or by the Desk itself (`desk.loginAs`). */
export const LOGIN_WAYS = ['oidc', 'passkey', 'itself'] as const;
export type LoginWay = (typeof LOGIN_WAYS)[number];

/** Somebody who is logged in to the Desk with a browser. Whoever shows its id is that person; stored is a hash of it. */
export interface Session {
  /** Random; names the session in lists and in the log. It opens nothing. */
  readonly id: string;
  /** SHA-256 of the id that the browser shows, in lower-case hex. */
  readonly hash: string;
  readonly person: string;
  readonly name: string | null;
  readonly way: LoginWay;
  /** Who the identity provider says they are; null: they came another way. */
  readonly issuer: string | null;
  readonly subject: string | null;
  /** The provider's own session. */
  readonly sid: string | null;
  /** What the provider wants to see at the logout; gone once the session has ended. */
  readonly idToken: string | null;
  /** ISO 8601 UTC, as those below. */
  readonly createdAt: string;
  /** To the minute. */
  readonly lastSeenAt: string;
  /** Whatever happens, it ends then. */
  readonly endsAt: string;
  /** When it was ended before its time; null: it was not. */
  readonly endedAt: string | null;
}

export type SealedSession = Sealed<Session>;

/** How long sessions last. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** Random bytes of what a browser shows: nobody guesses 256 bits, so a fast hash of it may be stored. */
export const SESSION_BYTES = 32;

/** When a session ends if nothing is done in it. */
export const idleEnd = (
  { lastSeenAt, endsAt }: Pick<Session, 'lastSeenAt' | 'endsAt'>,
  { idleMs }: SessionLimits,
): string => {
  const idle = new Date(Date.parse(lastSeenAt) + idleMs).toISOString();
  return idle < endsAt ? idle : endsAt;
};

/** What is stored of a random text that opens something: SHA-256 in lower-case hex. */
export const hashOfSecret = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
