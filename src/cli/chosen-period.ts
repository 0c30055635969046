import type { PayPeriod } from '../domain/payroll/period';
import { CliError } from './errors';

/** The period that is meant. Without an end: the oldest of the group that is not closed and has begun. Throws `CliError`. */
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
  throw new CliError(
    end === undefined
      ? `Pay group ${group} has no period that is open and has begun.`
      : `Pay group ${group} has no period that ends on ${end}.`,
    {
      hint:
        own.length === 0
          ? `Pay groups of the ERP: ${groups.join(', ') || 'none'}.`
          : `\`tieback payroll periods\` lists them: ${own.map((one) => one.end).join(', ')}.`,
      code: 'PERIOD_UNKNOWN',
    },
  );
}
