import fc from 'fast-check';
import type { ErpMetadata } from '../../../../src/domain/kinds/metadata';
import type { CanonicalRecord, RecordLine } from '../../../../src/domain/kinds/record';
import { metadataDocument } from '../../../../src/procore/erp-tool/metadata';
import type { SyncedResource, SyncPlace } from '../../../../src/domain/plan/operation';
import type { StagedCandidate, SyncItem } from '../../../../src/procore/port';
import {
  can,
  ClientBench,
  COMPANY,
  COMPANY_PATH,
  failure,
  withErpTool,
} from '../../../support/procore/client';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
});
afterEach(() => bench.stop());

const fine = { body: { entities: [], errors: [] } };
const sent = (): unknown[] =>
  bench.server.received.map(({ method, path, query, body }) => ({
    method,
    path,
    query: Object.fromEntries(query),
    body,
  }));

const PROJECT = 598134325190455;
const pair = { costCodeId: 552301, lineItemTypeId: 71205 };

/** What each sync action is asked for, and what is sent for it. */
const SYNCS: readonly [
  SyncedResource,
  SyncPlace,
  SyncItem,
  { path: string; query?: object; body: object },
][] = [
  [
    'standard_cost_code',
    { listId: 5521 },
    {
      key: 'a',
      originId: 'standard_cost_code|1|23-050',
      fields: {
        code: '23-050',
        name: 'HVAC systems',
        parent: null,
        isActive: true,
        incomeAccount: '4000',
      },
    },
    {
      path: '/rest/v1.0/standard_cost_codes/sync',
      query: { view: 'extended' },
      body: {
        company_id: COMPANY,
        standard_cost_code_list_id: 5521,
        updates: [
          {
            origin_id: 'standard_cost_code|1|23-050',
            code: '23-050',
            name: 'HVAC systems',
            parent_id: null,
          },
        ],
      },
    },
  ],
  [
    'line_item_type',
    {},
    { key: 'a', procoreId: 5, fields: { code: 'S', name: 'Subcontract', baseType: 'commitments' } },
    {
      path: '/rest/v1.0/line_item_types/sync',
      body: {
        company_id: COMPANY,
        updates: [{ id: 5, csv_import_code: 'S', name: 'Subcontract', base_type: 'commitment' }],
      },
    },
  ],
  [
    'project',
    {},
    {
      key: 'a',
      procoreId: PROJECT,
      fields: { code: '2417-', city: null, isActive: false, postalCode: '9' },
    },
    {
      path: '/rest/v1.0/projects/sync',
      body: {
        company_id: COMPANY,
        updates: [{ id: PROJECT, accounting_project_number: '2417-', city: null, active: false, zip: '9' }],
      },
    },
  ],
  [
    'sub_job',
    { projectId: PROJECT },
    { key: 'a', originId: 'sub_job|1|GAR', fields: { code: 'GAR', name: 'Garage', job: '1|2417-' } },
    {
      path: '/rest/v1.0/sub_jobs/sync',
      query: { project_id: String(PROJECT) },
      body: {
        project_id: PROJECT,
        updates: [{ origin_id: 'sub_job|1|GAR', code: 'GAR', name: 'Garage' }],
      },
    },
  ],
  [
    'cost_code',
    { projectId: PROJECT, subJobId: 41207 },
    {
      key: 'a',
      procoreId: 77,
      originId: 'cost_code|1|77',
      fields: { code: '23', name: 'HVAC' },
    },
    {
      path: '/rest/v1.0/cost_codes/sync',
      query: { project_id: String(PROJECT), sub_job_id: '41207' },
      body: {
        updates: [
          {
            id: 77,
            origin_id: 'cost_code|1|77',
            code: '23',
            name: 'HVAC',
          },
        ],
      },
    },
  ],
  [
    'cost_type_assignment',
    { projectId: PROJECT, subJobId: null },
    { key: 'a', fields: { costCode: '23-050' }, pair },
    {
      path: '/rest/v1.0/cost_code_line_item_types/sync',
      query: { project_id: String(PROJECT) },
      body: { updates: [{ cost_code_id: 552301, line_item_type_id: 71205, synced: true }] },
    },
  ],
  [
    'job_cost',
    { jobOriginId: 'project|1|2417-' },
    {
      key: 'a',
      fields: { originalBudget: '184500.10', jobToDateCosts: '-0.05', revisedBudget: null },
      pair,
    },
    {
      path: '/rest/v1.0/erp_job_costs/sync',
      body: {
        company_id: COMPANY,
        job_origin_id: 'project|1|2417-',
        updates: [
          {
            cost_code_id: 552301,
            line_item_type_id: 71205,
            original_estimate: 184500.1,
            estimate: null,
            job_to_date_cost: -0.05,
          },
        ],
      },
    },
  ],
  [
    'budget_line',
    { projectId: PROJECT },
    { key: 'a', procoreId: 500201, originId: 'budget_line|1|9', fields: {} },
    {
      path: '/rest/v1.0/erp_transactions/sync',
      body: { project_id: PROJECT, updates: [{ id: 500201, origin_id: 'budget_line|1|9', synced: true }] },
    },
  ],
  [
    'invoice_payment',
    {},
    {
      key: 'a',
      originId: 'invoice_payment|1|CK|9',
      invoiceId: 84110,
      fields: { code: '99812', amount: '16605.00' },
    },
    {
      path: `${COMPANY_PATH}/invoice_payments/sync`,
      body: {
        company_id: COMPANY,
        updates: [
          {
            origin_id: 'invoice_payment|1|CK|9',
            invoice_id: 84110,
            invoice_type: 'Billings::Requisition',
            origin_code: '99812',
          },
        ],
      },
    },
  ],
];

