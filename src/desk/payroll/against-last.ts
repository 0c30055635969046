import { hoursText, hundredthsOf } from '../../domain/payroll/hours';
import type { PayShown } from '../../domain/payroll/shown';
import type { RequestRef } from '../../domain/request/id';
import { payEndIn, payGroupIn } from '../../domain/request/id';
import type { Repositories } from '../../store/repositories';

/** Hours of a pay period beside those of the one before. */
export interface AgainstLast {
  /** The request of the period before. */
  readonly last: string;
  readonly hours: string;
  readonly lastHours: string;
  /** Employees whose hours differ, the farthest apart first. */
  readonly rows: readonly {
    readonly employee: string;
    readonly hours: string;
    readonly lastHours: string;
    readonly difference: string;
  }[];
}

const REQUESTS = 1_000;

/**
 * What a clerk looks at first: who has far more or fewer hours than last time. Null: nothing was written for an earlier period. It is no part of the plan: a change
 * of the last period must not send this one back.
 */
export async function againstLast(
  t: Repositories,
  { connectionId, id }: RequestRef,
  { totals }: Pick<PayShown, 'totals'>,
): Promise<AgainstLast | null> {
  const all = await t.requests.ofSource(connectionId, 'payroll', REQUESTS);
  const [last] = all
    .filter((one) => payGroupIn(one.id) === payGroupIn(id) && payEndIn(one.id) < payEndIn(id))
    .sort((one, two) => (payEndIn(one.id) < payEndIn(two.id) ? 1 : -1));
  if (last === undefined) return null;
  const before = new Map<string, number>();
  for (const { line, purpose } of await t.payroll.writtenLines(connectionId, [last.id]))
    if (purpose === 'period' && (line.family === 'worked' || line.family === 'leave'))
      before.set(line.employee, (before.get(line.employee) ?? 0) + hundredthsOf(line.hours));
  if (before.size === 0) return null;
  const now = new Map(totals.byEmployee.map(({ employee, hours }) => [employee, hundredthsOf(hours)]));
  const sum = (hours: ReadonlyMap<string, number>): string =>
    hoursText([...hours.values()].reduce((total, one) => total + one, 0));
  const rows = [...new Set([...now.keys(), ...before.keys()])]
    .map((employee) => ({ employee, is: now.get(employee) ?? 0, was: before.get(employee) ?? 0 }))
    .filter(({ is, was }) => is !== was)
    .sort(
      (one, two) =>
        Math.abs(two.is - two.was) - Math.abs(one.is - one.was) || (one.employee < two.employee ? -1 : 1),
    )
    .map(({ employee, is, was }) => ({
      employee,
      hours: hoursText(is),
      lastHours: hoursText(was),
      difference: hoursText(is - was),
    }));
  return { last: last.id, hours: sum(now), lastHours: sum(before), rows };
}
