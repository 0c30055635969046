import * as z from 'zod';
import { sameAmount, subtract, sum } from '../../domain/base/money';
import type { Warning } from '../../domain/base/warning';
import type { RecordRef } from '../../domain/request/intent';
import { toId } from '../client/json';
import type { ReadDraft, ReadLine } from './toolbox/custom-fields';
import { currenciesOf, draft, emptyLines, numbered, refTo, titled } from './toolbox/draft';
import { exported, readWith, unlinkAsked } from './toolbox/event';
import type { KindRoom } from './toolbox/kind-room';
import { findIn } from './toolbox/lists';
import * as s from './toolbox/schemas';
import { Checks, storedThisPeriod, totalsOf } from './toolbox/totals';

const lineSchema = s
  .holder('owner_invoice_line', {
    id: s.id,
    item_number: s.numberText,
    ...s.each(s.richText, 'description_of_work', 'description_override'),
    holder_type: s.text,
    holder_id: s.optionalId,
    origin_id: z.unknown().optional(),
    origin_type: s.text,
    work_completed_this_period: s.requiredDecimal,
    ...s.each(
      s.decimal,
      'scheduled_value',
      'work_completed_from_previous_application',
      'materials_presently_stored',
      'materials_presently_stored_from_previous_application',
      'materials_moved',
      'total_completed_and_stored_to_date',
      'work_completed_retainage_retained_this_period',
      'work_completed_retainage_released_this_period',
      'materials_stored_retainage_retained_this_period',
      'materials_stored_retainage_released_this_period',
      'total_retainage_from_previous_application',
      'total_retainage_currently_retained',
    ),
    ...s.currency,
  })
  .transform((line) => {
    const storedMaterials = storedThisPeriod(
      line.materials_presently_stored,
      line.materials_presently_stored_from_previous_application,
      line.materials_moved,
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
type Line = s.Of<typeof lineSchema>;

const applicationSchema = s.holder('payment_application', {
  id: s.id,
  origin_id: s.originId,
  project_id: s.optionalId,
  invoice_number: s.numberText,
  contract_name: s.text,
  billing_date: s.date,
  billing_period: s.object({ start_date: s.date, end_date: s.date }).nullish(),
  period_start: s.date,
  period_end: s.date,
  erp_custom_fields: s.approver,
  ...s.currency,
  summary: s
    .object({
      application_number: s.numberText,
      ...s.each(
        s.decimal,
        'current_payment_due',
        'contract_sum_to_date',
        'total_completed_and_stored_to_date',
        'total_retainage',
        'total_earned_less_retainage',
        'less_previous_certificates_for_payment',
      ),
    })
    .nullish(),
  items: s.list(lineSchema),
});
type Application = s.Of<typeof applicationSchema>;

/** A line of nothing that names no line of the contract: there is nothing the ERP could know it by, and nothing to book. */
const isEmpty = (line: Line): boolean =>
  sourceOf(line) === null &&
  [line.amount, line.held, line.released].every((amount) => sameAmount(amount, '0'));

function draftOf(invoice: Application): ReadDraft {
  const all = numbered(invoice.items, (line) => line.item_number);
  const lines = all.filter(({ item }) => !isEmpty(item));
  const empty = all.length - lines.length;
  const amounts = totalsOf(invoice.items);
  return draft('payment_application', {
    procoreId: invoice.id,
    originId: invoice.origin_id,
    label: titled('Owner invoice', invoice.invoice_number ?? String(invoice.id), invoice.contract_name),
    projectId: invoice.project_id,
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
    lines: lines.map(lineOf),
    holder: invoice,
    notes: empty === 0 ? [] : [emptyLines(empty)],
    currencies: currenciesOf(invoice, ...invoice.items),
    warnings: checked(invoice, all, amounts.amountDue),
  });
}

/** The figures of an invoice that Procore shows more than once, line by line and in its summary. */
function checked(
  { summary }: Application,
  lines: readonly { readonly item: Line; readonly number: string }[],
  amountDue: string,
): readonly Warning[] {
  const checks = new Checks();
  for (const { item, number } of lines) {
    const where = `Line ${number}: `;
    checks.total(where, {
      name: 'total to date',
      shown: item.total_completed_and_stored_to_date,
      made: toDateOf(item),
      by: 'what was billed before, the work of the period and the stored materials make',
    });
    if (item.total_retainage_from_previous_application !== null) {
      checks.total(where, {
        name: 'retainage to date',
        shown: item.total_retainage_currently_retained,
        made: sum([item.total_retainage_from_previous_application, subtract(item.held, item.released)]),
        by: 'what was held before, is held and is released now make',
      });
    }
    const billed = item.total_completed_and_stored_to_date ?? item.amount;
    checks.limit(where, 'total to date', billed, item.scheduled_value);
  }
  const toDate = sum(lines.map(({ item }) => item.total_completed_and_stored_to_date ?? toDateOf(item)));
  checks.total('', {
    name: 'total to date',
    shown: summary?.total_completed_and_stored_to_date,
    made: toDate,
  });
  const retained = lines.map(({ item }) => item.total_retainage_currently_retained);
  if (retained.every((amount) => amount !== null))
    checks.total('', { name: 'total retainage', shown: summary?.total_retainage, made: sum(retained) });
  const earned = summary?.total_earned_less_retainage ?? null;
  if (earned !== null) {
    checks.total('', {
      name: 'current payment due',
      shown: summary?.current_payment_due,
      made: subtract(earned, summary?.less_previous_certificates_for_payment ?? '0'),
      by: 'what was earned less what was certified before makes',
    });
  }
  checks.total('', {
    name: 'payment due',
    shown: summary?.current_payment_due,
    made: amountDue,
    by: 'the lines of this period make',
  });
  const contract = summary?.contract_sum_to_date ?? null;
  if (contract !== null && !sameAmount(contract, '0'))
    checks.limit('', 'The total to date', toDate, contract, 'contract sum to date');
  return checks.warnings;
}

const toDateOf = (line: Line): string =>
  sum([
    line.work_completed_from_previous_application ?? '0',
    line.work_completed_this_period,
    line.materials_presently_stored ?? '0',
  ]);

/** The invoice names no contract, its lines do. */
function contractOf(lines: readonly Line[], name: string | null): RecordRef | null {
  const holders = lines.filter((line) => line.holder_type === 'PrimeContract').map((line) => line.holder_id);
  const [only, ...others] = [...new Set(holders.filter((id) => id !== null))];
  return others.length > 0 || only === undefined
    ? null
    : refTo('prime_contract', { id: only }, 'prime contract', name);
}

const lineOf = ({ item: line, number }: { item: Line; number: string }): ReadLine => ({
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
  holder: line,
});

/**
 * `origin_id` with `origin_type` "LineItem": the ERP's key of the contract line in the sample, Procore's own id of it (an integer) in the
 * OpenAPI. Of a change order it names no contract line.
 */
function sourceOf({ origin_id: origin, origin_type: type }: Line): RecordRef | null {
  if (type !== null && type !== 'LineItem') return null;
  const id = toId(origin);
  const isKey = id === null && typeof origin === 'string' && !['', 'null'].includes(origin);
  return refTo('prime_contract_line', { id, origin_id: isKey ? origin : null }, 'prime contract line');
}

const unlinkSchema = s.object({
  payment_application: s.object({
    id: s.id,
    origin_id: s.originId,
    project_id: s.optionalId,
    invoice_number: s.numberText,
    items: s.list(s.object({ id: s.id })),
  }),
});

export const paymentApplication = {
  events: {
    create_payment_application: readWith(s.object({ payment_application: applicationSchema }), (data, body) =>
      exported(body, [draftOf(data.payment_application)]),
    ),
    unlink_payment_application: readWith(unlinkSchema, ({ payment_application: invoice }, body) =>
      unlinkAsked(body, {
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
  },
  port: (http) => ({
    findByOriginId: findIn(http, { name: 'payment_applications', itemType: 'payment_application' }),
  }),
} as const satisfies KindRoom;
