import type { Client } from '@temporalio/client';
import type { Config } from '../config/load';
import { intakeIdOf } from '../domain/request/id';
import type { Finding } from './findings';
import { failed, look, ok, skipped } from './findings';
import { reasonOf } from './errors';
import { lazy } from './lazy';
import { withClient } from './temporal';

const PROVISION = 'Run `tieback provision`.';

/** Temporal: reachable, provisioned, its schedules running, and somebody there to work. */
export async function checkTemporal(config: Config): Promise<readonly Finding[]> {
  const more: Finding[] = [];
  const { address, namespace } = config.temporal;
  const reachable = await look('reachable', null, () =>
    withClient(config, async (client) => {
      more.push(...(await checkServer(client, config)));
      return `${address}, namespace ${namespace}`;
    }),
  );
  return [reachable, ...more];
}

async function checkServer(client: Client, config: Config): Promise<readonly Finding[]> {
  const { namespace } = config.temporal;
  const there = await look('namespace', PROVISION, async () => {
    await client.connection.workflowService.describeNamespace({ namespace });
    return namespace;
  });
  if (there.status !== 'ok') return [there];
  const attributes = await look('search attributes', PROVISION, async () => {
    const { SEARCH_ATTRIBUTES } = lazy.searchAttributes();
    const query = SEARCH_ATTRIBUTES.map(({ name, type }) => `${name} = ${type === 'INT' ? '0' : "''"}`);
    await client.workflow.count(query.join(' AND '));
    return SEARCH_ATTRIBUTES.map(({ name }) => name).join(', ');
  });
  const schedules: Finding[] = [];
  for (const { id } of config.connections) schedules.push(await checkSchedule(client, intakeIdOf(id)));
  return [there, attributes, ...schedules, await checkWorkers(client, config)];
}

async function checkSchedule(client: Client, scheduleId: string): Promise<Finding> {
  const name = `schedule ${scheduleId}`;
  try {
    const { state, info, spec } = await client.schedule.getHandle(scheduleId).describe();
    if (state.paused) {
      const hint = 'Unpause it in the Web UI: while it rests, requests come by webhook only.';
      return failed(name, `is paused: ${state.note ?? 'no reason given'}`, hint);
    }
    const seconds = (spec.intervals?.[0]?.every ?? 0) / 1000;
    const last = info.recentActions.at(-1)?.takenAt.toISOString() ?? 'never';
    return ok(name, `every ${seconds} s, last ${last}`);
  } catch (error) {
    const missing = (error as Error).name === 'ScheduleNotFoundError';
    return failed(name, missing ? 'is not there' : reasonOf(error), PROVISION);
  }
}

/** No daemon is no fault: the doctor is also asked before the first start. */
async function checkWorkers(client: Client, { temporal }: Config): Promise<Finding> {
  const name = 'daemon';
  try {
    const { pollers } = await client.connection.workflowService.describeTaskQueue({
      namespace: temporal.namespace,
      taskQueue: { name: temporal.taskQueue },
      taskQueueType: 1,
    });
    const who = (pollers ?? []).flatMap(({ identity }) => (identity ? [identity] : []));
    if (who.length > 0) return ok(name, `working: ${who.join(', ')}`);
    return skipped(name, 'none is working now; start `tieback daemon`');
  } catch (error) {
    return skipped(name, `not known: ${reasonOf(error)}`);
  }
}
