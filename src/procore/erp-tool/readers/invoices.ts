import * as z from 'zod';
import { sameAmount, subtract, sum } from '../../../domain/base/money';
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
  requiredDecimalSchema,
  requiredTextSchema,
  textSchema,
} from '../../read-problems';
import { toId } from '../../json';
import type { EventName } from '../events';
import type { EventReader } from '../reader';
import { readWith } from '../reader';
import {
  approverFieldsSchema,
  detailIdsIn,
  exported,
  ITEM_DETAIL,
  lastPart,
  noticed,
  numbersOf,
  refTo,
  titled,
  unlinkQuestion,
  uomSchema,
} from './parts';
import { syncReader } from './syncs';

/*
 * Subcontractor invoices, payments and owner invoices. "Amount" of an invoice is what is billed in its period before retainage, and the
 * payment due is that less the retainage held in the period plus the retainage released in it. Both are summed exactly from the
 * lines: formatted texts ("$16,605.00") and totals to date are not the same thing.
 */

/** `Billings::ContractItem` is shown; the other two are named in "External Data", their spelling here is not. */
const ITEM_TYPES: Readonly<Record<string, string>> = {
  contractitem: 'requisition_contract_item',
  contractdetailitem: 'requisition_contract_detail_item',
  changeorderitem: 'requisition_change_order_item',
  wholechangeorderitem: 'requisition_change_order_item',
};

const itemTypeSchema = requiredTextSchema.transform((type, context): string => {
  const word =
    type
      .split('::')
      .at(-1)
      ?.toLowerCase()
      .replace(/[^a-z]/g, '') ?? '';
  const found = ITEM_TYPES[word.replace(/^requisition/, '')];
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: 'a contract item, contract detail item or change order item' });
  return z.NEVER;
});

const invoiceLineSchema = objectSchema({
  procore_requisition_item_id: idSchema,
  requisition_item_type: itemTypeSchema,
  amount: requiredDecimalSchema,
  commitment_item_origin_id: originIdSchema,
  change_order_line_item_origin_id: originIdSchema,
  cost_code_id: optionalIdSchema,
  cost_code_origin_id: originIdSchema,
  line_item_type_origin_id: originIdSchema,
  description: textSchema,
  line_item_description: textSchema,
  qty: decimalSchema,
  uom: uomSchema,
  unit_cost: decimalSchema,
  retainage_this_period: decimalSchema,
  released_work_completed_this_period: decimalSchema,
  tax_code_origin_id: originIdSchema,
});
type InvoiceLine = z.output<typeof invoiceLineSchema>;

const requisitionSchema = objectSchema({
  procore_requisition_id: idSchema,
  origin_id: originIdSchema,
  project_id: optionalIdSchema,
  code: numberTextSchema,
  invoice_number: numberTextSchema,
  billing_date: dateSchema,
  contract_id: optionalIdSchema,
  contract_origin_id: originIdSchema,
  job_origin_id: originIdSchema,
  formatted_payment_due: textSchema,
  erp_custom_fields: approverFieldsSchema({ accounting_date: dateSchema, description: textSchema }),
  line_items: listSchema(invoiceLineSchema),
  ...ITEM_DETAIL,
});

const readRequisitions = readWith(
  objectSchema({ requisitions: listSchema(requisitionSchema) }),
  ({ requisitions }, body) => exported(body, requisitions.map(requisitionOf), 'subcontractor invoices'),
);

