import { setTimeout as delay } from 'node:timers/promises';
import type { RequestStatus } from '../domain/request/status';
import { isFinal } from '../domain/request/status';
import type { ErpRequestRow } from '../store/rows';
import type { Cli } from './cli';
import { paintStatus } from './format';
import { nextSteps } from './next-steps';
import { withStore } from './store';

const LOOK_EVERY_MS = 250;
const WORKING: readonly RequestStatus[] = ['received', 'planning', 'applying'];

/**
 * Looks at a request until it is not being worked on any more, and says where it stands then. `before` is how it stood when the
 * decision was sent: a rejection shows in the store only when the request is closed.
 */
export async function followRequest(
  cli: Cli,
  before: ErpRequestRow,
  waitSeconds: number,
): Promise<ErpRequestRow> {
  const row = await withStore(cli, async (store) => {
    const deadline = Date.now() + waitSeconds * 1000;
    for (;;) {
      const now = await store.read('cli.follow', (t) =>
        t.requests.get(before.connectionId, before.requestId),
      );
      const moving = WORKING.includes(now.status) || now.updatedAt === before.updatedAt;
      if (!moving || Date.now() >= deadline) return now;
      await delay(LOOK_EVERY_MS);
    }
  });
  cli.print(outcome(cli, row, waitSeconds));
  for (const line of nextSteps(row, false)) cli.print(`  ${cli.paint.cyan(line)}`);
  return row;
}

function outcome(cli: Cli, row: ErpRequestRow, waitSeconds: number): string {
  const status = paintStatus(cli.paint, row.status);
  if (isFinal(row.status) || !WORKING.includes(row.status)) return `${status}: ${row.reason ?? ''}`;
  return `${status} still, after ${waitSeconds} s; \`tieback show ${row.requestId}\` tells how it goes on.`;
}
