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
