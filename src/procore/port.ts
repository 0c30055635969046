import type { ProcoreId, ReadErpRequest } from '../domain/request/intent';
import type { OriginKind, OriginRecord } from '../domain/kinds/census';
import type { Entity } from '../domain/kinds/entity';
import type { ErpMetadata } from '../domain/kinds/metadata';
import type { SyncedResource, SyncPlace } from '../domain/plan/plan';
import type { CanonicalRecord, Fields } from '../domain/kinds/record';
import type { Vendor } from '../domain/kinds/vendor';

/**
 * What Tieback needs of one Procore company. Calls throw `TiebackError` (`PROCORE_*`) whose message carries Procore's own
 * words. All calls of one app share one limiter. Writes set a state and may be repeated; nothing here retries a write
 * whose outcome is unknown unless repeating it is harmless (`syncExternalData`, `syncStagedRecords`, `syncVendors` with an
 * id or origin_id on every item, `closeDetail` after reading back).
 */
export interface ProcoreCompany {
  readonly companyId: ProcoreId;
  /** The directory user of our service account: the `user_id` of webhooks that we caused. */
  me(): Promise<{ readonly id: ProcoreId; readonly name: string }>;

  /** One ERP request, raw. Path inferred, configurable: `paths.erpRequest`. */
  showRequest(id: ProcoreId): Promise<RawErpRequest>;
  /**
   * ERP requests with an id above `afterId`, page by page, oldest first within a page. The operation is not documented:
   * a 404 ends the iteration with `PROCORE_NOT_FOUND`.
   */
  listRequests(afterId: ProcoreId): AsyncIterable<readonly RawErpRequest[]>;
  /** Reads a raw request; never throws: what cannot be read is a `malformed` intent. */
  readRequest(raw: RawErpRequest): ReadErpRequest;
  /** Only where there is no ERP tool: finds in Procore's ordinary APIs what its people would have sent, step by step. */
  discover?(scan: DiscoveryScan): AsyncIterable<Discovered>;
  /** Who carries an `origin_id`, kind by kind: of the company, and of projects that carry one. */
  listOrigins(): AsyncIterable<{ readonly kind: OriginKind; readonly records: readonly OriginRecord[] }>;

  /**
   * Closes request details (ERP guide: a detail closes once). Reads back first when Procore answers 422, so that closing again
   * with the same status is success. Returns per detail what went wrong; an empty list is success.
   */
  closeDetails(closings: readonly DetailClosing[]): Promise<readonly ItemError[]>;
  findDetails(itemId: ProcoreId): Promise<readonly RequestDetail[]>;

  /** Sets or clears origin_id, origin_code and origin_data; at most 100 per call are sent. Per-record errors are returned. */
  syncExternalData(updates: readonly ExternalData[]): Promise<readonly ItemError[]>;
  readExternalData(itemType: string, itemId: ProcoreId): Promise<ExternalData | null>;
  /** Creates or updates staged records by (item_type, origin_id). Per-record errors are returned. */
  syncStagedRecords(updates: readonly StagedRecord[]): Promise<readonly ItemError[]>;

  /** Vendors page by page. */
  listVendors(filter?: { originId?: string; updatedSince?: string }): AsyncIterable<readonly ProcoreVendor[]>;
  showVendor(id: ProcoreId): Promise<ProcoreVendor>;
  /** Batch upsert; every item must carry `id` or `origin_id` (an item with neither would create a twin). */
  syncVendors(updates: readonly VendorUpdate[]): Promise<readonly ItemError[]>;

  /** `syncStagedRecords` for ERP vendors in canonical form. */
  stageVendors(
    vendors: readonly {
      readonly originId: string;
      readonly status: 'staged' | 'archived';
      readonly vendor: Vendor;
    }[],
  ): Promise<readonly ItemError[]>;
  /** `syncVendors` for canonical fields: only the given ones are sent. */
  updateVendors(
    updates: readonly {
      readonly procoreId: ProcoreId;
      readonly originId: string;
      readonly fields: Readonly<Partial<Vendor>>;
    }[],
  ): Promise<readonly ItemError[]>;

