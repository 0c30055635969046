import { payDecisionsFrom } from '../../../../src/desk/corrections';
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

test('answers are told from fields of records, and wrong ones are refused', () => {
  expect(payDecisionsFrom(['pay_row[17].decision=adopt', 'pay_line[k].decision=drop'])).toEqual({
    'pay_row[17].decision': 'adopt',
    'pay_line[k].decision': 'drop',
  });
  expect(payDecisionsFrom(['name=Cobalt'])).toBeNull();
  expect(payDecisionsFrom([])).toBeNull();
  expect(() => payDecisionsFrom(['pay_row[17].decision=perhaps'])).toThrow('adopt or ignore');
});
