import type { ErrorShape } from '../../domain/base/errors';
import type { Entity, RefTarget } from '../../domain/kinds/entity';
import type { AnyRecord, CanonicalRecord } from '../../domain/kinds/record';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { Vendor } from '../../domain/kinds/vendor';
import type { ColumnRule, VendorColumns } from '../../domain/kinds/vendor-rules';

/**
 * The contract between Tieback and one ERP company.
 *
 * An adapter translates; it decides nothing. It declares what it can do by implementing capabilities
 * (`vendors`, later `jobs`, ...). Expected outcomes are values (`WriteResult`); what nobody expects is thrown as a
 * `TiebackError` of class transient, unknown_outcome, busy, config or data.
 *
 * How to add an ERP: 1. make a folder beside `sample/`; 2. implement this interface; 3. add it to `registry.ts`;
 * 4. run the conformance suite (`conformance/`) until it is green; 5. print the exact rights in `grantScript()`.
 */
export interface ErpAdapter {
  /** What this is and what it can do, read from the live system. Throws `ERP_UNREACHABLE`, `ERP_CONFIG`. */
  describe(): Promise<ErpDescription>;
  /** Read-only checks for `tieback doctor`: reachable, rights, schema, ledger. Never throws: a failure is a check. */
  check(): Promise<readonly HealthCheck[]>;
  /** The script a DBA runs to give exactly the rights that are needed and to create the `tieback` ledger. */
  grantScript(): string;
  readonly ledger: OperationLedger;
  readonly vendors?: VendorCapability;
  /** Every other kind of record this ERP keeps. What is absent cannot be carried, and Procore is told so. */
  readonly records?: Readonly<Partial<Record<RecordEntity, RecordCapability>>>;
  /**
   * How these records and lines stand, in the same order: what the planner must know of everything a record refers to, and what
   * decides whether Procore may unlink or delete. Keys that are not of this ERP answer `absent`. Never writes.
   */
  lookUp?(refs: readonly ErpRef[]): Promise<readonly ErpRefState[]>;
  close(): Promise<void>;
}

export interface ErpDescription {
  /** Adapter name as in the registry, e.g. `sample`. */
  readonly system: string;
  /** Product and version as the ERP reports it. */
  readonly version: string;
  /** ERP company number or code. */
  readonly company: string;
  readonly companyName: string;
  readonly capabilities: readonly string[];
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when not ok. */
  readonly hint?: string;
}

