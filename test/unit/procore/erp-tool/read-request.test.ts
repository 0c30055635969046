import fc from 'fast-check';
import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import { ALL_EVENTS, knownEvent } from '../../../../src/procore/erp-tool/events';
import { readRequest } from '../../../../src/procore/erp-tool/read-request';

const COMPANY = 4264807;
const REQUEST = 640017;
const read = (body: unknown) => readRequest(body, { companyId: COMPANY, erpRequestId: REQUEST });
const example = (requestName: string): { request_name: string; request_data: Record<string, unknown> } =>
  structuredClone(loadEvents().find((event) => event.requestName === requestName)?.examplePayload) as never;
const event = (request_name: string, request_data: unknown) => read({ request_name, request_data });

describe('the dictionary', () => {
  test("holds Procore's 51 events with entity and kind", () => {
    const routed = Object.entries(ALL_EVENTS).map(([name, { entity, kind }]) => [name, { entity, kind }]);
    expect(Object.fromEntries(routed)).toEqual(
      Object.fromEntries(loadEvents().map(({ name, entity, kind }) => [name, { entity, kind }])),
    );
    expect(Object.keys(ALL_EVENTS)).toHaveLength(51);
  });

  test('knows the other name of create_payment, and nothing else', () => {
    expect(knownEvent('create_contract_payment')).toBe('create_payment');
    expect(knownEvent('create_payment')).toBe('create_payment');
    for (const name of ['', 'CREATE_VENDOR', 'toString', '__proto__', 'constructor'])
      expect(knownEvent(name)).toBeNull();
  });

  test.each(loadEvents().map((entry) => [entry.requestName, entry] as const))(
    '%s can be read',
    (name, entry) => {
      const bare = !('request_name' in entry.examplePayload);
      const body = bare ? { request_name: name, request_data: entry.examplePayload } : entry.examplePayload;
      const erpRequestId = Number(entry.examplePayload['id'] ?? REQUEST);
      const { intent, eventName } = readRequest(body, { companyId: COMPANY, erpRequestId });
      expect(eventName).toBe(name);
      expect(['malformed', 'unsupported']).not.toContain(intent.way);
      const ofItems =
        intent.way === 'export'
          ? intent.records.flatMap(({ detailIds }) => detailIds)
          : intent.way === 'release'
            ? intent.items.flatMap(({ detailId }) => detailId ?? [])
            : [];
      if ('detailIds' in intent)
        expect([...intent.detailIds, ...ofItems].length > 0).toBe(entry.requestDetail !== 'none');
    },
  );
});