  /**
   * Batch upsert of one resource by id or `origin_id`, in canonical fields (the "sync action" of the resource). Answers what was not
   * taken, and the ids of what was. Harmless to repeat.
   */
  syncRecords(resource: SyncResource, scope: SyncScope, items: readonly SyncItem[]): Promise<SyncOutcome>;
  /** Puts records on "Ready to Import" with their lines as children, or takes them off. The key of an error is the origin_id. */
  stageRecords(records: readonly StagedCandidate[]): Promise<readonly ItemError[]>;
  /** Deletes one row; one that is gone already is fine. */
  deleteRecord(
    resource: 'cost_codes' | 'cost_code_line_item_types' | 'erp_job_costs',
    id: ProcoreId,
    scope: SyncScope,
  ): Promise<void>;
  /** Path inferred, configurable: `paths['invoicePayments.unlink']`. One that is unlinked already is fine. */
  unlinkInvoicePayment(id: ProcoreId): Promise<void>;
  /** Which of these origin_ids Procore knows, and as what (`filters[origin_id]` of the resource's list). */
  findByOriginId(
    entity: Exclude<Entity, 'vendor'>,
    originIds: readonly string[],
    projectId: ProcoreId | null,
  ): Promise<
    readonly { readonly originId: string; readonly procoreId: ProcoreId; readonly itemType: string }[]
  >;
  /** Lines of a contract or change order in Procore, for unlinking records whose lines we do not remember. */
  listLines(
    itemType: string,
    procoreId: ProcoreId,
    projectId: ProcoreId,
  ): Promise<readonly { readonly procoreId: ProcoreId; readonly originId: string | null }[]>;

  /** Ties the company to this integration ("ERP connections"); calling it again answers the same. Keep the list id. */
  createErpConnection(connection: {
    serviceUrl: string;
    metadata: ErpMetadata;
  }): Promise<{ readonly standardCostCodeListId: ProcoreId | null }>;
  /** Replaces the whole metadata configuration. */
  updateMetadata(metadata: ErpMetadata): Promise<void>;
  /** Hash of the configuration that these two would send; sends nothing. Equal hashes: Procore need not be told again. */
  metadataRevision(metadata: ErpMetadata): string;

  listHooks(namespace: string): Promise<readonly Hook[]>;
  createHook(hook: { namespace: string; destinationUrl: string; authorization: string }): Promise<Hook>;
  updateHook(id: ProcoreId, hook: { destinationUrl: string; authorization: string }): Promise<void>;
  listTriggers(
    hookId: ProcoreId,
  ): Promise<readonly { id: ProcoreId; resourceName: string; eventType: string }[]>;
  createTrigger(hookId: ProcoreId, trigger: { resourceName: string; eventType: string }): Promise<void>;
}

/** The body of an ERP request as received; only `id` is known to be usable. */
export interface RawErpRequest {
  readonly id: ProcoreId;
  readonly body: unknown;
}

export interface DetailClosing {
  readonly detailId: ProcoreId;
  readonly status: 'success' | 'failed';
  /** Sentences shown to people in Procore's ERP tool. */
  readonly messages: readonly string[];
  /** Procore id of the record, when it is known: a detail can be read back only by its record for certain. */
  readonly itemId?: ProcoreId;
}

export interface RequestDetail {
  readonly id: ProcoreId;
  readonly status: string;
  readonly messages: readonly string[];
}

export interface ExternalData {
  readonly itemType: string;
  readonly itemId: ProcoreId;
  /** Null unlinks. */
  readonly originId: string | null;
  readonly originCode?: string | null;
  readonly originData?: string | null;
  /** Where the record lives. The ERP tool does not need it, the resources themselves do. */
  readonly place?: {
    readonly projectId?: ProcoreId;
    /** The record that a line belongs to. */
    readonly holder?: { readonly itemType: string; readonly itemId: ProcoreId };
  };
}

