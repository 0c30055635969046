import Big from 'big.js';
import type { JsonObject } from '../json';
import { decimal, extended, sum } from './money';
import type { SimRecord } from './record';

/*
 * How the amounts of one record hang together, as the samples of the events dictionary show it. What people enter is kept; the rest follows.
 */

const minus = (value: unknown, ...others: unknown[]): string =>
  decimal(others.reduce<Big>((rest, other) => rest.minus(decimal(other)), new Big(decimal(value))).toFixed());

/** Amount of a line before markups: given, or quantity times unit cost. */
export function baseAmount({ fields }: SimRecord): string {
  const { amount, quantity, unit_cost: unitCost } = fields;
  return amount === undefined || amount === null ? extended(quantity, unitCost) : decimal(amount);
}

/** A line of a prime contract change order holds its markups in `amount`, not in `extended_amount`, and no tax in `total_amount`. */
export function lineAmounts(line: SimRecord, markups: readonly SimRecord[]): JsonObject {
  const base = baseAmount(line);
  const isChange = line.fields['holder_kind'] === 'prime_contract_change_order';
  return {
    amount: sum([base, ...markups.map(({ fields }) => fields['amount'])]),
    extended_amount: base,
    quantity: decimal(line.fields['quantity']),
    unit_cost: decimal(line.fields['unit_cost']),
    tax_amount: decimal(line.fields['tax_amount']),
    total_amount: isChange ? base : sum([base, line.fields['tax_amount']]),
  };
}

/** A line of a subcontractor invoice: the retainage of the period is that of work and of stored materials. */
export function requisitionItemAmounts({ fields }: SimRecord): JsonObject {
  const materials = decimal(fields['retainage_materials_presently_stored']);
  const work = decimal(
    fields['retainage_work_completed_this_period'] ?? minus(fields['retainage_this_period'], materials),
  );
  return {
    amount: decimal(fields['amount']),
    retainage_materials_presently_stored: materials,
    retainage_work_completed_this_period: work,
    retainage_this_period: sum([work, materials]),
    released_work_completed_this_period: decimal(fields['released_work_completed_this_period']),
  };
}

/** What the subcontractor is to be paid for these lines. */
export function paymentDue(items: readonly JsonObject[]): string {
  const of = (field: string): string => sum(items.map((item) => item[field]));
  const released = of('released_work_completed_this_period');
  return minus(sum([of('amount'), released]), of('retainage_this_period'));
}

/** A line of an owner invoice, as the continuation sheet adds it up. Amounts are JSON numbers there. */
export function applicationItemAmounts({ fields }: SimRecord, scheduled: unknown): JsonObject {
  const given = (field: string): string => decimal(fields[field]);
  const done = sum([
    given('work_completed_from_previous_application'),
    given('work_completed_this_period'),
    given('materials_presently_stored'),
  ]);
  const retained = (what: 'work_completed' | 'materials_stored'): string =>
    minus(
      sum([
        given(`${what}_retainage_from_previous_application`),
        given(`${what}_retainage_retained_this_period`),
      ]),
      given(`${what}_retainage_released_this_period`),
    );
  const [work, materials] = [retained('work_completed'), retained('materials_stored')];
  const total = Number(fields['scheduled_value'] ?? decimal(scheduled));
  return {
    scheduled_value: total,
    total_completed_and_stored_to_date: Number(done),
    total_completed_and_stored_to_date_percent:
      total === 0 ? 0 : Number(new Big(done).div(total).times(100).round(2).toFixed()),
    balance_to_finish: Number(minus(total, done)),
    work_completed_retainage_currently_retained: Number(work),
    materials_stored_retainage_currently_retained: Number(materials),
    total_retainage_currently_retained: Number(sum([work, materials])),
    total_retainage_from_previous_application: Number(
      sum([
        given('work_completed_retainage_from_previous_application'),
        given('materials_stored_retainage_from_previous_application'),
      ]),
    ),
  };
}

/** The cover sheet of an owner invoice, from its lines and its contract. */
export function applicationSummary(items: readonly JsonObject[], contract: JsonObject): JsonObject {
  const of = (field: string): string => sum(items.map((item) => item[field]));
  const done = of('total_completed_and_stored_to_date');
  const earned = minus(done, of('total_retainage_currently_retained'));
  const before = minus(
    sum([
      of('work_completed_from_previous_application'),
      of('materials_presently_stored_from_previous_application'),
    ]),
    of('total_retainage_from_previous_application'),
  );
  const toDate = contract['revised_contract_amount'];
  const amounts: Record<string, unknown> = {
    contract_original_sum: contract['grand_total'],
    net_change_by_change_order: contract['approved_change_orders'],
    contract_sum_to_date: toDate,
    total_completed_and_stored_to_date: done,
    completed_work_retainage_amount: of('work_completed_retainage_currently_retained'),
    stored_materials_retainage_amount: of('materials_stored_retainage_currently_retained'),
    total_retainage: of('total_retainage_currently_retained'),
    total_earned_less_retainage: earned,
    less_previous_certificates_for_payment: before,
    current_payment_due: minus(earned, before),
    balance_to_finish_including_retainage: minus(toDate, earned),
  };
  return Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, Number(decimal(value))]));
}

/** A line of a direct cost: what is not entered of quantity, unit cost and total follows from the others. */
export function directCostAmounts(line: JsonObject): JsonObject {
  const quantity = decimal(line['quantity'] ?? 1);
  const given = line['total_amount'] ?? line['amount'];
  const isCounted = given === undefined || given === null;
  const total = isCounted ? extended(quantity, line['unit_cost']) : decimal(given);
  const each = (): string => decimal(new Big(total).div(quantity).round(4).toFixed());
  const unitCost = line['unit_cost'] ?? (Number(quantity) === 0 ? total : each());
  return { quantity, unit_cost: decimal(unitCost), total_amount: total };
}

/** The totals of a contract: `remaining` is what is not paid yet. */
export function contractAmounts(
  original: string,
  changes: Record<'approved' | 'pending' | 'draft', string>,
  paid: string,
): JsonObject {
  const revised = sum([original, changes.approved]);
  const pendingRevised = sum([revised, changes.pending]);
  return {
    grand_total: original,
    approved_change_orders: changes.approved,
    draft_change_orders_amount: changes.draft,
    pending_change_orders: changes.pending,
    pending_change_orders_amount: changes.pending,
    pending_revised_contract: pendingRevised,
    pending_revised_contract_amount: pendingRevised,
    revised_contract: revised,
    revised_contract_amount: revised,
    total_payments: paid,
    remaining_balance_outstanding: minus(revised, paid),
    outstanding_balance: minus(revised, paid),
  };
}
