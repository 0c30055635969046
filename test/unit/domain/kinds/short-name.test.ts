import * as fc from 'fast-check';
import { makeShortName, nextShortName } from '../../../../src/domain/kinds/short-name';
import { anyText } from '../records';

test.each<[string, number, string]>([
  ['Cobalt Mechanical, LLC', 20, 'COBALTMECHANICALLLC'],
  ['Cobalt Mechanical, LLC', 6, 'COBALT'],
  ['Señal & Møller 24/7 A/S', 20, 'SENALMLLER247AS'],
  ['Ｆｕｌｌ Width', 20, 'FULLWIDTH'],
  ['上海建工', 20, ''],
  ['...', 20, ''],
  ['', 20, ''],
])('"%s" in %i characters is "%s"', (name, limit, made) => {
  expect(makeShortName(name, limit)).toBe(made);
});

test('a short name fits every column: plain capitals and digits, within the limit, and is its own', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 30 }), (name, limit) => {
      const made = makeShortName(name, limit);
      expect(made).toMatch(/^[A-Z0-9]*$/);
      expect(made.length).toBeLessThanOrEqual(limit);
      expect(makeShortName(made, limit)).toBe(made);
    }),
  );
});

test('the next variant is the first that is free, and fits', () => {
  const wanted = fc.stringMatching(/^[A-Z]{1,12}$/);
  const limit = fc.integer({ min: 1, max: 12 });
  const taken = fc.uniqueArray(fc.integer({ min: 2, max: 12 }));
  fc.assert(
    fc.property(wanted, limit, taken, (name, most, suffixes) => {
      const short = name.slice(0, most);
      const isTaken = (candidate: string): boolean =>
        suffixes.some((suffix) => candidate.endsWith(String(suffix)));
      const next = nextShortName(short, most, isTaken);
      if (next === null) return;
      expect(next.length).toBeLessThanOrEqual(most);
      expect(isTaken(next)).toBe(false);
      expect(short.startsWith(next.replace(/\d+$/, ''))).toBe(true);
    }),
  );
});

test('where every variant is taken, or none has room, there is none', () => {
  expect(nextShortName('COBALT', 15, () => true)).toBeNull();
  expect(nextShortName('X', 1, (name) => name.length === 1)).toBeNull();
  expect(nextShortName('X', 1, (name) => name !== '9')).toBe('9');
});
