import type { AuditKeys, Seal } from './keys';

/**
 * The head of a chain as it was at some time, kept where those who may write to our database may not: whoever cuts off, builds anew or wipes
 * the chain later would have to change it there too.
 */
export interface Anchor extends Seal {
  readonly connectionId: string;
  readonly seq: number;
  readonly hash: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** A place that keeps anchors. */
export interface AnchorPlace {
  /** For people: `the file /mnt/audit/anchors.jsonl`. */
  readonly name: string;
  keep(anchor: Anchor): Promise<void>;
}

type Unsigned = Omit<Anchor, keyof Seal>;

/** What the HMAC of an anchor is taken of. */
const textOf = ({ connectionId, seq, hash, at }: Unsigned): string =>
  `tieback-anchor/1 ${connectionId} ${seq} ${hash} ${at}`;

export const signAnchor = (anchor: Unsigned, keys: AuditKeys): Anchor => ({
  ...anchor,
  ...keys.seal(textOf(anchor)),
});

/** What an anchor says against the chain; null: they agree. `hash`: that of the link now; null: there is no such link. */
export function anchorProblem(anchor: Anchor, hash: string | null, keys: AuditKeys): string | null {
  const { seq, at } = anchor;
  const state = keys.check(textOf(anchor), anchor);
  if (typeof state === 'object') return `the anchor of link ${seq} of ${at} is not ours: ${state.wrong}`;
  if (hash === null)
    return `link ${seq} was anchored at ${at}, but the chain does not have it: it was cut off`;
  return hash === anchor.hash
    ? null
    : `link ${seq} was anchored at ${at} with hash ${anchor.hash.slice(0, 12)}, but has ${hash.slice(0, 12)}: the chain was built anew`;
}

/** An anchor as a line of JSON tells it; null: it is none. */
export function readAnchor(line: string): Anchor | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const {
    connectionId,
    seq,
    hash,
    at,
    keyId = null,
    hmac = null,
  } = value as Partial<Record<keyof Anchor, unknown>>;
  const isText = (one: unknown): one is string => typeof one === 'string';
  const isSeal = (one: unknown): one is string | null => one === null || isText(one);
  if (!isText(connectionId) || typeof seq !== 'number' || !isText(hash) || !isText(at)) return null;
  return isSeal(keyId) && isSeal(hmac) ? { connectionId, seq, hash, at, keyId, hmac } : null;
}

/** Reader name of the checkpoint that says which head was anchored last: `<link>:<hash>`. */
export const ANCHOR_READER = 'audit-anchor';
