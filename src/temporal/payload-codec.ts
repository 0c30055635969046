/**
 * Encrypts what workflows and activities pass to each other before it leaves the process: AES-256-GCM over the
 * whole payload, so that not even its type shows. Search attributes, workflow ids and task queues stay readable.
 *
 * Keys rotate: put the new key first and keep the old ones as long as workflows with them may be read.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

/** A key and the name under which payloads refer to it. */
export interface PayloadKey {
  /** Stored in the clear with every payload, e.g. `2026-11`. */
  readonly id: string;
  /** 32 random bytes in base64. */
  readonly key: string;
}

export interface DataConverterOptions {
  /** The first key encrypts, all of them decrypt. Absent or empty: payloads stay readable. */
  keys?: readonly PayloadKey[];
}

/** A payload cannot be decrypted, or a key is of no use. Messages never carry key material. */
export class PayloadCodecError extends Error {
  override readonly name = 'PayloadCodecError';
}

const CIPHER = 'aes-256-gcm';
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Data converter for clients and workers; both need the same keys. Bundles need `encodeFailures` with keys. */
export function createDataConverter({ keys = [] }: DataConverterOptions = {}): DataConverter {
  if (keys.length === 0) return {};
  return {
    payloadCodecs: [new EncryptionCodec(keys)],
    failureConverterPath: require.resolve('./failure-converter'),
  };
}

/** See the head of this file. */
export class EncryptionCodec implements PayloadCodec {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: string;

  constructor(keys: readonly PayloadKey[]) {
    const [first] = keys;
    if (!first) throw new PayloadCodecError('At least one payload key is needed.');
    this.current = first.id;
    this.keys = new Map(keys.map(({ id, key }) => [id, keyBytes(id, key)]));
    if (this.keys.size !== keys.length) throw new PayloadCodecError('Two payload keys have the same id.');
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.encrypt(payload));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (isEncrypted(payload) ? this.decrypt(payload) : payload));
  }

  private encrypt(payload: Payload): Payload {
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.key(this.current), iv);
    cipher.setAAD(bound(this.current));
    const data = Buffer.concat([cipher.update(plain), cipher.final()]);
    return {
      metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(this.current) },
      data: Buffer.concat([iv, cipher.getAuthTag(), data]),
    };
  }

  private decrypt(payload: Payload): Payload {
    const id = Buffer.from(payload.metadata?.[KEY_ID] ?? []).toString();
    const key = this.key(id);
    try {
      const data = Buffer.from(payload.data ?? []);
      const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bound(id));
      decipher.setAuthTag(data.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return temporal.api.common.v1.Payload.decode(plain);
    } catch (cause) {
      throw new PayloadCodecError(
        `A payload encrypted with key "${id}" cannot be decrypted: the key differs from the one that encrypted it, or the payload was altered.`,
        { cause },
      );
    }
  }

  private key(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) {
      throw new PayloadCodecError(
        `A payload is encrypted with key "${id}", which is not among the configured ones (${[...this.keys.keys()].join(', ')}). ` +
          'Keep old keys configured as long as workflows that used them may be read.',
      );
    }
    return key;
  }
}

const isEncrypted = (payload: Payload): boolean =>
  Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === ENCODING;

/** What the ciphertext is bound to: a payload cannot be passed off as one of another key. */
const bound = (keyId: string): Buffer => Buffer.from(`${ENCODING}\n${keyId}`);

function keyBytes(id: string, key: string): Buffer {
  if (id === '') throw new PayloadCodecError('A payload key needs an id.');
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/]{43}=$/.test(key.trim())) {
    throw new PayloadCodecError(
      `Payload key "${id}" is not 32 bytes in base64. Make one with: openssl rand -base64 32`,
    );
  }
  return bytes;
}
