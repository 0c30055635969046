import { ApplicationFailure } from '@temporalio/activity';
import type { ConnectionPolicy } from '../domain/request/connection-policy';
import type { OpenDoorSettings } from '../domain/request/open-door';
import type { ErrorShape } from '../domain/base/errors';
import { TiebackError } from '../domain/base/errors';
import type { ErpRequestInput } from '../domain/request/flow';
import type { Entity } from '../domain/kinds/entity';
import { definitionOf } from '../domain/kinds/entity';
import type { ErpAdapter, RecordCapability, VendorCapability } from '../erp-adapters/contract/adapter';
import type { ProcoreCompany } from '../procore/port';
import type { Store } from '../store/store';

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
  /** Records of another integration in Procore do not keep us from writing. */
  readonly acceptForeignOrigins: boolean;
}

export interface ActivityDeps {
  readonly store: Store;
  readonly connections: ReadonlyMap<string, ConnectionParts>;
  /** Starts the workflow of a request; a workflow that is there already is fine. */
  readonly startRequest: (input: ErpRequestInput) => Promise<void>;
  /** Now, as ISO 8601 UTC. */
  readonly now: () => string;
}

export function connectionOf(deps: ActivityDeps, connectionId: string): ConnectionParts {
  const parts = deps.connections.get(connectionId);
  if (!parts) throw toFailure(new TiebackError('CONNECTION_UNKNOWN', { connection: connectionId }));
  return parts;
}

export function vendorsOf({ id, erp }: ConnectionParts): VendorCapability {
  if (erp.vendors) return erp.vendors;
  throw new TiebackError('ERP_CONFIG', {
    reason: `the adapter of connection "${id}" does not handle vendors`,
  });
}

/** The adapter's way to records of one kind. Throws `ERP_CONFIG` when the ERP keeps none. */
export function recordsOf({ id, erp }: ConnectionParts, entity: Entity): RecordCapability {
  const capability = entity === 'vendor' ? undefined : erp.records?.[entity];
  if (capability) return capability;
  throw new TiebackError('ERP_CONFIG', {
    reason: `the adapter of connection "${id}" does not handle ${definitionOf(entity).plural}`,
  });
}

/** An outcome that stops the flow until somebody does something, as a value. */
export interface Stopped {
  readonly kind: 'stopped';
  readonly error: ErrorShape;
}

export interface Busy {
  readonly kind: 'busy';
  readonly reason: string;
  readonly retryAfterMs: number;
}

/**
 * Runs one step and sorts what went wrong by class: data, config and policy come back as a value, so that the workflow can park or
 * route; busy comes back as a wait with its reason; transient and unknown outcomes are thrown for Temporal to retry, which is
 * right for both because every step here first looks what is already done.
 */
export async function settle<T>(step: () => Promise<T>): Promise<T | Stopped | Busy> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof TiebackError)) throw error;
    const shape = error.toShape();
    switch (error.class) {
      case 'data':
      case 'config':
      case 'policy':
        return { kind: 'stopped', error: shape };
      case 'busy':
        if (error.code === 'PROCORE_THROTTLED') throw toFailure(error);
        return { kind: 'busy', reason: shape.message, retryAfterMs: shape.retryAfterMs ?? 30_000 };
      case 'transient':
      case 'unknown_outcome':
        throw toFailure(error);
    }
  }
}

const SHORTEST_RETRY_MS = 10;

/** A Temporal failure that keeps the code and says when to come back. */
export function toFailure(error: TiebackError): ApplicationFailure {
  const { code, retryAfterMs } = error.toShape();
  return ApplicationFailure.create({
    message: error.message,
    type: code,
    nonRetryable: error.class === 'config',
    details: [error.toShape()],
    // Zero would mean no retry at all to the server.
    ...(retryAfterMs === undefined
      ? {}
      : { nextRetryDelay: Math.max(SHORTEST_RETRY_MS, Math.ceil(retryAfterMs)) }),
    // Waiting for a rate window is everyday life, not an error.
    ...(error.class === 'busy' ? { category: 'BENIGN' as const } : {}),
  });
}
