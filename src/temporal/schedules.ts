/**
 * Brings the Schedules in Temporal in line with what our own tables want. Our tables are the truth: this runs at
 * every start, and as often as somebody likes.
 *
 * Each schedule carries the id of its installation as a search attribute: two installations in one namespace would delete each other's
 * schedules, and take each other's tasks.
 */
import {
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type CalendarSpec,
  type Client,
  type Range,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { decodeTypedSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes';
import { configure } from 'safe-stable-stringify';
import type { CatchUp } from './catching-up';
import { AT_ONCE, caughtUp } from './catching-up';
import { TiebackInstallation } from './search-attributes';

/** One schedule that should exist. */
export interface ScheduleSpec {
  /** Starts with a prefix of its {@link ScheduleOwner}. */
  readonly id: string;
  /** Time between two runs, in milliseconds. Also how late a missed run may still be made up for. */
  readonly everyMs: number;
  /** Runs at this time of the day instead, by the clocks of a time zone (IANA name); `everyMs` is a day then. */
  readonly dailyAt?: { readonly hour: number; readonly minute: number; readonly timeZone: string };
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

/** Whose schedules these are. */
export interface ScheduleOwner {
  /** Begin the ids of the schedules that are ours to delete; let each end with a separator (`sync/`). */
  readonly prefixes: readonly string[];
  /** Id of our installation: marks our schedules, and tells them from those of another installation in the namespace. */
  readonly installation: string;
  /** Make the schedules of another installation ours instead of refusing: this installation takes its place. Default: false. */
  readonly takeOver?: boolean;
  /** How long to wait for a server that does not know the search attributes yet, although it lists them. Default: not at all. */
  readonly catchUp?: CatchUp;
}

/** A schedule of another installation. */
export interface ForeignSchedule {
  readonly id: string;
  /** Null: it carries no mark, so nobody knows. */
  readonly installation: string | null;
}

/** Another installation works in the namespace. The message says which, and what to do. */
export class ForeignSchedulesError extends Error {
  override readonly name = 'ForeignSchedulesError';

  constructor(namespace: string, own: string, schedules: readonly ForeignSchedule[]) {
    const theirs = schedules
      .map(({ id, installation }) => `${id} (${installation ?? 'without a mark'})`)
      .sort();
    super(
      `Another installation of Tieback works in the Temporal namespace "${namespace}": this one is ${own}, and these schedules are not its own: ` +
        `${theirs.join(', ')}. Give each installation a namespace to itself (temporal.namespace). If the other one is gone, or this one takes ` +
        'its place, stop its daemons and run `tieback provision --take-over`.',
    );
  }
}

/** Ids of the schedules, by what happened to them. */
export interface ScheduleChanges {
  readonly created: string[];
  readonly updated: string[];
  readonly deleted: string[];
  readonly unchanged: string[];
}

/**
 * Creates what is missing, updates what differs, deletes schedules with a prefix of ours that are not wanted any more,
 * and leaves the rest alone. A schedule that somebody paused stays paused.
 *
 * Throws `ForeignSchedulesError`, before anything is changed, where another installation has schedules with such a prefix.
 */
export async function reconcileSchedules(
  client: Client,
  owner: ScheduleOwner,
  wanted: readonly ScheduleSpec[],
): Promise<ScheduleChanges> {
  checkIds(owner.prefixes, wanted);
  const keep = wanted.map(({ id }) => id);
  await caughtUp(owner.catchUp ?? AT_ONCE, 'schedules can be listed', async () => {
    if (!owner.takeOver) await assertOwnSchedules(client, owner, keep);
  });
  const changes: ScheduleChanges = { created: [], updated: [], deleted: [], unchanged: [] };
  for (const spec of wanted) changes[await ensure(client, spec, owner)].push(spec.id);

  // Looked at again: another installation may have started at the same moment.
  if (!owner.takeOver) await assertOwnSchedules(client, owner, keep);
  for (const { id } of await listed(client, owner.prefixes)) {
    if (!keep.includes(id) && (await remove(client.schedule.getHandle(id)))) changes.deleted.push(id);
  }
  return changes;
}

/**
 * Throws `ForeignSchedulesError` where another installation has schedules with such a prefix. A schedule without a mark is ours when it is one
 * of `keep`: it was made by a version that left none.
 */
export async function assertOwnSchedules(
  client: Client,
  { prefixes, installation }: ScheduleOwner,
  keep: readonly string[],
): Promise<void> {
  const foreign: ForeignSchedule[] = [];
  for (const { id, mark } of await listed(client, prefixes)) {
    if (mark === installation) continue;
    // Lists lag behind: the schedule itself says whose it is, and whether it is still there.
    const current = await markOf(client, id);
    const isOurs = current === installation || (current === null && keep.includes(id));
    if (current !== undefined && !isOurs) foreign.push({ id, installation: current });
  }
  if (foreign.length > 0) throw new ForeignSchedulesError(client.options.namespace, installation, foreign);
}

function checkIds(prefixes: readonly string[], wanted: readonly ScheduleSpec[]): void {
  if (prefixes.includes(''))
    throw new RangeError('An empty prefix would put every schedule of the namespace up for deletion.');
  const stranger = wanted.find(({ id }) => !hasOneOf(prefixes, id));
  if (stranger)
    throw new RangeError(`The schedule id ${stranger.id} does not start with ${prefixes.join(' or ')}`);
  const ids = wanted.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new RangeError(`The schedule ${twice} is wanted twice`);
}

async function ensure(
  client: Client,
  spec: ScheduleSpec,
  owner: ScheduleOwner,
): Promise<'created' | 'updated' | 'unchanged'> {
  const handle = client.schedule.getHandle(spec.id);
  const current = await describe(handle);
  const options = optionsOf(spec, owner);
  if (!current) {
    try {
      await caughtUp(owner.catchUp ?? AT_ONCE, `a schedule can be made (${spec.id})`, () =>
        client.schedule.create(options),
      );
      return 'created';
    } catch (error) {
      // Another process created it between our two calls.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      return await ensure(client, spec, owner);
    }
  }
  const mark = current.typedSearchAttributes.get(TiebackInstallation) ?? null;
  if (mark !== null && mark !== owner.installation && !owner.takeOver) {
    const foreign = [{ id: spec.id, installation: mark }];
    throw new ForeignSchedulesError(client.options.namespace, owner.installation, foreign);
  }
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

interface Listed {
  readonly id: string;
  /** Installation that the list names; lists lag behind. */
  readonly mark: string | null;
}

const hasOneOf = (prefixes: readonly string[], id: string): boolean =>
  prefixes.some((prefix) => id.startsWith(prefix));

async function listed(client: Client, prefixes: readonly string[]): Promise<Listed[]> {
  const found: Listed[] = [];
  for await (const { scheduleId: id, typedSearchAttributes } of client.schedule.list({ pageSize: 1000 })) {
    if (hasOneOf(prefixes, id))
      found.push({ id, mark: typedSearchAttributes?.get(TiebackInstallation) ?? null });
  }
  return found;
}

/**
 * The installation that a schedule belongs to; null without a mark, undefined without a schedule. Asked in the server's words: the SDK
 * would decrypt the arguments too, and those of another installation have another key.
 */
async function markOf(client: Client, scheduleId: string): Promise<string | null | undefined> {
  const { namespace } = client.options;
  try {
    const { searchAttributes } = await client.workflowService.describeSchedule({ namespace, scheduleId });
    return decodeTypedSearchAttributes(searchAttributes?.indexedFields).get(TiebackInstallation) ?? null;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === GRPC_NOT_FOUND) return undefined;
    throw error;
  }
}

/** gRPC status of the server for what is not there. */
const GRPC_NOT_FOUND = 5;

function optionsOf(spec: ScheduleSpec, { installation }: ScheduleOwner) {
  return {
    scheduleId: spec.id,
    typedSearchAttributes: [{ key: TiebackInstallation, value: installation }] as SearchAttributePair[],
    spec: {
      ...(spec.dailyAt === undefined
        ? { intervals: [{ every: spec.everyMs }] }
        : {
            calendars: [everyDayAt(spec.dailyAt)],
            timezone: spec.dailyAt.timeZone,
          }),
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

/** As the server describes it: with all that is not said. */
function everyDayAt({ hour, minute }: NonNullable<ScheduleSpec['dailyAt']>): CalendarSpec {
  const only = (value: number): [Range<number>] => [{ start: value, end: value, step: 1 }];
  return {
    second: only(0),
    minute: only(minute),
    hour: only(hour),
    dayOfMonth: [{ start: 1, end: 31, step: 1 }],
    month: [{ start: 'JANUARY', end: 'DECEMBER', step: 1 }],
    year: [],
    dayOfWeek: [{ start: 'SUNDAY', end: 'SATURDAY', step: 1 }],
    comment: '',
  };
}

const stringify = configure({ deterministic: true });

/** What we decide about a schedule, in one string; the same for a wish and for a description by the server. */
function fingerprint(given: ReturnType<typeof optionsOf> | ScheduleDescription): string {
  const { spec, policies, action } = given;
  const described = spec as ScheduleDescription['spec'];
  return (
    stringify({
      every: (described.intervals ?? []).map((interval) => interval.every),
      offset: (described.intervals ?? []).map(({ offset }) => offset ?? 0),
      calendars: described.calendars ?? [],
      timeZone: described.timezone ?? '',
      skip: described.skip ?? [],
      jitter: spec.jitter ?? 0,
      policies: [policies.overlap, policies.catchupWindow, policies.pauseOnFailure],
      workflow: [action.workflowType, action.workflowId, action.taskQueue],
      args: action.args ?? [],
      texts: [action.staticSummary ?? '', action.staticDetails ?? ''],
      searchAttributes: attributes(action.typedSearchAttributes),
      owner: attributes(given.typedSearchAttributes).filter((pair) =>
        pair.startsWith(`${TiebackInstallation.name}=`),
      ),
    }) ?? ''
  );
}

function attributes(given: SearchAttributePair[] | TypedSearchAttributes | undefined): string[] {
  const pairs = given instanceof TypedSearchAttributes ? given.getAll() : (given ?? []);
  return pairs.map(({ key, value }) => `${key.name}=${JSON.stringify(value)}`).sort();
}
