import fc from 'fast-check';
import { loadOperations } from '../../../../sandbox/procore-simulator/data';
import type { CanonicalRecord, Fields } from '../../../../src/domain/kinds/record';
import { taxIdHash } from '../../../../src/domain/reconcile/match';
import type { RecordDraft } from '../../../../src/domain/request/intent';
import { readRequest } from '../../../../src/procore/erp-tool/read-request';
import type { Received } from '../../../support/procore/scripted-server';
import { can, ClientBench, collect } from '../../../support/procore/client';
import { anyWritten } from '../../../support/any-text';

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.server.received.splice(0));

/** What `read` makes of a company of the directory; undefined: it cannot be read. */
async function shown(raw: object): Promise<RecordDraft | undefined> {
  bench.server.script = () => ({ body: { ...raw, id: 98127745 } });
  return (await can(bench.company(), 'vendor', 'read')([98127745], {}))[0];
}

/** The same for a reconcile. */
async function seenAs(raw: object): Promise<RecordDraft> {
  bench.server.script = () => ({ body: { name: 'A', ...raw, id: 98127745 } });
  const [seen] = await can(bench.company(), 'vendor', 'see')([98127745], {});
  if (seen === undefined) throw new Error('the company was not seen');
  return seen.draft;
}

const fieldsOf = async (raw: object): Promise<Fields | undefined> => (await shown(raw))?.fields;

/** Why `create_vendor` cannot be read. */
function problemsOf(vendor: unknown): readonly string[] {
  const body = { request_name: 'create_vendor', request_data: { vendor } };
  const { intent } = readRequest(body, { companyId: 1, erpRequestId: null });
  return intent.way === 'malformed' ? intent.problems : [];
}

const sentBy = ({ body }: Received): Record<string, unknown> =>
  (body as { updates: Record<string, unknown>[] }).updates[0] ?? {};

/** What `write` sends for these fields. */
async function written(fields: Fields): Promise<Record<string, unknown>> {
  bench.server.script = () => ({ body: { entities: [], errors: [] } });
  await can(bench.company(), 'vendor', 'write')({}, [{ key: 'a', procoreId: 5, fields }]);
  const { id, ...sent } = sentBy(bench.server.received.at(-1) as Received);
  expect(id).toBe(5);
  return sent;
}

/** `data` of the staged record. */
async function staged(fields: CanonicalRecord['fields']): Promise<Record<string, unknown>> {
  bench.server.script = () => ({ body: { entities: [], errors: [] } });
  const record = { fields, lines: [] };
  const one = { kind: 'vendor', itemType: 'vendor', originId: 'vendor|1|9', status: 'staged' } as const;
  await bench.company().staging.stage([{ ...one, originCode: '10450', record }]);
  return sentBy(bench.server.received.at(-1) as Received)['data'] as Record<string, unknown>;
}

const RAW = {
  id: 98127745,
  name: ' Cobalt Mechanical LLC ',
  abbreviated_name: 'COBALT',
  address: '4410 Kelp Way',
  business_phone: '2065550134',
  city: 'Seattle',
  country_code: 'US',
  email_address: 'ap@cobalt.example',
  fax_number: '',
  is_active: false,
  origin_code: '10442',
  state_code: 'WA',
  website: null,
  primary_contact: { id: 41, first_name: ' Maya', last_name: 'Ortiz ', email_address: 'maya@cobalt.example' },
  zip: '01234',
  erp_custom_fields: { vendor_type_origin_id: '1|SUB', retainage_percent: '10.00' },
};

const CANONICAL: Fields = {
  code: '10442',
  name: 'Cobalt Mechanical LLC',
  sortName: 'COBALT',
  address: '4410 Kelp Way',
  city: 'Seattle',
  stateCode: 'WA',
  postalCode: '01234',
  countryCode: 'US',
  phone: '2065550134',
  fax: null,
  email: 'ap@cobalt.example',
  website: null,
  contactName: 'Maya Ortiz',
  vendorType: 'SUB',
  retainagePercent: '10.00',
  isActive: false,
};

test('reads every field, whichever way it comes', async () => {
  expect(await shown(RAW)).toEqual({
    kind: 'vendor',
    itemType: 'vendor',
    procoreId: 98127745,
    originId: null,
    label: 'Vendor "Cobalt Mechanical LLC"',
    projectId: null,
    detailIds: [],
    fields: CANONICAL,
    refs: {},
    lines: [],
    notes: [],
    warnings: [],
    flags: { prequalified: false, authorizedBidder: false },
  });
  bench.server.script = ({ path }) => ({ body: path.endsWith('inactive') ? [] : [RAW] });
  expect(await collect(can(bench.company(), 'vendor', 'readChanged')(null, {}))).toEqual([await shown(RAW)]);
});

