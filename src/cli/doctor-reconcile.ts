import type { Client } from '@temporalio/client';
import type { Config, ConnectionConfig } from '../config/load';
import { definitionOf } from '../domain/kinds';
import { freshnessOf } from '../domain/reconcile/freshness';
import { RECONCILED_KINDS } from '../domain/request/id';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok, warning } from './findings';
import { time } from './format';
import { lazy } from './lazy';

/** Of each connection: whether both sides of every kind that is kept equal were compared lately, and what keeps those that were not. */
export async function checkReconciles(
  client: Client,
  { connections }: Config,
  now: Date,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const connection of connections) findings.push(await checkOne(client, connection, now));
  return findings;
}

async function checkOne(client: Client, { id, reconcile }: ConnectionConfig, now: Date): Promise<Finding> {
  const name = `both sides of ${id}`;
  const late: string[] = [];
  const compared: string[] = [];
  const wanted = RECONCILED_KINDS.filter((kind) => reconcile.kinds[kind] !== undefined);
  if (wanted.length === 0) return ok(name, 'are not reconciled; only requests are worked');
  try {
    for (const kind of wanted) {
      const goalMs = (reconcile.kinds[kind]?.freshSeconds ?? 0) * 1000;
      const fresh = freshnessOf(
        await lazy.reconcileRuns().reconcileRuns(client, id, kind),
        goalMs,
        now.getTime(),
      );
      if (fresh.at !== null) compared.push(fresh.at);
      const last = fresh.at === null ? '' : `, last ${time(fresh.at)}`;
      if (fresh.kind === 'late') late.push(`${definitionOf(kind).plural} (${fresh.why}${last})`);
    }
  } catch (error) {
    return failed(name, reasonOf(error), 'Run `tieback provision`.');
  }
  const [oldest] = compared.sort();
  if (late.length === 0)
    return ok(
      name,
      oldest === undefined
        ? 'the first comparison is still to come'
        : `every kind was compared, last ${time(oldest)}`,
    );
  return warning(
    name,
    `are late: ${late.join(', ')}`,
    '`tieback reconcile` compares them now; the runs are `reconcile` workflows in the Web UI. Without schedules: `tieback provision`.',
  );
}
