import type { PayPeriod } from '../../domain/payroll/period';
import { DeskRefusal } from '../refusal';

/** The period that is meant. Without an end: the oldest of the group that is not closed and has begun. Throws `DeskRefusal` `PERIOD_UNKNOWN`. */
export function chosenPeriod(
  { periods, today }: { readonly periods: readonly PayPeriod[]; readonly today: string },
  group: string,
  end: string | undefined,
): PayPeriod {
  const own = periods.filter((period) => period.group === group && period.run === 1);
  const found =
    end === undefined
      ? own.find(({ state, begin }) => state !== 'closed' && begin <= today)
      : own.find((period) => period.end === end);
  if (found !== undefined) return found;
  const groups = [...new Set(periods.map((period) => period.group))];
  throw new DeskRefusal(
    'PERIOD_UNKNOWN',
    end === undefined
      ? `Pay group ${group} has no period that is open and has begun.`
      : `Pay group ${group} has no period that ends on ${end}.`,
    own.length === 0
      ? `Pay groups of the ERP: ${groups.join(', ') || 'none'}.`
      : `Its periods end on ${own.map((one) => one.end).join(', ')}.`,
  );
}
