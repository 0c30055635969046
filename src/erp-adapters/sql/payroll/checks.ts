import { isNegative } from '../../../domain/base/money';
import type { PayLine } from '../../../domain/payroll/line';
import type { PayBatchWrite } from '../../contract/payroll';
import type { Row } from '../session';
import { isMemoKey } from './memo';
import { textIn, textOf } from './rows';
import type { LineIds, PayrollSpec } from './spec';

/** A line with the ids of what it refers to; null: a key that cannot be of this company. */
export interface NamedLine {
  readonly line: PayLine;
  readonly ids: { readonly [K in keyof LineIds]: LineIds[K] | 'foreign' };
}

/** What the ERP has, of all that the lines name. */
export interface There {
  readonly employees: readonly Row[];
  readonly earnCodes: readonly Row[];
  readonly classes: readonly Row[];
  readonly departments: readonly Row[];
  /** Null: any. */
  readonly shifts: readonly string[];
  readonly jobs: readonly Row[];
  readonly phases: readonly Row[];
  readonly period: { readonly begins: string; readonly ends: string; readonly group: string };
}

export interface LineProblem {
  readonly key: string;
  readonly reason: string;
}

const HOURS = /^-?\d{1,6}\.\d\d$/;

/**
 * Why the ERP wants none of these lines, a sentence each. Its own triggers would say so of the first one only, and a batch is written as a whole: so all of
 * them are looked at before.
 */
export function lineProblems(
  spec: PayrollSpec,
  lines: readonly NamedLine[],
  there: There,
  purpose: PayBatchWrite['purpose'],
): readonly LineProblem[] {
  const look = new LineCheck(spec, there, purpose);
  const seen = new Set<string>();
  return lines.flatMap(({ line, ids }): readonly LineProblem[] => {
    const twice = seen.has(line.key) ? ['the line is there twice'] : [];
    seen.add(line.key);
    const [reason] = [...twice, ...look.problemsOf({ line, ids })];
    return reason === undefined ? [] : [{ key: line.key, reason }];
  });
}

class LineCheck {
  private readonly employees;
  private readonly earnCodes;
  private readonly classes;
  private readonly departments;
  private readonly jobs;
  private readonly phases;

  constructor(
    private readonly spec: PayrollSpec,
    private readonly there: There,
    private readonly purpose: PayBatchWrite['purpose'],
  ) {
    this.employees = new Map(there.employees.map((row) => [textOf(row, 'number'), row]));
    this.earnCodes = new Map(there.earnCodes.map((row) => [textOf(row, 'code'), row]));
    this.classes = new Set(
      there.classes.flatMap((row) => [
        textOf(row, 'craft'),
        `${textOf(row, 'craft')} ${textOf(row, 'craft_class')}`,
      ]),
    );
    this.departments = new Set(there.departments.map((row) => textOf(row, 'code')));
    this.jobs = new Set(there.jobs.map(({ id }) => String(id)));
    this.phases = new Map(there.phases.map(({ id, job }) => [String(id), String(job)]));
  }

  problemsOf(named: NamedLine): readonly string[] {
    const { line } = named;
    return [
      isMemoKey(line.key) ? null : 'its key does not fit into the memo of a line',
      ...this.ofHours(line),
      ...this.ofEmployee(named),
      ...this.ofDate(line),
      ...this.ofCodes(line),
      ...this.ofPlace(named),
    ].flatMap((problem) => problem ?? []);
  }

  private ofHours({ hours }: PayLine): readonly (string | null)[] {
    if (!HOURS.test(hours)) return [`${hours} are no hours with two places`];
    return [isNegative(hours) && !this.spec.can.negatives ? 'negative hours are not taken here' : null];
  }

  private ofEmployee({ line, ids }: NamedLine): readonly (string | null)[] {
    const row = this.employees.get(ids.employee);
    if (row === undefined) return [`there is no employee ${line.employee} in payroll`];
    const group = textOf(row, 'pay_group');
    const name = `${textOf(row, 'first_name')} ${textOf(row, 'last_name')}`.trim();
    const [hired, ended] = [textIn(row['hired_on']), textIn(row['ended_on'])];
    return [
      group === this.there.period.group ? null : `${name} is paid with group ${group}`,
      hired !== null && line.date < hired ? `${name} was hired on ${hired}` : null,
      ended !== null && line.date > ended ? `${name} left on ${ended}` : null,
    ];
  }

  private ofDate({ date }: PayLine): readonly (string | null)[] {
    const { begins, ends } = this.there.period;
    if (date > ends) return [`${date} is after the end of the period, ${ends}`];
    const isLate = this.spec.dates === 'inside' && this.purpose === 'period' && date < begins;
    return [isLate ? `${date} is before the period, which begins on ${begins}` : null];
  }

  private ofCodes({ earnCode, craft, class: of, department, shift }: PayLine): readonly (string | null)[] {
    const code = this.earnCodes.get(earnCode);
    const named = of === null ? craft : `${craft ?? ''} ${of}`;
    const { shifts } = this.there;
    return [
      code === undefined ? `there is no earn code ${earnCode}` : null,
      code !== undefined && textOf(code, 'active') === 'N' ? `earn code ${earnCode} is inactive` : null,
      named === null || this.classes.has(named) ? null : `there is no craft and class ${named}`,
      department === null || this.departments.has(department) ? null : `there is no department ${department}`,
      shift === null || shifts.includes(shift) ? null : `there is no shift ${shift}`,
    ];
  }

  private ofPlace({ line, ids }: NamedLine): readonly (string | null)[] {
    if (ids.job === null) return [line.phase === null ? null : 'it names a phase, but no job'];
    if (!this.jobs.has(ids.job)) return [`there is no job ${line.job ?? ''}`];
    if (ids.phase === null) return ['it names a job, but no phase: it would be paid and not costed'];
    const job = this.phases.get(ids.phase);
    if (job === undefined) return [`there is no phase ${line.phase ?? ''}`];
    return [
      job === ids.job ? null : `phase ${line.phase ?? ''} is not on job ${line.job ?? ''}`,
      ids.equipment === 'foreign' ? `there is no equipment ${line.equipment ?? ''}` : null,
    ];
  }
}
