import type { OriginKind, OriginRecord } from '../domain/kinds/census';
import type { Kind, LineKind, RefTarget } from '../domain/kinds';
import type { ErpMetadata } from '../domain/kinds/metadata';
import type { CanonicalRecord, Fields, ProcoreId } from '../domain/kinds/record';
import type { SyncPlace, SyncedResource } from '../domain/plan/operation';
import type { TaxIdHash } from '../domain/reconcile/match';
import type { Answers, DraftLine, Question, ReadRequest, RecordDraft } from '../domain/request/intent';
import type { AskedDetail, ShownDetail } from '../domain/request/procore-end';
import type { ItemError } from './item-error';
import type { ProcorePayroll } from './payroll/port';

/**
 * What Tieback needs of one Procore company, through either door. What a door lacks is absent. Calls throw `TiebackError` (`PROCORE_*`)
 * whose message carries Procore's own words. All calls of one app share one limiter. Writes set a state and may be repeated; nothing
 * here retries a write whose outcome is unknown unless repeating it is harmless.
 */
export interface ProcoreCompany {
  readonly companyId: ProcoreId;
  /**
   * The directory user of our service account: the `user_id` of webhooks that we caused. `toldAt`: when Procore answered, by its own clock, as ISO
   * 8601 UTC in whole seconds (the HTTP `Date` header); null: the answer had none.
   */
  me(): Promise<{ readonly id: ProcoreId; readonly name: string; readonly toldAt: string | null }>;
  /** What Procore's directory calls a user; null: it does not say, or does not let us read it. Asked once for each. */
  userName(id: ProcoreId): Promise<string | null>;
  /** Reads the body of a request; never throws: what cannot be read is a `malformed` intent. `erpRequestId`: null for requests of our own. */
  readRequest(body: unknown, erpRequestId: ProcoreId | null, answers?: Answers): ReadRequest;
  /** Asks what bodies leave open; what Procore does not say (or does not let us read) is null. */
  answer(questions: readonly Question[]): Promise<Answers>;
  /** Moves with every change of what `readRequest` answers: then stored bodies are read again. */
  readonly readerVersion: string;
  /** Who carries an `origin_id`, kind by kind: of the company, and of projects that carry one. */
  listOrigins(): AsyncIterable<{ readonly kind: OriginKind; readonly records: readonly OriginRecord[] }>;
  /** Records and lines, by kind. */
  readonly kinds: Readonly<Partial<Record<RefTarget, ProcoreKind>>>;
  readonly ties: TiesPort;
  readonly staging: StagingPort;
  readonly hooks: HooksPort;
  /** Timecards, and the people that they are about. */
  readonly payroll: ProcorePayroll;
  /** Procore's own requests and their details: the ERP tool alone has them. */
  readonly requests?: RequestsPort;
  readonly details?: DetailsPort;
  readonly metadata?: MetadataPort;
  /** Without the ERP tool: finds in Procore's ordinary APIs what its people would have sent. */
  readonly discovery?: DiscoveryPort;
}

export interface RequestsPort {
  /** The body of one ERP request, as received. Path inferred, configurable: `paths.erpRequest`. */
  show(erpRequestId: ProcoreId): Promise<unknown>;
  /**
   * ERP requests with an id above `afterId`, page by page, oldest first within a page. The operation is not documented:
   * a 404 ends the iteration with `PROCORE_NOT_FOUND`.
   */
  list(afterId: ProcoreId): AsyncIterable<readonly RawErpRequest[]>;
}

/** An ERP request as received; only `id` is known to be usable. */
export interface RawErpRequest {
  readonly id: ProcoreId;
  readonly body: unknown;
}

export interface DetailsPort {
  /**
   * Closes request details (ERP guide: a detail closes once). Reads back first when Procore answers 422, so that closing again
   * with the same status is success. Returns per detail what went wrong; an empty list is success.
   */
  close(closings: readonly DetailClosing[]): Promise<readonly ItemError[]>;
  /** Details of one record. */
  find(itemId: ProcoreId): Promise<readonly RequestDetail[]>;
  /**
   * How these details stand, as far as Procore shows them; what it does not show is absent. Few calls for many details: record by record for
   * up to three records, else the list of the company, and record by record what that does not hold. Throws only what a retry can heal.
   */
  read(asked: readonly AskedDetail[]): Promise<readonly RequestDetail[]>;
}

export interface DetailClosing {
  readonly detailId: ProcoreId;
  readonly status: 'success' | 'failed';
  /** Sentences shown to people in Procore's ERP tool. */
  readonly messages: readonly string[];
  /** Procore id of the record, when it is known: a detail can be read back only by its record for certain. */
  readonly itemId?: ProcoreId;
}

export type RequestDetail = ShownDetail;

