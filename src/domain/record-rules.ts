import type { LineKind } from './entity';
import type { ColumnRule } from './vendor-rules';

/**
 * What a planner must know about the columns of one kind of record; the ERP adapter reads it from the live system. Fields that are
 * absent have no column in this ERP: they are not carried, and the plan says so. References need no rule.
 */
export interface RecordColumns {
  readonly fields: Readonly<Record<string, ColumnRule>>;
  readonly lines: Readonly<Partial<Record<LineKind, Readonly<Record<string, ColumnRule>>>>>;
}
