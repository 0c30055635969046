import * as fc from 'fast-check';
import { KINDS } from '../../../../src/domain/kinds';
import {
  intakeIdOf,
  isRequestId,
  parseRequestId,
  requestIdOf,
  requestWords,
  SOURCES,
  workflowIdOf,
} from '../../../../src/domain/request/id';

const source = fc.constantFrom(...SOURCES);
const name = fc.oneof(
  fc.integer({ min: 0 }).map(String),
  fc.stringMatching(/^[A-Za-z0-9:.|-]{1,30}$/),
  fc.constantFrom('2026-11-27T14:00', '1-W-2026-11-21', 'erp', 'open'),
);
const connectionId = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.constantFrom('erp', 'open'));

test('what is formatted is parsed back, with or without its connection', () => {
  fc.assert(
    fc.property(source, name, connectionId, (from, called, connection) => {
      const id = requestIdOf(from, called);
      expect(id).toBe(`${from}/${called}`);
      expect(parseRequestId(id)).toEqual({ connectionId: null, id });
      const workflowId = workflowIdOf({ connectionId: connection, id });
      expect(parseRequestId(workflowId)).toEqual({ connectionId: connection, id });
      expect(parseRequestId(`  ${workflowId}\n`)).toEqual({ connectionId: connection, id });
      expect(isRequestId(id)).toBe(true);
    }),
  );
});

test('a bare number is an ERP request, as people read it in Procore', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0, max: 5 }), (number, zeros) => {
      const typed = `${'0'.repeat(zeros)}${number}`;
      expect(parseRequestId(typed)).toEqual({ connectionId: null, id: `erp/${number}` });
    }),
  );
});

test.each<[string, string | null, string]>([
  ['erp/640018', null, 'erp/640018'],
  ['640018', null, 'erp/640018'],
  [' 640018 ', null, 'erp/640018'],
  ['0', null, 'erp/0'],
  ['000', null, 'erp/0'],
  ['larkspur/erp/640018', 'larkspur', 'erp/640018'],
  ['larkspur/open/17', 'larkspur', 'open/17'],
  ['open/erp/17', 'open', 'erp/17'],
])('"%s" is typed: connection %s, request %s', (typed, connection, id) => {
  expect(parseRequestId(typed)).toEqual({ connectionId: connection, id });
});

test.each([
  '',
  ' ',
  '/',
  'erp',
  'erp/',
  '/640018',
  'erp//640018',
  '-1',
  '1.5',
  '1e5',
  '٣',
  'vendor/98127745',
  'larkspur/640018',
  'larkspur/vendor/7',
  'larkspur/erp/',
  '/erp/640018',
  'a/b/erp/640018',
  'erp/640018/more',
  'larkspur/erp/640018/more',
  'ERP/640018',
])('"%s" is no request', (typed) => {
  expect(parseRequestId(typed)).toBeNull();
});

test('whatever is typed is understood or refused, never a crash', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (typed) => {
      const parsed = parseRequestId(typed);
      if (parsed !== null) expect(isRequestId(parsed.id)).toBe(true);
    }),
  );
});

test('no record is taken for a request', () => {
  for (const kind of KINDS) {
    expect(isRequestId(`${kind}/5`)).toBe(false);
    expect(isRequestId(`${kind}/erp:1|10442`)).toBe(false);
  }
  for (const id of ['', 'erp', 'erpx', 'openx', '640018', '/erp', 'metadata/acme'])
    expect(isRequestId(id)).toBe(false);
});

test('sentences call an ERP request by its number in Procore', () => {
  expect(requestWords('erp/640018')).toBe('ERP request 640018');
  expect(requestWords('open/17')).toBe('request open/17');
});

test('ids of workflows and schedules are what people type', () => {
  expect(workflowIdOf({ connectionId: 'acme', id: 'erp/640017' })).toBe('acme/erp/640017');
  expect(intakeIdOf('acme')).toBe('intake/acme');
});
