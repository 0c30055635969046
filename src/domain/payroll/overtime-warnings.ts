import { groupBy } from '../base/group-by';
import type { KnownLine, PayLine } from './line';
import type { PayrollReferences } from './resolve';
import type { PayWarning } from './warnings';
import { payWarning } from './warnings';

/** What the warnings are looked for in. */
interface Batched {
  /** Lines that come to the batch of the period. */
  readonly lines: readonly PayLine[];
  /** Rows of the ERP of the period, whoever made them. */
  readonly rows: readonly KnownLine[];
  /** Keys of our own lines. */
  readonly own: ReadonlySet<string>;
  readonly references: PayrollReferences;
  readonly nameOf: (employee: string) => string;
}

/**
 * Where the ERP makes overtime by its own rules, and will not count what a person would: it passes over employees who have cards in another open batch
 * ("PR Auto Overtime"), and counts each shift of a day by itself ("Defining Overtime Calculations").
 */
export function overtimeWarnings({
  lines,
  rows,
  own,
  references: { employees, overtimeOwner },
  nameOf,
}: Batched): readonly PayWarning[] {
  const isErps = (employee: string): boolean =>
    overtimeOwner(employees.get(employee)?.payGroup ?? '') === 'erp';
  const worked = lines.filter(({ family, employee }) => family === 'worked' && isErps(employee));
  const batches = new Map<string, Set<string>>();
  for (const { key, employee, state, batch } of rows)
    if (batch !== null && state !== 'posted' && (key === null || !own.has(key)))
      batches.set(employee, (batches.get(employee) ?? new Set()).add(batch));
  const byEmployee = groupBy(worked, ({ employee }) => employee);
  const byDay = groupBy(worked, ({ employee, date }) => `${employee} ${date}`);
  return [
    ...[...byEmployee].flatMap(([employee, some]) => {
      const others = [...(batches.get(employee) ?? [])].sort();
      return others.length === 0
        ? []
        : [
            payWarning(
              'other_open_batch',
              `${nameOf(employee)} has time in another open batch (${others.join(', ')}): the overtime rules of the ERP may pass over them.`,
              entriesOf(some),
            ),
          ];
    }),
    ...[...byDay.values()].flatMap((some) => {
      const [first] = some;
      const shifts = new Set(some.map(({ shift }) => shift ?? ''));
      return first === undefined || shifts.size < 2
        ? []
        : [
            payWarning(
              'two_shifts',
              `${nameOf(first.employee)}, ${first.date}: hours of ${shifts.size} shifts, of which the overtime rules of the ERP may count each by itself.`,
              entriesOf(some),
            ),
          ];
    }),
  ];
}

const entriesOf = (lines: readonly PayLine[]): readonly number[] => lines.flatMap(({ entries }) => entries);
