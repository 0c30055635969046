import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';

/** SHA-256, lower-case hex, of the canonical JSON (sorted keys) of a value: the same content gives the same hash everywhere. */
export function contentHash(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('only JSON values can be hashed');
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The revision of a canonical record: its content hash. */
export const revisionOf = (record: object): string => contentHash(record);

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