/** What ties a record of Procore to the ERP: external data, or the `origin_id` of the resource itself. */
export interface TiesPort {
  /** Sets or clears origin_id, origin_code and origin_data. Per-record errors are returned; their key is the item id. */
  set(ties: readonly ExternalData[]): Promise<readonly ItemError[]>;
  /** What ties one item. Absent through the open door: there every look finds the origin_ids of all records. */
  read?(itemType: string, itemId: ProcoreId): Promise<ExternalData | null>;
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

export interface StagingPort {
  /**
   * Puts ERP records on "Ready to Import" with their lines as children, or takes them off; through the open door, where nobody imports,
   * they are written straight. The key of an error is the origin_id.
   */
  stage(records: readonly StagedCandidate[]): Promise<readonly ItemError[]>;
}

/** An ERP record for "Ready to Import". */
export interface StagedCandidate {
  readonly kind: Kind;
  /** Staged `item_type`, e.g. `work_order_contract`. */
  readonly itemType: string;
  readonly originId: string;
  readonly originCode: string | null;
  readonly status: 'staged' | 'archived';
  /** References hold ERP keys, lines their `erpKey`; both become origin_ids. */
  readonly record: CanonicalRecord;
}

/** One kind of record or line in Procore; each can what its resource can. */
export interface ProcoreKind {
  /** The records with these ids that exist, as drafts: the form in which an event would have sent them. */
  read?(ids: readonly ProcoreId[], place: SyncPlace): Promise<readonly RecordDraft[]>;
  /** Records changed since then (ISO 8601 UTC; null: all), page by page; one may come again, none is missed. */
  readChanged?(since: string | null, place: SyncPlace): AsyncIterable<readonly RecordDraft[]>;
  /**
   * For reconciling: records changed since then (ISO 8601 UTC; null: all), inactive ones too, page by page; one may come again, the later one holds.
   * Kinds whose list has no filter for changes show more than asked: all of it, where its rows do not say when they changed. A page costs a call,
   * nothing is asked record by record, and lines are left out (`lines`).
   *
   * Throws `PROCORE_LIST_MOVED` after the last page of a list where `Total` moved between pages, and, of all records, where fewer came than it says: then nothing
   * may be concluded from what is missing. Without an error it is still no proof (a record may go while another comes): `see` it first.
   */
  scan?(since: string | null, place: SyncPlace): AsyncIterable<readonly SeenRecord[]>;
  /**
   * For reconciling: those of these that exist, inactive ones too, without lines, in as few calls as the filters of the list allow. One that is not
   * answered was asked for by its own id, or is missing in a complete list: it is gone, or the service account may not read it (Procore answers both
   * alike).
   */
  see?(ids: readonly ProcoreId[], place: SyncPlace): Promise<readonly SeenRecord[]>;
  /**
   * For reconciling: cost codes and cost type assignments of a project, or of one of its sub jobs (`subJobId`), in one list. Throws as `scan` does,
   * and `PROCORE_ANSWER_INVALID` where a code cannot be read.
   */
  lines?(place: SyncPlace): Promise<SeenLines>;
  /** For reconciling: which canonical fields go through; absent: none do. */
  readonly carries?: CarriedFields;
  /**
   * Batch upsert by id or `origin_id`, in canonical fields (the "sync action" of the resource). Answers what was not taken, and the ids of
   * what was. Harmless to repeat.
   */
  write?(place: SyncPlace, items: readonly SyncItem[]): Promise<SyncOutcome>;
  /** Which of these origin_ids Procore knows, and as what (`filters[origin_id]` of the resource's list). */
  findByOriginId?(originIds: readonly string[], projectId: ProcoreId | null): Promise<readonly OriginHit[]>;
  /**
   * Hashes of the tax ids of those of these that show one. Each is handed to `hash` as it is read and goes nowhere else. Absent: the kind has none.
   */
  taxIdHashes?(ids: readonly ProcoreId[], hash: TaxIdHash): Promise<ReadonlyMap<ProcoreId, string>>;
  /** Deletes one row; one that is gone already is fine. */
  remove?(id: ProcoreId, place: SyncPlace): Promise<void>;
  /** Lets go of one record where that is a call of its own; one that is unlinked already is fine. */
  unlink?(id: ProcoreId): Promise<void>;
  /** Which of its item types a record has, where an event does not say; null: there is no such record. */
  itemTypeOf?(procoreId: ProcoreId, projectId: ProcoreId): Promise<string | null>;
  /** Lines of a contract or change order, for untying records whose lines we do not remember. */
  listLines?(
    itemType: string,
    procoreId: ProcoreId,
    projectId: ProcoreId,
  ): Promise<readonly { readonly procoreId: ProcoreId; readonly originId: string | null }[]>;
}

/** Names of resources with a sync action. */
export type { SyncedResource };
export type { ItemError };

export interface OriginHit {
  readonly originId: string;
  readonly procoreId: ProcoreId;
  readonly itemType: string;
}

export interface SyncItem {
  /** What the caller knows the item by: the key of its error and of its id. */
  readonly key: string;
  readonly procoreId?: ProcoreId;
  readonly originId?: string;
  /** The record is to carry this `origin_id`, although it is known by its id. */
  readonly ties?: true;
  /** Canonical fields; only those given are sent, null clears. References hold ERP keys. */
  readonly fields: Fields;
  /** Of cost type assignments and job costs. */
  readonly pair?: { readonly costCodeId: ProcoreId; readonly lineItemTypeId: ProcoreId };
  /** Of codes: the one above it in Procore. Found by the kind itself; callers leave it out. */
  readonly parentId?: ProcoreId;
  /** Of cost codes: the standard cost code of the ERP's list that this one stands for. Found by the kind itself, too. */
  readonly standardCostCodeId?: ProcoreId;
  /** Of invoice payments: the Procore id of the subcontractor invoice. */
  readonly invoiceId?: ProcoreId;
}

/** A record as Procore shows it. */
export interface SeenRecord {
  /**
   * Fields and references that its answer does not have, or whose values cannot be read, are left out: they are unknown, not empty. Lines are always
   * left out. References hold what Procore knows: mostly the id alone.
   */
  readonly draft: RecordDraft;
  /** ISO 8601 UTC in milliseconds; null: it does not say, as standard cost codes and cost types never do. */
  readonly changedAt: string | null;
}

/** A line as Procore shows it. */
export interface SeenLine {
  /** What is unknown is left out, as in records. */
  readonly line: DraftLine;
  /** Null: none, or a line that never has one. */
  readonly originId: string | null;
  /** As in `SeenRecord`; of an assignment always null. */
  readonly changedAt: string | null;
}

/** Lines of a project or sub job. */
export interface SeenLines {
  /** A deleted code that Procore still shows is inactive and without assignments; it is left out where the same code stands there again. */
  readonly lines: readonly SeenLine[];
  /** Which kinds of lines the answer tells: of others nothing is known. */
  readonly shown: readonly LineKind[];
}

/** Canonical names of fields, references among them. */
export interface CarriedFields {
  /** Procore shows them. */
  readonly reads: readonly string[];
  /** Its sync action takes them; of any other a write would be lost. */
  readonly writes: readonly string[];
}

export interface SyncOutcome {
  readonly errors: readonly ItemError[];
  /** Records as Procore holds them now, by the key of their item. Only those that its answer shows whole: any other must be seen again to be known. */
  readonly echoes?: readonly { readonly key: string; readonly seen: SeenRecord }[];
  /** The same of lines (cost codes). */
  readonly lineEchoes?: readonly { readonly key: string; readonly seen: SeenLine }[];
  /** Of every item that Procore echoed with an id. */
  readonly ids: readonly { readonly key: string; readonly procoreId: ProcoreId }[];
}

export interface MetadataPort {
  /** Ties the company to this integration ("ERP connections"); calling it again answers the same. Keep the list id. */
  connect(connection: {
    serviceUrl: string;
    metadata: ErpMetadata;
  }): Promise<{ readonly standardCostCodeListId: ProcoreId | null }>;
  /** Replaces the whole metadata configuration. */
  update(metadata: ErpMetadata): Promise<void>;
  /** Hash of the configuration that these two would send; sends nothing. Equal hashes: Procore need not be told again. */
  revision(metadata: ErpMetadata): string;
}

export interface HooksPort {
  list(namespace: string): Promise<readonly Hook[]>;
  create(hook: { namespace: string; destinationUrl: string; authorization: string }): Promise<Hook>;
  update(id: ProcoreId, hook: { destinationUrl: string; authorization: string }): Promise<void>;
  listTriggers(
    hookId: ProcoreId,
  ): Promise<readonly { id: ProcoreId; resourceName: string; eventType: string }[]>;
  createTrigger(hookId: ProcoreId, trigger: { resourceName: string; eventType: string }): Promise<void>;
}

export interface Hook {
  readonly id: ProcoreId;
  readonly destinationUrl: string;
  readonly namespace: string;
}

export interface DiscoveryPort {
  /** One look, step by step. */
  discover(scan: DiscoveryScan): AsyncIterable<Discovered>;
}

/** What one round of discovery looks at. */
export interface DiscoveryScan {
  /** Records changed since then, ISO 8601 UTC; null: all. */
  readonly since: string | null;
  /** Projects up to this one are done. */
  readonly afterProject: ProcoreId | null;
  /** Kinds of records that the ERP keeps. */
  readonly kinds: ReadonlySet<Kind>;
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
    readonly kind: Kind;
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
