import Big from 'big.js';

/** Procore prints decimals with at least one digit after the point. */
export function decimal(value: unknown): string {
  if (value === undefined || value === null || value === '') return '0.0';
  const text = new Big(value as string | number).toFixed();
  return text.includes('.') ? text : `${text}.0`;
}

export function sum(values: unknown[]): string {
  return decimal(values.reduce<Big>((total, value) => total.plus(decimal(value)), new Big(0)).toFixed());
}

/** Amount of a line: given, or quantity times unit cost in cents. */
export function extended(quantity: unknown, unitCost: unknown): string {
  return decimal(new Big(decimal(quantity)).times(decimal(unitCost)).round(2).toFixed());
}

/** `$1,234.50` */
export function formatted(value: unknown): string {
  const [whole, cents] = new Big(decimal(value)).toFixed(2).split('.');
  return `$${(whole ?? '0').replace(/\B(?=(\d{3})+$)/g, ',')}.${cents ?? '00'}`;
}
