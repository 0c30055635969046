/** Every kind of record that both sides keep, by the name that also begins its `origin_id`. */
export const KINDS = [
  'vendor',
  'standard_cost_code',
  'line_item_type',
  'project',
  'sub_job',
  'budget',
  'commitment',
  'commitment_change_order',
  'requisition',
  'contract_payment',
  'invoice_payment',
  'payment_application',
  'prime_contract',
  'prime_contract_change_order',
  'company_level_direct_cost',
] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds of lines: what is only ever known with the record it belongs to. */
export const LINE_KINDS = [
  'cost_code',
  'cost_type_assignment',
  'job_cost',
  'budget_line',
  'commitment_line',
  'change_order_line',
  'invoice_line',
  'owner_invoice_line',
  'prime_contract_line',
  'prime_change_line',
  'prime_change_markup',
  'direct_cost_line',
] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** What a field may refer to: a record, or a line of one (a cost code is a line of its project). */
export type RefTarget = Kind | LineKind;

export const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);
