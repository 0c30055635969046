import { erpKeyOfOriginId, isTyped, operationKeyOf, recordIdOf } from '../base/identity';
import { capital, shorten } from '../base/text';
import type { Kind, RefTarget } from '../kinds';
import { definitionOf, isKind } from '../kinds';
import type { Standing } from '../kinds/record';
import type { RecordLink } from '../kinds/record-link';
import { ownLink } from '../kinds/record-link';
import type { RecordRelease, ReleaseItem } from '../request/intent';
import type { DeleteRow, ExternalDataItem, Operation } from './operation';
import { numbered } from './operation';
import type { LeftOut, Plan } from './plan';
import { NO_FACTS, sealPlan } from './plan';

/** `foreign`: its `origin_id` is not one of ours, so nobody can say what became of it. */
export type ReleaseState = Standing['state'] | 'foreign';

export interface ReleaseInput {
  readonly connectionId: string;
  readonly intent: RecordRelease;
  /** How each item stands in the ERP, in the order of the items. */
  readonly states: readonly ReleaseState[];
  /** Links of the items that are records, in any state. */
  readonly links: readonly RecordLink[];
  /**
   * Lines of items whose event names none and whose link remembers none, as Procore listed them, by item index; with the item itself, where the
   * event does not name its type.
   */
  readonly listed: Readonly<Record<string, readonly ExternalDataItem[]>>;
}

/**
 * Plans what follows from the ERP's answer: what is gone there (deleted or void) is let go in Procore, external data of the record and of
 * every line; what is still there is refused with a sentence that says what to do. Item by item.
 */
export function planRelease(input: ReleaseInput): Plan {
  const { intent, states } = input;
  const operations: Operation[] = [];
  const leftOut: LeftOut[] = [];
  intent.items.forEach((item, index) => {
    const state = ownState(item, states[index], input.links);
    const recordId = releasedRecordId(item);
    if (state !== 'absent' && state !== 'void')
      leftOut.push({ recordId, erpKey: null, reason: stillThere(item, state) });
    else if (isUntyped(input, item, index)) leftOut.push({ recordId, erpKey: null, reason: untyped(item) });
    else operations.push(...lettingGo(input, item, index));
  });
  return sealPlan({
    subject: intent.items.map(({ label }) => label).join(', '),
    operations: numbered(operations),
    warnings: [],
    notes: [],
    facts: {
      ...NO_FACTS,
      kinds: [...new Set(intent.items.map(({ target }) => kindOf(target)))],
      projects: [...new Set(intent.items.map(({ projectId }) => projectId).filter((id) => id !== null))],
    },
    leftOut,
    unchanged: 0,
  });
}

/** What the ERP does not have was ours only if its `origin_id` says so, or our link does: nobody else's record is let go. */
function ownState(
  item: ReleaseItem,
  state: ReleaseState | undefined,
  links: readonly RecordLink[],
): ReleaseState | undefined {
  if (state !== 'absent') return state;
  if (linkOfItem(item, links) !== null) return state;
  return originsOf(item).every(([kind, originId]) => isTyped(kind, originId)) ? state : 'foreign';
}

/** What Procore says that the item is in the ERP. */
const originsOf = ({
  target,
  originId,
  assignment,
}: ReleaseItem): readonly (readonly [RefTarget, string])[] => {
  if (assignment === null) return originId === null ? [] : [[target, originId]];
  const { costCodeOriginId, lineItemTypeOriginId } = assignment;
  return [
    ['cost_code', costCodeOriginId],
    ['line_item_type', lineItemTypeOriginId],
  ];
};

/** What is no record of its own is part of a project. */
const kindOf = (target: RefTarget): Kind => (isKind(target) ? target : 'project');

export const releasedRecordId = ({ target, procoreId }: ReleaseItem): string => recordIdOf(target, procoreId);

function stillThere(item: ReleaseItem, state: ReleaseState | undefined): string {
  const { target, label } = item;
  if (state === 'foreign') {
    const others = originsOf(item).filter(([kind, originId]) => !isOurs(kind, originId));
    const named = (others.length > 0 ? others : originsOf(item)).map(
      ([, originId]) => `"${shorten(originId, 100)}"`,
    );
    return `${capital(label)} has the origin_id ${named.join(' and ')}, which is not one of ours: another integration may own it. Nothing was changed.`;
  }
  const undo = isKind(target) ? (definitionOf(target).undo ?? 'delete it') : 'remove it';
  const inactive = state === 'inactive' ? ' (inactive)' : '';
  return `${capital(label)} still exists in the ERP${inactive}; ${undo} there first.`;
}

