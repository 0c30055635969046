import type { DaemonRow } from '../store/rows';
import type { Store } from '../store/store';

/** A daemon tells of itself this often, in milliseconds. */
export const BEAT_MS = 15_000;

/** Not heard of for so long, a daemon is taken for dead: it missed two beats. */
const SILENT_MS = 3 * BEAT_MS;

/** Milliseconds since it was heard of. Below zero: its clock is ahead of ours. */
export const silentFor = ({ beatAt }: DaemonRow, now: Date): number => now.getTime() - Date.parse(beatAt);

/** Whether it runs, as far as is known: it was heard of a moment ago and has not said that it stops. */
export const lives = (row: DaemonRow, now: Date): boolean =>
  row.stoppedAt === null && silentFor(row, now) <= SILENT_MS;

/** `app01 (process 4711)`. */
export const daemonName = ({ host, pid }: Pick<DaemonRow, 'host' | 'pid'>): string =>
  `${host} (process ${pid})`;

/** Every daemon that is remembered, the one heard of last first. */
export const listDaemons = (store: Store): Promise<readonly DaemonRow[]> =>
  store.read('daemons', (t) => t.daemons.all());

/** As `daemonHint`, also where nobody may look. */
export async function whoRuns(list: () => Promise<readonly DaemonRow[]>, now: Date): Promise<string> {
  try {
    return daemonHint(await list(), now);
  } catch {
    return 'Is `tieback daemon` running?';
  }
}

/** What to do where no daemon took up its work: start one, or look what ails the one that runs. */
export function daemonHint(daemons: readonly DaemonRow[], now: Date): string {
  const living = daemons.filter((row) => lives(row, now));
  const problem = living.find((row) => row.problem !== null)?.problem ?? null;
  if (living.length > 0) {
    const why = problem === null ? '' : ` (${problem})`;
    return `A daemon runs on ${living.map(daemonName).join(', ')}${why}: \`tieback doctor\` says what else is wrong.`;
  }
  const [last] = daemons;
  const ended =
    last === undefined ? 'None was started yet' : `The last one, on ${daemonName(last)}, ${endOf(last)}`;
  return `${ended}. Start \`tieback daemon\`.`;
}

/** How a daemon ended: `stopped at 2026-03-09T15:22:41.108Z`. */
export const endOf = ({ stoppedAt, beatAt }: DaemonRow): string =>
  stoppedAt === null ? `was heard of last at ${beatAt}` : `was stopped at ${stoppedAt}`;
