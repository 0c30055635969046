import * as fc from 'fast-check';
import { maskPersonal, maskText } from '../../../../src/domain/base/personal';

test.each([
  ['SSN 078-05-1120 of the owner', 'SSN [masked] of the owner'],
  ['never given out: 000-12-3456, 666-12-3456, 987-65-4321, 123-00-4567', null],
  ['phones and dates: 206-555-0134, 2026-03-31', null],
  ['a longer code: 12-078-05-1120-3', null],
  ['pay to DE89 3704 0044 0532 0130 00 please', 'pay to [masked] please'],
  ['GB29NWBK60161331926819', '[masked]'],
  ['to BE68 5390 0754 7034 PAID IN FULL', 'to [masked] PAID IN FULL'],
  ['BE68539007547034 2026 and BE68 5390 0754 7034 EUR', '[masked] 2026 and [masked] EUR'],
  ['a part number: DE88 3704 0044 0532 0130 00', null],
])('%s', (text, expected) => {
  expect(maskText(text)).toBe(expected ?? text);
});

test('by name and by shape, at any depth; what is carried stays', () => {
  const body = {
    request_data: {
      vendor: {
        name: 'Cobalt',
        ssn: '078051120',
        bank_account: 12345678,
        bankName: '',
        notes: '078-05-1120',
      },
      lines: [{ cost_code: '123-45-6789', routing_number: null }, { Social_Security_Number: 78051120 }],
      accounts: [{ accountNumber: '1|10442' }],
    },
  };
  const carried = { records: [{ refs: { costCode: '123-45-6789' }, key: '1|10442' }] };
  expect(maskPersonal(body, carried)).toEqual({
    request_data: {
      vendor: { name: 'Cobalt', ssn: '[masked]', bank_account: '[masked]', bankName: '', notes: '[masked]' },
      lines: [{ cost_code: '123-45-6789', routing_number: null }, { Social_Security_Number: '[masked]' }],
      accounts: [{ accountNumber: '1|10442' }],
    },
  });
});

test('masking twice is masking once, and changes nothing but text and numbers', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = maskPersonal(value);
      expect(maskPersonal(once)).toEqual(once);
      if (typeof value === 'object') expect(Object.keys(once ?? {})).toEqual(Object.keys(value ?? {}));
    }),
  );
});
