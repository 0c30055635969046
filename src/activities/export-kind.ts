import type { Held, PlannedOperation, Planned } from '../domain/plan/plan';
import type { AnyRecord } from '../domain/kinds/record';
import type { WriteResult } from '../erp-adapters/contract/adapter';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import type { ConnectionParts } from './deps';
import { recordExport } from './export-records';
import { vendorExport } from './export-vendor';
import { readStored } from './request-body';

/**
 * What differs between exports: what is read from the ERP, how it is planned, and how it is written. The steps around it (snapshot,
 * approval, ledger, confirmation) are the same for all.
 */
export interface ExportKind {
  /** What to look for, from our own store. */
  subject(t: Repositories, connection: ConnectionParts, row: ErpRequestRow): Promise<unknown>;
  /** What the plan depends on, from the ERP. JSON: it is stored as the snapshot. */
  readErp(connection: ConnectionParts, subject: unknown): Promise<unknown>;
  plan(
    t: Repositories,
    connection: ConnectionParts,
    row: ErpRequestRow,
    side: unknown,
  ): Promise<Planned | Held>;
  /** `keys`: ERP keys of the records of this request that are written already. */
  write(
    connection: ConnectionParts,
    operation: PlannedOperation,
    planHash: string,
    keys: ReadonlyMap<string, string>,
  ): Promise<WriteResult<AnyRecord>>;
  /** The ERP record that a plan ties to without writing it, as it is now. */
  readBack(
    connection: ConnectionParts,
    operation: PlannedOperation,
  ): Promise<{ readonly key: string; readonly record: AnyRecord } | null>;
  /** `Vendor 10442 "Cobalt"`: a record as the ERP has it, for sentences. */
  nameOf(operation: PlannedOperation, erpKey: string, record: AnyRecord): string;
}

export function exportKindOf(connection: ConnectionParts, row: ErpRequestRow): ExportKind {
  const { intent } = readStored(connection, row);
  if (intent.kind === 'create_vendor') return vendorExport;
  if (intent.kind === 'export') return recordExport;
  throw new Error(`ERP request ${row.requestId} is no export`);
}
