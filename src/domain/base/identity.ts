import type { Hash } from 'node:crypto';
import { createHash, hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';

/**
 * SHA-256, lower-case hex, of the canonical JSON (sorted keys) of a value: the same content gives the same hash everywhere. A plan of thousands of
 * lines is hashed piece by piece: its text as a whole would cost more than all else that a look at it does.
 */
export function contentHash(value: unknown): string {
  if (isNothing(value)) throw new TypeError('only JSON values can be hashed');
  let pending = '';
  let long: Hash | null = null;
  writePieces(value, PIECES_TO, (text) => {
    pending += text;
    if (pending.length < CHUNK) return;
    long ??= createHash('sha256');
    long.update(pending, 'utf8');
    pending = '';
  });
  // A text that is there as a whole costs half as much in one go.
  return (long as Hash | null)?.update(pending, 'utf8').digest('hex') ?? textHash(pending);
}

/** SHA-256 of a text, lower-case hex. */
export const textHash = (text: string): string => hash('sha256', text, 'hex');

/** Characters that are hashed at a time. */
const CHUNK = 65_536;
/** What lies deeper than this is small, and written as one piece. */
const PIECES_TO = 5;

const isNothing = (value: unknown): boolean =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol';

function writePieces(value: unknown, depth: number, write: (text: string) => void): void {
  if (!Array.isArray(value) && isInOrder(value)) write(JSON.stringify(value));
  else if (depth > 0 && Array.isArray(value)) {
    write('[');
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      if (index > 0) write(',');
      if (isNothing(item)) write('null');
      else writePieces(item, depth - 1, write);
    }
    write(']');
  } else if (depth > 0 && isPlain(value)) {
    const keys = Object.keys(value).sort();
    const flat = flatText(value, keys);
    if (flat !== null) {
      write(flat);
      return;
    }
    let comma = '';
    write('{');
    for (const key of keys) {
      const inner = value[key];
      if (isNothing(inner)) continue;
      write(`${comma}${JSON.stringify(key)}:`);
      writePieces(inner, depth - 1, write);
      comma = ',';
    }
    write('}');
  } else write(stringify(value) ?? 'null');
}

/** Node writes it as it is to be hashed, and faster than anybody. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint' && !isNothing(value);
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) if (!isNothing(item) && !isInOrder(item)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  let before: string | null = null;
  for (const key in value) {
    if (before !== null && before >= key) return false;
    before = key;
    const inner = value[key];
    if (!isNothing(inner) && !isInOrder(inner)) return false;
  }
  return true;
}

/** The text of an object without objects in it, which Node writes fastest. Null: it has some, or a key that would not stay in its place. */
function flatText(value: Readonly<Record<string, unknown>>, keys: readonly string[]): string | null {
  const sorted: Record<string, unknown> = {};
  for (const key of keys) {
    const inner = value[key];
    if ((typeof inner === 'object' && inner !== null) || typeof inner === 'bigint') return null;
    if (isDigit(key.charCodeAt(0)) || key === '__proto__') return null;
    sorted[key] = inner;
  }
  return JSON.stringify(sorted);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !('toJSON' in value) && !Array.isArray(value);

/** The revision of a canonical record: its content hash. */
export const revisionOf = (record: object): string => contentHash(record);

/** What our store holds of an id of a record, in UTF-16 units. */
export const LONGEST_RECORD_ID = 120;

/** Our id of a Procore record, e.g. `vendor/98127745`; a record that only the ERP has is `vendor/erp:1|10442`. */
export const recordIdOf = (kind: string, procoreId: number | string): string => `${kind}/${procoreId}`;

/**
 * Key of one write. The generation moves on with every confirmed write, unlink, reset or merge, so going A→B→A gives three
 * different keys, while a retry, another worker or a restarted host gives the same one.
 */
export function operationKeyOf(parts: {
  connectionId: string;
  recordId: string;
  generation: number;
  targetRevision: string;
}): string {
  return `${parts.connectionId}:${parts.recordId}:${parts.generation}:${parts.targetRevision}`;
}

/** `origin_id` must be unique in the whole Procore company, so the type goes in front: `vendor|1|10442`. */
export const originIdOf = (kind: string, erpKey: string): string => `${kind}|${erpKey}`;

/** The ERP key inside an `origin_id`; ids that were set without the type prefix (`1|10442`) are understood too. */
export function erpKeyOfOriginId(kind: string, originId: string): string | null {
  const typed = originId.startsWith(`${kind}|`);
  // `project|7` belongs to another type, and is no vendor of group "project".
  if (!typed && /^[a-z_]+\|/.test(originId)) return null;
  const key = typed ? originId.slice(kind.length + 1) : originId;
  return /^[^|]+\|[^|]+$/.test(key) ? key : null;
}

/** Whether an `origin_id` says of itself that it is ours. Without its type it is only when our links or the ERP know its key. */
export const isTyped = (kind: string, originId: string): boolean => originId.startsWith(`${kind}|`);
