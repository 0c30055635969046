import type { ProcoreId } from '../kinds/record';

/**
 * What a plan of a period can warn of, by code. Rules of the approval policy name the codes that they let through; `isContradiction` ones no rule may let
 * through.
 */
export const PAY_WARNINGS = {
  day_too_long: { means: 'more hours than the local day has', isContradiction: true },
  overlap: { means: 'two entries of a person cover the same time', isContradiction: true },
  twins: { means: 'two entries have the same person, date, codes and hours', isContradiction: true },
  overtime_unexplained: { means: 'overtime is not what the overtime rules come to' },
  employee_inactive: { means: 'the employee is inactive in the ERP now, and was employed on that date' },
  job_inactive: { means: 'the job is inactive in the ERP' },
  phase_inactive: { means: 'the phase is inactive in the ERP' },
  period_closed: { means: 'the period is closed in the ERP', isContradiction: true },
  negative: { means: 'an entry has negative hours, and is left out', isContradiction: true },
  clock_changed: { means: 'clocks changed during a shift, and Procore counted what they show' },
  clock_unreadable: { means: 'the clock times of an entry cannot be read, and its hours stand as they are' },
  cost_type_differs: { means: 'hours are costed to another cost type than was entered' },
  late: { means: 'hours of an earlier period are paid in this one, with their own date' },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly isContradiction?: true }>>;

export type PayWarningCode = keyof typeof PAY_WARNINGS;

export interface PayWarning {
  readonly code: PayWarningCode;
  /** One sentence for people. */
  readonly text: string;
  /** The entries that it is about, ascending. */
  readonly entries: readonly ProcoreId[];
}

export const isContradiction = (code: PayWarningCode): boolean => 'isContradiction' in PAY_WARNINGS[code];

export const payWarning = (
  code: PayWarningCode,
  text: string,
  entries: readonly ProcoreId[] = [],
): PayWarning => ({ code, text, entries: [...entries].sort((one, two) => one - two) });