describe('sync actions', () => {
  test.each(SYNCS)('%s: what is sent', async (resource, scope, item, request) => {
    bench.server.script = () => fine;
    expect(await can(bench.company(), resource, 'write')(scope, [item])).toEqual({ errors: [], ids: [] });
    expect(sent()).toEqual([{ method: 'PATCH', query: {}, ...request }]);
  });

  test.each(SYNCS)('%s: ids of what was taken, and what was not, by key', async (resource, scope, item) => {
    bench.server.script = ({ body }) => {
      const [first, second] = (body as { updates: object[] }).updates;
      return {
        body: { entities: [{ id: 77, ...first }], errors: [{ ...second, errors: { base: ['No'] } }] },
      };
    };
    const other: SyncItem = {
      ...item,
      key: 'b',
      ...(item.procoreId === undefined ? {} : { procoreId: 4 }),
      ...(item.originId === undefined ? {} : { originId: 'x|1|other' }),
      ...(item.pair === undefined ? {} : { pair: { ...pair, lineItemTypeId: 4 } }),
    };
    expect(await can(bench.company(), resource, 'write')(scope, [item, other])).toMatchObject({
      errors: [{ key: 'b', messages: ['No'] }],
      ids: [{ key: 'a', procoreId: item.procoreId ?? 77 }],
    });
  });

  test('codes are sent from the top: each names its parent by the id that Procore gave, and the standard code it stands for', async () => {
    const lists: Record<string, object[]> = {
      '/rest/v1.0/cost_codes': [{ id: 8, full_code: '23' }],
      '/rest/v1.0/standard_cost_code_lists': [
        { id: 1, is_erp_list: false },
        { id: 5521, is_erp_list: true },
      ],
      '/rest/v1.0/standard_cost_codes': [{ id: 9, full_code: '23-050', code: '050' }],
    };
    let next = 100;
    bench.server.script = ({ path, body }) => ({
      body: lists[path] ?? {
        entities: (body as { updates: object[] }).updates.map((item) => ({ ...item, id: (next += 1) })),
        errors: [],
      },
    });
    const code = (whole: string): SyncItem => ({
      key: whole,
      originId: `cost_code|1|${whole}`,
      fields: { code: whole, name: whole },
    });
    const outcome = await can(
      bench.company(),
      'cost_code',
      'write',
    )({ projectId: PROJECT }, [code('23-050-10'), code('23-050'), code('31-1')]);
    expect(outcome.ids.map(({ key }) => key)).toEqual(['23-050', '31-1', '23-050-10']);
    const updates = bench.server.received.flatMap(({ method, body }) =>
      method === 'PATCH' ? [(body as { updates: object[] }).updates] : [],
    );
    expect(updates).toMatchObject([
      [
        { code: '050', parent_id: 8, standard_cost_code_id: 9 },
        // No code "31" is known: it stands at the top with its whole code.
        { code: '31-1' },
      ],
      [{ code: '10', parent_id: 101 }],
    ]);
    expect(updates[0]?.[1]).not.toHaveProperty('parent_id');
  });

  test('a new code without a list of standard codes stands for none', async () => {
    bench.server.script = ({ path }) =>
      path.endsWith('/standard_cost_code_lists') ? { status: 404, body: { message: 'gone' } } : fine;
    const item: SyncItem = { key: '23', originId: 'cost_code|1|23', fields: { code: '23', name: 'HVAC' } };
    await can(bench.company(), 'cost_code', 'write')({ projectId: PROJECT }, [item]);
    expect(bench.server.received.at(-1)?.body).toEqual({
      updates: [{ origin_id: 'cost_code|1|23', code: '23', name: 'HVAC' }],
    });
  });

  test('a code whose parent Procore refuses is not sent; the others are', async () => {
    bench.server.script = ({ method, body }) => {
      if (method === 'GET') return { body: [{ id: 7, origin_id: 'standard_cost_code|1|01' }] };
      const { updates } = body as { updates: { code: string }[] };
      const isFine = ({ code }: { code: string }) => code !== '23';
      return {
        body: {
          entities: updates.filter(isFine).map((item, index) => ({ ...item, id: 200 + index })),
          errors: updates
            .filter((item) => !isFine(item))
            .map((item) => ({ ...item, errors: { code: ['taken'] } })),
        },
      };
    };
    const item = (whole: string, parent: string | null): SyncItem => ({
      key: whole,
      originId: `standard_cost_code|1|${whole}`,
      fields: { code: whole, name: whole, parent },
    });
    const write = can(bench.company(), 'standard_cost_code', 'write');
    const items = [item('01-010', '1|01'), item('23', null), item('23-050', '1|23'), item('99-1', '1|99')];
    expect(await write({ listId: 5521 }, items)).toEqual({
      errors: [
        { key: '23', messages: ['code: taken'] },
        { key: '23-050', messages: ['the code above it is not in Procore'] },
        { key: '99-1', messages: ['the code above it is not in Procore'] },
      ],
      ids: [{ key: '01-010', procoreId: 200 }],
    });
    expect(bench.server.received.at(-1)?.body).toMatchObject({
      updates: [{ code: '01-010', parent_id: 7 }, {}],
    });
  });

  test.each<[SyncedResource, SyncPlace, Partial<SyncItem>, string]>([
    ['project', {}, {}, '"a" has no id or origin_id'],
    ['project', {}, { originId: '' }, '"a" has no id or origin_id'],
    ['budget_line', { projectId: 5 }, { originId: 'b' }, '"a" has no id'],
    ['cost_type_assignment', { projectId: 5 }, { procoreId: 5 }, '"a" has no pair'],
    ['invoice_payment', {}, { originId: 'b' }, '"a" has no invoice'],
    ['cost_code', {}, { procoreId: 5 }, 'the project is missing'],
    ['standard_cost_code', { listId: null }, { procoreId: 5 }, 'the standard cost code list is missing'],
    ['job_cost', {}, { pair }, 'the origin_id of the job is missing'],
  ])(
    '%s %j %j is refused: it could become a twin, or land elsewhere',
    async (resource, scope, item, reason) => {
      const error = await failure(
        can(bench.company(), resource, 'write')(scope, [{ key: 'a', fields: {}, ...item }]),
      );
      expect(error).toMatchObject({ code: 'PROCORE_REQUEST_INVALID' });
      expect(error.message).toContain(reason);
      expect(bench.server.received).toHaveLength(0);
    },
  );

  test('an amount that a number cannot hold is answered, and the others go', async () => {
    bench.server.script = () => fine;
    const outcome = await can(
      bench.company(),
      'job_cost',
      'write',
    )({ jobOriginId: 'project|1|1' }, [
      { key: 'a', fields: { committedCosts: '12345678901234.567' }, pair },
      { key: 'b', fields: { committedCosts: '1234567890123.45' }, pair },
    ]);
    expect(outcome.errors).toEqual([
      {
        key: 'a',
        messages: ['committed_costs: 12345678901234.567 cannot be sent to Procore without losing digits'],
      },
    ]);
    expect(sent()).toMatchObject([{ body: { updates: [{ committed_costs: 1234567890123.45 }] } }]);
  });

  test('a job cost arrives with all its digits or not at all', async () => {
    bench.server.script = () => fine;
    const amounts = fc
      .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.stringMatching(/^[0-9]{2}$/))
      .map(([negative, whole, cents]) => `${negative ? '-' : ''}${whole}.${cents}`);
    await fc.assert(
      fc.asyncProperty(amounts, async (amount) => {
        bench.server.received.length = 0;
        const { errors } = await can(
          bench.company(),
          'job_cost',
          'write',
        )({ jobOriginId: 'project|1|1' }, [{ key: 'a', fields: { committedCosts: amount }, pair }]);
        const text = /"committed_costs":(-?[\d.]+)/.exec(bench.server.received[0]?.text ?? '')?.[1];
        if (text === undefined) expect(errors).toHaveLength(1);
        else
          expect(
            Number(text)
              .toFixed(2)
              .replace(/^-0\.00$/, '0.00'),
          ).toBe(amount.replace(/^-0\.00$/, '0.00'));
      }),
      { numRuns: 60 },
    );
  });

  test('fields of payments that the configuration names', async () => {
    bench.server.script = () => fine;
    const company = bench.company({ invoicePaymentFields: { amount: 'amount', date: 'payment_date' } });
    await can(
      company,
      'invoice_payment',
      'write',
    )({}, [
      {
        key: 'a',
        originId: 'b',
        invoiceId: 5,
        fields: { amount: '16605.00', date: '2026-04-21', method: 'ach' },
      },
    ]);
    expect(sent()).toMatchObject([
      { body: { updates: [{ amount: '16605.00', payment_date: '2026-04-21' }] } },
    ]);
  });
});

