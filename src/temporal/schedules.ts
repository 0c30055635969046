/**
 * Brings the Schedules in Temporal in line with what our own tables want. Our tables are the truth: this runs at
 * every start, and as often as somebody likes.
 */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { configure } from 'safe-stable-stringify';

/** One schedule that should exist. */
export interface ScheduleSpec {
  /** Starts with the prefix given to {@link reconcileSchedules}. */
  readonly id: string;
  /** Time between two runs, in milliseconds. Also how late a missed run may still be made up for. */
  readonly everyMs: number;
  /** Each run starts up to this much later, so that not all start at once. Default: a tenth, at most a minute. */
  readonly jitterMs?: number;
  readonly workflowType: string;
  /** The server appends the nominal time of the run. */
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Frozen in the schedule until it is reconciled again: pass ids, and read the rest in the first activity. */
  readonly args?: readonly unknown[];
  /** One line for the Web UI, at most 200 bytes. */
  readonly summary?: string;
  /** Markdown for the Web UI. */
  readonly details?: string;
  readonly searchAttributes?: readonly SearchAttributePair[];
}

/** Ids of the schedules, by what happened to them. */
export interface ScheduleChanges {
  readonly created: string[];
  readonly updated: string[];
  readonly deleted: string[];
  readonly unchanged: string[];
}

/**
 * Creates what is missing, updates what differs, deletes schedules with the prefix that are not wanted any more,
 * and leaves the rest alone. A schedule that somebody paused stays paused.
 *
 * The prefix marks the schedules that are ours to delete; let it end with a separator (`sync/`).
 */
export async function reconcileSchedules(
  client: Client,
  prefix: string,
  wanted: readonly ScheduleSpec[],
): Promise<ScheduleChanges> {
  checkIds(prefix, wanted);
  const changes: ScheduleChanges = { created: [], updated: [], deleted: [], unchanged: [] };
  for (const spec of wanted) changes[await ensure(client, spec)].push(spec.id);

  const keep = new Set(wanted.map(({ id }) => id));
  for (const id of await idsWithPrefix(client, prefix)) {
    if (!keep.has(id) && (await remove(client.schedule.getHandle(id)))) changes.deleted.push(id);
  }
  return changes;
}

function checkIds(prefix: string, wanted: readonly ScheduleSpec[]): void {
  if (prefix === '')
    throw new RangeError('An empty prefix would put every schedule of the namespace up for deletion.');
  const stranger = wanted.find(({ id }) => !id.startsWith(prefix));
  if (stranger) throw new RangeError(`The schedule id ${stranger.id} does not start with ${prefix}`);
  const ids = wanted.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new RangeError(`The schedule ${twice} is wanted twice`);
}

async function ensure(client: Client, spec: ScheduleSpec): Promise<'created' | 'updated' | 'unchanged'> {
  const handle = client.schedule.getHandle(spec.id);
  const current = await describe(handle);
  if (!current) {
    try {
      await client.schedule.create(optionsOf(spec));
      return 'created';
    } catch (error) {
      // Another process created it between our two calls.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      return await ensure(client, spec);
    }
  }
  const options = optionsOf(spec);
  if (fingerprint(current) === fingerprint(options)) return 'unchanged';
  await handle.update((previous) => ({ ...options, state: previous.state }));
  return 'updated';
}

async function describe(handle: ScheduleHandle): Promise<ScheduleDescription | undefined> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** False when it was gone already: lists lag behind. */
async function remove(handle: ScheduleHandle): Promise<boolean> {
  try {
    await handle.delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

async function idsWithPrefix(client: Client, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list({ pageSize: 1000 })) {
    if (scheduleId.startsWith(prefix)) ids.push(scheduleId);
  }
  return ids;
}

function optionsOf(spec: ScheduleSpec) {
  return {
    scheduleId: spec.id,
    spec: {
      intervals: [{ every: spec.everyMs }],
      jitter: spec.jitterMs ?? Math.min(Math.round(spec.everyMs / 10), 60_000),
    },
    policies: {
      // A late run catches up with everything: runs in the queue behind it would find nothing to do.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: spec.everyMs,
      // A run that failed must not stop tomorrow's.
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: spec.workflowType,
      workflowId: spec.workflowId,
      taskQueue: spec.taskQueue,
      args: [...(spec.args ?? [])],
      typedSearchAttributes: [...(spec.searchAttributes ?? [])],
      ...(spec.summary === undefined ? {} : { staticSummary: spec.summary }),
      ...(spec.details === undefined ? {} : { staticDetails: spec.details }),
    },
  } satisfies ScheduleOptions;
}

const stringify = configure({ deterministic: true });

/** What we decide about a schedule, in one string; the same for a wish and for a description by the server. */
function fingerprint({ spec, policies, action }: ReturnType<typeof optionsOf> | ScheduleDescription): string {
  const described = spec as ScheduleDescription['spec'];
  return (
    stringify({
      every: (spec.intervals ?? []).map((interval) => interval.every),
      offset: (described.intervals ?? []).map(({ offset }) => offset ?? 0),
      calendars: described.calendars ?? [],
      skip: described.skip ?? [],
      jitter: spec.jitter ?? 0,
      policies: [policies.overlap, policies.catchupWindow, policies.pauseOnFailure],
      workflow: [action.workflowType, action.workflowId, action.taskQueue],
      args: action.args ?? [],
      texts: [action.staticSummary ?? '', action.staticDetails ?? ''],
      searchAttributes: attributes(action.typedSearchAttributes),
    }) ?? ''
  );
}

function attributes(given: SearchAttributePair[] | TypedSearchAttributes | undefined): string[] {
  const pairs = given instanceof TypedSearchAttributes ? given.getAll() : (given ?? []);
  return pairs.map(({ key, value }) => `${key.name}=${JSON.stringify(value)}`).sort();
}
