import type { Visitor } from '../../domain/people/access';
import type { Store } from '../../store/store';
import type { JobState } from '../jobs';
import { Jobs } from '../jobs';
import { wholeConnections } from '../scope';
import { auditLines } from './export';
import type { AuditHead } from './head';
import { auditHeads } from './head';
import type { AuditProgress } from './pace';
import type { TimelinePage, TimelineQuestion } from './timeline';
import { timeline } from './timeline';
import type { AuditQuestion, AuditVerdict } from './verify';
import { verifyAudit } from './verify';

/** Who reads the log. What it tells is of a connection as a whole: whoever may see some projects only reads histories where they see what those are about. */
const READERS = ['auditor', 'admin'] as const;

/** A check of one log, as far as it is. */
export type VerifyJob = JobState<AuditProgress, AuditVerdict>;

/** What is behind the room. */
export interface AuditRoomParts {
  readonly store: Store;
  readonly connectionIds: readonly string[];
  readonly now: () => string;
  /** What lies outside our store and remembers what was done, and the keys of the log. */
  readonly outside: (connectionId: string) => Pick<AuditQuestion, 'ledger' | 'anchors' | 'keys' | 'signing'>;
}

/** The audit log as people of the Desk read, verify and hand it over. */
export class AuditRoom {
  private readonly jobs: Jobs<AuditProgress, AuditVerdict>;

  constructor(private readonly parts: AuditRoomParts) {
    this.jobs = new Jobs(parts.now);
  }

  /** Throws `DeskRefusal` `CONNECTION_UNKNOWN`, `CURSOR`, as the others. */
  timeline(
    visitor: Visitor,
    {
      connection,
      ...asked
    }: Omit<TimelineQuestion, 'connectionIds'> & { readonly connection?: string | undefined },
  ): Promise<TimelinePage> {
    return timeline(this.parts.store, { ...asked, connectionIds: this.seen(visitor, connection) });
  }

  heads(visitor: Visitor): Promise<readonly AuditHead[]> {
    return auditHeads(this.parts.store, this.seen(visitor));
  }

  /** Begins to check a log: the chain in itself, and the tables, the ERP's ledger and the anchors against it. */
  verify(visitor: Visitor, connection: string): VerifyJob {
    const [connectionId = connection] = this.seen(visitor, connection);
    const { store, outside } = this.parts;
    return this.jobs.start(connectionId, visitor.id, (progress, signal) =>
      verifyAudit(store, { connectionId, ...outside(connectionId), progress, signal }),
    );
  }

  /** How the newest check of each log stands; null: nobody asked since the daemon started. */
  verifications(
    visitor: Visitor,
    connection?: string,
  ): readonly { readonly connectionId: string; readonly job: VerifyJob | null }[] {
    return this.seen(visitor, connection).map((connectionId) => ({
      connectionId,
      job: this.jobs.of(connectionId),
    }));
  }

  /** The whole of these logs, line by line. */
  export(visitor: Visitor, connection: string | undefined, format: 'jsonl' | 'csv'): AsyncIterable<string> {
    const { store, now } = this.parts;
    return auditLines(store, { connectionIds: this.seen(visitor, connection), format, exportedAt: now() });
  }

  /** Cancels what runs. */
  stop(): Promise<void> {
    return this.jobs.stop();
  }

  private seen(visitor: Visitor, only?: string): readonly string[] {
    return wholeConnections(visitor, this.parts.connectionIds, { only, roles: READERS });
  }
}
