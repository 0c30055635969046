import * as fc from 'fast-check';
import {
  canonicalText,
  foldText,
  lengthIn,
  parting,
  shorten,
  wellFormed,
} from '../../../../src/domain/base/text';
import { anyUnicode, anyWritten } from '../../../support/any-text';

test.each([
  ['ascii', '“Quarry” – O’Neill’s …', '"Quarry" - O\'Neill\'s ...', []],
  ['ascii', 'a\u00A0b\u2007c\u202Fd', 'a b c d', []],
  ['ascii', 'Montaño', 'Montaño', ['ñ']],
  ['cp1252', 'Montaño', 'Montaño', []],
  ['cp1252', 'Montan\u0303o', 'Montaño', []],
  ['cp1252', '“–€”', '“–€”', []],
  ['cp1252', 'x\u2011y\u2212z', 'x-y-z', []],
  ['cp1252', '上\u200B海上', '上\u200B海上', ['上', '\u200B', '海']],
  ['cp1252', 'line\nbreak\t', 'line\nbreak\t', ['\n', '\t']],
  ['cp1252', '\uD83D', '\uD83D', ['\uD83D']],
  ['cp1252', '\u0081', '\u0081', ['\u0081']],
  [null, '上海🏗', '上海🏗', []],
  [null, 'a\u0000', 'a\u0000', ['\u0000']],
] as const)('foldText %s "%s"', (charset, value, text, impossible) => {
  expect(foldText(value, charset)).toEqual({ text, impossible });
});

const anyText = anyUnicode({ maxLength: 40 });

test('what is not impossible fits the character set, and folding again changes nothing', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('ascii' as const, 'cp1252' as const, null), (value, charset) => {
      const folded = foldText(value, charset);
      expect(foldText(folded.text, charset)).toEqual(folded);
      if (folded.impossible.length > 0 || charset !== 'ascii') return;
      expect(folded.text).toMatch(/^[ -~]*$/);
    }),
  );
});

test('nothing is dropped: every character of the value is there, or has its plain form', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const { text } = foldText(value, 'ascii');
      expect([...text].length).toBeGreaterThanOrEqual([...value.normalize('NFC')].length);
    }),
  );
});

test('lengths: characters are code points, bytes are those of the column', () => {
  expect(lengthIn('ñ🏗', 'characters', 'cp1252')).toBe(2);
  expect(lengthIn('ñ€', 'bytes', 'cp1252')).toBe(2);
  expect(lengthIn('ñ🏗', 'bytes', null)).toBe(6);
});

test('shorten keeps what is short, never splits a character, and says that something is missing', () => {
  expect(shorten('short', 5)).toBe('short');
  expect(shorten('🏗'.repeat(5), 10)).toBe('🏗'.repeat(5));
  expect(shorten('🏗'.repeat(6), 10)).toBe('🏗🏗🏗...');
  fc.assert(
    fc.property(anyWritten({ maxLength: 60 }), fc.integer({ min: 3, max: 50 }), (text, most) => {
      const short = shorten(text, most);
      expect(short.length).toBeLessThanOrEqual(Math.max(most, 0));
      expect(wellFormed(short)).toBe(short);
      if (short !== text) expect(text.startsWith(short.slice(0, -3)) && short.endsWith('...')).toBe(true);
    }),
  );
});

test('wellFormed replaces halves of characters and nothing else', () => {
  expect(wellFormed('a\uD83Db🏗\uDE00')).toBe('a\uFFFDb🏗\uFFFD');
  fc.assert(fc.property(anyWritten(), (text) => expect(wellFormed(text)).toBe(text)));
});

test.each([
  ['  Re\u0301seau \u00A0', 'R\u00E9seau'],
  [' \t', null],
  ['', null],
])('canonicalText("%s") is composed and trimmed, or null', (value, canonical) => {
  expect(canonicalText(value)).toBe(canonical);
});

test.each([
  ['Cobalt', 'Cobalt Inc', ''],
  ['A B', 'A C', ''],
  ['', 'A', ' (from character 1 on nothing, not U+0041)'],
  ['Re\u0301seau', 'R\u00E9seau', ' (from character 2 on U+0065 U+0301, not U+00E9 U+0073)'],
  ['Pier 9 ', 'Pier 9', ' (from character 7 on U+0020, not nothing)'],
  ['A\u00A0B', 'A B', ' (from character 2 on U+00A0 U+0042, not U+0020 U+0042)'],
  [`${'x'.repeat(120)}a`, `${'x'.repeat(120)}b`, ' (from character 121 on U+0061, not U+0062)'],
])('"%s" and "%s" part%s', (one, other, says) => {
  expect(parting(one, other)).toBe(says);
});

test('two texts that look alike always part somewhere, and the same text nowhere', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      const looksAlike = (text: string): string => text.normalize('NFKC').replace(/[\p{C}\p{Z}]/gu, '');
      expect(parting(one, one)).toBe('');
      if (one !== other && looksAlike(one) === looksAlike(other)) expect(parting(one, other)).not.toBe('');
    }),
  );
});
