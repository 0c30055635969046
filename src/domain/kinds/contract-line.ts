import { money, needs, quantity, text, unitCost } from './definition';

/** Where the cost of a line goes. */
export const COST = {
  costCode: needs('Cost code', 'cost_code'),
  costType: needs('Cost type', 'line_item_type'),
};

/** A line of a contract: units or a lump sum, and its tax. */
export const CONTRACT_LINE = {
  description: text('Description'),
  ...COST,
  /** `unit` (quantity × unit cost) or `lump_sum`. */
  basis: text('Basis'),
  quantity: quantity('Quantity'),
  uom: text('Unit'),
  unitCost: unitCost('Unit cost'),
  /** Without tax. */
  amount: money('Amount'),
  taxCode: text('Tax code'),
  taxAmount: money('Tax'),
};
