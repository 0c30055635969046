import type { ProcoreId } from '../../domain/request/intent';
import { toId } from '../client/json';

/** The 2022 guide says `erp_request_detail_id`, the events dictionary `request_detail_id`. */
const KEYS = new Set(['request_detail_id', 'erp_request_detail_id']);

/**
 * Every request detail id anywhere in a body, each once, in the order of the body. Some events keep it beside `request_data`, some
 * inside, some one per item, and for some the guides do not show where.
 */
export function findDetailIds(body: unknown): readonly ProcoreId[] {
  const ids = new Set<ProcoreId>();
  // A stack of our own: nesting is not limited by Procore, ours is by the call stack.
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.entries(value);
    for (const [key, item] of entries) {
      const id = KEYS.has(key) ? toId(item) : null;
      if (id !== null) ids.add(id);
    }
    for (const [, item] of entries.reverse()) open.push(item);
  }
  return [...ids];
}
