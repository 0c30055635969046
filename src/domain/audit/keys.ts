import { createHmac, timingSafeEqual } from 'node:crypto';

/** A key that signs the audit log. Whoever may write to our database, but does not have it, can build no chain that passes. */
export interface AuditKey {
  /** Stands in the clear beside everything that was signed with it, e.g. `2026-11`. */
  readonly id: string;
  /** 32 random bytes in base64. */
  readonly key: string;
}

/** What a key adds to a hash; both null: not keyed. */
export interface Seal {
  readonly keyId: string | null;
  /** HMAC-SHA256 of the text, lower-case hex. */
  readonly hmac: string | null;
}

export const NOT_SEALED: Seal = { keyId: null, hmac: null };

/** How a seal looks to somebody who has these keys: `unchecked` where there is no key at all to check it with. */
export type SealState = 'none' | 'right' | 'unchecked' | { readonly wrong: string };

/** The keys of the audit log: the first one signs, all of them verify. Without keys nothing is signed. */
export class AuditKeys {
  private readonly byId: ReadonlyMap<string, Buffer>;
  private readonly current: string | null;

  constructor(keys: readonly AuditKey[] = []) {
    this.current = keys[0]?.id ?? null;
    this.byId = new Map(keys.map(({ id, key }) => [id, Buffer.from(key, 'base64')]));
  }

  /** Nothing is signed, and nothing can be checked. */
  get isEmpty(): boolean {
    return this.byId.size === 0;
  }

  seal(text: string): Seal {
    const key = this.current === null ? undefined : this.byId.get(this.current);
    return key === undefined ? NOT_SEALED : { keyId: this.current, hmac: hmacOf(key, text) };
  }

  check(text: string, { keyId, hmac }: Seal): SealState {
    if (keyId === null && hmac === null) return 'none';
    if (keyId === null || hmac === null) return { wrong: 'key id or HMAC was taken away' };
    if (this.byId.size === 0) return 'unchecked';
    const key = this.byId.get(keyId);
    if (key === undefined) return { wrong: `it names key "${keyId}", which is not among audit.keys` };
    return sameText(hmacOf(key, text), hmac)
      ? 'right'
      : {
          wrong: `its HMAC is not that of key "${keyId}": it was made by somebody who does not have the key`,
        };
  }
}

const hmacOf = (key: Buffer, text: string): string =>
  createHmac('sha256', key).update(text, 'utf8').digest('hex');

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
