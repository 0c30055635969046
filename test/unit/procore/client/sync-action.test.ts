import type { ExternalData, StagedCandidate } from '../../../../src/procore/port';
import { can, ClientBench, COMPANY, COMPANY_PATH, failure } from '../../../support/procore/client';
import type { Received } from '../../../support/procore/scripted-server';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
});
afterEach(() => bench.stop());

type Item = Record<string, unknown>;
const updatesOf = ({ body }: Received): Item[] => (body as { updates: Item[] }).updates;
const data = (itemId: number): ExternalData => ({
  itemType: 'vendor',
  itemId,
  originId: `vendor|1|${itemId}`,
});
const many = (count: number): ExternalData[] => Array.from({ length: count }, (_, index) => data(index + 1));
const fine = { body: { entities: [], errors: [] } };

test('external data: what is sent', async () => {
  bench.server.script = () => fine;
  const updates = [
    { ...data(5), originCode: '10442', originData: null },
    { itemType: 'vendor', itemId: 6, originId: null },
  ];
  expect(await bench.company().ties.set(updates)).toEqual([]);
  expect(bench.server.received[0]).toMatchObject({
    method: 'PATCH',
    path: `${COMPANY_PATH}/external_data/sync`,
    body: {
      updates: [
        { item_type: 'vendor', item_id: 5, origin_id: 'vendor|1|5', origin_code: '10442', origin_data: null },
        { item_type: 'vendor', item_id: 6, origin_id: null },
      ],
    },
  });
});

test('nothing to send is no call', async () => {
  expect(await bench.company().ties.set([])).toEqual([]);
  expect(bench.server.received).toHaveLength(0);
});

test('100 records a call', async () => {
  bench.server.script = () => fine;
  await bench.company().ties.set(many(250));
  expect(bench.server.received.map((request) => updatesOf(request).length)).toEqual([100, 100, 50]);
});

test('errors are matched by what they echo, never by position', async () => {
  bench.server.script = () => ({
    body: {
      entities: [{ id: 1, item_id: 2 }],
      errors: [
        { item_type: 'vendor', item_id: 3, errors: { origin_id: ['has already been taken'] } },
        { origin_id: 'vendor|1|1', errors: { base: ['Locked'] } },
        { item_id: 999, errors: { base: ['Who is this?'] } },
        'something else',
      ],
    },
  });
  expect(await bench.company().ties.set(many(3))).toEqual([
    { key: '3', messages: ['origin_id: has already been taken'] },
    { key: '1', messages: ['Locked'] },
    { key: '', messages: ['Who is this?'] },
    { key: '', messages: ['something else'] },
  ]);
});

test.each([
  ['a list in which some carry errors', [{ item_id: 1 }, { item_id: 2, errors: { base: ['No'] } }], '2'],
  ['an error for all of them', { errors: { base: ['No'] } }, ''],
])('a 200 answer of another shape: %s', async (_, body, key) => {
  bench.server.script = () => ({ body });
  expect(await bench.company().ties.set(many(2))).toEqual([{ key, messages: ['No'] }]);
});

test('a 200 answer that says nothing about the records is not success', async () => {
  bench.server.script = () => ({ body: { hello: 'world' } });
  expect(await failure(bench.company().ties.set(many(1)))).toMatchObject({
    code: 'PROCORE_ANSWER_INVALID',
  });
});

