import type { Warning } from '../base/warning';
import type { Facts } from './facts';
import type { Kind, LineKind, RefTarget } from '../kinds';
import type { DraftCustomFields } from '../kinds/custom-fields';
import type { Fields, ProcoreId } from '../kinds/record';
import type { PayPeriod } from '../payroll/period';

export type { ProcoreId } from '../kinds/record';

/** How a sync request is worked; the same word in every room. */
export const WAYS = [
  'export',
  'sync',
  'reconcile',
  'payroll',
  'refresh',
  'release',
  'links',
  'metadata',
] as const;
export type Way = (typeof WAYS)[number];

/** Ways that are worked page by page. */
export const isPaged = (way: Intent['way']): boolean => way === 'sync' || way === 'reconcile';

/** What a request asks for, read and validated: the only form the planners see. */
export type Intent =
  | RecordExport
  | RecordSync
  | RecordReconcile
  | PayPeriodRequest
  | JobRefresh
  | RecordRelease
  | LinkNotice
  /** Procore holds no metadata configuration and asks for it. */
  | { readonly way: 'metadata' }
  /** A real event of Procore (or one we have never heard of) that this version does not act on. */
  | { readonly way: 'unsupported'; readonly known: boolean; readonly detailIds: readonly ProcoreId[] }
  /** The body is not what the event promises. Every problem names the path and what was expected there. */
  | {
      readonly way: 'malformed';
      readonly problems: readonly string[];
      readonly detailIds: readonly ProcoreId[];
    };

export type IntentOf<W extends Intent['way']> = Extract<Intent, { way: W }>;

/** A request as it came, read: what to do, and what people search it by. */
export interface ReadRequest {
  /** `request_name` as sent; `(none)` when there was none. */
  readonly eventName: string;
  readonly intent: Intent;
  /** "Cobalt Mechanical LLC", "all vendors", ...: what the request is about, for people. */
  readonly subject: string;
  /** What the body leaves open and nobody has answered yet. */
  readonly questions: readonly Question[];
}

/**
 * Something that a body names without saying it, to be asked of Procore before the request is planned. `time_zone`: IANA name of the zone of a
 * project, or of the company where `id` is null. `tax_code`: the code that an id stands for.
 */
export interface Question {
  readonly what: 'time_zone' | 'tax_code';
  readonly id: ProcoreId | null;
}

/** What Procore answered, by `keyOfQuestion`; null: it was asked and does not say. */
export type Answers = Readonly<Record<string, string | null>>;

/** The body of a request, as it is kept. */
export interface StoredBody {
  /** What Procore sent, word for word; numbers of people that nothing reads are masked. */
  readonly received: unknown;
  readonly answers: Answers;
  /** See `RecordExport.changes`. */
  readonly changes: readonly string[];
}

export const keyOfQuestion = ({ what, id }: Question): string => (id === null ? what : `${what}:${id}`);

/** Names another record as a request does: by its Procore id, its `origin_id`, or both. */
export interface RecordRef {
  readonly target: RefTarget;
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  /** For people: `vendor Cobalt Mechanical LLC`, `cost code 23-050`. */
  readonly label: string;
}

/** One line of a record that Procore sent, before its references are resolved. */
export interface DraftLine {
  readonly kind: LineKind;
  /** See `RecordLine.number`. */
  readonly number: string;
  readonly procoreId: ProcoreId | null;
  /** External-data item type; null: the line carries no external data. */
  readonly itemType: string | null;
  /** Every field of the line that is no reference. */
  readonly fields: Fields;
  /** Every reference of the line; null where Procore names none. */
  readonly refs: Readonly<Record<string, RecordRef | null>>;
  /** For `cost_type_assignment`: what `cost_code_line_item_types` wants to hear. */
  readonly pair?: { readonly costCodeId: ProcoreId; readonly lineItemTypeId: ProcoreId };
}

/** As Procore names it; null: it does not say. `code` and `base` (that of the company) are ISO 4217; `rate` turns the one into the other. */
export interface Currency {
  readonly code: string | null;
  readonly rate: string | null;
  readonly base: string | null;
}

