import type { Client } from '@temporalio/client';
import type { Config } from '../config/load';
import { intakeIdOf } from '../domain/request/id';
import { mayAgree } from '../domain/request/repair';
import type { RequestStatus } from '../domain/request/status';
import type { Store } from '../store/store';
import type { WorkerQueue } from '../temporal/task-queues';
import { queuesOf } from '../temporal/task-queues';
import type { Finding } from './findings';
import { failed, look, ok, skipped } from './findings';
import { reasonOf } from './errors';
import { plural } from './format';
import { lazy } from './lazy';
import { openStore } from './store';
import { withClient } from './temporal';

const PROVISION = 'Run `tieback provision`.';

/** Types of a task queue, as the server numbers them. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

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
    const query = SEARCH_ATTRIBUTES.map(({ name }) => `${name} = 'x'`);
    await client.workflow.count(query.join(' AND '));
    return SEARCH_ATTRIBUTES.map(({ name }) => name).join(', ');
  });
  const schedules: Finding[] = [];
  for (const { id } of config.connections) schedules.push(await checkSchedule(client, intakeIdOf(id)));
  return [
    there,
    attributes,
    ...(await checkAgainstStore(client, config)),
    ...schedules,
    ...(await checkWorkers(client, config)),
  ];
}

/** What Temporal and our store must agree about; asked without giving a store its id. */
async function checkAgainstStore(client: Client, config: Config): Promise<readonly Finding[]> {
  let store;
  try {
    store = await openStore(config);
  } catch (error) {
    return [skipped('installation', `not known: ${reasonOf(error)}`)];
  }
  try {
    const workflows: Finding[] = [];
    for (const { id } of config.connections) workflows.push(await checkWorkflows(client, config, store, id));
    return [await checkInstallation(client, config, store), ...workflows];
  } finally {
    await store.close();
  }
}

/** Every open request has a workflow that knows what our store knows. A running daemon brings together what does not agree. */
async function checkWorkflows(
  client: Client,
  { temporal }: Config,
  store: Store,
  connectionId: string,
): Promise<Finding> {
  const name = `workflows of ${connectionId}`;
  try {
    const open = await store.read('doctor.open', (t) => t.requests.open(connectionId));
    const listed = new Map<string, RequestStatus | null>();
    const workflows = lazy.requestWorkflows().requestWorkflows(client, temporal.taskQueue);
    for await (const { id, status } of workflows.running(connectionId)) listed.set(id, status);
    const torn = open.filter(({ id, status, started }) => started && !mayAgree(status, listed.get(id)));
    if (torn.length === 0) return ok(name, `${plural(open.length, 'open request')}, each with its workflow`);
    const some = torn.slice(0, 5).map(({ id, status }) => `${id} (${status})`);
    return failed(
      name,
      `${plural(torn.length, 'request')} and their workflows do not agree: ${some.join(', ')}${torn.length > 5 ? ', ...' : ''}`,
      'A running daemon brings them together in its next intake round. If it lasts, look at the result of `intake/...` in the Web UI.',
    );
  } catch (error) {
    return failed(name, reasonOf(error), null);
  }
}

/** Nobody else works in our namespace. */
async function checkInstallation(client: Client, config: Config, store: Store): Promise<Finding> {
  const name = 'installation';
  try {
    const row = await store.read('doctor.installation', (t) => t.installation.find());
    if (row === null) return failed(name, 'has no id yet', PROVISION);
    await lazy.provision().assertOwnIntake(client, config, row.id);
    return ok(name, `${row.id}, alone in namespace ${config.temporal.namespace}`);
  } catch (error) {
    return failed(name, reasonOf(error), 'See "One namespace per installation" in docs/operator-guide.md.');
  }
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

/** No daemon is no fault: the doctor is also asked before the first start. A queue that the others left out is one. */
async function checkWorkers(client: Client, config: Config): Promise<readonly Finding[]> {
  const queues = queuesOf(config);
  const pollers: (readonly string[] | Finding)[] = [];
  for (const queue of queues) pollers.push(await pollersOf(client, config, queue));
  const nobody = pollers.every((found) => isNames(found) && found.length === 0);
  if (nobody) return [skipped('daemon', 'none is working now; start `tieback daemon`')];
  return queues.map(({ name }, index) => {
    const found = pollers[index] ?? [];
    if (!isNames(found)) return found;
    if (found.length > 0) return ok(`queue ${name}`, `polled by ${found.join(', ')}`);
    const hint = `Start \`tieback daemon --queues ${name}\`, or a daemon without --queues: its work waits until then.`;
    return failed(`queue ${name}`, 'no daemon polls it, although others are working', hint);
  });
}

const isNames = (found: readonly string[] | Finding): found is readonly string[] => Array.isArray(found);

/** Who polled a queue in the last minutes; a finding when Temporal does not say. */
async function pollersOf(
  client: Client,
  { temporal: { namespace } }: Config,
  { name, kind }: WorkerQueue,
): Promise<readonly string[] | Finding> {
  try {
    const { pollers } = await client.connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: kind === 'main' ? WORKFLOW_TASKS : ACTIVITY_TASKS,
    });
    return (pollers ?? []).flatMap(({ identity }) => (identity ? [identity] : []));
  } catch (error) {
    return skipped(`queue ${name}`, `not known: ${reasonOf(error)}`);
  }
}
