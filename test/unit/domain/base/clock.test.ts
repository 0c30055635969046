import { aheadOf, clockVerdict, clockWords, wrongClock } from '../../../../src/domain/base/clock';

const S = 1000;
const MIN = 60 * S;

test('a difference that the time of the call explains is none', () => {
  const call = { before: 100 * S, after: 130 * S };
  expect(aheadOf(call, 115 * S)).toBe(0);
  expect(aheadOf(call, 100 * S)).toBe(0);
  expect(aheadOf(call, 40 * S)).toBe(-MIN);
  expect(aheadOf(call, 190 * S)).toBe(MIN);
});

test.each([
  [0, 'ok'],
  [59 * S, 'ok'],
  [-MIN, 'warning'],
  [MIN, 'warning'],
  [5 * MIN - 1, 'warning'],
  [5 * MIN, 'failed'],
  [-26 * 60 * MIN, 'failed'],
] as const)('%d ms: %s', (ahead, verdict) => {
  expect(clockVerdict(ahead)).toBe(verdict);
});

test.each([
  [0, 'the same as'],
  [2 * S, '2 s ahead of'],
  [-125 * S, '2 min 5 s behind'],
  [61 * MIN, '1 h 1 min ahead of'],
])('%d ms in words', (ahead, words) => {
  expect(clockWords(ahead)).toBe(words);
});

test.each([
  ['ours and Procore agree', 2 * MIN, 0, 'erp'],
  ['the ERP and Procore agree', 2 * MIN, 2 * MIN + S, 'ours'],
  ['nobody agrees', -2 * MIN, 2 * MIN, 'both'],
  ['Procore cannot be asked', 2 * MIN, null, 'one of them'],
] as const)('%s: whose clock is wrong', (_, erp, procore, wrong) => {
  expect(wrongClock(erp, procore)).toBe(wrong);
});
