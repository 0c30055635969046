import { decimalText } from '../lib/money';
import { texts } from '../texts/en';

const DECIMALS: Readonly<Record<string, number>> = { money: 2, unit_cost: 2 };
const NUMBERS = new Set(['money', 'unit_cost', 'quantity', 'percent']);

export const isNumeric = (type: string | null): boolean => type !== null && NUMBERS.has(type);

/** A value of a field as people write it. Amounts keep every digit. */
export function valueText(value: string | boolean | null, type: string | null): string {
  if (value === null || value === '') return texts.empty;
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  return isNumeric(type) ? decimalText(value, DECIMALS[type ?? ''] ?? 0) : texts.value(value);
}
