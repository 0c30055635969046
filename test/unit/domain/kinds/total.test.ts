import { definitionOf } from '../../../../src/domain/kinds';
import type { CanonicalRecord } from '../../../../src/domain/kinds/record';
import { totalProblem } from '../../../../src/domain/kinds/total';

const commitment = (amount: string | null, ...lines: readonly (string | null)[]): CanonicalRecord => ({
  fields: { amount },
  lines: lines.map((of, index) => ({
    kind: 'commitment_line',
    number: String(index + 1),
    fields: { amount: of },
    erpKey: null,
    procoreId: null,
  })),
});

test.each<[string, CanonicalRecord, string | null]>([
  ['the sum', commitment('200.00', '211.30', '-11.3'), null],
  ['another', commitment('200.01', '200.00'), 'Amount is 200.01, but the lines come to 200'],
  ['empty', commitment(null, '5.00'), 'Amount is 0, but the lines come to 5'],
  ['nothing, and lines without amounts', commitment(null, null), null],
  ['anything, without lines', commitment('7.00'), null],
  ['no number', commitment('7.00', 'seven'), 'Amount is 7.00, but the lines come to no number'],
])('a header that is %s', (_says, record, problem) => {
  expect(totalProblem(definitionOf('commitment'), record)).toBe(problem);
});

test('a kind without a total has no such problem', () => {
  expect(totalProblem(definitionOf('vendor'), { fields: {}, lines: [] })).toBeNull();
});
