import type * as z from 'zod';
import { sum } from '../../../domain/base/money';
import type { DraftLine, RecordDraft } from '../../../domain/request/intent';
import {
  dateSchema,
  decimalSchema,
  idSchema,
  listSchema,
  numberTextSchema,
  objectSchema,
  optionalIdSchema,
  originIdSchema,
  requiredDecimalSchema,
  textSchema,
} from '../../read-problems';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';
import {
  exported,
  jobRef,
  noticed,
  numbersOf,
  projectSchema,
  refTo,
  titled,
  unlinkQuestion,
  uomSchema,
} from './parts';

const lineSchema = objectSchema({
  id: idSchema,
  description: textSchema,
  position: numberTextSchema,
  project: projectSchema,
  job_origin_id: originIdSchema,
  cost_code_id: optionalIdSchema,
  cost_code_origin_id: originIdSchema,
  line_item_type_id: optionalIdSchema,
  line_item_type_origin_id: originIdSchema,
  wbs_code: objectSchema({ flat_code: textSchema }).nullish(),
  quantity: decimalSchema,
  uom: uomSchema,
  unit_cost: decimalSchema,
  total_amount: requiredDecimalSchema,
});

const directCostSchema = objectSchema({
  id: idSchema,
  origin_id: originIdSchema,
  origin_code: textSchema,
  invoice_number: numberTextSchema,
  description: textSchema,
  direct_cost_date: dateSchema,
  accounting_date: dateSchema,
  payment_due_date: dateSchema,
  billed_amount: decimalSchema,
  terms: textSchema,
  vendor: objectSchema({ id: optionalIdSchema, name: textSchema, origin_id: originIdSchema }).nullish(),
  currency_configuration: objectSchema({
    currency_exchange_rate: decimalSchema,
    currency_iso_code: textSchema,
  }).nullish(),
  line_items: listSchema(lineSchema),
});
type DirectCost = z.output<typeof directCostSchema>;

/** The attachment is never carried: its address is a secret for as long as it works. */
const readDirectCost = readWith(objectSchema({ direct_cost: directCostSchema }), (data, body) => {
  const cost = data.direct_cost;
  const code = cost.invoice_number ?? cost.origin_code;
  const numbers = numbersOf(cost.line_items.map(({ position }) => position));
  const vendor = cost.vendor;
  const record: RecordDraft = {
    entity: 'company_level_direct_cost',
    itemType: 'company_level_direct_cost',
    procoreId: cost.id,
    originId: cost.origin_id,
    label: titled('Direct cost', code, cost.description),
    projectId: null,
    detailIds: [],
    fields: {
      code,
      description: cost.description,
      date: cost.direct_cost_date,
      accountingDate: cost.accounting_date,
      dueDate: cost.payment_due_date,
      // What the vendor billed; whether the lines add up to it is for the planner to say.
      amount: cost.billed_amount ?? sum(cost.line_items.map((line) => line.total_amount)),
    },
    refs: {
      vendor: refTo('vendor', vendor?.id ?? null, vendor?.origin_id ?? null, vendor?.name ?? null, 'vendor'),
    },
    lines: cost.line_items.map((line, index) => lineOf(line, numbers[index] ?? String(index + 1))),
    notes: notesOf(cost),
  };
  return exported(body, [record], 'direct costs');
});

const lineOf = (line: z.output<typeof lineSchema>, number: string): DraftLine => ({
  kind: 'direct_cost_line',
  number,
  procoreId: line.id,
  itemType: null,
  fields: {
    description: line.description,
    quantity: line.quantity,
    uom: line.uom,
    unitCost: line.unit_cost,
    amount: line.total_amount,
  },
  refs: {
    job: jobRef(line.project, line.job_origin_id),
    costCode: refTo(
      'cost_code',
      line.cost_code_id,
      line.cost_code_origin_id,
      line.wbs_code?.flat_code ?? null,
      'cost code',
    ),
    costType: refTo(
      'line_item_type',
      line.line_item_type_id,
      line.line_item_type_origin_id,
      null,
      'cost type',
    ),
  },
});

function notesOf({
  terms,
  currency_configuration: currency,
  origin_code,
  invoice_number,
}: DirectCost): string[] {
  const rate = currency?.currency_exchange_rate ?? null;
  const code = currency?.currency_iso_code ?? 'another currency';
  return [
    ...(terms === null ? [] : [`Payment terms: ${terms}.`]),
    ...(rate === null || Number(rate) === 1 ? [] : [`Amounts are in ${code}, exchange rate ${rate}.`]),
    ...(origin_code === null || invoice_number === null || origin_code === invoice_number
      ? []
      : [`ERP code typed in Procore: ${origin_code}.`]),
  ];
}

/** Lines of a direct cost carry no external data, so there are none to let go of. */
const unlinkSchema = objectSchema({
  direct_cost: objectSchema({ id: idSchema, origin_id: originIdSchema, invoice_number: numberTextSchema }),
});

const resetSchema = objectSchema({ direct_cost: objectSchema({ id: idSchema }), origin_id: originIdSchema });

/** The events about company-level direct costs. */
export const DIRECT_COST_READERS = {
  create_company_level_direct_cost: readDirectCost,
  unlink_company_level_direct_cost: readWith(unlinkSchema, ({ direct_cost: cost }, body) =>
    unlinkQuestion(body, {
      words: 'Direct cost',
      name: cost.invoice_number,
      target: 'company_level_direct_cost',
      itemType: 'company_level_direct_cost',
      procoreId: cost.id,
      originId: cost.origin_id,
      projectId: null,
      lines: [],
    }),
  ),
  reset_company_level_direct_cost: readWith(resetSchema, ({ direct_cost: cost, origin_id: originId }) => {
    const label = `Direct cost ${originId ?? String(cost.id)}`;
    const records = [noticed('company_level_direct_cost', cost.id, originId)];
    return { subject: label, intent: { kind: 'notice', how: 'reset', label, records, wholeProjectId: null } };
  }),
} as const satisfies Partial<Record<EventName, EventReader>>;
