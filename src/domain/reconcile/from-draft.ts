import { definitionOf } from '../kinds';
import type { DraftLine, RecordDraft } from '../request/intent';
import type { SideLine, SideRecord } from './side-record';

/** A record of Procore as a side of a merge: its header without references, which hold ids of Procore. */
export function sideRecordOf(
  { kind, procoreId, originId, fields }: RecordDraft,
  changedAt: string | null,
): SideRecord {
  const known = definitionOf(kind).fields;
  const header = Object.entries(fields).filter(
    ([field]) =>
      Object.hasOwn(known, field) && known[field]?.erpOnly !== true && known[field]?.type !== 'reference',
  );
  return {
    kind,
    side: 'procore',
    key: String(procoreId),
    originId,
    record: { fields: Object.fromEntries(header), lines: [] },
    state: fields['isActive'] === false ? 'inactive' : 'active',
    changedAt,
  };
}

/** A line of Procore as a side of a merge, without references. */
export const sideLineOf = ({
  line: { kind, number, procoreId, fields },
  originId,
}: {
  readonly line: DraftLine;
  readonly originId: string | null;
}): SideLine => ({ kind, number, procoreId, originId, fields });
