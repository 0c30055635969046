import type { Sealed } from './sealed';

/** A passkey of a person: what is public of it. */
export interface Passkey {
  /** SHA-256 of the credential's id: a key of one length. */
  readonly id: string;
  readonly person: string;
  /** As the authenticator names it, base64url. */
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  /** How often it was used, as the authenticator counts; 0: it does not. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** ISO 8601 UTC, as those below. */
  readonly createdAt: string;
  readonly usedAt: string | null;
  readonly revokedAt: string | null;
}

export type SealedPasskey = Sealed<Passkey>;

/** A link that lets one person register one passkey, once. */
export interface Invitation {
  readonly id: string;
  readonly person: string;
  /** SHA-256 of what stands in the link. */
  readonly hash: string;
  /** ISO 8601 UTC, as those below. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it was used, or taken back. */
  readonly usedAt: string | null;
}

export type SealedInvitation = Sealed<Invitation>;