describe('vendor events', () => {
  test('create_vendor', () => {
    expect(
      read({ id: REQUEST, company_id: COMPANY, ...example('create_vendor'), integration_app_name: null }),
    ).toEqual({
      eventName: 'create_vendor',
      subject: 'Cobalt Mechanical LLC',
      intent: {
        way: 'export',
        detailIds: [77120],
        notCarried: ['union member'],
        records: [
          {
            kind: 'vendor',
            itemType: 'vendor',
            procoreId: 98127745,
            originId: null,
            projectId: null,
            label: 'Vendor "Cobalt Mechanical LLC"',
            detailIds: [],
            refs: {},
            lines: [],
            notes: [],
            warnings: [],
            flags: { prequalified: true, authorizedBidder: true },
            fields: {
              code: '10442',
              name: 'Cobalt Mechanical LLC',
              sortName: 'COBALT',
              address: '4410 Kelp Way',
              city: 'Seattle',
              stateCode: 'WA',
              postalCode: '98134',
              countryCode: 'US',
              phone: '2065550134',
              fax: null,
              email: 'ap@cobalt.example',
              website: null,
              contactName: null,
              vendorType: 'SUB',
              retainagePercent: null,
              isActive: true,
            },
          },
        ],
      },
      questions: [],
    });
  });

  test('sync_vendors', () => {
    expect(read(example('sync_vendors'))).toMatchObject({
      subject: 'all vendors',
      intent: { way: 'sync', kind: 'vendor', detailIds: [77130], listId: null },
    });
  });

  test('a vendor is created active, whatever the directory says', () => {
    const body = example('create_vendor');
    Object.assign(body.request_data['vendor'] as object, { is_active: false });
    expect(read(body).intent).toMatchObject({ records: [{ fields: { isActive: true } }] });
  });

  const ours = (procoreId: number, originId: string | null) => ({
    target: 'vendor',
    procoreId,
    originId,
    projectOriginId: null,
    title: null,
  });

  test('imported and linked', () => {
    expect(read(example('create_vendor_in_procore')).intent).toEqual({
      way: 'links',
      how: 'imported',
      label: 'vendor 98127790 (1|10450) imported',
      records: [ours(98127790, '1|10450')],
      master: null,
      wholeProjectId: null,
    });
    expect(read(example('link_vendor'))).toMatchObject({
      subject: 'vendor 98127803 (1|10462) linked',
      intent: { way: 'links', how: 'linked' },
    });
    expect(read(example('link_all_vendors'))).toMatchObject({
      subject: '2 vendors linked',
      intent: { how: 'linked', records: [{ procoreId: 98127801 }, { procoreId: 98127802 }] },
    });
  });

  test('merged, also with no sources, and unlinked', () => {
    expect(read(example('merge_vendors'))).toMatchObject({
      subject: '1 vendor merged into vendor 98127745 (1|10442)',
      intent: {
        way: 'links',
        how: 'merged',
        master: { procoreId: 98127745 },
        records: [{ originId: '1|10448' }],
      },
    });
    expect(
      event('merge_vendors', { master_vendor: { id: '5', origin_id: '' }, source_vendors: [] }).intent,
    ).toMatchObject({ way: 'links', how: 'merged', master: ours(5, null), records: [] });
    expect(read(example('unlink_vendor')).intent).toMatchObject({
      way: 'links',
      how: 'unlinked',
      records: [ours(98127803, '1|10462')],
      master: null,
    });
  });
});

describe('malformed', () => {
  const vendor = (changes: object) => ({
    vendor: { ...(example('create_vendor').request_data['vendor'] as object), ...changes },
  });

  test.each<[string, unknown, string]>([
    ['create_vendor', null, 'request_data: expected an object, got null'],
    ['create_vendor', [], 'request_data: expected an object, got a list'],
    ['create_vendor', {}, 'request_data.vendor: expected an object, got nothing'],
    ['create_vendor', { vendor: null }, 'request_data.vendor: expected an object, got null'],
    ['create_vendor', vendor({ id: null }), 'request_data.vendor.id: expected an id, got null'],
    [
      'create_vendor',
      vendor({ id: 2 ** 53 }),
      'request_data.vendor.id: expected an id, got 9007199254740992',
    ],
    ['create_vendor', vendor({ id: '12a' }), 'request_data.vendor.id: expected an id, got "12a"'],
    ['create_vendor', vendor({ name: null }), 'request_data.vendor.name: expected text, got null'],
    [
      'create_vendor',
      vendor({ name: ' ' }),
      'request_data.vendor.name: expected text that is not empty, got empty text',
    ],
    ['create_vendor', vendor({ city: 5 }), 'request_data.vendor.city: expected text, got 5'],
    [
      'create_vendor',
      vendor({ prequalified: 'no' }),
      'request_data.vendor.prequalified: expected true or false, got "no"',
    ],
    [
      'create_vendor',
      { ...vendor({}), request_detail_id: 'x' },
      'request_data.request_detail_id: expected an id, got "x"',
    ],
    ['create_vendor', { ...vendor({}), company_id: 5 }, 'request_data.company_id: expected 4264807, got 5'],
    ['create_commitment', { company_id: '999' }, 'request_data.company_id: expected 4264807, got "999"'],
    ['sync_vendors', 'text', 'request_data: expected an object, got "text"'],
    [
      'link_vendor',
      { vendor: { id: 5, origin_id: null } },
      'request_data.vendor.origin_id: expected text, got null',
    ],
    ['link_all_vendors', { vendors: { id: 5 } }, 'request_data.vendors: expected a list, got an object'],
    [
      'link_all_vendors',
      { vendors: [{ id: 5, origin_id: 'a' }, { id: 6 }] },
      'request_data.vendors[1].origin_id: expected text, got nothing',
    ],
    [
      'merge_vendors',
      { master_vendor: { id: 5 } },
      'request_data.source_vendors: expected a list, got nothing',
    ],
    ['unlink_vendor', { vendor: [] }, 'request_data.vendor: expected an object, got a list'],
  ])('%s %j', (name, data, problem) => {
    const { intent } = event(name, data);
    expect(intent).toMatchObject({ way: 'malformed' });
    if (intent.way === 'malformed') expect(intent.problems).toContain(problem);
  });

  test.each<[unknown, string]>([
    [null, 'body: expected an object, got null'],
    ['text', 'body: expected an object, got "text"'],
    [{ request_name: 5, request_data: [] }, 'request_name: expected text, got 5'],
    [{ request_data: {} }, 'request_name: expected text, got nothing'],
    [{ ...example('create_vendor'), id: 5 }, 'id: expected 640017, got 5'],
    [{ ...example('create_vendor'), company_id: {} }, 'company_id: expected 4264807, got an object'],
  ])('%j', (body, problem) => {
    expect(read(body).intent).toMatchObject({ way: 'malformed', problems: [problem] });
  });

  test('keeps the subject and the detail ids, and tells everything at once', () => {
    const body = example('create_vendor');
    Object.assign(body.request_data['vendor'] as object, { id: null, zip: 5 });
    expect(read(body)).toMatchObject({
      subject: 'Cobalt Mechanical LLC',
      intent: { way: 'malformed', detailIds: [77120], problems: [expect.any(String), expect.any(String)] },
    });
  });
});

