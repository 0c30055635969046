import fc from 'fast-check';
import { loadEvents } from '../../../../sandbox/procore-simulator/data';
import { contentHash } from '../../../../src/domain/base/identity';
import { KIND_DEFINITIONS } from '../../../../src/domain/kinds';
import type { Answers, Intent, RecordDraft } from '../../../../src/domain/request/intent';
import { sameAmount } from '../../../../src/domain/base/money';
import type { EventName } from '../../../../src/procore/erp-tool/events';
import { ALL_EVENTS } from '../../../../src/procore/erp-tool/events';
import { READER_VERSION, readRequest } from '../../../../src/procore/erp-tool/read-request';

type Json = Record<string, unknown>;

const COMPANY = 4264807;
const PROJECT = 598134325190455;
const JOB = '1|2417-';

/** The documented example of an event; samples without the wrapper get one. */
function example(name: EventName): Json {
  const entry = loadEvents().find((event) => event.name === name);
  if (entry === undefined) throw new Error(`no example of ${name}`);
  const payload = structuredClone<Json>(entry.examplePayload);
  return 'request_name' in payload ? payload : { request_name: entry.requestName, request_data: payload };
}

const data = (body: Json): Json => body['request_data'] as Json;
const read = (body: Json, answers: Answers = {}) =>
  readRequest(
    body,
    { companyId: COMPANY, erpRequestId: Number(body['id'] ?? 640017), timeZone: 'Etc/UTC' },
    answers,
  );

/** The example, changed inside `request_data`, as an intent. */
function changed(name: EventName, change: (requestData: Json) => void): Intent {
  const body = example(name);
  change(data(body));
  return read(body).intent;
}

function problems(intent: Intent): readonly string[] {
  return intent.way === 'malformed' ? intent.problems : [];
}

function onlyRecord(intent: Intent): RecordDraft {
  const record = intent.way === 'export' ? intent.records[0] : undefined;
  if (record === undefined) throw new Error(JSON.stringify(intent));
  return record;
}

const ref = (target: string, procoreId: number | null, originId: string | null) =>
  expect.objectContaining({ target, procoreId, originId }) as unknown;

