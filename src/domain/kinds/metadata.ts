import type { RecordColumns } from './fit-record';
import type { Kind } from './names';

/**
 * What the ERP can do and how wide its fields are, in neutral form: the source of Procore's metadata configuration, so that a user meets a
 * limit while typing and not as a failed export.
 */
export interface ErpMetadata {
  /** Product name as people call it, e.g. `Vista`. */
  readonly system: string;
  readonly records: Readonly<Partial<Record<Kind, RecordColumns>>>;
}
