import Big from 'big.js';

/*
 * Exact decimals as text: nothing here passes through a binary number. Texts are plain (`-12.50`), without exponent or separators.
 */

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Whether a text is a plain decimal number. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/** The same number without needless zeros; `-0` is `0`. */
export const plain = (value: string): string => show(new Big(value));

export const sum = (values: readonly string[]): string =>
  show(values.reduce((total, value) => total.plus(value), new Big(0)));

export const subtract = (a: string, b: string): string => show(new Big(a).minus(b));

export const multiply = (a: string, b: string): string => show(new Big(a).times(b));

export const sameAmount = (a: string, b: string): boolean => new Big(a).eq(b);

export const isNegative = (value: string): boolean => new Big(value).lt(0);

/** Without its sign. */
export const magnitude = (value: string): string => show(new Big(value).abs());

export const below = (value: string, limit: string): boolean => new Big(value).lt(limit);
export const atMost = (value: string, limit: string): boolean => new Big(value).lte(limit);

/** For people: `25,000.00`. Decimals stay as they are written. */
export const withSeparators = (value: string): string => {
  const [whole = '', fraction] = value.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** Rounds half away from zero, as accountants do, to exactly that many decimals. */
export const roundTo = (value: string, decimals: number): string => {
  const rounded = new Big(value).round(decimals, Big.roundHalfUp);
  return rounded.eq(0) ? new Big(0).toFixed(decimals) : rounded.toFixed(decimals);
};

/** Whether a difference is no more than rounding can make of that many lines: half a unit of the last decimal each. */
export const isRoundingDifference = (difference: string, lines: number, decimals: number): boolean =>
  new Big(difference).abs().lte(
    new Big(10)
      .pow(-decimals)
      .div(2)
      .times(lines + 1),
  );

const show = (value: Big): string => (value.eq(0) ? '0' : value.toFixed());