test.each([413, 408])('a %s halves the batch', async (status) => {
  bench.server.script = (request) =>
    updatesOf(request).length > 3
      ? { status, body: { errors: 'too many' } }
      : { body: { entities: [], errors: [{ ...updatesOf(request)[0], errors: { base: ['No'] } }] } };
  const errors = await bench.company().ties.set(many(10));
  const sent = bench.server.received.map((request) => updatesOf(request).map(({ item_id }) => item_id));
  expect(sent.filter(({ length }) => length <= 3).flat()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(errors.map(({ key }) => key)).toEqual(['1', '4', '6', '9']);
});

test('one record that is too large is refused', async () => {
  bench.server.script = () => ({ status: 413, body: { errors: 'too large' } });
  expect(await failure(bench.company().ties.set(many(2)))).toMatchObject({ code: 'PROCORE_REFUSED' });
  expect(bench.server.received).toHaveLength(2);
});

test.each([400, 422])('a %s without records is tried once as a bare array', async (status) => {
  bench.server.script = ({ body }) => (Array.isArray(body) ? fine : { status, body: { errors: 'updates?' } });
  expect(await bench.company().ties.set(many(1))).toEqual([]);
  expect(bench.server.received.map(({ body }) => Array.isArray(body))).toEqual([false, true]);
});

test('when both forms are refused, the first answer is the one to tell', async () => {
  bench.server.script = ({ body }) => ({
    status: 422,
    body: { errors: Array.isArray(body) ? 'second' : 'first' },
  });
  const error = await failure(bench.company().ties.set(many(1)));
  expect(error).toMatchObject({
    code: 'PROCORE_REFUSED',
    message: 'Procore refused externalData.sync: first',
  });
});

test('a 422 that names records is an answer, not a reason for another form', async () => {
  bench.server.script = () => ({ status: 422, body: [{ item_id: 1, errors: { base: ['No'] } }] });
  expect(await bench.company().ties.set(many(2))).toEqual([{ key: '1', messages: ['No'] }]);
  expect(bench.server.received).toHaveLength(1);
});

const VENDOR = {
  ...{ code: '10450', name: 'Acme', sortName: null, address: null, city: 'Tacoma', stateCode: 'WA' },
  ...{ postalCode: null, countryCode: 'US', phone: null, fax: null, email: null, website: null },
  ...{ vendorType: 'SUB', retainagePercent: '10.00', isActive: true },
};
const staged = (status: StagedCandidate['status']): StagedCandidate => ({
  kind: 'vendor',
  itemType: 'vendor',
  originId: 'vendor|1|9',
  originCode: '10450',
  status,
  record: { fields: VENDOR, lines: [] },
});

test('staged records: what is sent; no bare array', async () => {
  bench.server.script = () => ({ status: 422, body: { errors: 'No' } });
  const error = await failure(bench.company().staging.stage([staged('staged')]));
  expect(error).toMatchObject({ code: 'PROCORE_REFUSED' });
  expect(bench.server.received).toHaveLength(1);
  expect(bench.server.received[0]).toMatchObject({
    path: `${COMPANY_PATH}/staged_records/sync`,
    body: {
      updates: [
        {
          item_type: 'vendor',
          origin_id: 'vendor|1|9',
          origin_code: '10450',
          status: 'staged',
          data: { name: 'Acme' },
        },
      ],
    },
  });
});

test('vendors: the id decides, else the origin_id; errors come by the key of the caller', async () => {
  bench.server.script = (request) => ({
    body: { entities: [], errors: updatesOf(request).map((item) => ({ ...item, errors: { name: ['No'] } })) },
  });
  const { errors } = await can(
    bench.company(),
    'vendor',
    'write',
  )({}, [
    { key: 'a', procoreId: 5, originId: 'vendor|1|9', fields: { name: 'A' } },
    { key: 'b', originId: 'vendor|1|5', fields: { name: 'B', phone: null } },
    { key: 'c', originId: '5', fields: { isActive: false } },
  ]);
  expect(errors.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(bench.server.received[0]).toMatchObject({
    path: '/rest/v1.0/vendors/sync',
    body: { company_id: COMPANY },
  });
  expect(bench.server.received.map(updatesOf)).toEqual([
    [
      // Somebody may have unlinked it meanwhile: it is not tied again.
      { id: 5, name: 'A' },
      { origin_id: 'vendor|1|5', name: 'B', business_phone: null },
      { origin_id: '5', is_active: false },
    ],
  ]);
});

test('vendors: an item with neither id nor origin_id would create a twin and is never sent', async () => {
  const updates = [
    { key: 'a', procoreId: 5, fields: {} },
    { key: 'b', originId: '', fields: { name: 'Twin' } },
  ];
  const error = await failure(can(bench.company(), 'vendor', 'write')({}, updates));
  expect(error).toMatchObject({ code: 'PROCORE_REQUEST_INVALID' });
  expect(bench.server.received).toHaveLength(0);
});

test('canonical vendors: staged under their origin_id, updated by id alone', async () => {
  bench.server.script = () => fine;
  const company = bench.company();
  await company.staging.stage([staged('archived')]);
  await can(
    company,
    'vendor',
    'write',
  )({}, [{ key: '5', procoreId: 5, originId: 'vendor|1|9', fields: { city: null, vendorType: 'X' } }]);
  const [first, updated] = bench.server.received.map(updatesOf);
  expect(first).toMatchObject([
    { origin_id: 'vendor|1|9', origin_code: '10450', status: 'archived', data: { name: 'Acme', zip: null } },
  ]);
  const { data } = first?.[0] as { data: object };
  for (const field of ['origin_code', 'vendor_type', 'vendorType', 'retainagePercent', 'retainage_percent'])
    expect(data).not.toHaveProperty(field);
  expect(updated).toEqual([{ id: 5, city: null }]);
});
