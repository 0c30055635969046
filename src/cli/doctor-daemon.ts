import type { Config } from '../config/load';
import { daemonName, endOf, listDaemons, lives, silentFor } from '../desk/daemons';
import type { DaemonRow } from '../store/rows';
import { queuesOf } from '../temporal/task-queues';
import { version } from '../version';
import type { Cli } from './cli';
import { reasonOf } from './errors';
import type { Finding } from './findings';
import { failed, ok, skipped, warning } from './findings';
import { age, time } from './format';
import { withStore } from './store';

/** Who polls each queue, as Temporal lists them for minutes; null or absent: it does not say. */
export type Pollers = ReadonlyMap<string, readonly string[] | null>;

/** A daemon that started is given so long to connect and to poll, in milliseconds. */
const STARTING_MS = 60_000;
/** A beat from so far ahead tells that a clock is wrong, in milliseconds. */
const AHEAD_MS = 60_000;

/** The daemons: each tells our store every few seconds that it lives, and Temporal knows who polls. */
export async function checkDaemons(cli: Cli, config: Config, pollers: Pollers): Promise<readonly Finding[]> {
  let daemons: readonly DaemonRow[];
  try {
    daemons = await withStore(cli, listDaemons);
  } catch (error) {
    return [skipped('daemon', `not known: ${reasonOf(error)}`)];
  }
  return daemonFindings(daemons, { config, pollers, now: cli.now() });
}

interface Seen {
  readonly config: Pick<Config, 'file' | 'temporal' | 'apps' | 'connections'>;
  readonly pollers: Pollers;
  readonly now: Date;
}

/** No daemon before the first start is no fault: the doctor is asked then, too. */
export function daemonFindings(daemons: readonly DaemonRow[], seen: Seen): readonly Finding[] {
  const { config, now } = seen;
  const [last] = daemons;
  if (last === undefined) return [skipped('daemon', 'none was started yet; start `tieback daemon`')];
  const living = daemons.filter((row) => lives(row, now));
  if (living.length === 0) {
    const since = age(last.stoppedAt ?? last.beatAt, now);
    return [
      failed(
        'daemon',
        `none runs: the one on ${daemonName(last)} ${endWords(last)}, ${since} ago`,
        `Start it there (its service, or \`tieback daemon --config ${config.file}\`); the end of its log says why it ended. Its work waits until then.`,
      ),
    ];
  }
  return [
    ...living.map((row) => livingFinding(row, seen)),
    ...queuesOf(config).map(({ name }) => queueFinding(name, daemons, seen)),
  ];
}

const endWords = (row: DaemonRow): string => endOf(row).replace(/\S+$/, (iso) => time(iso));

function livingFinding(row: DaemonRow, { config, now }: Seen): Finding {
  const name = `daemon ${daemonName(row)}`;
  const runs = `runs for ${age(row.startedAt, now)}`;
  if (row.problem !== null) {
    const detail = `${runs}, but does not work: ${row.problem}`;
    const hint = 'Its log and `GET /ready` say more; it tries again by itself.';
    return isStarting(row, now) ? warning(name, detail, hint) : failed(name, detail, hint);
  }
  const ahead = -silentFor(row, now);
  if (ahead > AHEAD_MS) {
    const future = age(now.toISOString(), new Date(row.beatAt));
    return warning(
      name,
      `it was heard of in ${future}, by its own clock: whether it lives cannot be told`,
      'Let that machine and this one take their time from a time server.',
    );
  }
  const release = version();
  if (row.version !== release)
    return warning(
      name,
      `${runs} with version ${row.version}; this is ${release}`,
      'Restart it, so that it runs what is installed.',
    );
  const known = queuesOf(config).map((queue) => queue.name);
  const strange = row.queues.filter((queue) => !known.includes(queue));
  if (strange.length > 0)
    return warning(
      name,
      `${runs} with another configuration: it polls ${strange.join(', ')}, which ${config.file} does not have`,
      'Restart it: a daemon reads the configuration when it starts.',
    );
  return ok(name, `${runs}, heard of ${age(row.beatAt, now)} ago`);
}

function queueFinding(queue: string, daemons: readonly DaemonRow[], { pollers, now }: Seen): Finding {
  const name = `queue ${queue}`;
  const own = daemons.filter(({ queues }) => queues.includes(queue));
  const living = own.filter((row) => lives(row, now));
  const [last] = own;
  if (living.length === 0) {
    const before =
      last === undefined
        ? ', although others run'
        : `: the one on ${daemonName(last)} ${endWords(last)}, ${age(last.stoppedAt ?? last.beatAt, now)} ago`;
    const hint = `Start \`tieback daemon --queues ${queue}\`, or a daemon without --queues: its work waits until then.`;
    return failed(name, `no daemon serves it${before}`, hint);
  }
  const names = living.map(daemonName).join(', ');
  const listed = pollers.get(queue) ?? null;
  if (listed === null || listed.length > 0) return ok(name, `served by ${names}`);
  if (living.some((row) => isStarting(row, now))) return ok(name, `served by ${names}, which is starting`);
  return failed(
    name,
    `${names} should serve it, but nobody polls it in Temporal`,
    'Restart that daemon. If it lasts, compare its Temporal address and namespace (`GET /ready`, its log) with those of this configuration.',
  );
}

const isStarting = ({ startedAt }: DaemonRow, now: Date): boolean =>
  now.getTime() - Date.parse(startedAt) < STARTING_MS;
