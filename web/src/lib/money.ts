const DECIMAL = /^-?\d+(\.\d+)?$/;
const MOST_DECIMALS = 20;

/** Decimals that amounts of a currency have: 2 of USD, 0 of CLP, 3 of JOD. */
export function decimalsOf(currency: string | null): number {
  if (currency === null) return 2;
  try {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
    }).resolvedOptions();
    return maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** `12,400.00`: an exact decimal for people, with the decimals of its currency at least, and never rounded. */
export function amountText(amount: string, currency: string | null): string {
  return decimalText(amount, decimalsOf(currency));
}

/** `1,234.5`: an exact decimal with separators. */
export function decimalText(value: string, least = 0): string {
  if (!DECIMAL.test(value)) return value;
  const own = value.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  // `Intl` takes decimal strings as they are, digit by digit; what it would round it gets the digits for.
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: Math.min(MOST_DECIMALS, least),
    maximumFractionDigits: Math.min(MOST_DECIMALS, Math.max(least, own)),
  });
  return format.format(value as Intl.StringNumericLiteral).replace('-', '\u2212');
}

export const isNegative = (amount: string): boolean => amount.startsWith('-');
