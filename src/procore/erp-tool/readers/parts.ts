import * as z from 'zod';
import type { RefTarget } from '../../../domain/kinds/entity';
import type {
  DraftLine,
  NoticedRecord,
  ProcoreId,
  QuestionItem,
  RecordDraft,
  RecordRef,
} from '../../../domain/request/intent';
import { isObject, textOrNull } from '../../json';
import {
  decimalSchema,
  idSchema,
  numberTextSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredDecimalSchema,
  textSchema,
} from '../../read-problems';
import type { EventBody, Reading } from '../reader';

/*
 * What the payloads of several events have in common ("ERP Events Dictionary"): the objects that name another record, lines of
 * contracts, request details of items, and the numbers lines are recognised by.
 */

/** A record that an event names: some fields are there, some are not, and a record that is not there may be `{}`. */
const namedSchema = objectSchema({
  id: optionalIdSchema,
  origin_id: originIdSchema,
  name: textSchema,
  code: numberTextSchema,
}).nullish();

export const projectSchema = namedSchema;
export const lineItemTypeSchema = namedSchema;
export const costCodeSchema = objectSchema({
  id: optionalIdSchema,
  origin_id: originIdSchema,
  full_code: textSchema,
  name: textSchema,
}).nullish();

/** Names another record; null when nothing does. */
export function refTo(
  target: RefTarget,
  procoreId: ProcoreId | null,
  originId: string | null,
  label: string | null,
  words: string,
): RecordRef | null {
  if (procoreId === null && originId === null) return null;
  return { target, procoreId, originId, label: `${words} ${label ?? originId ?? String(procoreId)}` };
}

export function jobRef(
  project: z.output<typeof projectSchema>,
  jobOriginId: string | null = null,
): RecordRef | null {
  return refTo(
    'project',
    project?.id ?? null,
    project?.origin_id ?? jobOriginId,
    project?.name ?? null,
    'job',
  );
}

export const costCodeRef = (code: z.output<typeof costCodeSchema>): RecordRef | null =>
  refTo(
    'cost_code',
    code?.id ?? null,
    code?.origin_id ?? null,
    code?.full_code ?? code?.name ?? null,
    'cost code',
  );

export const costTypeRef = (type: z.output<typeof lineItemTypeSchema>): RecordRef | null =>
  refTo(
    'line_item_type',
    type?.id ?? null,
    type?.origin_id ?? null,
    type?.name ?? type?.code ?? null,
    'cost type',
  );

/** A unit is text or, in direct costs, `{name}`. */
export const uomSchema = z
  .unknown()
  .optional()
  .transform((value) => nameOf(value, ['name']));

/** The guides show no tax code that is not null: its text, or what an object calls itself. */
export const taxCodeSchema = z
  .unknown()
  .optional()
  .transform((value) => nameOf(value, ['code', 'name']));

function nameOf(value: unknown, keys: readonly string[]): string | null {
  const found = isObject(value)
    ? keys.map((key) => textOrNull(value[key])).find((text) => text !== null && text.trim() !== '')
    : textOrNull(value);
  const text = (found ?? '').normalize('NFC').trim();
  return text === '' ? null : text;
}

/** `1|SUB` of an accounting table of the ERP: only the last part is the ERP's own code. */
export const lastPart = (originId: string | null): string | null =>
  originId?.split('|').at(-1)?.trim() || null;

/** A line of a contract or change order (`commitment_items`, `change_order_items`, `prime_contract_change_order_items`). */
export const CONTRACT_ITEM = {
  id: idSchema,
  amount: requiredDecimalSchema,
  cost_code: costCodeSchema,
  line_item_type: lineItemTypeSchema,
  description: textSchema,
  extended_type: textSchema,
  origin_id: originIdSchema,
  position: numberTextSchema,
  quantity: decimalSchema,
  tax_amount: decimalSchema,
  tax_code: taxCodeSchema,
  unit_cost: decimalSchema,
  uom: uomSchema,
};

