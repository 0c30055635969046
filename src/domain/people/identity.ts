import type { Sealed } from './sealed';
import { hashOfSecret } from './session';

/** Somebody at an identity provider: these two together never belong to another person, names and addresses may. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Which person of ours somebody at the provider is. Bound at the first login by the e-mail address, known by itself from then on. */
export interface BoundIdentity extends Identity {
  /** Hash of issuer and subject: a key of one length. */
  readonly id: string;
  readonly person: string;
  /** The address by which they were bound. */
  readonly email: string;
  /** ISO 8601 UTC. */
  readonly boundAt: string;
}

export type SealedIdentity = Sealed<BoundIdentity>;

export const identityIdOf = ({ issuer, subject }: Identity): string =>
  hashOfSecret(JSON.stringify([issuer, subject]));
