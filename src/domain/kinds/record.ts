import type { LineKind } from './names';

/** Value of one field. Money, quantities and percentages are exact decimals as text; dates are local calendar dates (`2026-03-31`). */
export type FieldValue = string | boolean | null;

/** Canonical field → value. Fields that refer to another record hold its ERP key (see `FieldDefinition.refersTo`). */
export type Fields = Readonly<Record<string, FieldValue>>;

/** Ids Procore uses are integers below 2^53. */
export type ProcoreId = number;

/** One line of a record: a schedule of values line, a cost code of a project, a budget movement, ... */
export interface RecordLine {
  readonly kind: LineKind;
  /**
   * What the line is recognised by on both sides, unique among the lines of its kind in the record: the position for document lines
   * (`1`, `2`), the code for cost codes (`23-050`), `<cost code>/<cost type key>` for cost type assignments.
   */
  readonly number: string;
  readonly fields: Fields;
  /** Key of the line in the ERP; null before it was written. */
  readonly erpKey: string | null;
  /** Id of the line in Procore; null while it is known to the ERP only. */
  readonly procoreId: ProcoreId | null;
}

/** The neutral form of every record: header fields and lines. Text is trimmed, NFC, and null when empty. */
export interface CanonicalRecord {
  readonly fields: Fields;
  readonly lines: readonly RecordLine[];
}

/** A record as the ERP holds it. */
export interface KnownRecord {
  /** Unique for its kind and stable for life: `<company or group>|<id>`. */
  readonly key: string;
  /** `inactive`: there, but nothing new may use it. `void`: reversed or cancelled, as good as gone. */
  readonly state: 'active' | 'inactive' | 'void';
  readonly record: CanonicalRecord;
  /** The mapping of the connection does not carry it: it is left alone on both sides, and it is not gone. */
  readonly outside?: true;
  /** Why the mapping of the connection cannot carry it, a sentence: its code would come back as another one. */
  readonly unfit?: string;
  /** A linked record of the same name that is not in the ERP any more: this may be it, under another number. */
  readonly formerly?: { readonly erpKey: string; readonly procoreId: ProcoreId };
}

/** How a record or line stands in the ERP, as the adapter said. */
export interface Standing {
  readonly state: 'absent' | KnownRecord['state'];
  /** For people: `phase 23-050 of job 1024-001`. */
  readonly label: string;
  /**
   * Number and name of a record, or of a line that has them (a cost code), as the ERP holds them: shown instead of the key. Those of records
   * are compared with what they were when it was linked, because a restored ERP may have given the key to another. Absent or null: neither.
   */
  readonly code?: string | null;
  readonly name?: string | null;
}

/** The lines of a record of one kind. */
export const linesOf = (record: CanonicalRecord, kind: LineKind): readonly RecordLine[] =>
  record.lines.filter((line) => line.kind === kind);

/** `<kind>/<number>`: what a line is known by inside its record. */
export const lineKeyOf = ({ kind, number }: Pick<RecordLine, 'kind' | 'number'>): string =>
  `${kind}/${number}`;

/** A field as text; '' where it is empty or a flag. */
export const textIn = ({ fields }: Pick<CanonicalRecord, 'fields'>, field: string): string => {
  const value = fields[field];
  return typeof value === 'string' ? value : '';
};

/** Whether one was made from the other without a change, which is told without a look at the values: what is only alike is not found. */
export const isSameRecord = (one: CanonicalRecord | null, other: CanonicalRecord | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.fields === other.fields &&
    one.lines.length === 0 &&
    other.lines.length === 0);
