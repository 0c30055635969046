import type { Signature, Statement } from './signature';
import type { SigningKeys } from './signing-keys';

/** A row that carries the seal of the signing keys over all of it: one that somebody wrote or changed past us opens nothing. */
export type Sealed<T> = T & { readonly seal: readonly Signature[] };

const statementOf = <T extends object>(purpose: Statement['purpose'], row: T): Statement => ({
  ...row,
  // Canonical JSON leaves out what is undefined.
  seal: undefined,
  purpose,
});

/** The same, sealed anew. */
export const sealedBy = <T extends object>(
  keys: SigningKeys,
  purpose: Statement['purpose'],
  row: T,
): Sealed<T> => ({ ...row, seal: keys.sign(statementOf(purpose, row)) });

export const isSealedBy = <T extends object>(
  keys: SigningKeys,
  purpose: Statement['purpose'],
  row: Sealed<T>,
): boolean => keys.isSigned(statementOf(purpose, row), row.seal);
