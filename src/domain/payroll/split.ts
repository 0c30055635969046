import type { EarnCode } from './codes';
import { isOvertimeCode } from './codes';
import type { Hundredths } from './hours';
import { hundredthsOf } from './hours';

/** Hours by earn code. */
export type ByCode = ReadonlyMap<string, Hundredths>;

export function byCode(
  lines: readonly { readonly earnCode: string; readonly hours: string }[],
): Map<string, Hundredths> {
  const sums = new Map<string, Hundredths>();
  for (const { earnCode, hours } of lines)
    sums.set(earnCode, (sums.get(earnCode) ?? 0) + hundredthsOf(hours));
  return sums;
}

export const totalOf = (hours: ByCode): Hundredths => [...hours.values()].reduce((sum, one) => sum + one, 0);

/** How many times the rate an earn code pays, for ordering; 1 where nobody knows. */
export type FactorOf = (earnCode: string) => number;

export const factors = (earnCodes: readonly EarnCode[]): FactorOf => {
  const known = new Map(earnCodes.map((code) => [code.code, isOvertimeCode(code) ? Number(code.factor) : 1]));
  return (earnCode) => known.get(earnCode) ?? 1;
};

/**
 * Whether rows pay what is true. Where the field owns the split, every earn code must agree. Where the ERP owns it, its overtime stands for hours of any
 * code of the cell: only the total must agree, and no code may hold more than is true.
 */
export function agrees(truth: ByCode, rows: ByCode, isSplitByErp: boolean, factorOf: FactorOf): boolean {
  const codes = [...new Set([...truth.keys(), ...rows.keys()])];
  if (!isSplitByErp) return codes.every((code) => (truth.get(code) ?? 0) === (rows.get(code) ?? 0));
  return (
    totalOf(truth) === totalOf(rows) &&
    codes.every((code) => {
      const paid = rows.get(code) ?? 0;
      return factorOf(code) > 1 ? paid >= 0 : paid <= (truth.get(code) ?? 0);
    })
  );
}

/**
 * The explicit split of a replacement, where the ERP split what was posted: its overtime rules do not touch a correction, so the split that it made once is
 * carried over. Fewer hours come off the highest factor first, more hours go on top of it. The workweek is looked at again by a person.
 */
export function explicitSplit(truth: ByCode, posted: ByCode, factorOf: FactorOf): ByCode {
  const overtime = [...posted]
    .filter(([code, hours]) => factorOf(code) > 1 && hours > 0)
    .sort(([one], [two]) => factorOf(two) - factorOf(one) || (one < two ? -1 : 1));
  const [highest] = overtime;
  if (highest === undefined) return truth;
  const split = new Map(overtime);
  let change = totalOf(truth) - totalOf(posted);
  if (change > 0) split.set(highest[0], highest[1] + change);
  for (const [code, hours] of overtime) {
    if (change >= 0) break;
    const less = Math.min(hours, -change);
    split.set(code, hours - less);
    change += less;
  }
  let covered = totalOf(split);
  const bases = [...truth].sort(([one, left], [two, right]) => right - left || (one < two ? -1 : 1));
  for (const [code, hours] of bases) {
    const less = Math.min(hours, covered);
    split.set(code, (split.get(code) ?? 0) + hours - less);
    covered -= less;
  }
  return new Map([...split].filter(([, hours]) => hours !== 0));
}