/** One row of the ledger that lives in the ERP database and is written in the same transaction as the ERP rows. */
export interface LedgerEntry {
  readonly operationKey: string;
  readonly entity: string;
  /** Our record id, e.g. `vendor/98127745` (Procore id). */
  readonly recordId: string;
  readonly generation: number;
  readonly targetRevision: string;
  readonly planHash: string;
  readonly erpKey: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

export interface OperationLedger {
  /** The entry of exactly this operation, or null when it never committed. The probe after an unknown outcome. */
  find(operationKey: string): Promise<LedgerEntry | null>;
  /** The entry with the highest generation for a record: what Tieback last wrote there, whatever our store remembers. */
  head(entity: string, recordId: string): Promise<LedgerEntry | null>;
}

/** How wide and how strict one ERP column is; read from the live catalog, never from a manual. */
export type FieldRule = ColumnRule;

/** Columns, code range and uniqueness of the vendor file. Fields that are absent have no column: the plan says they are not carried. */
export type VendorRules = VendorColumns;

export interface ErpVendor {
  /** Key of the record inside this ERP instance, e.g. `1|10442` (vendor group | number). Stable for life. */
  readonly key: string;
  readonly vendor: Vendor;
}

export interface VendorPage {
  readonly records: readonly ErpVendor[];
  /** Where to go on: opaque, comparable only by the adapter; pass it back to `readChanged`. */
  readonly cursor: string;
}

/** What the duplicate search looks for; null fields are not searched. */
export interface VendorProbe {
  readonly code: string | null;
  readonly name: string;
  readonly sortName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

export interface VendorCapability {
  /** Column widths, code tables and ranges of the live system. */
  rules(): Promise<VendorRules>;
  /**
   * Vendors changed after the cursor (null: all), oldest change first, in pages. Inactive vendors are included; a vendor
   * may come again (overlap), none may be missed, also when rows change while reading. The last page may be empty.
   */
  readChanged(cursor: string | null, pageSize: number): AsyncIterable<VendorPage>;
  /** The vendors with these keys that exist; order is not promised. */
  read(keys: readonly string[]): Promise<readonly ErpVendor[]>;
  /**
   * Vendors that could be the same company, inactive ones too: same number, same sort name, same normalised name
   * (see `normaliseName` in domain/identity), same e-mail, same phone digits. At most 50.
   */
  findSimilar(probe: VendorProbe): Promise<readonly ErpVendor[]>;
  /**
   * Writes a batch. **MUST be idempotent by `operationKey`**: rows and ledger entry commit in one transaction per
   * operation; an operation found in the ledger is not written again but answered with `replayed: true`; a ledger entry
   * of the same (entity, recordId, generation) with another key answers `taken`. Operations run in the given order; one
   * refused operation does not stop the others. Results come in the order of the operations, one each.
   * Throws only: `ERP_UNREACHABLE` (nothing of the current operation committed), `ERP_OUTCOME_UNKNOWN`, `ERP_CONFIG`.
   */
  write(operations: readonly VendorWrite[]): Promise<readonly WriteResult[]>;
}

export interface VendorWrite {
  readonly operationKey: string;
  readonly recordId: string;
  readonly generation: number;
  readonly targetRevision: string;
  readonly planHash: string;
  readonly action: 'create' | 'update';
  /** Key of the row to update; null when creating. */
  readonly erpKey: string | null;
  /**
   * The values to write. For `create`, absent and null fields get the ERP's own defaults, and a null `code` the next free number;
   * for `update`, null empties a field. A value for a field without a rule is refused, never dropped.
   */
  readonly fields: Readonly<Partial<Vendor>>;
  /** For `update`: the values the plan saw. If any differs now, nothing is written and the answer is `moved`. */
  readonly expected: Readonly<Partial<Vendor>> | null;
}

/**
 * `written` = the row is there, unposted or in a master file; `accepted` = handed to the ERP's own import, which decides
 * later; `posted` = in the ledger for good. Tieback itself never posts.
 */
export type WriteResult<R extends AnyRecord = Vendor> =
  | {
      readonly status: 'written' | 'accepted' | 'posted';
      readonly erpKey: string;
      /** The record as the ERP now holds it (read back in the same transaction). */
      readonly record: R;
      readonly replayed: boolean;
    }
  | { readonly status: 'moved'; readonly reason: string }
  | { readonly status: 'taken'; readonly by: LedgerEntry }
  | { readonly status: 'busy'; readonly reason: string; readonly retryAfterMs: number }
  /** The ERP said no: `error.message` carries its own words. Class data or policy. */
  | { readonly status: 'refused'; readonly error: ErrorShape };

/** Every kind of record but the vendor, which has a capability of its own. */
export type RecordEntity = Exclude<Entity, 'vendor'>;

/**
 * Key of a record or of a line, as the adapter gave it out. A cost type assignment has no key of its own: it is
 * `<cost code key>/<cost type key>`.
 */
export interface ErpRef {
  readonly target: RefTarget;
  readonly key: string;
}

export interface ErpRefState extends ErpRef {
  /** `inactive`: there, but nothing new may use it (closed job, inactive phase). `void`: reversed or cancelled, as good as gone. */
  readonly state: 'absent' | 'active' | 'inactive' | 'void';
  /** For people: `phase 23-050 of job 1024-001`. */
  readonly label: string;
  /** Key of the record that a line belongs to (the job of a phase, the commitment of a line); null for records. */
  readonly parentKey: string | null;
  /** Number of a line within its record (`RecordLine.number`), or the code of a record; null when absent. */
  readonly number: string | null;
}

/** A record as the ERP holds it. */
export interface ErpRecord {
  /** `<company>|<id>`: stable for life, unique per entity, without blanks at its ends, exactly one bar. */
  readonly key: string;
  readonly state: 'active' | 'inactive' | 'void';
  /** Every line carries its `erpKey`; `procoreId` is null. */
  readonly record: CanonicalRecord;
}

export interface RecordPage {
  readonly records: readonly ErpRecord[];
  /** Where to go on: opaque; pass it back to `readChanged`. */
  readonly cursor: string;
}

/** One kind of record. The rules of `VendorCapability` about cursors, ledger, order and throwing hold here too. */
export interface RecordCapability {
  /** Column widths, scales and code tables of the live system, for the header and for each kind of line. */
  rules(): Promise<RecordColumns>;
  /** The records with these keys that exist, with all their lines; order is not promised. */
  read(keys: readonly string[]): Promise<readonly ErpRecord[]>;
  /**
   * Records that have the same number where numbers are unique (a job in its company, a commitment in its company, an invoice
   * reference of its vendor, a change order of its contract), in any state. `record` has its references resolved.
   */
  findSame(record: CanonicalRecord): Promise<readonly ErpRecord[]>;
  /** As `VendorCapability.readChanged`. A record counts as changed when one of its lines changed. */
  readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage>;
  /**
   * As `VendorCapability.write`. `create` writes the header and all lines, `update` the given header fields and adds or changes the
   * given lines (recognised by kind and number); lines that are not given stay. The answer carries every line with its `erpKey`.
   * What only the ERP can say (period closed, batch in use, budget not posted yet) is `busy` when time heals it, else `refused`.
   */
  write(operations: readonly RecordWrite[]): Promise<readonly WriteResult<CanonicalRecord>[]>;
}

export interface RecordWrite {
  readonly operationKey: string;
  readonly recordId: string;
  readonly generation: number;
  readonly targetRevision: string;
  readonly planHash: string;
  readonly action: 'create' | 'update';
  /** Key of the record to update; null when creating. */
  readonly erpKey: string | null;
  readonly record: CanonicalRecord;
  /** For `update`: header fields as the plan saw them. If any differs now, the answer is `moved`. */
  readonly expected: CanonicalRecord['fields'] | null;
}
