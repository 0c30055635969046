import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { CanonicalRecord } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';

/** `Commitment SC-008 "HVAC"`: a record as the ERP has it, for sentences. */
export function nameOfRecord(kind: Kind, erpKey: string, record: CanonicalRecord): string {
  const name = textIn(record, 'name');
  return `${definitionOf(kind).label} ${textIn(record, 'code') || erpKey}${name === '' ? '' : ` "${name}"`}`;
}
