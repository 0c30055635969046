import { operationKeyOf, originIdOf, revisionOf } from '../../base/identity';
import type { CanonicalRecord, KnownRecord } from '../../kinds/record';
import { textIn } from '../../kinds/record';
import type { RecordDraft } from '../../request/intent';
import type {
  ErpWrite,
  ExternalDataItem,
  FieldChange,
  Operation,
  SetExternalData,
  SyncRow,
  SyncRows,
} from '../operation';
import type { Subject } from './subject';

/** What people see where the ERP gives out the number. */
export const NEXT_FREE_NUMBER = '(next free number)';

export const keyOfWrite = ({ input, recordId, generation }: Subject, targetRevision: string): string =>
  operationKeyOf({ connectionId: input.connectionId, recordId, generation, targetRevision });

/** Whether the ERP gives the record its number. */
export const isNumberAssigned = ({ input }: Subject, record: CanonicalRecord): boolean =>
  input.columns.fields['code']?.assigned === true && textIn(record, 'code') === '';

/** The write to the ERP. `full` is the whole record as it will be: its revision names the operation. */
export function erpWrite(
  subject: Subject,
  write: Pick<ErpWrite, 'action' | 'record' | 'changes'> & { readonly own: KnownRecord | null },
  full: CanonicalRecord,
): ErpWrite {
  const { draft, recordId, generation } = subject;
  const { action, record, changes, own } = write;
  const targetRevision = revisionOf(full);
  return {
    seq: 0,
    side: 'erp',
    action,
    kind: draft.kind,
    recordId,
    target: action === 'create' ? `${draft.label} (new)` : draft.label,
    erpKey: own?.key ?? null,
    procoreId: draft.procoreId,
    projectId: projectOf(draft),
    generation,
    targetRevision,
    operationKey: keyOfWrite(subject, targetRevision),
    changes,
    record,
  };
}

const projectOf = (draft: RecordDraft): number | null =>
  draft.kind === 'project' ? draft.procoreId : draft.projectId;

/**
 * What Procore is told once the ERP has the record: external data of record and lines, then what belongs to it. `held` is the ERP record
 * that is tied to; null while only the ERP write will make it. `record` is what the ERP holds in the end.
 */
export function withProcore(
  subject: Subject,
  erp: ErpWrite | null,
  held: KnownRecord | null,
  record: CanonicalRecord,
): readonly Operation[] {
  const { draft, recordId, generation, sent } = subject;
  const targetRevision = erp?.targetRevision ?? revisionOf(record);
  const key = keyOfWrite(subject, targetRevision);
  const base = {
    seq: 0,
    side: 'procore' as const,
    kind: draft.kind,
    recordId,
    erpKey: held?.key ?? null,
    procoreId: draft.procoreId,
    projectId: projectOf(draft),
    generation,
    targetRevision,
    record,
  };
  const items = externalItems(draft);
  const tie: SetExternalData = {
    ...base,
    action: 'set_external_data',
    target: `Procore ${draft.itemType.replaceAll('_', ' ')} ${draft.procoreId}`,
    operationKey: `${key}:external_data`,
    changes: [
      {
        field: 'origin_id',
        label: 'ERP link',
        old: draft.originId,
        new: held ? originIdOf(draft.kind, held.key) : '(from the ERP)',
      },
      { field: 'origin_code', label: 'ERP number', old: null, new: numberIn(subject, record) },
      ...linesTied(items),
    ],
    items,
    sent,
  };
  const more = followUps(draft).map(({ resource, target, suffix, rows }): SyncRows => ({
    ...base,
    action: 'sync',
    target,
    operationKey: `${key}:${suffix}`,
    changes: [{ field: suffix, label: target, old: null, new: `${rows.length}` }],
    resource,
    place: placeOf(draft),
    rows,
    link: null,
  }));
  return [...(erp ? [erp] : []), tie, ...more];
}

const numberIn = (subject: Subject, record: CanonicalRecord): string | null =>
  textIn(record, 'code') || (isNumberAssigned(subject, record) ? NEXT_FREE_NUMBER : null);

const externalItems = (draft: RecordDraft): readonly ExternalDataItem[] => [
  { itemType: draft.itemType, itemId: draft.procoreId, line: null },
  ...draft.lines.flatMap(({ itemType, procoreId, kind, number }) =>
    itemType === null || procoreId === null ? [] : [{ itemType, itemId: procoreId, line: { kind, number } }],
  ),
];

const linesTied = ({ length }: readonly ExternalDataItem[]): readonly FieldChange[] =>
  length === 1 ? [] : [{ field: 'lines', label: 'Lines linked', old: null, new: String(length - 1) }];

const placeOf = (draft: RecordDraft): SyncRows['place'] => ({
  ...(draft.projectId === null ? {} : { projectId: draft.projectId }),
  ...(draft.kind === 'sub_job' ? { subJobId: draft.procoreId } : {}),
});

type FollowUp = Pick<SyncRows, 'resource' | 'target' | 'rows'> & { readonly suffix: string };

/** Step 7 of an export ("ERP Technical Guide"): budgets report their transactions, jobs and sub jobs their cost type assignments. */
function followUps({ lines }: RecordDraft): readonly FollowUp[] {
  const assignments = lines.flatMap(({ pair, number }): SyncRow[] =>
    pair === undefined
      ? []
      : [
          {
            key: number,
            fields: { synced: true },
            costCode: { key: number, procoreId: pair.costCodeId },
            lineItemTypeId: pair.lineItemTypeId,
          },
        ],
  );
  const transactions = lines.flatMap(({ kind, number, procoreId }): SyncRow[] =>
    kind === 'budget_line' && procoreId !== null
      ? [{ key: number, procoreId, line: { kind, number }, fields: { synced: true } }]
      : [],
  );
  const all: readonly FollowUp[] = [
    {
      resource: 'cost_type_assignment',
      target: 'Cost type assignments marked as synced',
      suffix: 'assignments',
      rows: assignments,
    },
    {
      resource: 'budget_line',
      target: 'Budget transactions marked as synced',
      suffix: 'transactions',
      rows: transactions,
    },
  ];
  return all.filter(({ rows }) => rows.length > 0);
}
