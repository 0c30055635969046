import type { Visitor } from '../../domain/people/access';
import { holds } from '../../domain/people/access';
import type { ReconciledKind } from '../../domain/request/id';
import type { Store } from '../../store/store';
import { Jobs } from '../jobs';
import { pauseReconcile } from '../pause-reconcile';
import { DeskRefusal } from '../refusal';
import { scopesOf, wholeConnections } from '../scope';
import type { Area, Diagnosis, DoctorJob } from './doctor';
import { diagnosisOf } from './doctor';
import type { ConnectionStanding, DaemonStanding, WatchedConnection, WatchedOutside } from './standing';
import { connectionStanding, daemonStandings } from './standing';

export interface ConnectionRoomParts {
  readonly store: Store;
  readonly connections: readonly WatchedConnection[];
  readonly now: () => string;
  readonly outside: WatchedOutside;
  /** Queues that a connection is worked from: one that no living daemon polls is not worked. */
  readonly queuesOf: (connectionId: string) => readonly string[];
  /** Runs every check of the doctor, until it is told to end. */
  readonly examine: (signal: AbortSignal) => Promise<readonly Area[]>;
  /** Reconciles a kind of a connection now. Throws `DeskRefusal` `TEMPORAL_UNREACHABLE`. */
  readonly reconcileNow: (connectionId: string, kind: ReconciledKind) => Promise<void>;
}

/** What an admin does about the reconcile of a kind. */
export interface ReconcileAsked {
  readonly connectionId: string;
  readonly kind: ReconciledKind;
  readonly action: 'pause' | 'resume' | 'now';
  readonly comment: string;
}

const DOCTOR = 'doctor';

/** How the connections stand, and what admins do about it. */
export class ConnectionRoom {
  private readonly jobs: Jobs<{ readonly area: string }, Diagnosis>;

  constructor(private readonly parts: ConnectionRoomParts) {
    this.jobs = new Jobs(parts.now);
  }

  async list(visitor: Visitor): Promise<{
    readonly connections: readonly ConnectionStanding[];
    readonly daemons: readonly DaemonStanding[];
  }> {
    const { store, connections, outside, queuesOf } = this.parts;
    const now = new Date(this.parts.now());
    const daemons = await daemonStandings(store, now);
    const served = new Set(daemons.filter((one) => one.lives).flatMap(({ queues }) => queues));
    const ids = connections.map(({ id }) => id);
    const seen = new Set(scopesOf(visitor, ids).map(({ connectionId }) => connectionId));
    const standings: ConnectionStanding[] = [];
    for (const connection of connections.filter(({ id }) => seen.has(id))) {
      const isServed = queuesOf(connection.id).every((queue) => served.has(queue));
      standings.push(await connectionStanding(store, outside, connection, { now, isServed }));
    }
    return { connections: standings, daemons };
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `NotAllowed`, `NOT_RECONCILED`, `TEMPORAL_UNREACHABLE`. */
  async reconcile(visitor: Visitor, { connectionId, kind, action, comment }: ReconcileAsked): Promise<void> {
    const { store, connections, now, reconcileNow } = this.parts;
    const ids = connections.map(({ id }) => id);
    scopesOf(visitor, ids, { only: connectionId });
    if (!holds(visitor.grants, 'admin', { connectionId, projectId: null }))
      throw new DeskRefusal('NotAllowed', `"${visitor.id}" is no admin of connection "${connectionId}".`);
    const own = connections.find(({ id }) => id === connectionId);
    if (own?.kinds.some((one) => one.kind === kind) !== true)
      throw new DeskRefusal('NOT_RECONCILED', `Connection "${connectionId}" does not reconcile ${kind}.`);
    if (action === 'now') return reconcileNow(connectionId, kind);
    const asked = { connectionId, kind, paused: action === 'pause', by: visitor.id, comment };
    await pauseReconcile(store, asked, new Date(now()));
  }

  /** Sends for the doctor, who looks at the whole installation. Throws `DeskRefusal` `NotAllowed`, `JOB_RUNNING`. */
  examine(visitor: Visitor): DoctorJob {
    this.assertSeesAll(visitor);
    return this.jobs.start(DOCTOR, visitor.id, async (_progress, signal) =>
      diagnosisOf(await this.parts.examine(signal)),
    );
  }

  /** What the doctor found last; null: nobody asked since the daemon started. Throws `DeskRefusal` `NotAllowed`. */
  diagnosis(visitor: Visitor): DoctorJob | null {
    this.assertSeesAll(visitor);
    return this.jobs.of(DOCTOR);
  }

  /** Cancels what runs. */
  stop(): Promise<void> {
    return this.jobs.stop();
  }

  /** Findings name hosts, files and every connection. */
  private assertSeesAll(visitor: Visitor): void {
    const ids = this.parts.connections.map(({ id }) => id);
    if (wholeConnections(visitor, ids, { roles: ['admin', 'auditor'] }).length === ids.length) return;
    throw new DeskRefusal('NotAllowed', `"${visitor.id}" may not do this: it is about every connection.`);
  }
}
