/** What may be answered to what stops in a pay period, by what it is about: `pay_row[17].decision=adopt`. */
export const PAY_ANSWERS = {
  pay_row: ['adopt', 'ignore'],
  timecard_entry: ['correct', 'leave'],
  pay_line: ['again', 'drop'],
} as const;
export type PaySubject = keyof typeof PAY_ANSWERS;

const NAME = /^([a-z_]+)\[(.+)\]\.decision$/u;

/** What a decision is about; null: the name is none of a decision of payroll. */
export function paySubjectOf(name: string): { readonly what: PaySubject; readonly about: string } | null {
  const [, what = '', about = ''] = NAME.exec(name) ?? [];
  return what in PAY_ANSWERS ? { what: what as PaySubject, about } : null;
}
