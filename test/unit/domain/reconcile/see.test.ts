import { isListShorter } from '../../../../src/domain/reconcile/see';

test.each([
  [1, 1, false],
  [100, 100, false],
  [300, 300, false],
  [400, 400, true],
  [1_000, 10_000, true],
  [1_000, 100_000, false],
  [10_000, 100_000, true],
  [10_000, 300_000, false],
  [10_000, Infinity, false],
])('%d records of a list of %d: the whole list is read: %s', (ids, known, expected) => {
  expect(isListShorter(ids, known)).toBe(expected);
});
