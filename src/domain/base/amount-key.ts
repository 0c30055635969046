import Big from 'big.js';
import { isDecimal } from './money';

/*
 * An amount as a text of fixed length that any database sorts and adds up exactly: in millionths, moved up so far that none is negative. Both halves
 * fit a whole number of 64 bits, also when those of millions of rows are added.
 */

const DECIMALS = 6;
const DIGITS = 24;
/** Characters of the first half; the second one has as many. */
export const HALF = DIGITS / 2;
const MOVED = new Big(10).pow(DIGITS - 1);
const UNIT = new Big(10).pow(DECIMALS);

/** The key of an amount below 10^17 with up to six decimals; empty where there is none, or it does not fit. */
export function amountKeyOf(amount: string | null): string {
  if (amount === null || !isDecimal(amount)) return '';
  const scaled = new Big(amount).times(UNIT);
  if (!scaled.eq(scaled.round(0, Big.roundDown)) || scaled.abs().gte(MOVED)) return '';
  return scaled.plus(MOVED).toFixed(0).padStart(DIGITS, '0');
}

/** The amount of a key; null: it is of none. What nobody can have stored is none either. */
export const amountOfKey = (key: string): string | null =>
  /^\d{24}$/.test(key) ? sumOfKeys({ high: key.slice(0, HALF), low: key.slice(HALF), count: 1 }) : null;

/** The sum of so many amounts, by the sums of both halves of their keys. */
export function sumOfKeys(sums: {
  readonly high: string;
  readonly low: string;
  readonly count: number;
}): string {
  const sum = new Big(10)
    .pow(HALF)
    .times(sums.high)
    .plus(sums.low)
    .minus(MOVED.times(sums.count))
    .times(new Big(10).pow(-DECIMALS));
  return sum.eq(0) ? '0' : sum.toFixed();
}
