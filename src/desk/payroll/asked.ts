import { askedIn, PAY_ANSWERS, paySubjectOf } from '../../domain/payroll/decisions';
import type { Correction } from '../../domain/request/flow';
import { requestWords } from '../../domain/request/id';
import type { ExceptionRow } from '../../store/rows';
import { DeskRefusal } from '../refusal';

/**
 * Whatever is answered about a pay period was asked by it, as one of its exceptions tells (`told`): a number typed wrong would otherwise be kept, and change
 * nothing. What was answered may be answered otherwise. Throws `DeskRefusal` `NOTHING_ASKED`, `FIELD_VALUE`.
 */
export function assertAsked(
  requestId: string,
  told: readonly Pick<ExceptionRow, 'reason'>[],
  values: Correction['values'],
): void {
  for (const [name, value] of Object.entries(values)) {
    const subject = paySubjectOf(name);
    if (subject === null) continue;
    const { what, about } = subject;
    const { word, answers } = PAY_ANSWERS[what];
    if (!told.some(({ reason }) => askedIn(requestId, reason).some((one) => one.name === name)))
      throw new DeskRefusal(
        'NOTHING_ASKED',
        `${requestWords(requestId)} asks nothing about ${word} ${about}.`,
        'What it asks stands in `tieback exceptions`, with the command that answers it.',
      );
    if (!answers.some((answer) => answer === value))
      throw new DeskRefusal(
        'FIELD_VALUE',
        `About a ${word}, answer ${answers.join(' or ')}, not "${String(value)}".`,
      );
  }
}