function requisitionOf(invoice: z.output<typeof requisitionSchema>): RecordDraft {
  const code = invoice.invoice_number ?? invoice.code;
  const lines = invoice.line_items;
  const shown = invoice.formatted_payment_due;
  return {
    entity: 'requisition',
    itemType: 'requisition',
    procoreId: invoice.procore_requisition_id,
    originId: invoice.origin_id,
    label: `Subcontractor invoice ${code ?? String(invoice.procore_requisition_id)}`,
    projectId: invoice.project_id,
    detailIds: detailIdsIn(invoice),
    fields: {
      code,
      requisitionNumber: invoice.code,
      description: invoice.erp_custom_fields?.description ?? null,
      date: invoice.billing_date,
      accountingDate: invoice.erp_custom_fields?.accounting_date ?? null,
      ...totals(
        lines.map((line) => ({
          amount: line.amount,
          held: line.retainage_this_period,
          released: line.released_work_completed_this_period,
        })),
      ),
    },
    refs: {
      job: refTo('project', invoice.project_id, invoice.job_origin_id, null, 'job'),
      commitment: refTo('commitment', invoice.contract_id, invoice.contract_origin_id, null, 'commitment'),
    },
    lines: lines.map(invoiceLine),
    notes: shown === null ? [] : [`Procore shows a payment due of ${shown}.`],
  };
}

const totals = (
  lines: readonly { amount: string; held: string | null; released: string | null }[],
): { amount: string; retainage: string; amountDue: string } => {
  const amount = sum(lines.map((line) => line.amount));
  const retainage = sum(lines.map(({ held }) => held ?? '0'));
  const released = sum(lines.map((line) => line.released ?? '0'));
  return { amount, retainage, amountDue: sum([subtract(amount, retainage), released]) };
};

/** The payload has no positions. */
const invoiceLine = (line: InvoiceLine, index: number): DraftLine => ({
  kind: 'invoice_line',
  number: String(index + 1),
  procoreId: line.procore_requisition_item_id,
  itemType: line.requisition_item_type,
  fields: {
    description: line.description ?? line.line_item_description,
    quantity: line.qty,
    uom: line.uom,
    unitCost: line.unit_cost,
    amount: line.amount,
    retainage: line.retainage_this_period,
    retainageReleased: line.released_work_completed_this_period,
    taxCode: lastPart(line.tax_code_origin_id),
  },
  refs: {
    commitmentLine: refTo('commitment_line', null, line.commitment_item_origin_id, null, 'commitment line'),
    changeOrderLine: refTo(
      'change_order_line',
      null,
      line.change_order_line_item_origin_id,
      null,
      'change order line',
    ),
    costCode: refTo('cost_code', line.cost_code_id, line.cost_code_origin_id, null, 'cost code'),
    costType: refTo('line_item_type', null, line.line_item_type_origin_id, null, 'cost type'),
  },
});

const resetRequisitionSchema = objectSchema({
  requisition_id: idSchema,
  requisition_origin_id: originIdSchema,
});

/** `bank_id` is there too; where the money lies is nothing we carry. */
const paymentSchema = objectSchema({
  id: idSchema,
  origin_id: originIdSchema,
  project_id: optionalIdSchema,
  contract_id: optionalIdSchema,
  requisition_id: optionalIdSchema,
  vendor_id: optionalIdSchema,
  external_payment_id: numberTextSchema,
  payment_number: numberTextSchema,
  invoice_number: numberTextSchema,
  payment_method: textSchema,
  check_number: numberTextSchema,
  date_payment_settled: dateSchema,
  date_payment_funded: dateSchema,
  date_payment_initiated: dateSchema,
  date_payment_created: dateSchema,
  amount: requiredDecimalSchema,
  retainage_released_payment_amount: decimalSchema,
});

const readPayment = readWith(
  objectSchema({ contract_payment: paymentSchema }),
  ({ contract_payment: payment }, body) => {
    const code = payment.payment_number ?? payment.external_payment_id;
    const of = payment.invoice_number;
    const record: RecordDraft = {
      entity: 'contract_payment',
      itemType: 'contract_payment',
      procoreId: payment.id,
      originId: payment.origin_id,
      label: `Payment ${code ?? String(payment.id)}${of === null ? '' : ` of invoice ${of}`}`,
      projectId: payment.project_id,
      detailIds: [],
      fields: {
        code,
        invoiceNumber: payment.invoice_number,
        method: payment.payment_method,
        checkNumber: payment.check_number,
        date:
          payment.date_payment_settled ??
          payment.date_payment_funded ??
          payment.date_payment_initiated ??
          payment.date_payment_created,
        accountingDate: null,
        amount: payment.amount,
        retainageReleased: payment.retainage_released_payment_amount,
      },
      refs: {
        commitment: refTo('commitment', payment.contract_id, null, null, 'commitment'),
        requisition: refTo(
          'requisition',
          payment.requisition_id,
          null,
          payment.invoice_number,
          'subcontractor invoice',
        ),
        vendor: refTo('vendor', payment.vendor_id, null, null, 'vendor'),
      },
      lines: [],
      notes: [],
    };
    return exported(body, [record], 'payments');
  },
);

