import type { Client } from '@temporalio/client';
import type { Config, ConnectionConfig } from '../config/load';
import type { Kind } from '../domain/kinds';
import { definitionOf, KINDS } from '../domain/kinds';
import { WAITS } from '../domain/request/exception';
import { sweepIdOf, sweepReaderOf } from '../domain/request/id';
import type { Store } from '../store/store';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok, warning } from './findings';
import { age, plural, time } from './format';

const EVERY_MS = 86_400_000;
/** A sweep begins up to so much later, and takes its time. */
const SLACK_MS = 4 * 3_600_000;

/** When each kind was last swept to its end; a kind that never was is absent. */
export type LastSweeps = Readonly<Partial<Record<Kind, string>>>;

/** Of each connection: whether its sweeps come to their end, and what they found that is still open. */
export async function checkSweeps(
  client: Client,
  { connections }: Config,
  store: Store,
  now: Date,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const connection of connections) findings.push(...(await checkOne(client, connection, store, now)));
  return findings;
}

async function checkOne(
  client: Client,
  { id, sweepAt }: ConnectionConfig,
  store: Store,
  now: Date,
): Promise<readonly Finding[]> {
  const { last, open } = await store.read('doctor.sweeps', async (t) => {
    const [rows, exceptions] = await Promise.all([
      Promise.all(KINDS.map((kind) => t.checkpoints.get(id, sweepReaderOf(kind)))),
      t.exceptions.listOpen(id),
    ]);
    const ended = KINDS.flatMap((kind, index) => (rows[index] ? [[kind, rows[index].movedAt] as const] : []));
    return {
      last: Object.fromEntries(ended),
      open: exceptions.filter(({ cause }) => cause !== WAITS).length,
    };
  });
  const parked = exceptionsFinding(id, open);
  if (sweepAt === null) return [ok(`sweeps of ${id}`, 'only by `tieback sweep`'), parked];
  try {
    const { state, info } = await client.schedule.getHandle(sweepIdOf(id)).describe();
    return [sweepsFinding(id, { last, since: info.createdAt, paused: state.paused }, now), parked];
  } catch (error) {
    const missing = (error as Error).name === 'ScheduleNotFoundError';
    const detail = missing ? 'have no schedule' : reasonOf(error);
    return [failed(`sweeps of ${id}`, detail, 'Run `tieback provision`.'), parked];
  }
}

/** Whether the sweeps of a connection come to their end; `since`: when its schedule was made. */
export function sweepsFinding(
  connectionId: string,
  { last, since, paused }: { readonly last: LastSweeps; readonly since: Date; readonly paused: boolean },
  now: Date,
): Finding {
  const name = `sweeps of ${connectionId}`;
  const hint =
    `What is deleted in the ERP meanwhile is not noticed. Look at \`${sweepIdOf(connectionId)}\` in the Web UI: its result names what could not be ` +
    'read. `tieback sweep` does it now.';
  if (paused) return warning(name, 'are paused', hint);
  const limit = now.getTime() - 2 * EVERY_MS - SLACK_MS;
  const ended = Object.entries(last) as [Kind, string][];
  const [oldest] = ended.map(([, at]) => at).sort();
  if (oldest === undefined)
    return since.getTime() < limit
      ? warning(name, `none has come to its end, for ${age(since.toISOString(), now)}`, hint)
      : ok(name, 'the first one is still to come');
  const late = ended.filter(([, at]) => Date.parse(at) < limit);
  if (late.length === 0) return ok(name, `every kind was swept, last ${time(oldest)}`);
  const named = late.map(([kind, at]) => `${definitionOf(kind).plural} (last ${time(at)})`);
  return warning(name, `are late: ${named.join(', ')}`, hint);
}

const exceptionsFinding = (connectionId: string, open: number): Finding =>
  open === 0
    ? ok(`exceptions of ${connectionId}`, 'none')
    : warning(
        `exceptions of ${connectionId}`,
        plural(open, 'record waits for a person', 'records wait for a person'),
        '`tieback exceptions` lists them, each with what to do.',
      );
