import type { ProcoreId } from '../request/intent';
import type { Entity, LineKind } from './entity';
import type { Vendor } from './vendor';

/** Value of one field. Money, quantities and percentages are exact decimals as text; dates are local calendar dates (`2026-03-31`). */
export type FieldValue = string | boolean | null;

/** Canonical field → value. Fields that refer to another record hold its ERP key (see `FieldDefinition.refersTo`). */
export type Fields = Readonly<Record<string, FieldValue>>;

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

/** The neutral form of every record but the vendor (which is flat): header fields and lines. Empty text is null. */
export interface CanonicalRecord {
  readonly fields: Fields;
  readonly lines: readonly RecordLine[];
}

export type RecordOf<E extends Entity> = E extends 'vendor' ? Vendor : CanonicalRecord;
export type AnyRecord = Vendor | CanonicalRecord;

export const isCanonical = (record: AnyRecord): record is CanonicalRecord => 'lines' in record;

/** The lines of a record of one kind. */
export const linesOf = (record: CanonicalRecord, kind: LineKind): readonly RecordLine[] =>
  record.lines.filter((line) => line.kind === kind);
