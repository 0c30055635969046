import * as z from 'zod';
import { sum } from '../../../domain/base/money';
import type { DraftLine, RecordDraft, RecordRef } from '../../../domain/request/intent';
import {
  dateSchema,
  decimalSchema,
  idSchema,
  listSchema,
  numberTextSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredTextSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader, Reading } from '../reader';
import { readWith } from '../reader';
import {
  approverFieldsSchema,
  CONTRACT_ITEM,
  contractItemSchema,
  contractLineFields,
  costRefs,
  exported,
  jobRef,
  noticed,
  numbersOf,
  projectSchema,
  refTo,
  titled,
  unlinkQuestion,
} from './parts';
import { syncReader } from './syncs';

/**
 * `WorkOrderContract` and `PurchaseOrderContract` are shown; the value set of `commitment_type` is not. Other spellings of the two words
 * are understood, anything else is refused: the wrong kind would be unlinked.
 */
const itemTypeSchema = requiredTextSchema.transform(
  (type, context): 'work_order_contract' | 'purchase_order_contract' => {
    const word = type.toLowerCase().replace(/[^a-z]/g, '');
    if (word.includes('workorder') || word.includes('subcontract')) return 'work_order_contract';
    if (word.includes('purchaseorder')) return 'purchase_order_contract';
    context.addIssue({ code: 'custom', message: 'a work order or a purchase order contract' });
    return z.NEVER;
  },
);

const vendorSchema = objectSchema({
  id: optionalIdSchema,
  origin_id: originIdSchema,
  company: textSchema,
}).nullish();

const approverSchema = approverFieldsSchema({ accounting_date: dateSchema });

const commitmentSchema = objectSchema({
  id: idSchema,
  type: itemTypeSchema,
  origin_id: originIdSchema,
  origin_code: textSchema,
  code: textSchema,
  number: numberTextSchema,
  title: textSchema,
  description: textSchema,
  status: textSchema,
  contract_date: dateSchema,
  retainage_percent: decimalSchema,
  grand_total: decimalSchema,
  project: projectSchema,
  vendor: vendorSchema,
  erp_custom_fields: approverSchema,
});

const commitmentExportSchema = objectSchema({
  job_id: originIdSchema,
  commitment: commitmentSchema,
  commitment_items: listSchema(contractItemSchema),
  additional_data: approverSchema,
});

const readCommitment = readWith(commitmentExportSchema, (data, body) => {
  const { commitment, commitment_items: items } = data;
  const code = commitment.code ?? commitment.origin_code ?? commitment.number;
  const numbers = numbersOf(items.map(({ position }) => position));
  const record: RecordDraft = {
    entity: 'commitment',
    itemType: commitment.type,
    procoreId: commitment.id,
    originId: commitment.origin_id,
    label: titled('Commitment', code, commitment.title),
    projectId: commitment.project?.id ?? null,
    detailIds: [],
    fields: {
      type: commitment.type === 'work_order_contract' ? 'subcontract' : 'purchase_order',
      code,
      name: commitment.title,
      description: commitment.description,
      status: commitment.status,
      date: commitment.contract_date,
      accountingDate:
        data.additional_data?.accounting_date ?? commitment.erp_custom_fields?.accounting_date ?? null,
      retainagePercent: commitment.retainage_percent,
      // `grand_total` is the original contract value; `revised_contract` adds the approved changes, which are records of their own.
      amount: commitment.grand_total ?? sum(items.map(({ amount }) => amount)),
    },
    refs: { job: jobRef(commitment.project, data.job_id), vendor: vendorRef(commitment.vendor) },
    lines: items.map((item, index) => ({
      kind: 'commitment_line',
      number: numbers[index] ?? String(index + 1),
      procoreId: item.id,
      itemType: 'line_item',
      fields: contractLineFields(item),
      refs: costRefs(item),
    })),
    notes: [],
  };
  return exported(body, [record], 'commitments');
});

const vendorRef = (vendor: z.output<typeof vendorSchema>): RecordRef | null =>
  refTo('vendor', vendor?.id ?? null, vendor?.origin_id ?? null, vendor?.company ?? null, 'vendor');

const changeItemSchema = objectSchema({ ...CONTRACT_ITEM, commitment_line_item_id: optionalIdSchema });

const changeOrderExportSchema = objectSchema({
  job_origin_id: originIdSchema,
  commitment: objectSchema({
    id: idSchema,
    origin_id: originIdSchema,
    code: textSchema,
    number: numberTextSchema,
    title: textSchema,
    project: projectSchema,
  }),
  commitment_items: listSchema(objectSchema({ id: idSchema, origin_id: originIdSchema })),
  change_order: objectSchema({
    id: idSchema,
    number: numberTextSchema,
    title: textSchema,
    description: textSchema,
    origin_id: originIdSchema,
    origin_code: textSchema,
    reviewed_at: dateSchema,
    created_at: dateSchema,
    erp_custom_fields: approverSchema,
  }),
  change_order_items: listSchema(changeItemSchema),
  additional_data: approverSchema,
});

