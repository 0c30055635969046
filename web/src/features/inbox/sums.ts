import Big from 'big.js';
import type { Row, Sums } from './types';

/** What the chosen plans come to, by currency: exact. */
export function sumsOf(rows: readonly Pick<Row, 'amount' | 'currency'>[]): Sums {
  const sums = new Map<string | null, { sum: Big; count: number }>();
  for (const { amount, currency } of rows) {
    if (amount === null) continue;
    const { sum, count } = sums.get(currency) ?? { sum: new Big(0), count: 0 };
    sums.set(currency, { sum: sum.plus(amount), count: count + 1 });
  }
  return [...sums].map(([currency, { sum, count }]) => ({ currency, amount: sum.toFixed(), count }));
}
