import fc from 'fast-check';
import { addHours, hoursText, hundredthsOf, parseHours } from '../../../../src/domain/payroll/hours';

test.each<[string, 'decimal' | 'h:mm', number | null]>([
  ['8', 'decimal', 28_800],
  ['8.30', 'decimal', 29_880],
  ['8:30', 'h:mm', 510 * 60],
  ['8:30', 'decimal', null],
  ['8.30', 'h:mm', null],
  ['8:60', 'h:mm', null],
  ['0.333333', 'decimal', 1200],
  ['-0.5', 'decimal', -1800],
  ['-0', 'decimal', 0],
  ['8,5', 'decimal', null],
  ['8e1', 'decimal', null],
  ['', 'decimal', null],
  [' 7.25 ', 'decimal', 26_100],
])('"%s" as %s is %s seconds', (text, format, seconds) => {
  expect(parseHours(text, format)).toBe(seconds);
});

test.each([
  [825, '8.25'],
  [5, '0.05'],
  [0, '0.00'],
  [-50, '-0.50'],
  [123_456, '1234.56'],
])('%s hundredths are printed as %s', (hundredths, text) => {
  expect(hoursText(hundredths)).toBe(text);
});

test.each(['8.001', '8:00', 'eight', ''])(
  '"%s" is no printed time, and is refused rather than rounded',
  (text) => {
    expect(() => hundredthsOf(text)).toThrow(RangeError);
  },
);

test('what is printed reads back as it was, and adds up exactly', () => {
  const hundredths = fc.integer({ min: -1_000_000, max: 1_000_000 });
  fc.assert(
    fc.property(fc.array(hundredths), (all) => {
      for (const one of all) expect(hundredthsOf(hoursText(one))).toBe(one);
      const sum = all.reduce((total, one) => total + one, 0);
      expect(addHours(all.map(hoursText))).toBe(hoursText(sum));
    }),
  );
});

test('every hundredth of an hour and every minute is exact in seconds', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (number) => {
      expect(parseHours(hoursText(number))).toBe(number * 36);
      const clock = `${Math.floor(number / 60)}:${String(number % 60).padStart(2, '0')}`;
      expect(parseHours(clock, 'h:mm')).toBe(number * 60);
    }),
  );
});
