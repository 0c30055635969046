import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { SimulatorControl } from '../../sandbox/procore-simulator/control-client';
import type { ReconcileResult } from '../../src/domain/request/flow';
import type { ReconciledKind } from '../../src/domain/request/id';
import { requestIdOf } from '../../src/domain/request/id';
import { startReconcile } from '../../src/temporal/starter';
import { COMPANY } from '../installation';
import type { Yard } from '../yard';

/** What has the daemon copy: the reconcile, or the request that Procore's refresh button makes. */
export const WAYS = ['reconcile', 'sync'] as const;
export type CopyWay = (typeof WAYS)[number];

/** Where a first import of vendors leaves them in Procore: the list to count. */
export const IMPORTED = `/rest/v1.0/companies/${COMPANY}/staged_records?item_type=vendor`;

export interface Daemon {
  readonly yard: Yard;
  readonly procore: SimulatorControl;
  readonly client: Client;
  readonly connection: string;
}

/** Has the daemon copy all vendors of the ERP to Procore; resolves when it has, throws when it did not. */
export const firstImport = (way: CopyWay, daemon: Daemon): Promise<void> =>
  way === 'reconcile' ? reconcile(daemon, 'vendor') : refreshVendors(daemon);

async function reconcile({ client, connection: connectionId }: Daemon, kind: ReconciledKind): Promise<void> {
  const queues = { procoreQueue: 'procore-main', erpQueue: `erp-${connectionId}` };
  const handle = await startReconcile(client, 'tieback', { connectionId, kind, ...queues, full: true });
  const { problem, requests } = (await handle.result()) as ReconcileResult;
  if (problem !== null) throw new Error(`the reconcile of ${kind} says: ${problem}`);
  for (const id of requests) {
    const { status, summary } = await requestResult(client, `${connectionId}/${id}`);
    if (status !== 'applied') throw new Error(`request ${id} is ${status}: ${summary}`);
  }
}

const requestResult = (client: Client, id: string): Promise<{ status: string; summary: string }> =>
  client.workflow.getHandle(id).result() as Promise<{ status: string; summary: string }>;

async function refreshVendors({ yard, procore, client, connection }: Daemon): Promise<void> {
  const { requestId } = await procore.refreshVendors({ force: true });
  await yard.deliver(requestId);
  const id = requestIdOf('erp', requestId);
  while (yard.ask(`SELECT 1 FROM sync_request WHERE id = '${id}' AND started = 1`).length === 0)
    await delay(20);
  const { status, summary } = await requestResult(client, `${connection}/${id}`);
  if (status !== 'applied') throw new Error(`request ${id} is ${status}: ${summary}`);
}