test('what is missing is null, and active', async () => {
  expect(await fieldsOf({ name: 'A' })).toMatchObject({ code: null, vendorType: null, isActive: true });
  expect(await fieldsOf({ name: 'A', erp_custom_fields: null, is_active: null })).toMatchObject({
    isActive: true,
  });
});

test.each<[unknown, string | null]>([
  [{ id: 41, first_name: 'Maya', last_name: 'Ortiz' }, 'Maya Ortiz'],
  [{ id: 41, first_name: null, last_name: 'Ortiz' }, 'Ortiz'],
  [{ id: 41, first_name: '', last_name: '' }, null],
  [null, null],
  [undefined, null],
  [{ id: 41 }, null],
])('the primary contact %j is the contact %j', async (sent, read) => {
  expect(await fieldsOf({ name: 'A', primary_contact: sent })).toMatchObject({ contactName: read });
});

test('a primary contact that is no person is no vendor that can be read', () => {
  expect(problemsOf({ id: 1, name: 'A', primary_contact: 'Maya Ortiz' })).toEqual([
    'request_data.vendor.primary_contact: expected a person, got "Maya Ortiz"',
  ]);
});

test('a primary contact that is not shown, or shown without a name, is unknown to a reconcile', async () => {
  const { fields: seen } = await seenAs({
    primary_contact: { id: 41, first_name: 'Maya', last_name: 'Ortiz' },
  });
  expect(seen).toMatchObject({ contactName: 'Maya Ortiz' });
  expect((await seenAs({ primary_contact: null })).fields).toMatchObject({ contactName: null });
  for (const raw of [{}, { primary_contact: { id: 41 } }, { primary_contact: 'Maya' }])
    expect((await seenAs(raw)).fields).not.toHaveProperty('contactName');
});

test('the contact is read and never written, neither to companies nor to staged records', async () => {
  const { reads = [], writes = [] } = bench.company().kinds.vendor?.carries ?? {};
  expect(reads).toContain('contactName');
  expect(writes).not.toContain('contactName');
  for (const sent of [await written(CANONICAL), await staged(CANONICAL)])
    expect(JSON.stringify(sent)).not.toMatch(/contact|Maya/i);
});

test('of tax ids only hashes come back, of those that show one', async () => {
  const rows = [
    { id: 1, name: 'A', business_register: { id: 9, type: 'EIN', identifier: '91-2345678' } },
    { id: 2, name: 'B', business_register: { id: 9, type: 'EIN', identifier: null } },
    { id: 3, name: 'C', business_register: null },
    { id: 4, name: 'D' },
    { id: 5, name: 'E', business_register: { id: 9, type: 'EIN', identifier: '000000000' } },
  ];
  bench.server.script = () => ({ body: rows });
  const hash = taxIdHash();
  const read = can(bench.company(), 'vendor', 'taxIdHashes');
  expect(await read([1, 2, 3, 4, 5], hash)).toEqual(new Map([[1, hash('912345678')]]));
  for (const raw of rows) expect(JSON.stringify(await shown(raw))).not.toContain('2345678');
});

test.each([
  ['SUB', 'SUB'],
  ['vendor_type|1|SUB', 'SUB'],
  ['1|', null],
  ['', null],
])('vendor type %j is %j', async (sent, read) => {
  const raw = { name: 'A', erp_custom_fields: { vendor_type_origin_id: sent } };
  expect(await fieldsOf(raw)).toMatchObject({ vendorType: read });
});

test.each<[unknown, string | null]>([
  ['10.00', '10.00'],
  [' 7.5 ', '7.5'],
  [10, '10'],
  [7.25, '7.25'],
  [0, '0'],
  ['', null],
  [null, null],
])('retainage %j is %j, exactly', async (sent, read) => {
  const raw = { name: 'A', erp_custom_fields: { retainage_percent: sent } };
  expect(await fieldsOf(raw)).toMatchObject({ retainagePercent: read });
});

