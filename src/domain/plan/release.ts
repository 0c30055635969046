import type { QuestionItem, RecordQuestion } from '../request/intent';
import { definitionOf, isEntity } from '../kinds/entity';
import { operationKeyOf, recordIdOf } from '../base/identity';
import type { ExternalDataItem, LeftOut, Plan, PlannedOperation } from './plan';
import { sealPlan } from './plan';
import type { CanonicalRecord } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import type { RefState } from './references';
import { capital } from './references';
import { shorten } from '../base/text';

/** `foreign`: its `origin_id` is not one of ours, so nobody can say what became of it. */
export type QuestionState = RefState['state'] | 'foreign';

export interface QuestionInput {
  readonly connectionId: string;
  readonly intent: RecordQuestion;
  /** How each item stands in the ERP, in the order of the items. */
  readonly states: readonly QuestionState[];
  /** Links of the items that are records, in any state. */
  readonly links: readonly RecordLink[];
  /** Lines of items whose event names none and whose link remembers none, as Procore listed them; by item index. */
  readonly listed: Readonly<Record<string, readonly ExternalDataItem[]>>;
}

/**
 * Plans what follows from the ERP's answer: what is gone there (deleted or void) is let go in Procore, external data of the record and of
 * every line; what is still there is refused with a sentence that says what to do. Item by item.
 */
export function planQuestion(input: QuestionInput): Plan {
  const { intent, states } = input;
  const operations: PlannedOperation[] = [];
  const leftOut: LeftOut[] = [];
  intent.items.forEach((item, index) => {
    const state = states[index];
    if (state === 'absent' || state === 'void') operations.push(...lettingGo(input, item, index));
    else leftOut.push({ recordId: questionRecordId(item), erpKey: null, reason: stillThere(item, state) });
  });
  return sealPlan({
    subject: intent.items.map(({ label }) => label).join(', '),
    operations: operations.map((operation, index) => ({ ...operation, seq: index + 1 })),
    warnings: [],
    notes: [],
    facts: {},
    leftOut,
    unchanged: 0,
  });
}

export const questionRecordId = ({ target, procoreId }: QuestionItem): string =>
  recordIdOf(target, procoreId);

function stillThere({ target, label, originId }: QuestionItem, state: QuestionState | undefined): string {
  if (state === 'foreign') {
    return `${capital(label)} has the origin_id "${shorten(originId ?? '', 100)}", which is not one of ours: another integration may own it. Nothing was changed.`;
  }
  const undo = isEntity(target) ? (definitionOf(target).undo ?? 'delete it') : 'remove it';
  const inactive = state === 'inactive' ? ' (inactive)' : '';
  return `${capital(label)} still exists in the ERP${inactive}; ${undo} there first.`;
}

function lettingGo(input: QuestionInput, item: QuestionItem, index: number): readonly PlannedOperation[] {
  const recordId = questionRecordId(item);
  const link = input.links.find(
    ({ entity, procoreId, state }) =>
      entity === item.target && procoreId === item.procoreId && state === 'linked',
  );
  const generation = (link?.generation ?? 0) + 1;
  const targetRevision = `${input.intent.about}`;
  const key = operationKeyOf({ connectionId: input.connectionId, recordId, generation, targetRevision });
  const base: Omit<PlannedOperation, 'action' | 'operationKey' | 'changes' | 'write' | 'target'> = {
    seq: 0,
    side: 'procore',
    entity: isEntity(item.target) ? item.target : 'project',
    recordId,
    erpKey: link?.erpKey ?? null,
    procoreId: item.procoreId,
    generation,
    targetRevision,
    record: null,
    link: link ? { ...link, state: 'unlinked', generation } : null,
  };
  const place = {
    ...(item.projectId === null ? {} : { projectId: item.projectId }),
    ...(item.subJobId === null ? {} : { subJobId: item.subJobId }),
  };
  if (item.target === 'cost_type_assignment') {
    const jobCost = item.assignment?.jobCostId ?? null;
    const removal = (
      resource: 'erp_job_costs' | 'cost_code_line_item_types',
      id: number,
    ): PlannedOperation => ({
      ...base,
      action: 'delete',
      target: `${resource === 'erp_job_costs' ? 'Job cost of ' : ''}${item.label}`,
      operationKey: `${key}:${resource}`,
      changes: [{ field: 'id', label: 'Deleted in Procore', old: String(id), new: null }],
      write: { kind: 'delete', resource, id, place },
    });
    // The job cost refers to the assignment, so it goes first.
    return [
      ...(jobCost === null ? [] : [removal('erp_job_costs', jobCost)]),
      removal('cost_code_line_item_types', item.procoreId),
    ];
  }
  if (item.target === 'invoice_payment') {
    return [
      {
        ...base,
        action: 'clear_external_data',
        target: capital(item.label),
        operationKey: `${key}:unlink`,
        changes: [{ field: 'origin_id', label: 'ERP link', old: item.originId, new: null }],
        write: { kind: 'unlink_payment', id: item.procoreId },
      },
    ];
  }
  // Procore deletes the codes itself once the detail says that it may ("Events Dictionary": delete_cost_codes only closes details).
  if (item.target === 'cost_code') return [];
  return [
    {
      ...base,
      action: 'clear_external_data',
      target: capital(item.label),
      operationKey: `${key}:clear`,
      changes: [{ field: 'origin_id', label: 'ERP link', old: item.originId, new: null }],
      write: { kind: 'external_data', items: itemsOf(item, link ?? null, input.listed[String(index)] ?? []) },
    },
  ];
}

function itemsOf(
  item: QuestionItem,
  link: RecordLink | null,
  listed: readonly ExternalDataItem[],
): readonly ExternalDataItem[] {
  const header: ExternalDataItem[] =
    item.itemType === null ? [] : [{ itemType: item.itemType, itemId: item.procoreId, line: null }];
  const named = (item.lines ?? []).map(({ itemType, procoreId }) => ({
    itemType,
    itemId: procoreId,
    line: null,
  }));
  const all = [...header, ...named, ...rememberedLines(item, link), ...listed];
  return [...new Map(all.map((entry) => [`${entry.itemType}/${entry.itemId}`, entry])).values()];
}

/** The lines as the export linked them. */
export function rememberedLines(item: QuestionItem, link: RecordLink | null): readonly ExternalDataItem[] {
  const base = link?.base as CanonicalRecord | null | undefined;
  if (!base || !isEntity(item.target)) return [];
  const definitions = definitionOf(item.target).lines;
  return base.lines.flatMap(({ kind, number, procoreId }) => {
    const itemTypes = definitions[kind]?.itemTypes ?? [];
    const [itemType] = itemTypes;
    return itemType === undefined || procoreId === null
      ? []
      : [{ itemType, itemId: procoreId, line: { kind, number } }];
  });
}
