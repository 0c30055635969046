import { isDecimal, plain, withSeparators } from '../domain/base/money';
import type { FieldChange } from '../domain/plan/operation';
import type { FieldType } from '../domain/plan/shown';
import { showValue } from './format';

/** `1,234.00 USD`: an amount for people, with two decimals at least, and its currency where it is known. */
export function amountWords(amount: string, currency?: string): string {
  if (!isDecimal(amount)) return amount;
  const [whole = '', fraction = ''] = plain(amount).split('.');
  const words = withSeparators(`${whole}.${fraction.padEnd(2, '0')}`);
  return currency === undefined ? words : `${words} ${currency}`;
}

/** What stands below each other digit by digit. */
export const isNumber = (type: FieldType | undefined): boolean =>
  type === 'money' || type === 'quantity' || type === 'unit_cost' || type === 'percent';

/** A value of a field, for people. */
export function fieldWords(value: FieldChange['new'], type: FieldType | undefined): string {
  if (typeof value !== 'string' || !isDecimal(value)) return showValue(value);
  if (type === 'money' || type === 'unit_cost') return amountWords(value);
  return type === 'quantity' ? withSeparators(plain(value)) : value;
}
