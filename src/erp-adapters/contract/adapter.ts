import type { Anchor } from '../../domain/audit/anchor';
import type { ErrorShape } from '../../domain/base/errors';
import type { Kind, RefTarget } from '../../domain/kinds';
import type { RecordColumns } from '../../domain/kinds/fit-record';
import type { CanonicalRecord, Fields, KnownRecord, Standing } from '../../domain/kinds/record';
import type { LedgerHead } from '../../domain/plan/ledger-head';
import type { TaxIdHash, TaxIdHashes } from '../../domain/reconcile/match';
import type { PayrollCapability } from './payroll';

/**
 * The contract between Tieback and one ERP company.
 *
 * An adapter translates; it decides nothing. It declares what it keeps by one capability a kind. Expected outcomes are values
 * (`WriteResult`); what nobody expects is thrown as a `TiebackError` of class transient, unknown_outcome, busy, config or data.
 *
 * How to add an ERP: 1. make a folder beside `sample/`; 2. implement this interface; 3. add it to `registry.ts`;
 * 4. run the conformance suite (`contract/conformance/`) until it is green; 5. print the exact rights in `grantScript()`.
 */
export interface ErpAdapter {
  /** What this is and what it can do, read from the live system. Throws `ERP_UNREACHABLE`, `ERP_CONFIG`. */
  describe(): Promise<ErpDescription>;
  /** Read-only checks for `tieback doctor`: reachable, rights, schema, ledger. Never throws: a failure is a check. */
  check(): Promise<readonly HealthCheck[]>;
  /** The script a DBA runs to give exactly the rights that are needed and to create the `tieback` ledger. */
  grantScript(): string;
  readonly ledger: OperationLedger;
  /** Keeps heads of our audit log in the ERP's database, where those who may write to our store may not. Absent: it keeps none. */
  readonly anchors?: AnchorBook;
  /**
   * What `write` would send to the ERP for this operation: everything is looked at, and nothing is sent that writes. For `tieback erp try`. Absent: the
   * adapter cannot tell.
   */
  rehearse?(kind: Kind, operation: RecordWrite): Promise<Rehearsal>;
  /** Every kind of record this ERP keeps. What is absent cannot be carried, and Procore is told so. */
  readonly kinds: Readonly<Partial<Record<Kind, KindCapability>>>;
  /** Payroll: employees, codes, periods, and one batch of timecards a plan. Absent: this ERP keeps none, or not for us. */
  readonly payroll?: PayrollCapability;
  /**
   * How these records and lines stand, in the same order: what the planner must know of everything a record refers to, and what
   * decides whether Procore may unlink or delete. Also asked about what this adapter keeps no records of (the cost type of a line). Keys that are
   * not of this ERP answer `absent`. Never writes.
   */
  lookUp(refs: readonly ErpRef[]): Promise<readonly ErpRefState[]>;
  /**
   * The time of the ERP's server right now, ISO 8601 in UTC, such as `2026-11-29T12:00:00.000Z`: asked of the database, not of our own machine
   * (`SYSUTCDATETIME()` in T-SQL; `GETDATE()` would be its local time). `tieback doctor` compares the clocks. Absent: it cannot be asked.
   */
  now?(): Promise<string>;
  /**
   * What each kind needs of the live database and what is there: Tieback keeps it, and stops the kinds that an upgrade of the ERP touches until a person
   * has looked. Absent: the ERP has no catalogue that could be asked. Never writes.
   */
  schema?(): Promise<ErpSchema>;
  /**
   * What the ERP decided later about operations that were answered `accepted`, in the order in which it was learned: at most `size` at a time, from the
   * beginning (`after` null) or from where the page before ended. Whoever asks learns what there is by now, so an adapter looks for new answers first.
   * The same place gives the same outcomes again; none is ever left out. `check` names operations that wait for their answer for too long. Absent:
   * nothing is answered `accepted` here. Never writes to the ERP. Throws `ERP_UNREACHABLE`, `ERP_CONFIG`.
   */
  outcomes?(after: string | null, size: number): Promise<OutcomePage>;
  close(): Promise<void>;
}

/** What became of one operation that the ERP had only accepted. */
export interface LateOutcome {
  readonly operationKey: string;
  readonly kind: Kind;
  readonly recordId: string;
  readonly generation: number;
  /** Key of the record, as the answer to the write gave it; null where there was none yet. */
  readonly erpKey: string | null;
  /** When we learned it, ISO 8601 UTC. */
  readonly at: string;
  /** `rejected`: a record that was to be created is not there, of a change nothing was written. */
  readonly outcome: 'taken' | 'rejected';
  /** The ERP's own words; a rejection always has some. */
  readonly words: string | null;
  /** A sentence where the ERP said otherwise of the same operation before: nobody can tell which holds. Null: it did not. */
  readonly contradiction: string | null;
}

