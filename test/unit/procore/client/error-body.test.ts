import fc from 'fast-check';
import { errorLine, errorSentences, MAX_ERROR_TEXT } from '../../../../src/procore/client/error-body';

test.each<[string, unknown, string[]]>([
  [
    'field map',
    { errors: { name: ["can't be blank", 'is too short'], base: ['Locked'] } },
    ["name: can't be blank", 'name: is too short', 'Locked'],
  ],
  [
    'one string',
    { errors: 'App is not connected to this company' },
    ['App is not connected to this company'],
  ],
  ['bulk', { errors: [{ id: 5, errors: { number: ['is taken'] } }] }, ['number: is taken']],
  [
    'base and fields',
    { errors: { base: ['Checked out'], fields: { name: ['is bad'] } } },
    ['Checked out', 'name: is bad'],
  ],
  [
    'message with fields',
    { code: 422, message: 'Invalid', fields: { zip: ['is bad'] }, reason: 'VALIDATION' },
    ['zip: is bad', 'Invalid', 'VALIDATION'],
  ],
  ['not found', { message: "Couldn't find Vendor", exception: 'RecordNotFound' }, ["Couldn't find Vendor"]],
  [
    'error text',
    { error: 'invalid_client', error_description: 'Unknown client.' },
    ['invalid_client', 'Unknown client.'],
  ],
  ['error object', { error: { code: 'X', message: 'No such hook' } }, ['No such hook']],
  [
    'v2',
    {
      error: {
        code: 'BAD_REQUEST',
        message: 'Bad',
        details: [{ reason_code: 'R', message: 'must be a URL', field: 'destination_url' }],
      },
    },
    ['destination_url: must be a URL', 'Bad'],
  ],
  ['list', [{ id: 1, errors: { status: ['is not known'] } }], ['status: is not known']],
  [
    'text',
    'You have surpassed the max number of requests.',
    ['You have surpassed the max number of requests.'],
  ],
  ['HTML', '<html><body><h1>502</h1>Bad gateway</body></html>', ['502 Bad gateway']],
  ['fields without a wrapper', { name: ['is bad'] }, ['name: is bad']],
  ['field called reason', { errors: { reason: ['is bad'] } }, ['reason: is bad']],
])('%s', (_, body, expected) => {
  expect(errorSentences(body)).toEqual(expected);
});

test('an empty body is described by its status', () => {
  expect(errorLine(undefined, 422)).toBe('HTTP 422');
  expect(errorLine('', 404)).toBe('HTTP 404');
});

test('any body gives text of limited length and never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const line = errorLine(body, 400);
      expect(line).not.toBe('');
      expect(line.length).toBeLessThanOrEqual(MAX_ERROR_TEXT);
    }),
  );
  expect(
    errorLine({ errors: { a: Array.from({ length: 5_000 }, (_, i) => `message ${i}`) } }, 400).length,
  ).toBeLessThan(MAX_ERROR_TEXT);
});
