import fc from 'fast-check';
import { linked } from '../../../../src/domain/payroll/linked';

test('what shares a key directly or through others is together, in order', () => {
  const items = [{ of: [1] }, { of: [2] }, { of: [] }, { of: [1, 3] }, { of: [3] }, { of: [] }];
  expect(linked(items, ({ of }) => of).map((group) => group.map((one) => items.indexOf(one)))).toEqual([
    [0, 3, 4],
    [1],
    [2],
    [5],
  ]);
});

test('groups share no key, and hold every item once', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(8), { maxLength: 3 })), (items) => {
      const groups = linked(items, (keys) => keys);
      expect(groups.flat()).toHaveLength(items.length);
      const seen = new Set<number>();
      for (const group of groups) {
        const keys = new Set(group.flat());
        for (const key of keys) expect(seen.has(key)).toBe(false);
        for (const key of keys) seen.add(key);
      }
    }),
  );
});
