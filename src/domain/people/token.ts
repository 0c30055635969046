import { createHash } from 'node:crypto';
import type { Signature, Statement } from './signature';

/** In front of every token, so that people and secret scanners recognise one. */
const PREFIX = 'tbk_';

/** Random bytes of a token: nobody guesses 256 bits, so a fast hash of it may be stored. */
export const TOKEN_BYTES = 32;

/** A personal token: who shows it is that person. Known to its owner alone. */
export const tokenFrom = (random: Buffer): string => `${PREFIX}${random.toString('base64url')}`;

export const isToken = (text: string): boolean => /^tbk_[A-Za-z0-9_-]{43}$/.test(text);

/** What is stored of a token: SHA-256 in lower-case hex. */
export const hashOfToken = (token: string): string =>
  createHash('sha256').update(token, 'utf8').digest('hex');

/** A token as it is stored. Its seal is that of the signing keys: a row that somebody wrote past us opens nothing. */
export interface SealedToken {
  /** Random; names the token in lists and in the log. */
  readonly id: string;
  readonly person: string;
  readonly hash: string;
  /** ISO 8601 UTC, as the two below. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly seal: readonly Signature[];
  readonly revokedAt: string | null;
}

export const tokenStatement = ({ id, person, hash, createdAt, expiresAt }: SealedToken): Statement => ({
  purpose: 'token',
  id,
  person,
  hash,
  createdAt,
  expiresAt,
});