export const contractItemSchema = objectSchema(CONTRACT_ITEM);
type ContractItem = z.output<typeof contractItemSchema>;

/** Fields of `CONTRACT_LINE`. The amount is the one without tax; `total_amount` would hold both. */
export const contractLineFields = (item: ContractItem): DraftLine['fields'] => ({
  description: item.description,
  basis: item.extended_type === 'calculated' ? 'unit' : 'lump_sum',
  quantity: item.quantity,
  uom: item.uom,
  unitCost: item.unit_cost,
  amount: item.amount,
  taxCode: item.tax_code,
  taxAmount: item.tax_amount,
});

export const costRefs = (item: Pick<ContractItem, 'cost_code' | 'line_item_type'>): DraftLine['refs'] => ({
  costCode: costCodeRef(item.cost_code),
  costType: costTypeRef(item.line_item_type),
});

/** The positions of document lines, when every line has one and no two are the same; else 1, 2, 3. */
export function numbersOf(positions: readonly (string | null)[]): readonly string[] {
  const given = positions.filter((position) => position !== null);
  const usable = given.length === positions.length && new Set(given).size === given.length;
  return positions.map((position, index) => (usable && position !== null ? position : String(index + 1)));
}

/** Request details of one item, under either name of the guides. */
export const ITEM_DETAIL = { request_detail_id: optionalIdSchema, erp_request_detail_id: optionalIdSchema };

export const detailIdsIn = (item: {
  readonly request_detail_id: ProcoreId | null;
  readonly erp_request_detail_id: ProcoreId | null;
}): readonly ProcoreId[] => [
  ...new Set([item.request_detail_id, item.erp_request_detail_id].filter((id) => id !== null)),
];

/** `additional_data` and `erp_custom_fields` are where an approver's dates arrive; both may be missing. */
export const approverFieldsSchema = <T extends z.core.$ZodLooseShape>(shape: T) =>
  objectSchema(shape).nullish();

/** `Commitment SC-2417-008 "HVAC - Eastgate"`. */
export const titled = (words: string, code: string | null, name: string | null): string =>
  [words, code, name === null ? null : `"${name}"`].filter((part) => part !== null).join(' ');

/** An export of records; details that belong to one record stay with it. */
export function exported(body: EventBody, records: readonly RecordDraft[], plural: string): Reading {
  const [only, ...others] = records;
  const theirs = new Set(records.flatMap(({ detailIds }) => detailIds));
  return {
    subject: only !== undefined && others.length === 0 ? only.label : `${records.length} ${plural}`,
    intent: { kind: 'export', detailIds: body.detailIds.filter((id) => !theirs.has(id)), records },
  };
}

export const noticed = (
  target: RefTarget,
  procoreId: ProcoreId | null,
  originId: string | null,
): NoticedRecord => ({ target, procoreId, originId, projectOriginId: null, title: null });

export const counted = (count: number, singular: string): string =>
  `${count} ${singular}${count === 1 ? '' : 's'}`;

/** Details that belong to none of the items. */
export function others(
  detailIds: readonly ProcoreId[],
  items: readonly Parameters<typeof detailIdsIn>[0][],
): readonly ProcoreId[] {
  const theirs = new Set(items.flatMap(detailIdsIn));
  return detailIds.filter((id) => !theirs.has(id));
}

/** One record that a user wants to unlink: its detail is that of the request. */
export function unlinkQuestion(
  body: EventBody,
  asked: Pick<QuestionItem, 'target' | 'itemType' | 'procoreId' | 'originId' | 'projectId' | 'lines'> & {
    readonly words: string;
    readonly name?: string | null;
  },
): Reading {
  const { words, name, ...record } = asked;
  const label = `${words} ${name ?? record.originId ?? String(record.procoreId)}`;
  const item = { ...record, subJobId: null, detailId: null, label, assignment: null };
  return {
    subject: label,
    intent: { kind: 'question', about: 'unlink', detailIds: body.detailIds, items: [item] },
  };
}