const resetPaymentSchema = objectSchema({
  payment_id: idSchema,
  origin_id: originIdSchema,
  origin_code: numberTextSchema,
});

/**
 * Work and stored materials of a line. Materials stored in the period are what the line holds now less what it held before: column F of
 * the continuation sheet is a balance, and materials put in place leave it again.
 */
const ownerLineSchema = objectSchema({
  id: idSchema,
  item_number: numberTextSchema,
  description_of_work: textSchema,
  description_override: textSchema,
  holder_id: optionalIdSchema,
  holder_type: textSchema,
  origin_id: z.unknown().optional(),
  origin_type: textSchema,
  work_completed_this_period: requiredDecimalSchema,
  materials_presently_stored: decimalSchema,
  materials_presently_stored_from_previous_application: decimalSchema,
  work_completed_retainage_retained_this_period: decimalSchema,
  work_completed_retainage_released_this_period: decimalSchema,
  materials_stored_retainage_retained_this_period: decimalSchema,
  materials_stored_retainage_released_this_period: decimalSchema,
}).transform((line) => {
  const storedMaterials = subtract(
    line.materials_presently_stored ?? '0',
    line.materials_presently_stored_from_previous_application ?? '0',
  );
  return {
    ...line,
    storedMaterials,
    amount: sum([line.work_completed_this_period, storedMaterials]),
    held: sum([
      line.work_completed_retainage_retained_this_period ?? '0',
      line.materials_stored_retainage_retained_this_period ?? '0',
    ]),
    released: sum([
      line.work_completed_retainage_released_this_period ?? '0',
      line.materials_stored_retainage_released_this_period ?? '0',
    ]),
  };
});
type OwnerLine = z.output<typeof ownerLineSchema>;

const applicationSchema = objectSchema({
  id: idSchema,
  origin_id: originIdSchema,
  project_id: optionalIdSchema,
  invoice_number: numberTextSchema,
  contract_name: textSchema,
  billing_date: dateSchema,
  billing_period: objectSchema({ start_date: dateSchema, end_date: dateSchema }).nullish(),
  period_start: dateSchema,
  period_end: dateSchema,
  erp_custom_fields: approverFieldsSchema({ accounting_date: dateSchema }),
  summary: objectSchema({
    application_number: numberTextSchema,
    current_payment_due: decimalSchema,
  }).nullish(),
  items: listSchema(ownerLineSchema),
});

const readApplication = readWith(
  objectSchema({ payment_application: applicationSchema }),
  ({ payment_application: invoice }, body) => {
    const numbers = numbersOf(invoice.items.map((line) => line.item_number));
    const amounts = totals(invoice.items);
    const shown = invoice.summary?.current_payment_due ?? null;
    const record: RecordDraft = {
      entity: 'payment_application',
      itemType: 'payment_application',
      procoreId: invoice.id,
      originId: invoice.origin_id,
      label: titled('Owner invoice', invoice.invoice_number ?? String(invoice.id), invoice.contract_name),
      projectId: invoice.project_id,
      detailIds: [],
      fields: {
        code: invoice.invoice_number,
        applicationNumber: invoice.summary?.application_number ?? null,
        name: invoice.contract_name,
        date: invoice.billing_date,
        accountingDate: invoice.erp_custom_fields?.accounting_date ?? null,
        periodStart: invoice.period_start ?? invoice.billing_period?.start_date ?? null,
        periodEnd: invoice.period_end ?? invoice.billing_period?.end_date ?? null,
        ...amounts,
      },
      refs: { primeContract: contractOf(invoice.items, invoice.contract_name) },
      lines: invoice.items.map((line, index) => ownerLine(line, numbers[index] ?? String(index + 1))),
      notes:
        shown === null || sameAmount(shown, amounts.amountDue)
          ? []
          : [`Procore shows a payment due of ${shown}; the lines of this period make ${amounts.amountDue}.`],
    };
    return exported(body, [record], 'owner invoices');
  },
);

