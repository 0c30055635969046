/** What a plan of a pay period can warn of, by code. */
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
  other_open_batch: {
    means:
      'an employee has time in another open batch, and the ERP may pass over them when it makes overtime',
  },
  two_shifts: { means: 'a day has hours of two shifts, of which the ERP may count overtime by shift' },
  by_hand: { means: 'corrections are entered by hand, because the ERP takes no negative time' },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly isContradiction?: true }>>;

/**
 * Everything a plan can warn of, by code: what an approver must know before saying yes. Rules of the approval policy name the codes that they let
 * through; `isContradiction` ones contradict something about money or identity, and no rule may let them through.
 */
export const WARNINGS = {
  text_changed: { means: 'the ERP cannot store every character of a text' },
  number_rounded: { means: 'a number has more decimals than the ERP keeps' },
  total_rounded: { means: 'the lines add up to the total of the record but for rounding' },
  tax_not_in_total: { means: 'the total of the record includes tax that the lines do not' },
  units_differ: { means: 'quantity × unit cost is not the amount' },
  total_differs: { means: 'the lines do not add up to a total that Procore shows', isContradiction: true },
  amount_not_carried: { means: 'the ERP has no place for an amount that Procore shows' },
  currency_differs: { means: 'amounts are in another currency than the ERP', isContradiction: true },
  exceeds_contract: {
    means: 'more is billed, changed or budgeted than the contract line holds',
    isContradiction: true,
  },
  billed_differs: {
    means: 'what was billed before differs between Procore and the ERP',
    isContradiction: true,
  },
  id_unknown: { means: 'Procore names a record by an id that could not be looked up' },
  reference_left_out: { means: 'something the record refers to is not in the ERP; it is written without it' },
  reference_renamed: { means: 'something the record refers to is called otherwise than when it was linked' },
  short_name_taken: { means: 'a short name is taken; another is used' },
  possible_duplicate: { means: 'another record of the ERP may be the same' },
  already_in_erp: { means: 'the record is in the ERP already and is linked' },
  inactive_in_erp: { means: 'the record is inactive in the ERP' },
  erp_keeps: { means: 'the ERP keeps a value that differs from that of Procore' },
  written_before: { means: 'everything was written before' },
  written_again: { means: 'what was written before is not in the ERP any more and is written again' },
  left_out: { means: 'a record of the request is left out' },
  correction_unused: { means: 'a person corrected something that is not in the record any more' },
  figure_entered: { means: 'a person entered another figure than Procore sent' },
  body_changed: { means: 'Procore shows the record otherwise than when it was sent' },
  ...PAY_WARNINGS,
} as const satisfies Readonly<Record<string, { readonly means: string; readonly isContradiction?: true }>>;

export type WarningCode = keyof typeof WARNINGS;

export interface Warning {
  readonly code: WarningCode;
  /** One sentence for people. */
  readonly text: string;
}

export const warning = (code: WarningCode, text: string): Warning => ({ code, text });

export const WARNING_CODES = Object.keys(WARNINGS) as readonly WarningCode[];

/** Whether only a person may let it through. */
export const isContradiction = (code: WarningCode): boolean => 'isContradiction' in WARNINGS[code];