/** A record that Procore sent to the ERP. */
export interface RecordDraft {
  readonly kind: Kind;
  /** External-data item type, e.g. `work_order_contract`. */
  readonly itemType: string;
  readonly procoreId: ProcoreId;
  /** Set when the record is linked already (a job or a budget that is exported again). */
  readonly originId: string | null;
  /** For people: `Commitment SC-2417-008 "HVAC - Eastgate"`. */
  readonly label: string;
  /** Procore project the record lives in; null for records of the company. */
  readonly projectId: ProcoreId | null;
  /** Request details of this record alone, where Procore keeps one per record. */
  readonly detailIds: readonly ProcoreId[];
  readonly fields: Fields;
  readonly refs: Readonly<Record<string, RecordRef | null>>;
  readonly lines: readonly DraftLine[];
  /** Its mapped custom fields, whose values are among those of `fields` and of the lines; absent: none is mapped. */
  readonly custom?: DraftCustomFields;
  /** What is known of the record but has no place in the ERP; shown in the plan. */
  readonly notes: readonly string[];
  /** What contradicts itself, or could not be told; shown in the plan. */
  readonly warnings: readonly Warning[];
  /** Currencies that Procore names for its amounts, each once; absent: it names none. */
  readonly currencies?: readonly Currency[];
  /** Why it is not for the ERP at all, in sentences; absent: it is. */
  readonly refusals?: readonly string[];
  /** What policy rules may ask about but is not written: `prequalified`. */
  readonly flags?: Facts;
}

/** Write these records to the ERP, then their external data, then what belongs to them, then close the details. */
export interface RecordExport {
  readonly way: 'export';
  readonly detailIds: readonly ProcoreId[];
  /** Parents before children; all of one kind. */
  readonly records: readonly RecordDraft[];
  /** Names of filled fields of the body that no field of the records stands for, for people: `mobile phone`. */
  readonly notCarried?: readonly string[];
  /** What Procore shows otherwise than when the request was made, in sentences: it waited long, and Procore was asked again. */
  readonly changes?: readonly string[];
}

/** Bring what changed in the ERP to Procore: staged, updated, or written straight. */
export interface RecordSync {
  readonly way: 'sync';
  readonly kind: Kind;
  readonly detailIds: readonly ProcoreId[];
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: ProcoreId | null;
}

/** Bring together what moved on either side since both were compared last. Made by ourselves. */
export interface RecordReconcile {
  readonly way: 'reconcile';
  readonly kind: Kind;
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: ProcoreId | null;
  /** Everything was read, and not only what moved. */
  readonly full: boolean;
}

/** Bring the hours of one pay period into the ERP as one batch, and keep right what was paid. Made by ourselves. */
export interface PayPeriodRequest {
  readonly way: 'payroll';
  readonly period: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>;
}

/** Bring one project or sub job up to date with the ERP: header, cost codes, cost type assignments, job costs. */
export interface JobRefresh {
  readonly way: 'refresh';
  readonly kind: 'project' | 'sub_job';
  readonly originId: string;
  readonly projectId: ProcoreId;
  readonly subJobId: ProcoreId | null;
  /** `periodic`: Procore's clock. `imported`: it was just imported, and its link is new. */
  readonly why: 'periodic' | 'imported';
  readonly label: string;
}

/** Procore did it already; our links follow. */
export interface LinkNotice {
  readonly way: 'links';
  /**
   * `imported`: from staged data, so Procore holds exactly that. `linked`: by hand to a record that was there, never compared. `merged`: the
   * records became one with `master`.
   */
  readonly how: 'imported' | 'linked' | 'merged' | 'reset' | 'unlinked' | 'deleted';
  readonly label: string;
  readonly records: readonly NoticedRecord[];
  /** Of `merged`: the record that stays. */
  readonly master: NoticedRecord | null;
  /** `reset` of a project or sub job: everything below it is unlinked too. */
  readonly wholeProjectId: ProcoreId | null;
}

export interface NoticedRecord {
  readonly target: RefTarget;
  /** Null where the event does not say; then it is found in Procore by `originId`, or by project and title. */
  readonly procoreId: ProcoreId | null;
  readonly originId: string | null;
  readonly projectOriginId: string | null;
  readonly title: string | null;
}

/** May Procore let go of these? The ERP decides: what is gone there is unlinked (or deleted), what is there is refused. */
export interface RecordRelease {
  readonly way: 'release';
  readonly about: 'unlink' | 'delete';
  readonly detailIds: readonly ProcoreId[];
  readonly items: readonly ReleaseItem[];
}

export interface ReleaseItem {
  readonly target: RefTarget;
  readonly itemType: string | null;
  readonly procoreId: ProcoreId;
  readonly originId: string | null;
  readonly projectId: ProcoreId | null;
  readonly subJobId: ProcoreId | null;
  /** Request detail of this item alone. */
  readonly detailId: ProcoreId | null;
  readonly label: string;
  /** Lines the event names; null: it names none, they are known from the link or from Procore. */
  readonly lines: readonly { readonly itemType: string; readonly procoreId: ProcoreId }[] | null;
  /** Of a cost type assignment: the pair in the ERP, and the job cost row that refers to it. */
  readonly assignment: {
    readonly costCodeOriginId: string;
    readonly lineItemTypeOriginId: string;
    readonly jobCostId: ProcoreId | null;
  } | null;
}
