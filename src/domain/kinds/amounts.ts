import { isDecimal, sum } from '../base/money';
import type { KindDefinition } from './definition';
import type { CanonicalRecord } from './record';
import { textIn } from './record';

/** The amount of a document, with its sign; where its header has none, those of its lines. Exact decimals. */
export function amountsIn(
  { fields, total }: Pick<KindDefinition, 'fields' | 'total'>,
  record: {
    readonly fields: CanonicalRecord['fields'];
    readonly lines: readonly Pick<CanonicalRecord, 'fields'>[];
  },
): readonly string[] {
  const header = 'amount' in fields ? textIn(record, total?.field ?? 'amount') : '';
  const all = header !== '' ? [header] : record.lines.map((line) => textIn(line, 'amount'));
  return all.filter((amount) => isDecimal(amount));
}

/** What documents come to together, each with its sign; null: none has an amount. */
export const totalOf = (amounts: readonly string[]): string | null =>
  amounts.length === 0 ? null : sum(amounts);