const readChangeOrder = readWith(changeOrderExportSchema, (data, body) => {
  const { commitment, change_order: order, change_order_items: items } = data;
  const code = order.origin_code ?? order.number;
  const numbers = numbersOf(items.map(({ position }) => position));
  const origins = new Map(data.commitment_items.map((item) => [item.id, item.origin_id]));
  const record: RecordDraft = {
    entity: 'commitment_change_order',
    itemType: 'change_order',
    procoreId: order.id,
    originId: order.origin_id,
    label: titled('Commitment change order', code, order.title),
    projectId: commitment.project?.id ?? null,
    detailIds: [],
    fields: {
      code,
      name: order.title,
      description: order.description,
      // The day it was reviewed is the day it was approved: only approved change orders are exported.
      date: order.reviewed_at ?? order.created_at,
      accountingDate:
        data.additional_data?.accounting_date ?? order.erp_custom_fields?.accounting_date ?? null,
      // The change order has no amount of its own in the request.
      amount: sum(items.map(({ amount }) => amount)),
    },
    refs: {
      job: jobRef(commitment.project, data.job_origin_id),
      commitment: refTo(
        'commitment',
        commitment.id,
        commitment.origin_id,
        commitment.code ?? commitment.number ?? commitment.title,
        'commitment',
      ),
    },
    lines: items.map((item, index) => changeLine(item, numbers[index] ?? String(index + 1), origins)),
    notes: [],
  };
  return exported(body, [record], 'commitment change orders');
});

function changeLine(
  item: z.output<typeof changeItemSchema>,
  number: string,
  origins: ReadonlyMap<number, string | null>,
): DraftLine {
  const id = item.commitment_line_item_id;
  const originId = id === null ? null : (origins.get(id) ?? null);
  return {
    kind: 'change_order_line',
    number,
    procoreId: item.id,
    itemType: 'line_item',
    fields: contractLineFields(item),
    refs: {
      ...costRefs(item),
      commitmentLine: refTo('commitment_line', id, originId, null, 'commitment line'),
    },
  };
}

/** The sample carries no id at all: the contract is then found by project and title. */
const importedSchema = objectSchema({
  project_origin_id: originIdSchema,
  commitment: objectSchema({ id: optionalIdSchema, origin_id: originIdSchema, title: textSchema }).refine(
    ({ id, origin_id: originId, title }) => id !== null || originId !== null || title !== null,
    { path: ['title'], error: 'text that is not empty' },
  ),
});

const readImported = readWith(
  importedSchema,
  ({ commitment, project_origin_id: projectOriginId }): Reading => {
    const label = titled('Commitment', null, commitment.title ?? commitment.origin_id);
    const record = {
      ...noticed('commitment', commitment.id, commitment.origin_id),
      projectOriginId,
      title: commitment.title,
    };
    return {
      subject: label,
      intent: { kind: 'notice', how: 'imported', label, records: [record], wholeProjectId: null },
    };
  },
);

const unlinkSchema = objectSchema({
  procore_commitment_id: idSchema,
  commitment_type: itemTypeSchema,
  commitment_origin_id: originIdSchema,
  project_id: optionalIdSchema,
});

const unlinkChangeOrderSchema = objectSchema({
  procore_commitment_change_order_id: idSchema,
  commitment_change_order_origin_id: originIdSchema,
  project_id: optionalIdSchema,
});

/** The events about commitments and their change orders. */
export const COMMITMENT_READERS = {
  create_commitment: readCommitment,
  create_commitment_in_procore: readImported,
  sync_commitments: syncReader('commitment'),
  unlink_commitment: readWith(unlinkSchema, (data, body) =>
    unlinkQuestion(body, {
      words: 'Commitment',
      target: 'commitment',
      itemType: data.commitment_type,
      procoreId: data.procore_commitment_id,
      originId: data.commitment_origin_id,
      projectId: data.project_id,
      lines: null,
    }),
  ),
  create_commitment_change_order: readChangeOrder,
  sync_commitment_change_orders: syncReader('commitment_change_order'),
  unlink_commitment_change_order: readWith(unlinkChangeOrderSchema, (data, body) =>
    unlinkQuestion(body, {
      words: 'Commitment change order',
      target: 'commitment_change_order',
      itemType: 'change_order',
      procoreId: data.procore_commitment_change_order_id,
      originId: data.commitment_change_order_origin_id,
      projectId: data.project_id,
      lines: null,
    }),
  ),
} as const satisfies Partial<Record<EventName, EventReader>>;