/** Some outcomes, in the order in which they were learned. None: there is nothing new. */
export interface OutcomePage {
  readonly outcomes: readonly LateOutcome[];
  /** Where to go on, now or at any time later: opaque. Null only where there never was an outcome. */
  readonly cursor: string | null;
}

/** What an operation would write. */
export interface Rehearsal {
  /** In the order in which they would be sent. */
  readonly statements: readonly RehearsedStatement[];
  /** Why nothing, or nothing more, would be written; null: it would be. */
  readonly answer: string | null;
}

/** A statement that was not sent, and the rows of values that would go with it. Secrets are left out. */
export interface RehearsedStatement {
  readonly sql: string;
  readonly values: readonly Readonly<Record<string, string | number | null>>[];
}

/** Of every kind, what it needs of the ERP's database. */
export type ErpSchema = Readonly<Partial<Record<Kind, KindSchema>>>;

/** What one kind needs of the ERP's database. */
export interface KindSchema {
  /** What is there, by table and column: `APVM.Name` is `varchar(60) not null`, `APVM (triggers)` are `btAPVMi`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Why it cannot be read or written as it is, a sentence each; empty: it can. */
  readonly problems: readonly string[];
}

export interface ErpDescription {
  /** Adapter name as in the registry, e.g. `sample`. */
  readonly system: string;
  /** Product and version as the ERP reports it. */
  readonly version: string;
  /** ERP company number or code. */
  readonly company: string;
  readonly companyName: string;
  readonly kinds: readonly Kind[];
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when not ok. */
  readonly hint?: string;
}

/** Of what the ledger has entries: records of a kind, and batches of timecards (`payroll.ts`), which are no records. */
export type LedgerKind = Kind | 'pay_batch';

/** One row of the ledger that lives in the ERP database and is written in the same transaction as the ERP rows. */
export interface LedgerEntry<K extends LedgerKind = LedgerKind> extends LedgerHead {
  readonly kind: K;
  /** Our record id, e.g. `vendor/98127745` (Procore id); of a batch of timecards that of its period. */
  readonly recordId: string;
  readonly targetRevision: string;
  readonly planHash: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

export interface OperationLedger {
  /** The entries of exactly these operations, as far as they ever committed. The probe after an unknown outcome. */
  find(operationKeys: readonly string[]): Promise<readonly LedgerEntry[]>;
  /** The entry with the highest generation for a record: what Tieback last wrote there, whatever our store remembers. */
  head(kind: LedgerKind, recordId: string): Promise<LedgerEntry | null>;
  /** Every entry for a record, by generation: what a store that is older than the ERP takes over. Absent: it takes over the head alone. */
  ofRecord?(kind: LedgerKind, recordId: string): Promise<readonly LedgerEntry[]>;
  /**
   * All entries of this connection in the order they were written, at most `size` at a time, from the beginning (`after` null) or where the
   * page before ended. What commits while pages are read may be missing.
   */
  entries(after: string | null, size: number): Promise<LedgerPage>;
}

/** Append-only: an anchor is neither changed nor deleted. */
export interface AnchorBook {
  /** Keeps an anchor; the same one again adds nothing, another one for the same link is kept beside it. */
  add(anchor: Anchor): Promise<void>;
  /** All anchors of this connection in the order they came, as `OperationLedger.entries`. */
  entries(after: string | null, size: number): Promise<AnchorPage>;
}

/** Some anchors, in the order they came. */
export interface AnchorPage {
  readonly anchors: readonly Anchor[];
  /** Where to go on: opaque. Null: that was all. */
  readonly cursor: string | null;
}

/** Some entries of the ledger, in the order they were written. */
export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** Where to go on: opaque; pass it back to `entries`. Null: that was all. */
  readonly cursor: string | null;
}

/**
 * Key of a record or of a line, as the adapter gave it out. A cost type assignment has no key of its own: it is
 * `<cost code key>/<cost type key>`.
 */
export interface ErpRef {
  readonly target: RefTarget;
  readonly key: string;
}

export interface ErpRefState extends ErpRef, Standing {
  /** Key of the record that a line belongs to (the job of a phase, the commitment of a line); null for records. */
  readonly parentKey: string | null;
  /** Number of a line within its record (`RecordLine.number`), or the code of a record; null when absent. */
  readonly number: string | null;
}

/** A record as the ERP holds it. Every line carries its `erpKey`; `procoreId` is null. Keys have exactly one bar, no blank and no slash in them. */
export type ErpRecord = KnownRecord;

export interface RecordPage {
  readonly records: readonly ErpRecord[];
  /**
   * Keys of records that were deleted, where the ERP tells. It need not, and a sync leaves them alone: the nightly sweep finds deletions by `keys`,
   * because only who has seen all of a kind can tell a deletion from a list that was emptied.
   */
  readonly gone?: readonly string[];
  /** Where to go on: opaque, comparable only by the adapter; pass it back to `readChanged`. */
  readonly cursor: string;
}

