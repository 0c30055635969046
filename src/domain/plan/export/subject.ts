import type { KindDefinition } from '../../kinds';
import type { RecordColumns } from '../../kinds/fit-record';
import type { CanonicalRecord, Fields, KnownRecord } from '../../kinds/record';
import type { RecordLink } from '../../kinds/record-link';
import type { RecordDraft, RecordExport } from '../../request/intent';
import type { RefState } from '../references';
import type { ExportSide } from '../snapshot';

/** Everything the plan of one export depends on: read before, stored, and read again before writing. */
export interface ExportInput {
  readonly connectionId: string;
  readonly intent: RecordExport;
  /** Header values a person entered with `tieback correct`; only where the request is about one record. */
  readonly corrections: Fields;
  readonly columns: RecordColumns;
  /** In the order of `intent.records`. */
  readonly sides: readonly ExportSide[];
  readonly states: readonly RefState[];
  /** Links of the records, of everything they refer to, and of the ERP records that were found. */
  readonly links: readonly RecordLink[];
}

/** One record of an export on its way to operations. */
export interface Subject {
  readonly input: ExportInput;
  readonly draft: RecordDraft;
  readonly side: ExportSide;
  /** Of the kind, with its mapped custom fields. */
  readonly definition: KindDefinition;
  readonly recordId: string;
  readonly link: RecordLink | null;
  /** The ERP record that belongs to it, unless it is void: void is as good as gone. */
  readonly own: KnownRecord | null;
  /** As Procore sent it, references resolved, without corrections. */
  readonly sent: CanonicalRecord;
  /** Fitted to the columns of the ERP: what would be written. */
  readonly record: CanonicalRecord;
  readonly generation: number;
}
