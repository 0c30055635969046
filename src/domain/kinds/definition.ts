import type { Kind, LineKind, RefTarget } from './names';

/** What a field holds. Numbers are exact decimals as text, dates local calendar dates, references ERP keys. */
export type FieldType =
  'text' | 'money' | 'quantity' | 'unit_cost' | 'percent' | 'date' | 'flag' | 'reference';

export interface FieldDefinition {
  /** Words for people. */
  readonly label: string;
  readonly type: FieldType;
  /** For `reference`: the value is the ERP key of a record (or line) of this kind. */
  readonly refersTo?: RefTarget;
  /** Without it the record cannot be written, to either side. */
  readonly required?: true;
  /** Procore has no place for it: a change of it in the ERP is no news there. */
  readonly erpOnly?: true;
  /** Only people in Procore enter it: it is read there, and never written. What the ERP holds is no news for Procore. */
  readonly madeByProcore?: true;
  /** What every new record of the ERP has here, whatever Procore says. */
  readonly atFirst?: boolean;
  /** A short name of its own for every record, made from this field where nobody entered one. */
  readonly shortNameOf?: string;
}

export interface LineDefinition {
  readonly label: string;
  /** External-data item types of the line in Procore ("External Data" guide); empty: lines of this kind carry no external data. */
  readonly itemTypes: readonly string[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  /** Fields that make the amount of the line: it is written as it is, and a difference is told. */
  readonly parts?: readonly string[];
  /** Only the ERP makes such lines: they are read and never written. */
  readonly madeByErp?: true;
}

/** A header field that fields of the lines make: those of `adds` less those of `takes`. */
export interface DerivedField {
  readonly field: string;
  readonly adds: readonly string[];
  readonly takes: readonly string[];
}

/** How the records of one kind come to Procore ("ERP Technical Guide": what is staged, what is direct). */
export interface ImportWay {
  /** `stage`: a person imports. `stage_and_update`: linked ones follow the ERP. `direct`: written straight. */
  readonly how: 'stage' | 'stage_and_update' | 'direct';
  /** Linked records are staged again when they got new lines (prime contracts can be imported again). */
  readonly restage?: true;
  /** Lines have a way of their own; only the header is compared and carried. */
  readonly headerOnly?: true;
  /** References to records that must be in Procore, or at least staged, before this one makes sense there. */
  readonly parents: readonly string[];
}

/** How two records of one kind are told to be the same, beside their number (see `likeness.ts`). */
export interface Likeness {
  /** Field whose normalised value makes two records alike, e.g. a company name. */
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
}

/** One kind of record, as data. Readers, planners, adapters, the metadata configuration, the CLI and the Desk all work from it. */
export interface KindDefinition {
  readonly label: string;
  readonly plural: string;
  /** External-data item types of the record in Procore. */
  readonly itemTypes: readonly string[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  readonly lines: Readonly<Partial<Record<LineKind, LineDefinition>>>;
  /** `update`: sent again, the ERP record is brought up to date; `append`: every export adds a new ERP record; else only once. */
  readonly reexport?: 'update' | 'append';
  /** What to do in the ERP before Procore may let go of the record: `delete it`, `void it`. */
  readonly undo?: string;
  /** Header field that must be the sum of a line field: `amount` of the header and of the lines of these kinds. */
  readonly total?: {
    readonly field: string;
    readonly lines: readonly LineKind[];
    readonly lineField: string;
  };
  /** Other figures of the header that the lines of `total` make: written as those make them. */
  readonly derived?: readonly DerivedField[];
  /** Absent: records of this kind are not synced from the ERP. */
  readonly import?: ImportWay;
  /** Present: the ERP is searched for records that may be the same under another number. */
  readonly likeness?: Likeness;
}

export const text = (label: string): FieldDefinition => ({ label, type: 'text' });
export const money = (label: string): FieldDefinition => ({ label, type: 'money' });
export const quantity = (label: string): FieldDefinition => ({ label, type: 'quantity' });
export const unitCost = (label: string): FieldDefinition => ({ label, type: 'unit_cost' });
export const percent = (label: string): FieldDefinition => ({ label, type: 'percent' });
export const date = (label: string): FieldDefinition => ({ label, type: 'date' });
export const flag = (label: string): FieldDefinition => ({ label, type: 'flag' });
export const ref = (label: string, refersTo: RefTarget): FieldDefinition => ({
  label,
  type: 'reference',
  refersTo,
});
export const needs = (label: string, refersTo: RefTarget): FieldDefinition => ({
  ...ref(label, refersTo),
  required: true,
});

export type { Kind, LineKind, RefTarget };
