import { subtract, sum } from '../../../domain/base/money';

/**
 * "Amount" of an invoice is what is billed in its period before retainage, and the payment due is that less the retainage held in the period
 * plus the retainage released in it. Both are summed exactly from the lines: formatted texts ("$16,605.00") and totals to date are not the
 * same thing.
 */
export function totalsOf(
  lines: readonly {
    readonly amount: string;
    readonly held: string | null;
    readonly released: string | null;
  }[],
): { readonly amount: string; readonly retainage: string; readonly amountDue: string } {
  const amount = sum(lines.map((line) => line.amount));
  const retainage = sum(lines.map(({ held }) => held ?? '0'));
  const released = sum(lines.map((line) => line.released ?? '0'));
  return { amount, retainage, amountDue: sum([subtract(amount, retainage), released]) };
}
