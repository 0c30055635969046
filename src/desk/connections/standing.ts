import type { Census } from '../../domain/kinds/census';
import { foreignWords, isClean } from '../../domain/kinds/census';
import { definitionOf } from '../../domain/kinds';
import type { Standing } from '../../domain/reconcile/freshness';
import { freshnessOf } from '../../domain/reconcile/freshness';
import type { ReconciledKind } from '../../domain/request/id';
import type { Paused } from '../../store/rows';
import type { Store } from '../../store/store';
import { listDaemons, lives } from '../daemons';
import type { ReconcileProgress } from '../reconcile-progress';
import { progressOf } from '../reconcile-progress';
import { RECONCILED } from '../../domain/request/id';

/** What the configuration says of a connection, as far as people look at it. */
export interface WatchedConnection {
  readonly id: string;
  readonly companyId: number;
  readonly adapter: string;
  /** Kinds that are reconciled, with the time within which both sides are compared, in milliseconds. */
  readonly kinds: readonly { readonly kind: ReconciledKind; readonly goalMs: number }[];
  /** The same of timecards; null: there is no payroll. */
  readonly payGoalMs: number | null;
  readonly acceptsForeignOrigins: boolean;
}

/** How the runs of a schedule stand, and when the next one comes; ISO 8601 UTC. */
export interface WatchedRuns extends Standing {
  readonly next: string | null;
}

/** What Procore still lets us ask, as one process knows it. */
export interface CallsLeft {
  /** Calls left by size of the limit; empty: Procore said nothing yet. */
  readonly remaining: Readonly<Record<string, number>>;
  readonly inFlight: number;
  readonly queued: number;
  readonly pausedForMs: number;
}

/** What lies outside our store. Each throws what Temporal throws. */
export interface WatchedOutside {
  readonly reconcileRuns: (connectionId: string, kind: ReconciledKind) => Promise<WatchedRuns>;
  readonly payrollRuns: (connectionId: string) => Promise<WatchedRuns>;
  /** The poll for requests of Procore. */
  readonly intakeRuns: (connectionId: string) => Promise<WatchedRuns>;
  readonly callsLeft: (connectionId: string) => CallsLeft | null;
}

export interface ReconcileStanding {
  readonly kind: ReconciledKind;
  readonly label: string;
  readonly goalMs: number;
  readonly state: 'fresh' | 'late' | 'paused' | 'unknown';
  /** When both sides were compared last; null: never, or it is not known. */
  readonly at: string | null;
  /** What keeps it, in words that complete "is late: "; null: nothing. */
  readonly why: string | null;
  readonly next: string | null;
  readonly running: { readonly since: string; readonly problem: string | null } | null;
  /** Pages of what runs now; null: nothing does. */
  readonly progress: ReconcileProgress | null;
  readonly paused: Paused | null;
}

export interface ConnectionStanding {
  readonly id: string;
  readonly companyId: number;
  readonly adapter: string;
  readonly state: 'on_time' | 'late' | 'down';
  /** One sentence: what is true, or the worst of what is not. */
  readonly sentence: string;
  readonly lastPoll: {
    readonly at: string | null;
    readonly next: string | null;
    readonly problem: string | null;
  };
  readonly lastWebhook: string | null;
  readonly reconciles: readonly ReconcileStanding[];
  readonly payroll: Omit<ReconcileStanding, 'kind' | 'progress' | 'paused'> | null;
  readonly census: {
    readonly takenAt: string;
    readonly isClean: boolean;
    readonly foreign: string | null;
    readonly counts: Census['counts'];
  } | null;
  /** As the daemon that answers knows it; others of the same app count for themselves. */
  readonly callsLeft: CallsLeft | null;
  readonly openRequests: number;
}

/** A daemon, and whether it was heard of. */
export interface DaemonStanding {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly queues: readonly string[];
  readonly startedAt: string;
  readonly beatAt: string;
  readonly stoppedAt: string | null;
  readonly problem: string | null;
  readonly lives: boolean;
}

const MOST_DAEMONS = 20;

export async function daemonStandings(store: Store, now: Date): Promise<readonly DaemonStanding[]> {
  return (await listDaemons(store)).slice(0, MOST_DAEMONS).map((row) => {
    const { host, pid, version, queues, startedAt, beatAt, stoppedAt, problem } = row;
    return { host, pid, version, queues, startedAt, beatAt, stoppedAt, problem, lives: lives(row, now) };
  });
}

