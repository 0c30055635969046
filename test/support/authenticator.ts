/** An authenticator in software: one ES256 passkey, user verification or none, as WebAuthn has it. */
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

const b64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

export class Authenticator {
  private readonly id = randomBytes(32);
  private readonly key: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  private count = 0;

  constructor(
    private readonly origin: string,
    /** Whether it asks for a finger, a face or a PIN. */
    private readonly verifies = true,
  ) {
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  register(challenge: string): object {
    const { x = '', y = '' } = this.key.publicKey.export({ format: 'jwk' });
    const cose = isoCBOR.encode(
      new Map<number, number | Uint8Array<ArrayBuffer>>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ]),
    );
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, cose]);
    const authData = new Uint8Array(Buffer.concat([this.head(ATTESTED), attested]));
    const attestationObject = isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]) as never,
    );
    const clientDataJSON = b64(this.clientData('webauthn.create', challenge));
    return this.answer({
      clientDataJSON,
      attestationObject: b64(attestationObject),
      transports: ['internal'],
    });
  }

  login(challenge: string): object {
    this.count += 1;
    const clientData = this.clientData('webauthn.get', challenge);
    const authData = this.head(0);
    const signed = Buffer.concat([authData, sha256(clientData)]);
    const signature = createSign('SHA256').update(signed).sign(this.key.privateKey);
    return this.answer({
      clientDataJSON: b64(clientData),
      authenticatorData: b64(authData),
      signature: b64(signature),
    });
  }

  private answer(response: object): object {
    return {
      id: b64(this.id),
      rawId: b64(this.id),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    };
  }

  private clientData(type: string, challenge: string): string {
    return JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false });
  }

  private head(flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.count);
    const all = flags | USER_PRESENT | (this.verifies ? USER_VERIFIED : 0);
    return Buffer.concat([sha256(new URL(this.origin).hostname), Buffer.from([all]), counter]);
  }
}
