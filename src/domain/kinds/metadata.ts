import type { Entity } from './entity';
import type { RecordColumns } from './fit-record';
import type { VendorColumns } from './vendor-rules';

/**
 * What the ERP can do and how wide its fields are, in neutral form: the source of Procore's metadata configuration, so that a user meets a
 * limit while typing and not as a failed export.
 */
export interface ErpMetadata {
  /** Product name as people call it, e.g. `Vista`. */
  readonly system: string;
  readonly vendors: VendorColumns | null;
  readonly records: Readonly<Partial<Record<Exclude<Entity, 'vendor'>, RecordColumns>>>;
}