const line = (kind: RecordLine['kind'], number: string, erpKey: string | null): RecordLine => ({
  kind,
  number,
  erpKey,
  procoreId: null,
  fields: {
    description: 'Rough-in',
    costCode: '1|77',
    costType: '1|3',
    basis: 'lump_sum',
    quantity: '0',
    uom: null,
    unitCost: '0',
    amount: '150000.00',
    taxCode: 'WA',
    commitmentLine: kind === 'change_order_line' ? '1|SC-8|1' : null,
  },
});

const record: CanonicalRecord = {
  fields: {
    type: 'subcontract',
    code: 'SC-8',
    name: 'HVAC',
    description: null,
    job: '1|2417-',
    vendor: '1|10442',
    status: 'Approved',
    date: '2026-03-01',
    retainagePercent: '10.00',
    amount: '150000.00',
  },
  lines: [line('commitment_line', '1', '1|SC-8|1')],
};

const candidate: StagedCandidate = {
  kind: 'commitment',
  itemType: 'work_order_contract',
  originId: 'commitment|1|SC-8',
  originCode: 'SC-8',
  status: 'staged',
  record,
};

describe('staging', () => {
  test('a contract with its lines', async () => {
    bench.server.script = () => fine;
    expect(await bench.company().staging.stage([candidate])).toEqual([]);
    expect(sent()).toEqual([
      {
        method: 'PATCH',
        path: `${COMPANY_PATH}/staged_records/sync`,
        query: {},
        body: {
          updates: [
            {
              item_type: 'work_order_contract',
              origin_id: 'commitment|1|SC-8',
              origin_code: 'SC-8',
              status: 'staged',
              data: {
                number: 'SC-8',
                title: 'HVAC',
                description: null,
                status: 'Approved',
                retainage_percent: '10.00',
                project_origin_id: 'project|1|2417-',
                vendor_origin_id: 'vendor|1|10442',
              },
              children: [
                {
                  item_type: 'line_item',
                  origin_id: 'commitment_line|1|SC-8|1',
                  origin_code: null,
                  data: {
                    description: 'Rough-in',
                    amount: '150000.00',
                    quantity: '0',
                    unit_cost: '0',
                    uom: null,
                    cost_code_origin_id: 'cost_code|1|77',
                    line_item_type_origin_id: 'line_item_type|1|3',
                    position: 1,
                  },
                },
              ],
            },
          ],
        },
      },
    ]);
  });

  test('an archived record leaves its lines to Procore', async () => {
    bench.server.script = () => fine;
    await bench.company().staging.stage([{ ...candidate, status: 'archived' }]);
    expect(JSON.stringify(sent())).not.toContain('line_item"');
  });

  test('a line without a key is answered, and the others go', async () => {
    bench.server.script = () => fine;
    const keyless = { ...record, lines: [line('commitment_line', '3', null)] };
    expect(
      await bench.company().staging.stage([{ ...candidate, originId: 'x', record: keyless }, candidate]),
    ).toEqual([{ key: 'x', messages: ['line 3: has no key in the ERP'] }]);
    expect(bench.server.received).toHaveLength(1);
  });

  test('what cannot be staged is refused', async () => {
    for (const itemType of ['budget', 'line_item', 'toString']) {
      const error = await failure(bench.company().staging.stage([{ ...candidate, itemType }]));
      expect(error.message).toContain(`"${itemType}" cannot be staged`);
    }
  });

  test('errors come by origin_id', async () => {
    bench.server.script = () => ({
      body: { entities: [], errors: [{ origin_id: 'commitment|1|SC-8', errors: { title: ['is long'] } }] },
    });
    expect(await bench.company().staging.stage([candidate])).toEqual([
      { key: 'commitment|1|SC-8', messages: ['title: is long'] },
    ]);
  });
});

