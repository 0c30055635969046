/** What may be answered to what stops in a pay period, by what it is about: `pay_row[17].decision` is `adopt`. The word is what a person types for it. */
export const PAY_ANSWERS = {
  pay_row: { word: 'row', answers: ['adopt', 'ignore'] },
  timecard_entry: { word: 'entry', answers: ['correct', 'leave'] },
  pay_line: { word: 'line', answers: ['again', 'drop'] },
} as const;
export type PaySubject = keyof typeof PAY_ANSWERS;

const NAME = /^([a-z_]+)\[(.+)\]\.decision$/u;

/** What a decision is about; null: the name is none of a decision of payroll. */
export function paySubjectOf(name: string): { readonly what: PaySubject; readonly about: string } | null {
  const [, what = '', about = ''] = NAME.exec(name) ?? [];
  return what in PAY_ANSWERS ? { what: what as PaySubject, about } : null;
}

/** The command that answers, without the answer: what an exception that asks has in its text. */
export const decideCommand = (requestId: string, what: PaySubject, about: string | number): string =>
  `tieback payroll decide ${requestId} ${PAY_ANSWERS[what].word} ${about}`;

/** One thing that a text of a pay period asks, and what may be answered. */
export interface PayAsked {
  /** Name of the value that answers: `pay_row[17].decision`. */
  readonly name: string;
  readonly what: PaySubject;
  readonly about: string;
  readonly answers: readonly PayAnswer[];
}

/** Every answer that there is. */
export type PayAnswer = (typeof PAY_ANSWERS)[PaySubject]['answers'][number];

/** What a text asks: each command that answers, as `decideCommand` has it, once. */
export function askedIn(requestId: string, text: string): readonly PayAsked[] {
  const subjects = Object.keys(PAY_ANSWERS) as PaySubject[];
  const asked = subjects.flatMap((what) =>
    text
      .split(decideCommand(requestId, what, ''))
      .slice(1)
      .map((rest): PayAsked => {
        const about = rest.slice(0, rest.indexOf(' '));
        return { name: `${what}[${about}].decision`, what, about, answers: PAY_ANSWERS[what].answers };
      }),
  );
  return [...new Map(asked.map((one) => [one.name, one])).values()];
}
