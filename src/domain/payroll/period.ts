/** How often a pay group is paid. */
export const FREQUENCIES = ['weekly', 'biweekly', 'semimonthly', 'monthly'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** A pay period of the ERP. All dates are local calendar dates, both ends included. */
export interface PayPeriod {
  readonly group: string;
  /** Two periods of a group may end on one day: an extra run has its own number. `1`: the ordinary one. */
  readonly run: number;
  readonly begin: string;
  readonly end: string;
  /** After this day nothing more is gathered for it; null: its end. */
  readonly cutOff: string | null;
  readonly state: 'future' | 'open' | 'closed';
  /** Overtime of a workweek is due with the period in which it ends (29 CFR 778.106). */
  readonly frequency: Frequency;
}

/** `<group>-<end>`, and `.<run>` for an extra one: the name of the period, also in `payroll/<connection's company>-<name>`. */
export const periodName = ({ group, end, run }: Pick<PayPeriod, 'group' | 'end' | 'run'>): string =>
  `${group}-${end}${run === 1 ? '' : `.${run}`}`;
