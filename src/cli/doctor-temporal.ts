import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Config } from '../config/load';
import { intakeIdOf } from '../domain/request/id';
import { mayAgree } from '../domain/request/repair';
import type { RequestStatus } from '../domain/request/status';
import type { Store } from '../store/store';
import { queuesOf } from '../temporal/task-queues';
import type { Pollers } from './doctor-daemon';
import type { Finding } from './findings';
import { checkPayrollLooks, checkReconciles } from './doctor-reconcile';
import { checkSweeps } from './doctor-sweeps';
import { failed, look, ok, skipped } from './findings';
import { reasonOf } from './errors';
import { age, plural, time } from './format';
import { lazy } from './lazy';
import { openStore } from './store';
import { withClient } from './temporal';

const PROVISION = 'Run `tieback provision`.';

/** Types of a task queue, as the server numbers them. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/** Temporal: reachable, provisioned, its schedules running. Who polls is told to those who look at the daemons. */
export async function checkTemporal(
  config: Config,
  now: Date,
): Promise<{ readonly findings: readonly Finding[]; readonly pollers: Pollers }> {
  const more: Finding[] = [];
  let pollers: Pollers = new Map();
  const { address, namespace, proxy } = config.temporal;
  const through = proxy === undefined ? '' : `, through the proxy ${proxy.targetHost}`;
  const hint = `Start the server, or correct temporal.address in ${config.file}; "Temporal" in docs/operator-guide.md has TLS and API keys.${
    proxy === undefined
      ? ''
      : ` The way leads through the proxy ${proxy.targetHost} (grpc_proxy, https_proxy or http_proxy in lower case): where it should not, name the server in no_proxy.`
  }`;
  const reachable = await look('reachable', hint, () =>
    withClient(config, async (client) => {
      more.push(...(await checkServer(client, config, now)));
      pollers = await pollersOf(client, config);
      return `${address}, namespace ${namespace}${through}`;
    }),
  );
  return { findings: [reachable, ...more], pollers };
}

async function checkServer(client: Client, config: Config, now: Date): Promise<readonly Finding[]> {
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
  for (const { id } of config.connections) schedules.push(await checkSchedule(client, intakeIdOf(id), now));
  return [there, attributes, ...(await checkAgainstStore(client, config, now)), ...schedules];
}

/** What Temporal and our store must agree about; asked without giving a store its id. */
async function checkAgainstStore(client: Client, config: Config, now: Date): Promise<readonly Finding[]> {
  let store;
  try {
    store = await openStore(config);
  } catch (error) {
    return [skipped('installation', `not known: ${reasonOf(error)}`)];
  }
  try {
    const workflows: Finding[] = [];
    for (const { id } of config.connections) workflows.push(await checkWorkflows(client, config, store, id));
    return [
      await checkInstallation(client, config, store),
      ...workflows,
      ...(await checkSweeps(client, config, store, now)),
      ...(await checkReconciles(client, config, now)),
      ...(await checkPayrollLooks(client, config, now)),
    ];
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
    return failed(name, reasonOf(error), 'Run `tieback provision`, which adds what queries need.');
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

async function checkSchedule(client: Client, scheduleId: string, now: Date): Promise<Finding> {
  const name = `schedule ${scheduleId}`;
  try {
    const { state, info, spec } = await client.schedule.getHandle(scheduleId).describe();
    if (state.paused) {
      const hint = 'Unpause it in the Web UI: while it rests, requests come by webhook only.';
      return failed(name, `is paused: ${state.note ?? 'no reason given'}`, hint);
    }
    const everyMs = spec.intervals?.[0]?.every ?? 0;
    return scheduleFinding(scheduleId, { ...info, everyMs }, now);
  } catch (error) {
    const missing = (error as Error).name === 'ScheduleNotFoundError';
    return failed(name, missing ? 'is not there' : reasonOf(error), PROVISION);
  }
}

/** What Temporal says of a schedule. */
export type SeenSchedule = Pick<
  ScheduleDescription['info'],
  'recentActions' | 'nextActionTimes' | 'createdAt' | 'lastUpdatedAt' | 'runningActions'
> & { readonly everyMs: number };

/** So much later than it should, a schedule may run, in milliseconds. */
const LATE_MS = 60_000;

/** Whether a schedule runs as often as it should. A run that does not end keeps the next one from starting. */
export function scheduleFinding(scheduleId: string, seen: SeenSchedule, now: Date): Finding {
  const name = `schedule ${scheduleId}`;
  const { everyMs, createdAt, lastUpdatedAt, runningActions } = seen;
  const last = seen.recentActions.at(-1)?.takenAt;
  const next = seen.nextActionTimes[0];
  const ran = last === undefined ? 'never ran' : `ran last ${time(last.toISOString())}`;
  const words = `every ${everyMs / 1000} s, ${ran}`;
  // One that was changed, or unpaused, begins to count there.
  const since = Math.max(...[last, createdAt, lastUpdatedAt].map((date) => date?.getTime() ?? 0));
  const overdue = now.getTime() - since > 3 * everyMs + LATE_MS;
  const missed = next !== undefined && now.getTime() - next.getTime() > LATE_MS;
  if (!overdue && !missed) return ok(name, words);
  const due = missed ? `; it should have run ${time(next.toISOString())}` : '';
  const from = missed ? next : new Date(since + everyMs);
  const detail = `is late by ${age(from.toISOString(), now)}: ${words}${due}`;
  return runningActions.length > 0
    ? failed(
        name,
        `${detail}; the run before has not ended`,
        `A daemon has to finish that run: see "Daemon". If one works, look at \`${scheduleId}\` in the Web UI.`,
      )
    : failed(
        name,
        detail,
        'No new requests are found. Temporal starts schedules itself: look at its own log (worker service, disk, clock), then trigger the schedule in the Web UI.',
      );
}

/** Who polled each queue in the last minutes; null where Temporal does not say. */
async function pollersOf(client: Client, config: Config): Promise<Pollers> {
  const found = new Map<string, readonly string[] | null>();
  for (const { name, kind } of queuesOf(config)) {
    try {
      const { pollers } = await client.connection.workflowService.describeTaskQueue({
        namespace: config.temporal.namespace,
        taskQueue: { name },
        taskQueueType: kind === 'main' ? WORKFLOW_TASKS : ACTIVITY_TASKS,
      });
      found.set(
        name,
        (pollers ?? []).flatMap(({ identity }) => (identity ? [identity] : [])),
      );
    } catch {
      found.set(name, null);
    }
  }
  return found;
}
