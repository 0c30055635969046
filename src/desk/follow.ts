import { setTimeout as delay } from 'node:timers/promises';
import type { RequestStatus } from '../domain/request/status';
import type { SyncRequestRow } from '../store/rows';
import type { Store } from '../store/store';

const LOOK_EVERY_MS = 250;
const WORKING: readonly RequestStatus[] = ['received', 'planning', 'applying'];

export const isWorkedOn = ({ status }: SyncRequestRow): boolean => WORKING.includes(status);

/**
 * Looks at a request until it is not being worked on any more, or until `seconds` passed, and answers where it stands then. `before` is
 * how it stood when a decision was sent: a rejection shows in the store only when the request is closed.
 */
export async function followRequest(
  store: Store,
  before: SyncRequestRow,
  seconds: number,
): Promise<SyncRequestRow> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const now = await store.read('desk.follow', (t) => t.requests.get(before));
    const moving = isWorkedOn(now) || now.updatedAt === before.updatedAt;
    if (!moving || Date.now() >= deadline) return now;
    await delay(LOOK_EVERY_MS);
  }
}