/** The invoice names no contract, its lines do. */
function contractOf(lines: readonly OwnerLine[], name: string | null): RecordRef | null {
  const holders = lines.filter((line) => line.holder_type === 'PrimeContract').map((line) => line.holder_id);
  const [only, ...others] = [...new Set(holders.filter((id) => id !== null))];
  return others.length > 0 ? null : refTo('prime_contract', only ?? null, null, name, 'prime contract');
}

const ownerLine = (line: OwnerLine, number: string): DraftLine => ({
  kind: 'owner_invoice_line',
  number,
  procoreId: line.id,
  itemType: 'payment_application_line_item',
  fields: {
    description: line.description_override ?? line.description_of_work,
    workCompleted: line.work_completed_this_period,
    storedMaterials: line.storedMaterials,
    amount: line.amount,
    retainage: line.held,
    retainageReleased: line.released,
  },
  refs: { primeContractLine: sourceOf(line) },
});

/**
 * `origin_id` with `origin_type` "LineItem": the ERP's key of the contract line in the sample, Procore's own id of it (an integer) in the
 * OpenAPI. Of a change order it names no contract line.
 */
function sourceOf({ origin_id: origin, origin_type: type }: OwnerLine): RecordRef | null {
  if (type !== null && type !== 'LineItem') return null;
  const id = toId(origin);
  const originId =
    id === null && typeof origin === 'string' && !['', 'null'].includes(origin) ? origin : null;
  return refTo('prime_contract_line', id, originId, null, 'prime contract line');
}

const unlinkApplicationSchema = objectSchema({
  payment_application: objectSchema({
    id: idSchema,
    origin_id: originIdSchema,
    project_id: optionalIdSchema,
    invoice_number: numberTextSchema,
    items: listSchema(objectSchema({ id: idSchema })),
  }),
});

/** The events about subcontractor invoices, payments and owner invoices. */
export const INVOICE_READERS = {
  create_requisitions: readRequisitions,
  reset_requisition: readWith(
    resetRequisitionSchema,
    ({ requisition_id: id, requisition_origin_id: originId }) => {
      const label = `Subcontractor invoice ${originId ?? String(id)}`;
      const records = [noticed('requisition', id, originId)];
      return {
        subject: label,
        intent: { kind: 'notice', how: 'reset', label, records, wholeProjectId: null },
      };
    },
  ),
  create_payment: readPayment,
  // Unlike other resets, the link stays until we find the payment gone from the ERP ("ERP Technical Guide").
  reset_payment: readWith(resetPaymentSchema, (payment, body) =>
    unlinkQuestion(body, {
      words: 'Payment',
      name: payment.origin_code,
      target: 'invoice_payment',
      itemType: 'invoice_payment',
      procoreId: payment.payment_id,
      originId: payment.origin_id,
      projectId: null,
      lines: [],
    }),
  ),
  sync_contract_payments: syncReader('invoice_payment'),
  create_payment_application: readApplication,
  unlink_payment_application: readWith(unlinkApplicationSchema, ({ payment_application: invoice }, body) =>
    unlinkQuestion(body, {
      words: 'Owner invoice',
      name: invoice.invoice_number,
      target: 'payment_application',
      itemType: 'payment_application',
      procoreId: invoice.id,
      originId: invoice.origin_id,
      projectId: invoice.project_id,
      lines: invoice.items.map(({ id }) => ({ itemType: 'payment_application_line_item', procoreId: id })),
    }),
  ),
} as const satisfies Partial<Record<EventName, EventReader>>;