test('a body without the wrapper is its own request_data', () => {
  const { request_data } = example('create_vendor');
  expect(read({ request_name: 'create_vendor', ...request_data }).intent.way).toBe('export');
});

test('a request of our own has no number of Procore to compare', () => {
  const body = { ...example('create_vendor'), id: 5 };
  expect(readRequest(body, { companyId: COMPANY, erpRequestId: null }).intent.way).toBe('export');
});

test('an unknown event is kept, with its details, and never judged', () => {
  expect(event('create_spaceship', { company_id: 1, items: [{ request_detail_id: 5 }] })).toMatchObject({
    eventName: 'create_spaceship',
    intent: { way: 'unsupported', known: false, detailIds: [5] },
  });
});

test('what cannot be read still says what it is about', () => {
  expect(event('create_commitment', { commitment: { title: 'Piping' } })).toMatchObject({
    subject: 'Piping',
    intent: { way: 'malformed' },
  });
  expect(event('sync_commitments', { request_detail_id: '9' })).toMatchObject({
    subject: 'all commitments',
    intent: { way: 'sync', kind: 'commitment', detailIds: [9] },
  });
});

test('detail ids: both names, any depth, numbers and digits, each once', () => {
  const body = {
    request_name: 'create_requisitions',
    request_detail_id: 1,
    request_data: {
      requisitions: [
        { request_detail_id: '2' },
        { erp_request_detail_id: 3, line_items: [{ request_detail_id: 1 }] },
      ],
      erp_request_detail_id: 2 ** 60,
    },
  };
  expect(read(body).intent).toMatchObject({ detailIds: [1, 2, 3] });
});

test('any JSON can be read; ids of details that are there are kept', () => {
  const names = fc.constantFrom(...Object.keys(ALL_EVENTS), 'create_spaceship', 'constructor');
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record({ request_name: names, request_data: fc.jsonValue() }),
    fc.record({
      request_name: names,
      request_data: fc.dictionary(fc.constantFrom('vendor', 'vendors', 'company_id'), fc.jsonValue()),
    }),
  );
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (body, detailId) => {
      const { intent, subject } = read([{ body }, { request_detail_id: detailId }]);
      expect(intent).toMatchObject({
        way: 'malformed',
        detailIds: expect.arrayContaining([detailId]) as unknown,
      });
      expect(subject).not.toBe('');
      const alone = read(body);
      if (alone.intent.way === 'malformed') expect(alone.intent.problems).not.toHaveLength(0);
    }),
    { numRuns: 500 },
  );
});

test('nesting of any depth is searched', () => {
  const deep = JSON.parse(
    `${'[{"a":'.repeat(20_000)}{"request_detail_id":7}${'}]'.repeat(20_000)}`,
  ) as unknown;
  expect(event('create_budget', deep).intent).toMatchObject({ detailIds: [7] });
});
