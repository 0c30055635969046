import { askedIn, decideCommand, PAY_ANSWERS } from '../../../../src/domain/payroll/decisions';
import { correctable, fieldFor, missingLine } from '../../../../src/domain/request/corrections';
import type { Intent } from '../../../../src/domain/request/intent';

const intent = { way: 'payroll' } as Intent;

test.each(['pay_row[17].decision', 'timecard_entry[5200001].decision', 'pay_line[k7Q2m].decision'])(
  '%s can be entered for a pay period',
  (name) => {
    expect(fieldFor(name, correctable(intent))).toMatchObject({ type: 'text', required: true });
    expect(missingLine([name], intent)).toBeNull();
  },
);

const REQUEST = 'payroll/1-W-2026-11-21';

test('what a text asks is found in it, each thing once, and of its own request alone', () => {
  const text =
    `Row 17 has 8.00 h: \`${decideCommand(REQUEST, 'pay_row', 17)} adopt\` counts it, \`ignore\` leaves it. ` +
    `Row 1 too: \`${decideCommand(REQUEST, 'pay_row', 1)} adopt\`, \`${decideCommand(REQUEST, 'pay_row', 1)} ignore\`. ` +
    `\`${decideCommand(REQUEST, 'pay_line', 'k7Q2m')} again\` writes it again. ` +
    `\`${decideCommand('payroll/2-W-2026-11-21', 'timecard_entry', 5)} leave\``;
  expect(askedIn(REQUEST, text)).toEqual([
    { name: 'pay_row[17].decision', what: 'pay_row', about: '17', answers: PAY_ANSWERS.pay_row.answers },
    { name: 'pay_row[1].decision', what: 'pay_row', about: '1', answers: PAY_ANSWERS.pay_row.answers },
    {
      name: 'pay_line[k7Q2m].decision',
      what: 'pay_line',
      about: 'k7Q2m',
      answers: PAY_ANSWERS.pay_line.answers,
    },
  ]);
  expect(askedIn(REQUEST, 'The person is no employee of the ERP yet.')).toEqual([]);
});