/** Key values of the intent of every documented example. */
const INTENTS: Readonly<Record<EventName, unknown>> = {
  create_standard_cost_codes: {
    way: 'export',
    detailIds: [],
    records: [
      {
        kind: 'standard_cost_code',
        procoreId: 880142,
        detailIds: [77101],
        fields: { code: '23-050', name: 'HVAC systems', incomeAccount: '4000', expenseAccount: '5000' },
        refs: { parent: ref('standard_cost_code', 880100, '1|23') },
      },
      { procoreId: 880143, detailIds: [77102], label: 'Standard cost code 23-060 "HVAC controls"' },
    ],
  },
  delete_standard_cost_codes: {
    way: 'links',
    how: 'deleted',
    records: [{ target: 'standard_cost_code', procoreId: 880143, originId: '1|23-060' }],
  },
  sync_standard_cost_codes: { way: 'sync', kind: 'standard_cost_code', detailIds: [77110], listId: 5521 },
  unlink_standard_cost_codes: {
    way: 'links',
    how: 'unlinked',
    label: '1 standard cost code',
    records: [{ target: 'standard_cost_code', procoreId: 880143 }],
  },
  delete_standard_categories: {
    way: 'links',
    how: 'deleted',
    records: [{ target: 'line_item_type', procoreId: 71207, originId: '1|5' }],
  },
  sync_standard_categories: { way: 'sync', kind: 'line_item_type', detailIds: [], listId: null },
  create_vendor: {
    way: 'export',
    detailIds: [77120],
    records: [{ kind: 'vendor', procoreId: 98127745, fields: { name: 'Cobalt Mechanical LLC' } }],
  },
  create_vendor_in_procore: { way: 'links', how: 'imported' },
  link_all_vendors: { way: 'links', how: 'linked' },
  link_vendor: { way: 'links', how: 'linked' },
  merge_vendors: { way: 'links', how: 'merged', master: { procoreId: 98127745 } },
  sync_vendors: { way: 'sync', kind: 'vendor', detailIds: [77130] },
  unlink_vendor: { way: 'links', how: 'unlinked' },
  create_job_in_procore: {
    way: 'refresh',
    kind: 'project',
    originId: JOB,
    projectId: PROJECT,
    subJobId: null,
    why: 'imported',
  },
  create_or_update_job: {
    way: 'export',
    detailIds: [77140],
    records: [
      {
        kind: 'project',
        itemType: 'project',
        procoreId: PROJECT,
        originId: null,
        label: 'Job 2417- "Eastgate Parking Structure"',
        fields: { code: '2417-', city: 'Bellevue', postalCode: '98006', isActive: true },
        lines: [
          { kind: 'cost_code', number: '23', procoreId: 552300, itemType: 'cost_code' },
          { kind: 'cost_code', number: '23-050', fields: { code: '23-050', isActive: true } },
          {
            kind: 'cost_type_assignment',
            number: '23-050/S',
            procoreId: null,
            itemType: null,
            fields: { costCode: '23-050' },
            refs: { costType: ref('line_item_type', 71205, '1|3') },
            pair: { costCodeId: 552301, lineItemTypeId: 71205 },
          },
          { number: '23-050/M' },
        ],
      },
    ],
  },
  reset_job: {
    way: 'links',
    how: 'reset',
    wholeProjectId: PROJECT,
    records: [{ target: 'project', procoreId: PROJECT, originId: JOB }],
  },
  sync_jobs: { way: 'sync', kind: 'project', detailIds: [77150] },
  sync_single_job: {
    way: 'refresh',
    kind: 'project',
    originId: JOB,
    projectId: PROJECT,
    subJobId: null,
    why: 'periodic',
  },
  create_sub_job: {
    way: 'export',
    detailIds: [77160],
    records: [
      {
        kind: 'sub_job',
        procoreId: 41207,
        projectId: PROJECT,
        fields: { code: 'GAR', name: 'Garage levels' },
        refs: { job: ref('project', PROJECT, JOB) },
        lines: [{ number: '23' }, { number: '23-050' }, { number: '23-050/S' }],
      },
    ],
  },
  create_sub_job_in_procore: {
    way: 'refresh',
    kind: 'sub_job',
    originId: '1|2417-|POD',
    projectId: PROJECT,
    subJobId: 41208,
    why: 'imported',
  },
  reset_sub_job: {
    way: 'links',
    how: 'reset',
    wholeProjectId: null,
    records: [{ target: 'sub_job', procoreId: 41207, originId: '1|2417-|GAR', projectOriginId: JOB }],
  },
  sync_sub_job: {
    way: 'refresh',
    kind: 'sub_job',
    originId: '1|2417-|GAR',
    projectId: PROJECT,
    subJobId: 41207,
    why: 'periodic',
  },
  sync_sub_jobs: { way: 'sync', kind: 'sub_job', detailIds: [77170] },
  delete_cost_code: {
    way: 'links',
    how: 'deleted',
    records: [{ target: 'cost_code', procoreId: 552301, originId: '1|2417-|23-050', projectOriginId: JOB }],
  },
  delete_cost_codes: {
    way: 'release',
    about: 'delete',
    detailIds: [],
    items: [
      {
        target: 'cost_code',
        itemType: 'cost_code',
        procoreId: 552301,
        projectId: PROJECT,
        subJobId: 41207,
        detailId: 77181,
        label: 'cost code 23-050',
      },
      { procoreId: 552302, detailId: 77182 },
    ],
  },
  delete_cost_type_assignments: {
    way: 'release',
    about: 'delete',
    detailIds: [],
    items: [
      {
        target: 'cost_type_assignment',
        procoreId: 918823,
        detailId: 77191,
        assignment: {
          costCodeOriginId: '1|2417-|23-050',
          lineItemTypeOriginId: '1|2',
          jobCostId: 66120,
        },
      },
    ],
  },
  create_budget: {
    way: 'export',
    detailIds: [77200],
    records: [
      {
        kind: 'budget',
        itemType: 'budget',
        procoreId: 20417,
        originId: null,
        projectId: PROJECT,
        refs: { job: ref('project', PROJECT, JOB) },
        lines: [
          {
            kind: 'budget_line',
            number: '500201',
            procoreId: 500201,
            itemType: null,
            fields: { movement: 'original', amount: '184500', notes: null },
            refs: {
              job: null,
              costCode: ref('cost_code', null, '1|2417-|23-050'),
              costType: ref('line_item_type', null, '1|3'),
            },
          },
        ],
      },
    ],
  },
  update_budget: {
    way: 'export',
    detailIds: [77201],
    records: [{ originId: '1|2417-|ORIG', lines: [{ fields: { amount: '2500' } }] }],
  },
  create_budget_in_procore: {
    way: 'links',
    how: 'imported',
    records: [{ target: 'budget', procoreId: 20417, originId: null, projectOriginId: JOB }],
  },
  create_requisitions: {
    way: 'export',
    detailIds: [77210],
    records: [
      {
        kind: 'requisition',
        procoreId: 84110,
        label: 'Subcontractor invoice COB-1187',
        fields: {
          code: 'COB-1187',
          requisitionNumber: 'SI-2417-008-01',
          description: 'HVAC March',
          date: '2026-03-31',
          accountingDate: '2026-03-31',
          amount: '18450',
          retainage: '1845',
          amountDue: '16605',
        },
        refs: {
          job: ref('project', null, JOB),
          commitment: ref('commitment', 310442, '1|SC-2417-008'),
        },
        lines: [
          {
            kind: 'invoice_line',
            number: '1',
            procoreId: 991201,
            itemType: 'requisition_contract_item',
            fields: { description: 'Rough-in', amount: '18450.0', retainage: '1845.0' },
            refs: {
              commitmentLine: ref('commitment_line', null, '1|SC-2417-008|1'),
              changeOrderLine: null,
              costCode: ref('cost_code', 552301, '1|2417-|23-050'),
              costType: ref('line_item_type', null, '1|3'),
            },
          },
        ],
        notes: [],
      },
    ],
  },
  reset_requisition: {
    way: 'links',
    how: 'reset',
    wholeProjectId: null,
    records: [{ target: 'requisition', procoreId: 84110, originId: '1|2026-03|5512' }],
  },
  create_payment: {
    way: 'export',
    detailIds: [77220],
    records: [
      {
        kind: 'contract_payment',
        itemType: 'contract_payment',
        procoreId: 31220,
        projectId: PROJECT,
        label: 'Payment pp-7710023 of invoice COB-1187',
        fields: {
          code: 'pp-7710023',
          invoiceNumber: 'COB-1187',
          method: 'ach',
          checkNumber: null,
          date: '2026-04-21',
          amount: '16605.0',
          retainageReleased: '0.0',
        },
        refs: {
          commitment: ref('commitment', 310442, null),
          requisition: ref('requisition', 84110, null),
          vendor: ref('vendor', 98127745, null),
        },
      },
    ],
  },
  reset_payment: {
    way: 'release',
    about: 'unlink',
    detailIds: [],
    items: [
      {
        target: 'invoice_payment',
        itemType: 'invoice_payment',
        procoreId: 31220,
        originId: '1|CK|99812',
        label: 'Payment 99812',
      },
    ],
  },
  sync_contract_payments: { way: 'sync', kind: 'invoice_payment', detailIds: [77230] },
  create_commitment: {
    way: 'export',
    detailIds: [77240],
    records: [
      {
        kind: 'commitment',
        itemType: 'work_order_contract',
        procoreId: 310442,
        originId: null,
        label: 'Commitment SC-2417-008 "HVAC - Eastgate"',
        projectId: PROJECT,
        fields: {
          type: 'subcontract',
          code: 'SC-2417-008',
          name: 'HVAC - Eastgate',
          status: 'Approved',
          date: '2026-03-01',
          accountingDate: '2026-03-31',
          retainagePercent: '10.0',
          amount: '184500.0',
        },
        refs: { job: ref('project', PROJECT, JOB), vendor: ref('vendor', 98127745, '1|10442') },
        lines: [
          {
            kind: 'commitment_line',
            number: '1',
            procoreId: 177301,
            itemType: 'line_item',
            fields: { description: 'Rough-in', basis: 'lump_sum', amount: '150000.0', taxAmount: '0.0' },
            refs: {
              costCode: ref('cost_code', 552301, '1|2417-|23-050'),
              costType: ref('line_item_type', 71205, '1|3'),
            },
          },
          { number: '2', procoreId: 177302, fields: { amount: '34500.0' } },
        ],
      },
    ],
  },
  create_commitment_in_procore: {
    way: 'links',
    how: 'imported',
    records: [
      {
        target: 'commitment',
        procoreId: null,
        originId: null,
        projectOriginId: JOB,
        title: 'HVAC - Eastgate',
      },
    ],
  },
  sync_commitments: { way: 'sync', kind: 'commitment', detailIds: [77250] },
  unlink_commitment: {
    way: 'release',
    about: 'unlink',
    detailIds: [77260],
    items: [
      {
        target: 'commitment',
        itemType: 'work_order_contract',
        procoreId: 310442,
        originId: '1|SC-2417-008',
        projectId: PROJECT,
        detailId: null,
        lines: null,
      },
    ],
  },
  create_commitment_change_order: {
    way: 'export',
    detailIds: [77270],
    records: [
      {
        kind: 'commitment_change_order',
        itemType: 'change_order',
        procoreId: 51877,
        label: 'Commitment change order CO-004 "Added VAV boxes"',
        fields: {
          code: 'CO-004',
          description: 'Six VAV boxes, level 3',
          date: '2026-03-21',
          accountingDate: '2026-03-31',
          amount: '12750',
        },
        refs: {
          job: ref('project', PROJECT, JOB),
          commitment: ref('commitment', 310442, '1|SC-2417-008'),
        },
        lines: [
          {
            kind: 'change_order_line',
            number: '1',
            procoreId: 188220,
            refs: { commitmentLine: ref('commitment_line', 177310, null) },
          },
        ],
      },
    ],
  },
  sync_commitment_change_orders: { way: 'sync', kind: 'commitment_change_order', detailIds: [77280] },
  unlink_commitment_change_order: {
    way: 'release',
    about: 'unlink',
    detailIds: [77290],
    items: [
      {
        target: 'commitment_change_order',
        itemType: 'change_order',
        procoreId: 51877,
        originId: '1|SC-2417-008|CO-004',
        projectId: PROJECT,
        lines: null,
      },
    ],
  },
  create_payment_application: {
    way: 'export',
    detailIds: [77300],
    records: [
      {
        kind: 'payment_application',
        procoreId: 60233,
        originId: null,
        label: 'Owner invoice OI-2417-03 "PC-1 Eastgate prime"',
        fields: {
          code: 'OI-2417-03',
          applicationNumber: '3',
          periodStart: '2026-03-01',
          periodEnd: '2026-03-31',
          amount: '250000',
          retainage: '25000',
          amountDue: '225000',
        },
        refs: { primeContract: ref('prime_contract', 90221, null) },
        lines: [
          {
            kind: 'owner_invoice_line',
            number: '1',
            procoreId: 4410,
            itemType: 'payment_application_line_item',
            fields: { workCompleted: '250000', storedMaterials: '0', amount: '250000', retainage: '25000' },
            refs: { primeContractLine: ref('prime_contract_line', null, '1|2417-|PC1|10') },
          },
        ],
        notes: [],
      },
    ],
  },
  unlink_payment_application: {
    way: 'release',
    about: 'unlink',
    detailIds: [77310],
    items: [
      {
        target: 'payment_application',
        itemType: 'payment_application',
        procoreId: 60233,
        originId: '1|AR|5521',
        lines: [{ itemType: 'payment_application_line_item', procoreId: 4410 }],
      },
    ],
  },
  sync_prime_contracts: { way: 'sync', kind: 'prime_contract', detailIds: [77320] },
  create_prime_contract_change_order: {
    way: 'export',
    detailIds: [77330],
    records: [
      {
        kind: 'prime_contract_change_order',
        itemType: 'change_order',
        procoreId: 81220,
        label: 'Prime contract change order 004 "VAV boxes"',
        fields: {
          code: '004',
          date: '2026-03-19',
          accountingDate: '2026-03-31',
          amount: '14662.5',
        },
        refs: { job: ref('project', PROJECT, JOB), primeContract: ref('prime_contract', 90221, JOB) },
        lines: [
          {
            kind: 'prime_change_line',
            number: '1',
            procoreId: 593401,
            itemType: 'line_item',
            fields: { amount: '12750.0' },
            refs: { primeContractLine: ref('prime_contract_line', 592010, '1|2417-|10') },
          },
          {
            kind: 'prime_change_markup',
            number: '1.1',
            procoreId: 8801,
            itemType: 'markup',
            fields: { description: 'Fee', amount: '1912.5' },
            refs: {
              costCode: ref('cost_code', 552301, '1|2417-|23-050'),
              costType: ref('line_item_type', 71207, '1|5'),
            },
          },
        ],
        notes: [],
      },
    ],
  },
  reset_prime_contract_change_order: {
    way: 'release',
    about: 'unlink',
    detailIds: [],
    items: [
      {
        target: 'prime_contract_change_order',
        itemType: 'change_order',
        procoreId: 81220,
        originId: '1|2417-|PCO004',
        projectId: PROJECT,
        lines: [{ itemType: 'line_item', procoreId: 593401 }],
      },
    ],
  },
  unlink_prime_contract_change_order: {
    way: 'release',
    about: 'unlink',
    detailIds: [77340],
    items: [
      {
        target: 'prime_contract_change_order',
        procoreId: 81220,
        originId: '1|2417-|PCO004',
        lines: [{ itemType: 'line_item', procoreId: 593401 }],
      },
    ],
  },
  create_company_level_direct_cost: {
    way: 'export',
    detailIds: [77350],
    records: [
      {
        kind: 'company_level_direct_cost',
        itemType: 'company_level_direct_cost',
        procoreId: 598134326700010,
        projectId: null,
        fields: {
          code: '7714',
          date: '2026-03-28',
          accountingDate: '2026-03-31',
          dueDate: '2026-04-27',
          amount: '1240.0',
        },
        refs: { vendor: ref('vendor', 98127745, '1|10442') },
        lines: [
          {
            kind: 'direct_cost_line',
            number: '1',
            procoreId: 598134326700201,
            itemType: null,
            fields: { quantity: '1.0', uom: 'ea', amount: '1240.0' },
            refs: {
              job: ref('project', PROJECT, JOB),
              costCode: ref('cost_code', 552001, '1|2417-|01-100'),
              costType: ref('line_item_type', 71207, '1|5'),
            },
          },
        ],
        notes: ['Payment terms: NET 30.'],
      },
    ],
  },
  reset_company_level_direct_cost: {
    way: 'links',
    how: 'reset',
    records: [
      { target: 'company_level_direct_cost', procoreId: 598134326700010, originId: '1|2026-03|7714' },
    ],
  },
  unlink_company_level_direct_cost: {
    way: 'release',
    about: 'unlink',
    detailIds: [77360],
    items: [
      {
        target: 'company_level_direct_cost',
        procoreId: 598134326700010,
        originId: '1|2026-03|7714',
        lines: [],
      },
    ],
  },
  sync_metadata: { way: 'metadata' },
};

