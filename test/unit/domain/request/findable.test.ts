import * as fc from 'fast-check';
import { findableOf, numbersIn } from '../../../../src/domain/request/findable';
import { anyText, commitment, exportOf } from '../records';
import { anyUnicode } from '../../../support/any-text';

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
/** What the server takes of one search attribute. */
const MOST = 2048;

test('numbers are kept as they are written, each once', () => {
  expect(numbersIn([' SC-008 ', 'SC-008', '', null, undefined, '77'])).toEqual(['SC-008', '77']);
});

test('whatever a request and the ERP call their records, the server takes it', () => {
  const anyLong = fc
    .oneof(anyText, fc.constantFrom('漢字', '"', '\u0001', '\\', '😀'), anyUnicode())
    .chain((text) => fc.integer({ min: 1, max: 400 }).map((times) => text.repeat(times)));
  fc.assert(
    fc.property(fc.array(anyLong, { maxLength: 40 }), fc.array(anyLong, { maxLength: 40 }), (names, erp) => {
      const records = names.map((code, index) =>
        commitment({ procoreId: index, label: code, fields: { code, name: code } }),
      );
      const read = {
        eventName: 'create_commitment',
        subject: names[0] ?? '',
        intent: exportOf(...records),
        questions: [],
      };
      const { numbers, text } = findableOf(read, true);
      expect(bytes([...numbers, ...numbersIn(erp)])).toBeLessThanOrEqual(MOST);
      expect(bytes(text)).toBeLessThanOrEqual(MOST);
    }),
  );
});