/** The event names no type that we know, and Procore could not be asked: untying the wrong one would be worse than untying none. */
const isUntyped = ({ listed }: ReleaseInput, { itemType, target }: ReleaseItem, index: number): boolean =>
  itemType === null && isKind(target) && listed[String(index)] === undefined;

const untyped = ({ label }: ReleaseItem): string =>
  `${capital(label)}: Procore does not say which type of contract it is, nor in which project. Nothing was changed.`;

const isOurs = (kind: RefTarget, originId: string): boolean =>
  isTyped(kind, originId) && erpKeyOfOriginId(kind, originId) !== null;

/** The link of an item, in force or not. */
export const linkOfItem = (item: ReleaseItem, links: readonly RecordLink[]): RecordLink | null =>
  ownLink(links.filter(({ kind, procoreId }) => kind === item.target && procoreId === item.procoreId));

function lettingGo(input: ReleaseInput, item: ReleaseItem, index: number): readonly Operation[] {
  const recordId = releasedRecordId(item);
  const found = linkOfItem(item, input.links);
  const link = found?.state === 'linked' ? found : null;
  const generation = (link?.generation ?? 0) + 1;
  const targetRevision = `${input.intent.about}`;
  const key = operationKeyOf({ connectionId: input.connectionId, recordId, generation, targetRevision });
  const base = {
    seq: 0,
    side: 'procore' as const,
    kind: kindOf(item.target),
    recordId,
    erpKey: link?.erpKey ?? null,
    procoreId: item.procoreId,
    generation,
    targetRevision,
  };
  const untied = {
    target: capital(item.label),
    changes: [{ field: 'origin_id', label: 'ERP link', old: item.originId, new: null }],
    link: link ? { ...link, state: 'unlinked' as const, generation } : null,
  };
  switch (item.target) {
    case 'cost_type_assignment': {
      const jobCost = item.assignment?.jobCostId ?? null;
      const removal = (resource: DeleteRow['resource'], id: number): DeleteRow => ({
        ...base,
        action: 'delete',
        target: `${resource === 'job_cost' ? 'Job cost of ' : ''}${item.label}`,
        operationKey: `${key}:${resource}`,
        changes: [{ field: 'id', label: 'Deleted in Procore', old: String(id), new: null }],
        resource,
        id,
        place: placeOf(item),
      });
      // The job cost refers to the assignment, so it goes first.
      return [
        ...(jobCost === null ? [] : [removal('job_cost', jobCost)]),
        removal('cost_type_assignment', item.procoreId),
      ];
    }
    case 'invoice_payment':
      return [
        { ...base, ...untied, action: 'unlink_payment', operationKey: `${key}:unlink`, id: item.procoreId },
      ];
    case 'cost_code':
      // Procore deletes the codes itself once the detail says that it may ("Events Dictionary": delete_cost_codes only closes details).
      return [];
    default: {
      const items = itemsOf(item, link, input.listed[String(index)] ?? []);
      return [{ ...base, ...untied, action: 'clear_external_data', operationKey: `${key}:clear`, items }];
    }
  }
}

const placeOf = ({ projectId, subJobId }: ReleaseItem): DeleteRow['place'] => ({
  ...(projectId === null ? {} : { projectId }),
  ...(subJobId === null ? {} : { subJobId }),
});

function itemsOf(
  item: ReleaseItem,
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
export function rememberedLines(item: ReleaseItem, link: RecordLink | null): readonly ExternalDataItem[] {
  if (!link?.erp || !isKind(item.target)) return [];
  const definitions = definitionOf(item.target).lines;
  return link.erp.lines.flatMap(({ kind, number, procoreId }) => {
    const itemTypes = definitions[kind]?.itemTypes ?? [];
    const [itemType] = itemTypes;
    return itemType === undefined || procoreId === null
      ? []
      : [{ itemType, itemId: procoreId, line: { kind, number } }];
  });
}
