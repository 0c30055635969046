import { isDecimal, sameAmount, sum } from '../base/money';
import type { KindDefinition } from './definition';
import type { CanonicalRecord } from './record';

/**
 * Why the header of a record is not the sum of its lines, with both amounts; null: it is, or the kind has no such sum. An ERP that recomputes
 * nothing keeps what it is given, so its adapter asks this of the record that it read back.
 */
export function totalProblem(
  { total, fields: labels }: Pick<KindDefinition, 'total' | 'fields'>,
  { fields, lines }: CanonicalRecord,
): string | null {
  if (total === undefined) return null;
  const counted = lines.filter(({ kind }) => total.lines.includes(kind));
  if (counted.length === 0) return null;
  const amounts = counted.map((line) => line.fields[total.lineField] ?? '0');
  const stated = fields[total.field] ?? '0';
  const isKnown = [stated, ...amounts].every((amount) => typeof amount === 'string' && isDecimal(amount));
  const ofLines = isKnown ? sum(amounts.map(String)) : 'no number';
  if (isKnown && sameAmount(String(stated), ofLines)) return null;
  return `${labels[total.field]?.label ?? total.field} is ${String(stated)}, but the lines come to ${ofLines}`;
}