/** What one round of discovery looks at. */
export interface DiscoveryScan {
  /** Records changed since then, ISO 8601 UTC; null: all. */
  readonly since: string | null;
  /** Projects up to this one are done. */
  readonly afterProject: ProcoreId | null;
  /** Kinds of records that the ERP keeps. */
  readonly kinds: { readonly vendors: boolean; readonly projects: boolean; readonly commitments: boolean };
  /** Records (`vendor/98127745`) with an open request: they are not looked at. */
  readonly open: ReadonlySet<string>;
  /** Records that something waits for: they are needed, whenever they changed. */
  readonly waitedFor: ReadonlySet<string>;
  /** Records whose request was closed since the last round: they may have changed while it was open. */
  readonly again: ReadonlySet<string>;
  /** The projects that these live in. */
  readonly againIn: ReadonlySet<ProcoreId>;
}

/** What one step of discovery found. */
export interface Discovered {
  /** The project it was about; null: the company. */
  readonly projectId: ProcoreId | null;
  /** Records to ask about. */
  readonly finds: readonly Find[];
  /** Records that carry an `origin_id`; `notice` is for those that we do not know as linked. */
  readonly linked: readonly {
    readonly entity: Entity;
    readonly procoreId: ProcoreId;
    readonly originId: string;
    readonly notice: Find;
  }[];
}

/** A request that we make ourselves, in the shape of an event of the ERP tool. */
export interface Find {
  /** What it is about: `vendor/98127745`, `sync_vendors`. */
  readonly key: string;
  /** Hash of what the request says of its record: the same state is found once. */
  readonly revision: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface StagedRecord {
  /** `vendor`, `project`, `work_order_contract`, ... ("Staged Records" guide). */
  readonly itemType: string;
  readonly originId: string;
  readonly originCode: string | null;
  readonly status: 'staged' | 'archived';
  /** Only fields that the ERP guide lists for the item type. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
  /** Lines, staged together with their parent. */
  readonly children?: readonly StagedRecord[];
}

export interface VendorUpdate {
  readonly id?: ProcoreId;
  readonly originId?: string;
  readonly fields: Readonly<Record<string, string | boolean | null>>;
}

export interface ProcoreVendor {
  readonly id: ProcoreId;
  readonly name: string;
  readonly originId: string | null;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** One record of a 200 answer that Procore did not take. `key` is what we sent: origin_id, id or detail id as text. */
export interface ItemError {
  readonly key: string;
  /** `field: message` sentences, in Procore's words. */
  readonly messages: readonly string[];
}

export interface Hook {
  readonly id: ProcoreId;
  readonly destinationUrl: string;
  readonly namespace: string;
}

/** Resources with a sync action that the pipeline writes (vendors have calls of their own). */
export type SyncResource = SyncedResource;

/** Where the records of a sync action live; each resource needs its own part of it. */
export type SyncScope = SyncPlace;

export interface SyncItem {
  /** What the caller knows the item by: the key of its error and of its id. */
  readonly key: string;
  readonly procoreId?: ProcoreId;
  readonly originId?: string;
  /** Canonical fields; only those given are sent, null clears. References hold ERP keys. */
  readonly fields: Fields;
  /** Of `cost_code_line_item_types` and `erp_job_costs`. */
  readonly pair?: { readonly costCodeId: ProcoreId; readonly lineItemTypeId: ProcoreId };
  /** Of `cost_codes`: the code above it in Procore. With it only the last segment of the code is sent, as Procore wants it. */
  readonly parentId?: ProcoreId;
  /** Of `cost_codes`: the standard cost code in the list of the ERP connection that this one stands for. */
  readonly standardCostCodeId?: ProcoreId;
  /** Of `invoice_payments`: the Procore id of the subcontractor invoice. */
  readonly invoiceId?: ProcoreId;
}

export interface SyncOutcome {
  readonly errors: readonly ItemError[];
  /** Of every item that Procore echoed with an id. */
  readonly ids: readonly { readonly key: string; readonly procoreId: ProcoreId }[];
}

/** An ERP record for "Ready to Import". */
export interface StagedCandidate {
  readonly entity: Exclude<Entity, 'vendor'>;
  /** Staged `item_type`, e.g. `work_order_contract`. */
  readonly itemType: string;
  readonly originId: string;
  readonly originCode: string | null;
  readonly status: 'staged' | 'archived';
  /** References hold ERP keys, lines their `erpKey`; both become origin_ids. */
  readonly record: CanonicalRecord;
}
