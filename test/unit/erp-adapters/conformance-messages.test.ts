import { ensureSame, notThe, unlike } from '../../../src/erp-adapters/contract/conformance/unlike';

const record = (name: string, ...lines: readonly string[]) => ({
  key: '1|7',
  record: { fields: { name, fax: null }, lines: lines.map((number) => ({ number })) },
});

test('values that are the same differ nowhere, in whatever order their parts stand', () => {
  expect(unlike({ a: '1', b: { c: null, d: [true] } }, { b: { d: [true], c: null }, a: '1' })).toEqual([]);
});

test('every difference is told by its path', () => {
  expect(unlike(record('B', '1', '2'), record('A', '2'))).toEqual([
    'record.fields.name is "B", not "A"',
    'record.lines.0.number is "1", not "2"',
    'record.lines.1 is {"number":"2"}, not absent',
  ]);
  expect(unlike({ fax: undefined }, { fax: null })).toEqual(['fax is absent, not null']);
  expect(unlike('a', 'b')).toEqual(['it is "a", not "b"']);
});

test('values that look alike are told apart by their code points', () => {
  expect(notThe('Re\u0301seau', 'R\u00E9seau')).toBe(
    '"Re\u0301seau", not "R\u00E9seau" (from character 2 on U+0065 U+0301, not U+00E9 U+0073)',
  );
  expect(notThe('7\u00A0', '7')).toBe('"7\u00A0", not "7" (from character 2 on U+00A0, not nothing)');
});

test('a question fails with what differs', () => {
  const see = (): void =>
    ensureSame(record('B'), record('A'), 'read by its key, it is not as it was answered');
  expect(see).toThrow('read by its key, it is not as it was answered: record.fields.name is "B", not "A"');
});
