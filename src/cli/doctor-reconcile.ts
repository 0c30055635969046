import type { Client } from '@temporalio/client';
import type { Config, ConnectionConfig } from '../config/load';
import { definitionOf } from '../domain/kinds';
import { payGoalMs } from '../domain/payroll/settings';
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

/** Of each connection that works payroll: whether timecards and pay periods were looked at lately. */
export async function checkPayrollLooks(
  client: Client,
  { connections }: Config,
  now: Date,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, payroll } of connections)
    if (payroll !== undefined) findings.push(await checkLooks(client, id, payGoalMs(payroll), now));
  return findings;
}

async function checkLooks(client: Client, id: string, goalMs: number, now: Date): Promise<Finding> {
  const name = `timecards of ${id}`;
  try {
    const runs = await lazy.scheduleRuns().payrollRuns(client, id);
    const fresh = freshnessOf(runs, goalMs, now.getTime());
    if (fresh.kind === 'late')
      return warning(
        name,
        `are late: ${fresh.why}`,
        '`tieback payroll look` looks now; the runs are `payroll` workflows in the Web UI. Without a schedule: `tieback provision`.',
      );
    return ok(
      name,
      fresh.at === null ? 'the first look is still to come' : `were looked at, last ${time(fresh.at)}`,
    );
  } catch (error) {
    return failed(name, reasonOf(error), 'Run `tieback provision`.');
  }
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
        await lazy.scheduleRuns().reconcileRuns(client, id, kind),
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