describe('deleting and unlinking', () => {
  test.each([
    ['cost_code', '/rest/v1.0/cost_codes/7', { project_id: '5' }],
    ['cost_type_assignment', '/rest/v1.0/cost_code_line_item_types/7', { project_id: '5' }],
    ['job_cost', '/rest/v1.0/erp_job_costs/7', {}],
  ] as const)('%s, also when it is gone already', async (resource, path, query) => {
    bench.server.replies({ status: 204 }, { status: 404 });
    await can(bench.company(), resource, 'remove')(7, { projectId: 5 });
    await can(bench.company(), resource, 'remove')(7, { projectId: 5 });
    expect(sent()).toEqual([
      { method: 'DELETE', path, query, body: undefined },
      { method: 'DELETE', path, query, body: undefined },
    ]);
  });

  test('a refused deletion is an error', async () => {
    bench.server.script = () => ({ status: 422, body: { errors: { base: ['has a budget'] } } });
    const error = await failure(can(bench.company(), 'cost_code', 'remove')(7, { projectId: 5 }));
    expect(error).toMatchObject({ code: 'PROCORE_REFUSED' });
  });

  test('an invoice payment; external data where the path is not known', async () => {
    bench.server.replies({ body: {} }, { status: 404 }, fine);
    await can(bench.company(), 'invoice_payment', 'unlink')(7);
    await can(bench.company(), 'invoice_payment', 'unlink')(7);
    expect(sent()).toMatchObject([
      { method: 'PATCH', path: `${COMPANY_PATH}/invoice_payments/7/unlink` },
      { method: 'PATCH', path: `${COMPANY_PATH}/invoice_payments/7/unlink` },
      {
        path: `${COMPANY_PATH}/external_data/sync`,
        body: {
          updates: [
            {
              item_type: 'invoice_payment',
              item_id: 7,
              origin_id: null,
              origin_code: null,
              origin_data: null,
            },
          ],
        },
      },
    ]);
  });

  test('an invoice payment that neither call takes', async () => {
    bench.server.replies(
      { status: 404 },
      { body: { entities: [], errors: [{ item_id: 7, errors: { base: ['Locked'] } }] } },
    );
    const error = await failure(can(bench.company(), 'invoice_payment', 'unlink')(7));
    expect(error).toMatchObject({ code: 'PROCORE_REFUSED' });
    expect(error.message).toContain('Locked');
  });
});

