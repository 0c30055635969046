import type { AnchorPlace } from '../domain/audit/anchor';
import type { AuditKeys } from '../domain/audit/keys';
import type { Kind } from '../domain/kinds';
import { definitionOf } from '../domain/kinds';
import { TiebackError } from '../domain/base/errors';
import type { SigningKeys } from '../domain/people/signing-keys';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import type { SyncRequestInput } from '../domain/request/flow';
import type { RequestRef } from '../domain/request/id';
import type { PayrollSettings } from '../domain/payroll/settings';
import type { ReconcileSettings } from '../domain/reconcile/settings';
import type { WorkflowStanding } from '../domain/request/repair';
import type { RequestStatus } from '../domain/request/status';
import type { OpenDoorSettings } from '../domain/request/open-door';
import type { ErpAdapter, KindCapability } from '../erp-adapters/contract/adapter';
import type { ProcoreCompany } from '../procore/port';
import { toFailure } from './step';
import type { StepStore } from './store-steps';

/** One connection, ready to work. */
export interface ConnectionParts {
  readonly id: string;
  readonly policy: ConnectionPolicy;
  readonly procore: ProcoreCompany;
  readonly erp: ErpAdapter;
  /** Task queue of the Procore app. */
  readonly procoreQueue: string;
  readonly erpQueue: string;
  /** Records per page of a sync. */
  readonly pageSize: number;
  /** How many requests below the newest one each poll looks at again. */
  readonly pollOverlap: number;
  /** What to look for without Procore's ERP tool; null: the ERP tool sends requests. */
  readonly openDoor: OpenDoorSettings | null;
  /** How its records are reconciled. */
  readonly reconcile: ReconcileSettings;
  /** How its payroll is worked; absent: it is not. */
  readonly payroll?: PayrollSettings;
  /** Records of another integration in Procore do not keep us from writing. */
  readonly acceptForeignOrigins: boolean;
}

/** Our workflows as the Temporal server sees them. */
export interface RequestWorkflows {
  /** Request workflows of a connection that run, with the status they published last. The list lags behind. */
  running(
    connectionId: string,
  ): AsyncIterable<{ readonly id: string; readonly status: RequestStatus | null }>;
  /** Where one stands right now. */
  standing(ref: RequestRef): Promise<WorkflowStanding>;
  /** Ends this run and begins the request again. Where that run is over, another one has taken its place: it is left alone. */
  restart(input: SyncRequestInput, runId: string): Promise<void>;
}

export interface ActivityDeps {
  readonly store: StepStore;
  /** Who vouches for the people who decide, and whether an account of the machine may decide in their name. */
  readonly people: { readonly keys: SigningKeys; readonly breakGlass: boolean };
  readonly connections: ReadonlyMap<string, ConnectionParts>;
  /** Starts the workflow of a request; a workflow that is there already is fine. */
  readonly startRequest: (input: SyncRequestInput) => Promise<void>;
  /** Our workflows as the Temporal server sees them. */
  readonly workflows: RequestWorkflows;
  /** Where heads of the audit log are anchored, at most how often, and who signs them; the ERP comes on top. */
  readonly anchoring: {
    readonly everyMs: number;
    readonly keys: AuditKeys;
    readonly places: readonly AnchorPlace[];
  };
  /** Names of companies and documents may stand on the Temporal server in the clear. */
  readonly searchNames: boolean;
  /** Now, as ISO 8601 UTC. */
  readonly now: () => string;
}

/** Throws `CONNECTION_UNKNOWN` as a Temporal failure that is not retried. */
export function connectionOf(deps: ActivityDeps, connectionId: string): ConnectionParts {
  const parts = deps.connections.get(connectionId);
  if (!parts) throw toFailure(new TiebackError('CONNECTION_UNKNOWN', { connection: connectionId }));
  return parts;
}

export const keeps = ({ erp }: ConnectionParts, kind: Kind): boolean => erp.kinds[kind] !== undefined;

/** The adapter's way to records of one kind. Throws `ERP_CONFIG` when the ERP keeps none. */
export function capabilityOf({ id, erp }: ConnectionParts, kind: Kind): KindCapability {
  const capability = erp.kinds[kind];
  if (capability) return capability;
  throw new TiebackError('ERP_CONFIG', {
    reason: `the adapter of connection "${id}" does not handle ${definitionOf(kind).plural}`,
  });
}