/** One kind of record. */
export interface KindCapability {
  /**
   * Column widths, scales, code tables, ranges and uniqueness of the live system, for the header and for each kind of line; from the live
   * catalog, never from a manual. A field without a rule has no column (references and flags need none). Numbering: the code's rule says `assigned` where the ERP gives
   * out the next free number, and its `range`. `currency`: the one that amounts are kept in; documents in another are refused. A rule says
   * `lineBreaks` where the column keeps them. `custom`: every column that custom fields may be mapped to, whether one is or not.
   */
  rules(): Promise<RecordColumns>;
  /** The records with these keys that exist, with all their lines; order is not promised. */
  read(keys: readonly string[]): Promise<readonly ErpRecord[]>;
  /**
   * Records changed after the cursor (null: all), oldest change first, in pages. Inactive ones are included; a record counts as changed
   * when one of its lines changed; it may come again (overlap), none may be missed, also when rows change while reading. The last page
   * may be empty.
   */
  readChanged(cursor: string | null, pageSize: number): AsyncIterable<RecordPage>;
  /**
   * Records that have the same number where numbers are unique (a vendor in its group, a job in its company, an invoice reference of its
   * vendor, a change order of its contract), in any state. `record` has its references resolved.
   */
  findSame(record: CanonicalRecord): Promise<readonly ErpRecord[]>;
  /**
   * Writes a batch. **MUST be idempotent by `operationKey`**: rows and ledger entry commit in one transaction per operation; an
   * operation found in the ledger is not written again but answered with `replayed: true`; a ledger entry of the same (kind, recordId,
   * generation) with another key answers `taken`, one of a later generation `moved` (`writtenSince`). Operations run in the given order; one refused operation does not stop the others.
   * Results come in the order of the operations, one each.
   *
   * `create` writes the header and all lines; absent and null fields get the ERP's own defaults. `update` writes the given header fields
   * (null empties one) and adds or changes the given lines (recognised by kind and number); lines that are not given stay. The answer
   * carries every line with its `erpKey`. A value for a field without a rule is refused, never dropped. What only the ERP can say (period
   * closed, batch in use, budget not posted yet) is `busy` when time heals it, else `refused`.
   *
   * Throws only: `ERP_UNREACHABLE` (nothing of the current operation committed), `ERP_OUTCOME_UNKNOWN`, `ERP_CONFIG`.
   */
  write(operations: readonly RecordWrite[]): Promise<readonly WriteResult[]>;
  /**
   * Records that could be the same under another number, inactive ones too, the surest first, at most 50: same unique short name, same
   * normalised name, e-mail or phone, then names that are merely alike (`likenessOf` of `domain/kinds/likeness.ts`). Absent: this ERP is not searched.
   */
  findSimilar?(record: CanonicalRecord): Promise<readonly ErpRecord[]>;
  /**
   * Keys of all records there are, in any state, without what is in them, in pages: what is known and not among them was deleted. Each key once; what
   * is made or deleted while pages are read may come or not. Absent: it would cost as much as reading everything.
   */
  keys?(pageSize: number): AsyncIterable<readonly string[]>;
  /**
   * Hashes of the tax ids of the records with these keys, by key; of records without one nothing. Each is handed to `hash` as it is read and goes nowhere
   * else, neither into a record nor into a log or an error. Absent: the ERP has no such column, or the connection does not want it (`AdapterContext.taxIds`).
   */
  taxIdHashes?(keys: readonly string[], hash: TaxIdHash): Promise<TaxIdHashes>;
  /** The newest records come again with every reading, so that none that was committed late is passed over. Absent: what was read comes when it changed. */
  readonly repeatsNewest?: true;
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
  /** For `update`: header fields as the plan saw them, read by this adapter. If any differs now, nothing is written and the answer is `moved`. */
  readonly expected: Fields | null;
}

/**
 * `written` = the row is there, unposted or in a master file; `accepted` = handed to the ERP's own import, which decides
 * later and whose decision comes by `ErpAdapter.outcomes`; `posted` = in the ledger for good. Tieback itself never posts.
 */
export type WriteResult =
  | {
      readonly status: 'written' | 'accepted' | 'posted';
      readonly erpKey: string;
      /** The record as the ERP now holds it (read back in the same transaction). */
      readonly record: CanonicalRecord;
      readonly replayed: boolean;
    }
  | { readonly status: 'moved'; readonly reason: string }
  | { readonly status: 'taken'; readonly by: LedgerEntry }
  | { readonly status: 'busy'; readonly reason: string; readonly retryAfterMs: number }
  /** The ERP said no: `error.message` carries its own words. Class data or policy. */
  | { readonly status: 'refused'; readonly error: ErrorShape };
