import type { PublicKey, Signature, Statement } from './signature';
import { isSigned, publicKeyOf, signatureOf } from './signature';

/** A private key with which the daemon vouches for who decided what. */
export interface SigningKey {
  /** Stands in the clear beside everything that was signed with it. */
  readonly id: string;
  /** 32 random bytes in base64. */
  readonly key: string;
}

/** The signing keys of an installation. All of them sign, so that a request that knows only one of two keys is still answered while keys change. */
export class SigningKeys {
  readonly publicKeys: readonly PublicKey[];
  private readonly privateKeys: readonly { readonly keyId: string; readonly value: string }[];

  constructor(keys: readonly SigningKey[]) {
    this.privateKeys = keys.map(({ id, key }) => ({
      keyId: id,
      value: Buffer.from(key, 'base64').toString('hex'),
    }));
    this.publicKeys = this.privateKeys.map(({ keyId, value }) => ({ keyId, value: publicKeyOf(value) }));
  }

  sign(statement: Statement): readonly Signature[] {
    return this.privateKeys.map(({ keyId, value }) => ({ keyId, value: signatureOf(statement, value) }));
  }

  isSigned(statement: Statement, signatures: readonly Signature[]): boolean {
    return isSigned(statement, signatures, this.publicKeys);
  }
}