const AT = 'request_data.vendor';
test.each<[object, string]>([
  [{ id: 1, name: null }, `${AT}.name: expected text, got null`],
  [{ id: 1 }, `${AT}.name: expected text, got nothing`],
  [{ id: 1, name: '  ' }, `${AT}.name: expected text that is not empty, got empty text`],
  [{ id: 1, name: 'A', zip: 98134 }, `${AT}.zip: expected text, got 98134`],
  [{ id: 1, name: 'A', is_active: 'yes' }, `${AT}.is_active: expected true or false, got "yes"`],
  [{ id: 1, name: 'A', erp_custom_fields: [] }, `${AT}.erp_custom_fields: expected an object, got a list`],
  [
    { id: 1, name: 'A', erp_custom_fields: { retainage_percent: '10%' } },
    `${AT}.erp_custom_fields.retainage_percent: expected a percentage from 0 to 100, got "10%"`,
  ],
  [
    { id: 1, name: 'A', erp_custom_fields: { retainage_percent: 100.5 } },
    `${AT}.erp_custom_fields.retainage_percent: expected a percentage from 0 to 100, got 100.5`,
  ],
  [[], `${AT}: expected an object, got a list`],
])('%j is a problem', async (raw, problem) => {
  expect(problemsOf(raw)).toEqual([problem]);
});

test('a company of the directory that cannot be read is left out and logged; the others are read', async () => {
  bench.server.script = ({ path }) => ({
    body: path.endsWith('inactive')
      ? []
      : [
          { id: 1, name: null },
          { id: 2, name: 'B' },
        ],
  });
  const read = await collect(can(bench.company(), 'vendor', 'readChanged')(null, {}));
  expect(read.map(({ procoreId }) => procoreId)).toEqual([2]);
  expect(bench.logged.join()).toContain('vendor.name: expected text, got null');
});

test('a company that was switched off since then has changed too; one that is gone is none', async () => {
  const inactive = [
    { id: 1, name: 'Old', is_active: false, updated_at: '2026-03-01T00:00:00Z' },
    { id: 2, name: 'New', is_active: false, updated_at: '2026-03-03T00:00:00Z' },
  ];
  bench.server.script = ({ path }) =>
    path.endsWith('/9') ? { status: 404 } : { body: path.endsWith('inactive') ? inactive : [] };
  const company = bench.company();
  const changed = await collect(can(company, 'vendor', 'readChanged')('2026-03-02T00:00:00Z', {}));
  expect(changed).toMatchObject([{ procoreId: 2, fields: { isActive: false } }]);
  expect(await can(company, 'vendor', 'read')([9], {})).toEqual([]);
});

test('only given fields are written, null clears', async () => {
  expect(
    await written({ name: 'B', phone: null, isActive: true, vendorType: 'SUB', retainagePercent: '5' }),
  ).toEqual({ name: 'B', business_phone: null, is_active: true });
});

test('every written field is a documented field', async () => {
  const schema = (alias: string): Record<string, unknown> => {
    const operation = loadOperations().find((candidate) => candidate.alias === alias);
    return (operation?.bodySchema as { 'updates!': Record<string, unknown>[] })['updates!'][0] ?? {};
  };
  const sent = Object.keys(await written(CANONICAL));
  expect(sent).toHaveLength(13);
  expect(Object.keys(schema('vendors.sync'))).toEqual(expect.arrayContaining(sent));
  expect({ ...(await staged(CANONICAL)), origin_code: '10442' }).toEqual(await written(CANONICAL));
  expect(await staged(CANONICAL)).not.toHaveProperty('origin_code');
});

const text = fc.option(
  anyWritten({ minLength: 1 })
    .map((value) => value.normalize('NFC').trim())
    .filter((value) => value !== ''),
);
const canonical: fc.Arbitrary<Fields> = fc.record({
  code: text,
  name: text.map((value) => value ?? 'A'),
  sortName: text,
  address: text,
  city: text,
  stateCode: text,
  postalCode: text,
  countryCode: text,
  phone: text,
  fax: text,
  email: text,
  website: text,
  contactName: fc.constant(null),
  vendorType: fc.constant(null),
  retainagePercent: fc.constant(null),
  isActive: fc.boolean(),
});

test('there and back again changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(canonical, async (vendor) => {
      expect(await fieldsOf(await written(vendor))).toEqual(vendor);
      const data = { ...(await staged(vendor)), origin_code: vendor['code'] };
      expect(await fieldsOf(data)).toEqual(vendor);
    }),
    { numRuns: 60 },
  );
});