/** How a connection stands. What Temporal does not answer is unknown, and the rest is told all the same. */
export async function connectionStanding(
  store: Store,
  outside: WatchedOutside,
  connection: WatchedConnection,
  { now, isServed }: { readonly now: Date; readonly isServed: boolean },
): Promise<ConnectionStanding> {
  const { id, companyId, adapter, kinds, payGoalMs } = connection;
  const { row, lastWebhook, open } = await store.read('desk.connection', async (t) => ({
    row: await t.connections.find(id),
    lastWebhook: await t.requests.lastWebhook(id),
    open: (await t.requests.countOpen(id)).open,
  }));
  const intake = await asked(() => outside.intakeRuns(id));
  const reconciles: ReconcileStanding[] = [];
  for (const { kind, goalMs } of kinds) {
    const runs = await asked(() => outside.reconcileRuns(id, kind));
    const paused = row?.paused?.[kind] ?? null;
    const standing = standingOf(runs, goalMs, now);
    reconciles.push({
      kind,
      label: definitionOf(kind).plural,
      ...standing,
      state: paused === null ? standing.state : 'paused',
      progress:
        standing.running === null
          ? null
          : await progressOf(store, id, RECONCILED[kind], standing.running.since),
      paused,
    });
  }
  const payroll =
    payGoalMs === null
      ? null
      : { label: 'timecards', ...standingOf(await asked(() => outside.payrollRuns(id)), payGoalMs, now) };
  const census = row?.census ?? null;
  const foreign = census === null || isClean(census) ? null : foreignWords(census);
  const standing = {
    id,
    companyId,
    adapter,
    lastPoll: {
      at: intake.runs?.last?.endedAt ?? null,
      next: intake.runs?.next ?? null,
      problem: intake.problem ?? intake.runs?.last?.problem ?? null,
    },
    lastWebhook,
    reconciles,
    payroll,
    census: census && { takenAt: census.takenAt, isClean: foreign === null, foreign, counts: census.counts },
    callsLeft: outside.callsLeft(id),
    openRequests: open,
  };
  return {
    ...standing,
    ...verdictOn(standing, { isServed, acceptsForeign: connection.acceptsForeignOrigins }),
  };
}

interface Asked {
  readonly runs: WatchedRuns | null;
  readonly problem: string | null;
}

async function asked(ask: () => Promise<WatchedRuns>): Promise<Asked> {
  try {
    return { runs: await ask(), problem: null };
  } catch (error) {
    return { runs: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

function standingOf(
  { runs, problem }: Asked,
  goalMs: number,
  now: Date,
): Pick<ReconcileStanding, 'goalMs' | 'state' | 'at' | 'why' | 'next' | 'running'> {
  if (runs === null) return { goalMs, state: 'unknown', at: null, why: problem, next: null, running: null };
  const fresh = freshnessOf(runs, goalMs, now.getTime());
  const why = fresh.kind === 'late' ? fresh.why : null;
  return { goalMs, state: fresh.kind, at: fresh.at, why, next: runs.next, running: runs.running };
}

function verdictOn(
  {
    lastPoll,
    reconciles,
    payroll,
    census,
  }: Pick<ConnectionStanding, 'lastPoll' | 'reconciles' | 'payroll' | 'census'>,
  { isServed, acceptsForeign }: { readonly isServed: boolean; readonly acceptsForeign: boolean },
): Pick<ConnectionStanding, 'state' | 'sentence'> {
  if (!isServed) return { state: 'down', sentence: 'No daemon works this connection.' };
  const foreign = census?.foreign ?? null;
  if (foreign !== null && !acceptsForeign)
    return { state: 'down', sentence: `Nothing is written to Procore: another integration owns ${foreign}.` };
  const all = [...reconciles, ...(payroll === null ? [] : [payroll])];
  const unknown = all.find(({ state }) => state === 'unknown');
  if (unknown !== undefined)
    return { state: 'down', sentence: `Temporal does not answer: ${unknown.why ?? 'no reason given'}.` };
  const late = all.filter(({ state }) => state === 'late');
  const [first] = late;
  if (first !== undefined)
    return {
      state: 'late',
      sentence: `${first.label} are late: ${first.why ?? ''}${late.length > 1 ? `; so are ${late.length - 1} more` : ''}.`,
    };
  const paused = reconciles.find((one) => one.paused !== null);
  if (paused?.paused)
    return { state: 'late', sentence: `${paused.label} rest: ${paused.paused.by} paused them.` };
  if (lastPoll.problem !== null) return { state: 'late', sentence: `Polling: ${lastPoll.problem}.` };
  return { state: 'on_time', sentence: 'Everything was compared within its goal.' };
}
