import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import * as fc from 'fast-check';
import {
  contentHash,
  erpKeyOfOriginId,
  operationKeyOf,
  originIdOf,
  recordIdOf,
} from '../../../../src/domain/base/identity';
import { anyUnicode } from '../../../support/any-text';

/** The same value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reordered(item)]),
  );
}

test('contentHash is SHA-256 of the canonical JSON', () => {
  expect(contentHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  expect(contentHash({ b: 1, a: [null, 'ñ'] })).toBe(contentHash({ a: [null, 'ñ'], b: 1 }));
});

test('contentHash is that of the whole text, however large and deep the value is', () => {
  const hashOf = (text: string | undefined): string =>
    createHash('sha256').update(String(text), 'utf8').digest('hex');
  const part = fc.oneof(fc.anything(), fc.constant(undefined), anyUnicode());
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 7 }, part, fc.array(tie('any')), fc.dictionary(anyUnicode(), tie('any'))),
  })).any;
  fc.assert(
    fc.property(value, (given) => {
      fc.pre(stringify(given) !== undefined);
      expect(contentHash(given)).toBe(hashOf(stringify(given)));
    }),
    { numRuns: 500 },
  );
  const lines = Array.from({ length: 5_000 }, (_, line) => ({
    line,
    text: `Line ${line} ñ 🏗 ${'x'.repeat(20)}`,
  }));
  expect(contentHash({ a: { b: lines } })).toBe(hashOf(stringify({ a: { b: lines } })));
});

test('contentHash does not depend on the order of keys, at any depth', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(contentHash(reordered(value))).toBe(contentHash(value));
      expect(contentHash(JSON.parse(JSON.stringify(value)))).toBe(contentHash(value));
    }),
  );
});

test('contentHash tells different values apart', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = JSON.stringify(reordered(reordered(a))) === JSON.stringify(reordered(reordered(b)));
      if (!same && contentHash(a) === contentHash(b)) expect(sorted(a)).toEqual(sorted(b));
    }),
  );
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  expect(contentHash({ a: null })).not.toBe(contentHash({}));
  expect(contentHash('1')).not.toBe(contentHash(1));
  // Normal forms are different texts; whoever wants them equal normalises first.
  expect(contentHash('\u00F1')).not.toBe(contentHash('n\u0303'));
});

const sorted = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('contentHash refuses what is no JSON value', () => {
  expect(() => contentHash(undefined)).toThrow(TypeError);
});

test('origin ids carry the type, and give the ERP key back', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9 .-]{1,10}$/);
  fc.assert(
    fc.property(part, part, (group, number) => {
      const key = `${group}|${number}`;
      expect(erpKeyOfOriginId('vendor', originIdOf('vendor', key))).toBe(key);
    }),
  );
  // Set by hand, without the type.
  expect(erpKeyOfOriginId('vendor', '1|10442')).toBe('1|10442');
});

test.each([
  'other-system-7',
  '',
  'vendor|',
  'vendor|1',
  'vendor|1|',
  'vendor|1|2|3',
  '|',
  'vendor||1',
  'project|1|7',
])('origin id "%s" is not one of ours', (originId) => {
  expect(erpKeyOfOriginId('vendor', originId)).toBeNull();
});

test('ids and keys are what people type', () => {
  expect(recordIdOf('vendor', 98127745)).toBe('vendor/98127745');
  expect(recordIdOf('vendor', 'erp:1|10442')).toBe('vendor/erp:1|10442');
  const parts = { connectionId: 'acme', recordId: 'vendor/1', generation: 3, targetRevision: 'abc' };
  expect(operationKeyOf(parts)).toBe('acme:vendor/1:3:abc');
  // There and back again: three keys.
  const keys = [1, 2, 3].map((generation) => operationKeyOf({ ...parts, generation }));
  expect(new Set(keys).size).toBe(3);
});
