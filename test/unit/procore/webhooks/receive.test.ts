import fc from 'fast-check';
import { authorizationMatches, readDelivery } from '../../../../src/procore/webhooks/receive';

const V2 = {
  id: 905500123,
  ulid: '01JQ7R3N6S7Z2V6Q4M0K9X5T',
  timestamp: '2026-03-09T15:22:41.108233Z',
  metadata: { source_user_id: 7710, source_company_id: 4264807, source_application_id: null },
  user_id: 7710,
  company_id: 4264807,
  project_id: null,
  api_version: 'v2.0',
  event_type: 'create',
  resource_name: 'ERP Requests',
  resource_id: 640017,
};
const READ = {
  eventId: V2.ulid,
  resourceName: 'ERP Requests',
  resourceId: 640017,
  eventType: 'create',
  companyId: 4264807,
  userId: 7710,
  timestamp: V2.timestamp,
};

test.each([
  ['v2.0', V2, READ],
  ['v3.0', { ...V2, api_version: 'v3.0', related_resources: [{ id: 1, name: 'Contracts' }] }, READ],
  [
    'v4.0',
    {
      id: V2.ulid,
      timestamp: V2.timestamp,
      reason: 'create',
      resource_type: 'ERP Requests',
      resource_id: '640017',
      company_id: '4264807',
      user_id: '7710',
    },
    READ,
  ],
  [
    'nulls',
    { ...V2, user_id: null, company_id: null, metadata: { source_user_id: null } },
    { ...READ, userId: null, companyId: null },
  ],
  ['who and where from the metadata', { ...V2, user_id: null, company_id: undefined }, READ],
  ['no ulid', { ...V2, ulid: null, event_type: 'CREATE' }, { ...READ, eventId: '905500123' }],
  [
    'wrong types',
    { ulid: 'u', resource_id: {}, resource_name: 5 },
    { eventId: 'u', resourceId: null, resourceName: null },
  ],
])('%s', (_, body, expected) => {
  expect(readDelivery(body)).toMatchObject(expected);
});

test('without an id the content is the id', () => {
  const first = readDelivery({ resource_id: 1, resource_name: 'X' });
  expect(first?.eventId).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(readDelivery({ resource_name: 'X', resource_id: 1 })?.eventId).toBe(first?.eventId);
  expect(readDelivery({ resource_name: 'X', resource_id: 2 })?.eventId).not.toBe(first?.eventId);
});

test('never throws, and null is what is no object', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const delivery = readDelivery(body);
      expect(delivery === null).toBe(typeof body !== 'object' || body === null || Array.isArray(body));
      expect(delivery?.eventId).not.toBe('');
    }),
  );
  const deep = JSON.parse('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)) as unknown;
  expect(readDelivery(deep)?.eventId).toMatch(/^sha256:/);
});

test.each([
  ['the value', 'Bearer abc', ['Bearer abc'], true],
  ['the old value while both are accepted', 'Bearer old', ['Bearer new', 'Bearer old'], true],
  ['another value', 'Bearer abd', ['Bearer abc'], false],
  ['a longer one', 'Bearer abcd', ['Bearer abc'], false],
  ['no header', undefined, ['Bearer abc'], false],
  ['an empty header', '', [''], false],
  ['nothing accepted', 'Bearer abc', [], false],
])('header: %s', (_, header, accepted, expected) => {
  expect(authorizationMatches(header, accepted)).toBe(expected);
});
