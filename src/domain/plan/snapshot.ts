import type { RecordColumns } from '../kinds/fit-record';
import type { ErpMetadata } from '../kinds/metadata';
import type { KnownRecord, ProcoreId } from '../kinds/record';
import type { PayCodes } from '../payroll/codes';
import type { Employee } from '../payroll/employee';
import type { KnownLine } from '../payroll/line';
import type { PayPeriod } from '../payroll/period';
import type { Person } from '../payroll/person';
import type { Rebased } from '../reconcile/mapping/fingerprint';
import type { SideName, SideRecord } from '../reconcile/side-record';
import type { LedgerHead, WrittenBatch } from './ledger-head';
import type { ExternalDataItem } from './operation';
import type { RefState } from './references';
import type { ReleaseState } from './release';

/** What was read from ERP and Procore for one page of a request, by way. Plans are made from it, never from the wire. */
export type Snapshot =
  | ExportSnapshot
  | SyncSnapshot
  | ReconcileSnapshot
  | PayrollSnapshot
  | RefreshSnapshot
  | ReleaseSnapshot
  | LinksSnapshot
  | MetadataSnapshot;
export type SnapshotOf<W extends Snapshot['way']> = Extract<Snapshot, { way: W }>;

/** What was read for one record of an export. */
export interface ExportSide {
  /** The ERP record that belongs to it, by link or ledger; null when there is none (any more). */
  readonly own: KnownRecord | null;
  /** ERP records with the same number. */
  readonly same: readonly KnownRecord[];
  /** ERP records that may be the same under another number. */
  readonly similar: readonly KnownRecord[];
  readonly ledgerHead: LedgerHead | null;
}

export interface ExportSnapshot {
  readonly way: 'export';
  readonly columns: RecordColumns;
  /** In the order of the records of the request. */
  readonly sides: readonly ExportSide[];
  readonly states: readonly RefState[];
}

/** One page of ERP records. */
export interface SyncSnapshot {
  readonly way: 'sync';
  readonly from: string | null;
  readonly to: string | null;
  readonly records: readonly KnownRecord[];
  /** Keys of records with an open exception, which were read again; one that is not among `records` is gone from the ERP. */
  readonly retried: readonly string[];
  readonly last: boolean;
}

/** One page of records that moved on one side, and how the other side holds them. */
export interface ReconcileSnapshot {
  readonly way: 'reconcile';
  /** The side that was found to have moved. */
  readonly from: SideName;
  readonly erp: readonly KnownRecord[];
  readonly procore: readonly SideRecord[];
  /** The other side was read. */
  readonly whole: boolean;
  /** What the ERP can hold; null: the kind cannot be written there, or it was not asked. */
  readonly columns: RecordColumns | null;
  /** Fields whose mapping is another than when they were compared last: what the ERP held then says nothing now. Absent: none. */
  readonly rebased?: Rebased;
  /** By ERP key, how far the links of these records were when they were read. Absent: nobody looked. */
  readonly generations?: Readonly<Record<string, number>>;
}

/** The job as the ERP holds it; null: it is not there any more. */
export interface RefreshSnapshot {
  readonly way: 'refresh';
  readonly known: KnownRecord | null;
}

export interface ReleaseSnapshot {
  readonly way: 'release';
  /** How each item stands in the ERP, in the order of the items. */
  readonly states: readonly ReleaseState[];
  /** Lines of items whose event names none and whose link remembers none, as Procore listed them; by item index. */
  readonly listed: Readonly<Record<string, readonly ExternalDataItem[]>>;
}

export interface LinksSnapshot {
  readonly way: 'links';
  /** For imports whose event does not say which record it was: what Procore answered, by origin_id. */
  readonly found: Readonly<Record<string, ProcoreId>>;
}

export interface MetadataSnapshot {
  readonly way: 'metadata';
  readonly metadata: ErpMetadata;
  /** Hash of the configuration that this makes for Procore. */
  readonly revision: string;
}

/** What both sides say about a pay period. Timecard entries are not in it: our store keeps them by themselves. */
export interface PayrollSnapshot {
  readonly way: 'payroll';
  /** Key of the ERP's company. */
  readonly company: string;
  readonly employees: readonly Employee[];
  readonly codes: PayCodes;
  /** Of all pay groups, around now. */
  readonly periods: readonly PayPeriod[];
  /** Rows of the ERP of this period, and of those that lines of ours are in. */
  readonly rows: readonly KnownLine[];
  /** Newest entries of the ledger, by `payRecordId`. */
  readonly heads: Readonly<Record<string, LedgerHead | null>>;
  /** Writes of which our store did not know when they were read. */
  readonly unrecorded: readonly WrittenBatch[];
  /** Of Procore; null: it was not asked yet. */
  readonly people: readonly Person[] | null;
  /** Entries that Procore shows without what payroll must know: a sentence each. */
  readonly unreadable: readonly string[];
}