describe('looking up by origin_id', () => {
  const row = (id: number, origin_id: string): object => ({ id, origin_id });

  test('commitments of both kinds, by filter, until all are found', async () => {
    bench.server.script = ({ path }) => ({
      body: path.includes('work_order') ? [row(1, 'commitment|1|A'), row(9, 'other')] : [],
    });
    const find = can(bench.company(), 'commitment', 'findByOriginId');
    expect(await find(['commitment|1|A'], 5)).toEqual([
      { originId: 'commitment|1|A', procoreId: 1, itemType: 'work_order_contract' },
    ]);
    expect(sent()).toMatchObject([
      {
        path: '/rest/v1.0/work_order_contracts',
        query: { project_id: '5', 'filters[origin_id]': 'commitment|1|A' },
      },
    ]);
    expect(await find(['commitment|1|B'], 5)).toEqual([]);
    expect(sent().slice(1)).toMatchObject([
      { path: '/rest/v1.0/work_order_contracts' },
      { path: '/rest/v1.0/purchase_order_contracts', query: { 'filters[origin_id]': 'commitment|1|B' } },
    ]);
  });

  test('many at once are one scan', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `project|1|${index}`);
    bench.server.script = () => ({ body: ids.map((id, index) => row(index + 1, id)) });
    expect(await can(bench.company(), 'project', 'findByOriginId')(ids, null)).toHaveLength(20);
    expect(bench.server.received).toHaveLength(1);
    expect(bench.server.received[0]?.query.has('filters[origin_id]')).toBe(false);
  });

  test('a project that is needed and not given', async () => {
    const error = await failure(can(bench.company(), 'sub_job', 'findByOriginId')(['a'], null));
    expect(error.message).toContain('the project is missing');
  });

  test('kinds without a list cannot look; nothing to look for is no call', async () => {
    const { kinds } = bench.company();
    for (const kind of ['budget', 'contract_payment', 'prime_contract_change_order'] as const)
      expect(kinds[kind] ?? {}).not.toHaveProperty('findByOriginId');
    expect(await can(bench.company(), 'project', 'findByOriginId')([], null)).toEqual([]);
    expect(bench.server.received).toHaveLength(0);
  });

  test('lines: of the list that is that of the kind', async () => {
    bench.server.replies({ body: { data: [{ id: '7' }, { id: 8, origin_id: 'x' }] } });
    const company = bench.company();
    expect(await can(company, 'prime_contract_change_order', 'listLines')('change_order', 5, 6)).toEqual([
      { procoreId: 7, originId: null },
      { procoreId: 8, originId: 'x' },
    ]);
    bench.server.script = () => ({ status: 404 });
    expect(await can(company, 'commitment_change_order', 'listLines')('change_order', 5, 6)).toEqual([]);
    expect(sent()).toMatchObject(
      ['prime_change_orders', 'commitment_change_orders'].map((list) => ({
        path: `/rest/v2.0/companies/${COMPANY}/projects/6/${list}/5/line_items`,
        query: { per_page: '100' },
      })),
    );
    expect(await can(company, 'prime_contract', 'listLines')('prime_contract', 5, 6)).toEqual([]);
    expect(await can(company, 'prime_contract', 'listLines')('vendor', 5, 6)).toEqual([]);
    expect(await can(company, 'prime_contract', 'listLines')('toString', 5, 6)).toEqual([]);
  });
});

