import type { CardRow } from './payroll-desk';

/** A card that is cut: what it keeps, what goes over, and the earn code of that. */
export interface Cut {
  readonly card: number;
  readonly left: string;
  readonly over: string;
  readonly code: number;
}

/** Hours of a day and a shift beyond which overtime begins, in hundredths. */
const DAY = 800n;

/**
 * The overtime rules of Groundwork, with the habits of real ones: each shift of a day counts for itself (6 and 6 hours on two shifts are no overtime), cards
 * whose earn code has no overtime code do not count, and who has cards in two open batches is passed over.
 */
export function overtimeOf(cards: readonly CardRow[]): {
  readonly cuts: readonly Cut[];
  readonly passedOver: readonly number[];
} {
  const batches = new Map<number, Set<string>>();
  for (const { Employee, Mth, BatchId } of cards)
    batches.set(Employee, (batches.get(Employee) ?? new Set()).add(`${Mth} ${BatchId}`));
  const passedOver = [...batches].flatMap(([employee, of]) => (of.size > 1 ? [employee] : []));
  const worked = new Map<string, bigint>();
  const cuts = cards.flatMap(({ Card, Employee, PostDate, Shift, Hours, OTEarnCode }): readonly Cut[] => {
    if (OTEarnCode === null || passedOver.includes(Employee)) return [];
    const day = `${Employee} ${PostDate} ${Shift}`;
    const [before, hours] = [worked.get(day) ?? 0n, hundredths(Hours)];
    worked.set(day, before + hours);
    const room = DAY > before ? DAY - before : 0n;
    return hours <= room
      ? []
      : [{ card: Card, left: text(room), over: text(hours - room), code: OTEarnCode }];
  });
  return { cuts, passedOver };
}

const hundredths = (hours: string): bigint => BigInt(hours.replace('.', ''));
const text = (of: bigint): string => `${of / 100n}.${String(of % 100n).padStart(2, '0')}`;
