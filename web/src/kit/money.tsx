import { amountText } from '../lib/money';
import styles from './money.module.css';

/** An amount: digits below each other, the currency dimmer. Null: nothing is shown. */
export function Money({
  amount,
  currency = null,
}: {
  readonly amount: string | null;
  readonly currency?: string | null;
}) {
  if (amount === null) return null;
  return (
    <span className={styles['money']}>
      {amountText(amount, currency)}
      {currency === null ? null : <span className={styles['currency']}>{` ${currency}`}</span>}
    </span>
  );
}

/** The same as text, for buttons and titles. */
export const moneyText = (amount: string, currency: string | null): string =>
  `${amountText(amount, currency)}${currency === null ? '' : ` ${currency}`}`;