describe('the connection', () => {
  const metadata: ErpMetadata = { system: 'Vista', records: {} };
  const document = metadataDocument(metadata);

  test('is created with its metadata; a lost answer is asked for again', async () => {
    bench.server.replies((response) => response.socket?.destroy(), {
      status: 201,
      body: { id: COMPANY, standard_cost_code_list_id: 5521 },
    });
    const connection = { serviceUrl: 'https://tieback.example', metadata };
    expect(await bench.company().metadata.connect(connection)).toEqual({ standardCostCodeListId: 5521 });
    expect(sent().at(-1)).toEqual({
      method: 'POST',
      path: `${COMPANY_PATH}/erp_connections`,
      query: {},
      body: { connection: { service_url: 'https://tieback.example', metadata: document } },
    });
    bench.server.script = () => ({ body: [] });
    expect(await failure(bench.company().metadata.connect(connection))).toMatchObject({
      code: 'PROCORE_ANSWER_INVALID',
    });
  });

  test('metadata', async () => {
    bench.server.script = () => ({ body: {} });
    await bench.company().metadata.update(metadata);
    expect(sent()).toEqual([
      { method: 'PATCH', path: `${COMPANY_PATH}/erp_connections`, query: {}, body: { metadata: document } },
    ]);
  });

  test('is called as the configuration says, and known by a hash', async () => {
    bench.server.script = () => ({ body: {} });
    const labels = { name: 'Groundwork', idName: 'Groundwork no.', shortName: 'GW' };
    const named = withErpTool(bench.app().company(COMPANY, { labels }));
    await named.metadata.update(metadata);
    const words = { name: 'Groundwork', id_name: 'Groundwork no.', short_name: 'GW' };
    expect(sent().at(-1)).toMatchObject({ body: { metadata: { settings: { labels: words } } } });
    expect(named.metadata.revision(metadata)).toBe(named.metadata.revision({ ...metadata }));
    expect(named.metadata.revision(metadata)).not.toBe(bench.company().metadata.revision(metadata));
  });
});
