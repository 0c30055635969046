import { hoursText, hundredthsOf } from './hours';
import type { PayLine } from './line';

/** Hours of one employee, as a clerk reads them against the last period. */
export interface EmployeeTotal {
  readonly employee: string;
  /** Worked at once the rate, at one and a half or so, at twice or more. */
  readonly regular: string;
  readonly overtime: string;
  readonly double: string;
  /** Leave. */
  readonly other: string;
  /** All of these: what must equal the ERP's. */
  readonly hours: string;
  /** Units of allowances; no hours. */
  readonly allowances: string;
}

export interface CodeTotal {
  readonly code: string;
  readonly hours: string;
}

/** Totals of the printed lines, never of what they were rounded from. */
export interface PeriodTotals {
  readonly lines: number;
  /** Of people: machines and units of allowances are no hours of theirs. */
  readonly hours: string;
  readonly equipmentHours: string;
  readonly allowances: string;
  readonly byEmployee: readonly EmployeeTotal[];
  /** Hours of people by job; hours for no job under an empty code. */
  readonly byJob: readonly CodeTotal[];
  /** Of every line, in the unit of the earn code. */
  readonly byEarnCode: readonly CodeTotal[];
}

type Column = Exclude<keyof EmployeeTotal, 'employee' | 'hours'>;

/** Adds up lines. `factorOf` tells how many times the rate an earn code pays; null: none. */
export function totalsOf(
  lines: readonly PayLine[],
  factorOf: (earnCode: string) => string | null,
): PeriodTotals {
  const employees = new Map<string, Record<Column, number>>();
  const [jobs, earnCodes] = [new Map<string, number>(), new Map<string, number>()];
  let equipment = 0;
  for (const line of lines) {
    const hundredths = hundredthsOf(line.hours);
    add(earnCodes, line.earnCode, hundredths);
    if (line.family === 'equipment') {
      equipment += hundredths;
      continue;
    }
    const total = employees.get(line.employee) ?? {
      regular: 0,
      overtime: 0,
      double: 0,
      other: 0,
      allowances: 0,
    };
    employees.set(line.employee, total);
    const column = columnOf(line, factorOf);
    total[column] += hundredths;
    if (column !== 'allowances') add(jobs, line.job ?? '', hundredths);
  }
  const byEmployee = [...employees].sort(byCode).map(([employee, total]): EmployeeTotal => {
    const { regular, overtime, double, other, allowances } = total;
    return {
      employee,
      regular: hoursText(regular),
      overtime: hoursText(overtime),
      double: hoursText(double),
      other: hoursText(other),
      hours: hoursText(regular + overtime + double + other),
      allowances: hoursText(allowances),
    };
  });
  const totalOf = (column: 'hours' | 'allowances'): string =>
    hoursText(byEmployee.reduce((total, one) => total + hundredthsOf(one[column]), 0));
  return {
    lines: lines.length,
    hours: totalOf('hours'),
    equipmentHours: hoursText(equipment),
    allowances: totalOf('allowances'),
    byEmployee,
    byJob: codeTotals(jobs),
    byEarnCode: codeTotals(earnCodes),
  };
}

function columnOf({ family, earnCode }: PayLine, factorOf: (code: string) => string | null): Column {
  if (family === 'allowance') return 'allowances';
  if (family === 'leave') return 'other';
  const factor = Number(factorOf(earnCode) ?? '1');
  return factor >= 2 ? 'double' : factor > 1 ? 'overtime' : 'regular';
}

const add = (totals: Map<string, number>, code: string, hundredths: number): void => {
  totals.set(code, (totals.get(code) ?? 0) + hundredths);
};

const byCode = ([one]: readonly [string, unknown], [two]: readonly [string, unknown]): number =>
  one < two ? -1 : one > two ? 1 : 0;

const codeTotals = (totals: ReadonlyMap<string, number>): readonly CodeTotal[] =>
  [...totals].sort(byCode).map(([code, hundredths]) => ({ code, hours: hoursText(hundredths) }));