const EVENTS = Object.keys(ALL_EVENTS) as EventName[];

describe.each(EVENTS)('%s', (name) => {
  test('the documented example, which contradicts itself nowhere', () => {
    const { intent, subject } = read(example(name));
    expect(intent).toMatchObject(INTENTS[name] as object);
    expect(intent.way === 'export' ? intent.records.flatMap(({ warnings }) => warnings) : []).toEqual([]);
    expect(subject).not.toBe('');
  });

  test('every field and reference of the definition is there, and no others', () => {
    const { intent } = read(example(name));
    const records = intent.way === 'export' ? intent.records : [];
    for (const record of records) {
      expect(namesOf(record)).toEqual(definedNames(KIND_DEFINITIONS[record.kind].fields));
      for (const line of record.lines) {
        const lines: Readonly<Record<string, { fields: Json } | undefined>> =
          KIND_DEFINITIONS[record.kind].lines;
        expect(namesOf(line)).toEqual(definedNames(lines[line.kind]?.fields ?? {}));
      }
      const numbers = record.lines.map((line) => `${line.kind} ${line.number}`);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  test('nothing of a file or a bank', () => {
    expect(JSON.stringify(read(example(name)))).not.toMatch(/storage\.example|"primary"|attachment/);
  });
});

const namesOf = ({ fields, refs }: { fields: object; refs: object }): unknown => ({
  fields: Object.keys(fields).sort(),
  refs: Object.keys(refs).sort(),
});

function definedNames(fields: object): unknown {
  const names = Object.entries(fields as Record<string, { type: string }>);
  const of = (wanted: boolean): string[] =>
    names
      .filter(([, { type }]) => (type === 'reference') === wanted)
      .map(([field]) => field)
      .sort();
  return { fields: of(false), refs: of(true) };
}

test('READER_VERSION is that of these readings: when this changes, raise it and record the new hash', () => {
  const readings = EVENTS.map((name) => read(example(name)));
  expect({ version: READER_VERSION, hash: contentHash(readings) }).toEqual({
    version: '4',
    hash: 'ce8952ad26e70209be050507f25530b54d775214408dc3e6e50e582cf49c1cbb',
  });
});

describe('doubtful payloads', () => {
  test('standard cost codes: parents of the same batch come first, circles end', () => {
    const code = (id: number, parentId: number | null): Json => ({
      id,
      parent_id: parentId,
      full_code: `${id}`,
    });
    const ids = (rows: Json[]): number[] => {
      const { intent } = read({ request_name: 'create_standard_cost_codes', request_data: rows });
      return intent.way === 'export' ? intent.records.map(({ procoreId }) => procoreId) : [];
    };
    expect(ids([code(3, 2), code(2, 1), code(4, 9), code(1, null)])).toEqual([1, 2, 3, 4]);
    expect(ids([code(1, 2), code(2, 1)])).toHaveLength(2);
  });

  test('requisitions: a detail of one invoice stays with it', () => {
    const intent = changed('create_requisitions', (body) => {
      const [invoice] = body['requisitions'] as Json[];
      body['requisitions'] = [
        { ...invoice, request_detail_id: 1 },
        { ...invoice, procore_requisition_id: 84111, erp_request_detail_id: '2' },
      ];
    });
    expect(intent).toMatchObject({ detailIds: [77210], records: [{ detailIds: [1] }, { detailIds: [2] }] });
  });

  test.each([
    ['Billings::ContractDetailItem', 'requisition_contract_detail_item'],
    ['Billings::ChangeOrderItem', 'requisition_change_order_item'],
    ['change_order_item', 'requisition_change_order_item'],
    ['requisition_contract_item', 'requisition_contract_item'],
  ])('requisition item type %s', (type, itemType) => {
    const intent = changed('create_requisitions', (body) => {
      const lines = (body['requisitions'] as Json[])[0]?.['line_items'] as Json[];
      Object.assign(lines[0] ?? {}, { requisition_item_type: type });
    });
    expect(onlyRecord(intent).lines[0]?.itemType).toBe(itemType);
  });

  test.each([
    ['PurchaseOrderContract', 'purchase_order_contract'],
    ['purchase_order', 'purchase_order_contract'],
    ['work_order_contract', 'work_order_contract'],
    ['Subcontract', 'work_order_contract'],
  ])('commitment type %s', (type, itemType) => {
    const intent = changed('unlink_commitment', (body) => Object.assign(body, { commitment_type: type }));
    expect(intent).toMatchObject({ items: [{ itemType }] });
  });

  test.each([['Lease'], [null], [7]])('commitment type %j is left to be looked up', (type) => {
    const intent = changed('unlink_commitment', (body) => Object.assign(body, { commitment_type: type }));
    expect(intent).toMatchObject({ way: 'release', items: [{ target: 'commitment', itemType: null }] });
  });

  test('unknown kinds are refused by name', () => {
    const budget = changed('create_budget', (body) =>
      Object.assign((body['transactions'] as Json[])[0] ?? {}, { type: 'Erp::ForecastTransaction' }),
    );
    expect(problems(budget)).toEqual([
      'request_data.transactions[0].type: expected an original or a revised estimate transaction, got "Erp::ForecastTransaction"',
    ]);
  });

  test('budgets: revised movements, rows written before, and job costs that are missing', () => {
    const intent = changed('update_budget', (body) => {
      const [row] = body['transactions'] as Json[];
      body['transactions'] = [
        { ...row, type: 'Erp::RevisedEstimateTransaction' },
        { ...row, id: 500202, synced: true },
      ];
    });
    expect(onlyRecord(intent)).toMatchObject({
      lines: [{ procoreId: 500201, fields: { movement: 'revised' } }],
      notes: ['1 budget movements were written before and are left out.'],
    });
    const unknown = changed('create_budget', (body) => Object.assign(body, { job_costs: [] }));
    expect(problems(unknown)).toEqual([
      'request_data.transactions[0].job_cost_id: expected the id of a job cost of this request, got 66120',
    ]);
  });

  test('markups that must not be exported become notes', () => {
    const intent = changed('create_prime_contract_change_order', (body) => {
      const item = (body['prime_contract_change_order_items'] as Json[])[0];
      const markup = (item?.['markup_line_items'] as Json[])[0]?.['markup'] as Json;
      Object.assign(markup, { can_export_estimate_markup: false, destination_cost_code: {} });
    });
    expect(onlyRecord(intent)).toMatchObject({
      fields: { amount: '12750' },
      lines: [{ kind: 'prime_change_line' }],
      notes: ['Markup "Fee" of 1912.5 on line 1 is not exported.'],
    });
  });

  test('owner invoices: "null", ids of lines as numbers, materials put in place', () => {
    const intent = changed('create_payment_application', (body) => {
      const invoice = body['payment_application'] as Json;
      invoice['origin_id'] = 'null';
      Object.assign((invoice['items'] as Json[])[0] ?? {}, {
        origin_id: 592010,
        work_completed_this_period: 5000.5,
        materials_presently_stored: 0,
        materials_presently_stored_from_previous_application: 2000.25,
        materials_stored_retainage_released_this_period: 200,
        work_completed_from_previous_application: 244999.5,
        total_retainage_currently_retained: 24800,
      });
    });
    expect(onlyRecord(intent)).toMatchObject({
      originId: null,
      fields: { amount: '3000.25', retainage: '25000', amountDue: '-21799.75' },
      lines: [
        {
          fields: { storedMaterials: '-2000.25', retainageReleased: '200' },
          refs: { primeContractLine: { procoreId: 592010, originId: null } },
        },
      ],
      notes: [],
    });
  });

  test('positions that are missing or not unique give way to 1, 2, 3', () => {
    const numbers = (positions: unknown[]): unknown =>
      onlyRecord(
        changed('create_commitment', (body) =>
          (body['commitment_items'] as Json[]).forEach((item, index) =>
            Object.assign(item, { position: positions[index] }),
          ),
        ),
      ).lines.map(({ number }) => number);
    expect(numbers([10, 20])).toEqual(['10', '20']);
    expect(numbers([1, 1])).toEqual(['1', '2']);
    expect(numbers([null, 5])).toEqual(['1', '2']);
  });

  test('origin ids are kept to the letter', () => {
    const intent = changed('unlink_commitment', (body) =>
      Object.assign(body, { commitment_origin_id: ' 1| 2417- ' }),
    );
    expect(intent).toMatchObject({ items: [{ originId: ' 1| 2417- ' }] });
  });

  test('codes of sub jobs are left to their sub jobs', () => {
    const intent = changed('create_or_update_job', (body) => {
      const codes = body['all_cost_codes'] as Json[];
      codes.push({ ...codes[0], id: 9, biller_type: 'SubJob' });
    });
    expect(onlyRecord(intent)).toMatchObject({
      notes: ['1 cost codes of sub jobs are left to their sub jobs.'],
    });
    const twice = changed('create_or_update_job', (body) => {
      const codes = body['all_cost_codes'] as Json[];
      codes.push({ ...codes[0], id: 9 });
    });
    expect(problems(twice)).toEqual([
      'request_data.all_cost_codes[2].full_code: expected a code that occurs once in the job, got "23"',
    ]);
  });

  test.each(['2026-13-01', '2026-02-30', '03/31/26', 'soon', 20260331])('%j is no date', (date) => {
    const intent = changed('create_commitment', (body) =>
      Object.assign(body['commitment'] as Json, { contract_date: date }),
    );
    expect(problems(intent)).toEqual([
      `request_data.commitment.contract_date: expected a date such as 2026-03-31, got ${JSON.stringify(date)}`,
    ]);
  });

  test.each(['1,250.00', '$5.00', '1e3', '.5', '+5', 1e21, 2 ** 53, 0.1 + 0.2, true])(
    '%j is no exact amount',
    (amount) => {
      const intent = changed('create_commitment', (body) =>
        Object.assign((body['commitment_items'] as Json[])[0] ?? {}, { amount }),
      );
      expect(problems(intent)[0]).toContain(
        'request_data.commitment_items[0].amount: expected a decimal number',
      );
    },
  );
});

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.stringMatching(/^[0-9]{0,8}$/))
  .map(([negative, whole, decimals]) => `${negative ? '-' : ''}${whole}${decimals && `.${decimals}`}`);

test('an amount never loses a digit', () => {
  fc.assert(
    fc.property(decimal, (amount) => {
      const intent = changed('create_commitment', (body) => {
        Object.assign(body['commitment'] as Json, { grand_total: amount });
        Object.assign((body['commitment_items'] as Json[])[0] ?? {}, { amount, tax_amount: amount });
      });
      const record = onlyRecord(intent);
      expect(record.fields['amount']).toBe(amount);
      expect(record.lines[0]?.fields).toMatchObject({ amount, taxAmount: amount });
    }),
  );
});

test('an amount that is a JSON number is the same number, or it is refused', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const intent = changed('create_budget', (body) =>
        Object.assign((body['transactions'] as Json[])[0] ?? {}, { value }),
      );
      if (intent.way === 'malformed') {
        expect(intent.problems[0]).toContain('request_data.transactions[0].value');
        return;
      }
      const amount = String(onlyRecord(intent).lines[0]?.fields['amount']);
      expect(sameAmount(amount, String(value))).toBe(true);
      expect(Number(amount)).toBe(value + 0);
    }),
  );
});

/** Every path of a JSON value, leaves and branches. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

function replaceAt(body: Json, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  const holder = path.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, body);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
}

test('a mutilated request never throws; what is malformed names the path', () => {
  const events = fc.constantFrom(...EVENTS);
  const values = fc.oneof(fc.constant(undefined), fc.constant(null), fc.jsonValue(), fc.constant({}));
  fc.assert(
    fc.property(events, fc.nat(), values, (name, pick, value) => {
      const body = example(name);
      const paths = pathsOf(data(body)).map((path) => ['request_data', ...path]);
      const path = paths[pick % paths.length] ?? ['request_data'];
      replaceAt(body, path, value);
      const { intent, subject } = read(body);
      expect(subject).not.toBe('');
      expect(intent.way).not.toBe('unsupported');
      for (const problem of problems(intent)) {
        expect(problem).toMatch(
          /^(request_data|request_name|company_id|id|\w+)[\w.[\]]*: expected .+, got .+$/s,
        );
      }
      if (intent.way === 'malformed') expect(intent.problems).not.toHaveLength(0);
    }),
    { numRuns: 2000 },
  );
});
