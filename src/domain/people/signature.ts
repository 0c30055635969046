import { ed25519 } from '@noble/curves/ed25519';
import stringify from 'safe-stable-stringify';

/*
 * Ed25519 (RFC 8032) over canonical JSON. In a library and not Node's own: the workflow's validator checks signatures too, in a sandbox that
 * has no `node:crypto`.
 */

/** One key's signature under a statement. */
export interface Signature {
  readonly keyId: string;
  /** 64 bytes in lower-case hex. */
  readonly value: string;
}

/** What signatures of a signing key are checked with; no secret. */
export interface PublicKey {
  readonly keyId: string;
  /** 32 bytes in lower-case hex. */
  readonly value: string;
}

/** What is signed: a value of JSON with a name of its own, so that a signature for one purpose is none for another. */
export interface Statement {
  readonly purpose:
    | 'decision'
    | 'conflict'
    | 'token'
    | 'reading'
    | 'rules'
    | 'session'
    | 'identity'
    | 'passkey'
    | 'invitation'
    | 'login';
  readonly [key: string]: unknown;
}

/** Signs a statement with a private key of 32 bytes in lower-case hex. */
export const signatureOf = (statement: Statement, privateKey: string): string =>
  toHex(ed25519.sign(bytesOf(statement), privateKey));

/** The public half of a private key of 32 bytes; both in lower-case hex. */
export const publicKeyOf = (privateKey: string): string => toHex(ed25519.getPublicKey(privateKey));

/** As `signatureOf` writes them and not otherwise: who knows signatures that were taken before knows them by their text. */
const SIGNATURE = /^[0-9a-f]{128}$/;

/**
 * Whether one of the signatures is one of these keys' under exactly this statement. Whatever is malformed is no signature; it never throws. Of
 * each key only the first is looked at: a check takes milliseconds, and strangers may send thousands.
 */
export function isSigned(
  statement: Statement,
  signatures: readonly Signature[],
  keys: readonly PublicKey[],
): boolean {
  if (!Array.isArray(signatures)) return false;
  const all: readonly (Partial<Signature> | null)[] = signatures;
  return keys.some(({ keyId, value: key }) => {
    const given = all.find((one) => one?.keyId === keyId);
    if (typeof given?.value !== 'string' || !SIGNATURE.test(given.value)) return false;
    try {
      return ed25519.verify(given.value, bytesOf(statement), key);
    } catch {
      return false;
    }
  });
}

function bytesOf(statement: Statement): Uint8Array {
  const text = stringify(statement);
  if (text === undefined) throw new TypeError('only JSON values can be signed');
  return new TextEncoder().encode(text);
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
