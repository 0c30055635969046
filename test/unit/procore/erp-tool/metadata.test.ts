import type { ColumnRule } from '../../../../src/domain/kinds/column-rules';
import { KINDS } from '../../../../src/domain/kinds';
import type { ErpMetadata } from '../../../../src/domain/kinds/metadata';
import type { ProcoreApp } from '../../../../src/procore/app';
import { createProcoreApp } from '../../../../src/procore/app';
import { metadataDocument } from '../../../../src/procore/erp-tool/metadata';
import { procoreSettings } from '../../../../src/procore/client/settings';
import { constructionCompany, LINE, subcontract } from '../../../server/sandbox/support/construction-company';
import { Bench, COMPANY } from '../../../server/sandbox/support/procore-client';
import { withErpTool } from '../../../support/procore/client';

const column = (maxLength: number, more: Partial<ColumnRule> = {}): ColumnRule => ({
  maxLength,
  unit: 'characters',
  charset: 'cp1252',
  required: false,
  ...more,
});

const LINE_COLUMNS = {
  description: column(30),
  amount: column(15, { decimals: 2, required: true }),
  quantity: column(12, { decimals: 3 }),
  uom: column(3),
};
const ERP: ErpMetadata = {
  system: 'Groundwork',
  records: {
    vendor: {
      fields: {
        code: column(6, { required: true, assigned: true, range: { from: 10_000, to: 99_999 } }),
        name: column(60, { required: true }),
        sortName: column(15, { required: true, upperCase: true, unique: true }),
        email: column(40, { pattern: { source: '^.+@.+$', explains: 'an address has an @' } }),
        vendorType: column(4, { required: true, allowed: ['SUB', 'SUP'] }),
        isActive: column(1),
      },
      lines: {},
    },
    project: {
      fields: {
        code: column(10, {
          required: true,
          pattern: { source: '^\\d{4}-\\d{0,3}$', explains: 'four digits and a dash' },
        }),
        name: column(30, { required: true }),
      },
      lines: { cost_code: { code: column(10) }, cost_type_assignment: {} },
    },
    commitment: {
      fields: {
        code: column(20, { required: true }),
        name: column(30, { required: true }),
        retainagePercent: column(6, { decimals: 2 }),
        date: column(10, { required: true }),
        accountingDate: column(10, { required: true }),
      },
      lines: { commitment_line: LINE_COLUMNS },
    },
    requisition: {
      fields: { code: column(15), accountingDate: column(10), description: column(40) },
      lines: {},
    },
    invoice_payment: { fields: {}, lines: {} },
  },
};

const without = (name: keyof ErpMetadata['records']): ErpMetadata => ({
  ...ERP,
  records: Object.fromEntries(Object.entries(ERP.records).filter(([key]) => key !== name)),
});

type Json = Record<string, unknown>;
const at = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
const entity = (name: string, erp = ERP): unknown => at(metadataDocument(erp), 'settings', 'entities', name);
const rule = (name: string, moment: 'save' | 'export', field: string): unknown =>
  at(entity(name), 'rules', moment, 'fields', field, 'validation');

describe('the document', () => {
  test('calls the ERP as it is told, else by its own name', () => {
    expect(at(metadataDocument(ERP), 'settings', 'labels')).toEqual({
      name: 'Groundwork',
      id_name: 'Groundwork ID',
      short_name: 'Groundwork',
    });
    const labels = { name: 'Vista', shortName: 'V' };
    expect(at(metadataDocument(ERP, { labels }), 'settings', 'labels')).toEqual({
      name: 'Vista',
      id_name: 'Vista ID',
      short_name: 'V',
    });
  });

  test('what the ERP does not keep is off, with every switch', () => {
    expect(entity('budgets')).toEqual({
      enabled: false,
      configs: {
        export: { enabled: false, create: { enabled: false }, forecast_amounts: { enabled: false } },
        import: { enabled: false },
        sub_job_export: { enabled: false },
        revised_estimates_export: { enabled: false },
      },
      tab: { enabled: false },
    });
    const nothing = metadataDocument({ system: 'x', records: {} });
    expect(JSON.stringify(nothing)).not.toMatch(/"enabled":true/);
  });

  test('what it keeps is on as far as it goes', () => {
    expect(at(entity('vendors'), 'configs')).toMatchObject({
      export: { enabled: true, create: { enabled: true }, update: { enabled: false } },
      import: { enabled: true },
      staged_records: { enabled: true },
    });
    expect(at(entity('jobs'), 'configs')).toMatchObject({
      category_assignments: { enabled: true },
      cost_code_deletions: { enabled: true },
    });
    expect(at(entity('job_costs'), 'enabled')).toBe(false);
    expect(at(entity('commitments'), 'configs', 'unlink')).toEqual({ enabled: true });
    expect(at(entity('commitment_change_order_items'), 'enabled')).toBe(false);
    expect(at(entity('requisitions'), 'configs', 'sync_payments')).toEqual({ enabled: true });
    expect(at(entity('requisitions', without('invoice_payment')), 'configs', 'sync_payments')).toEqual({
      enabled: false,
    });
  });

  test('names every kind of record that Tieback carries', () => {
    const records = Object.fromEntries(KINDS.map((name) => [name, { fields: {}, lines: {} }]));
    const all = metadataDocument({ ...ERP, records });
    const off = Object.entries(at(all, 'settings', 'entities') as Json)
      .filter(([, item]) => at(item, 'enabled') === false)
      .map(([name]) => name);
    expect(off).toEqual(['job_costs', 'commitment_items', 'commitment_change_order_items']);
  });
});

/** Entities for which the guide shows a tab, as far as Tieback sends them, and the columns that it shows. */
const TABS: Record<string, 'code' | 'amounts' | null> = {
  vendors: 'code',
  jobs: 'code',
  sub_jobs: 'code',
  budgets: 'code',
  job_costs: 'amounts',
  commitments: 'code',
  commitment_items: null,
  commitment_change_orders: 'code',
  commitment_change_order_items: null,
  requisitions: null,
  contract_payments: null,
  payment_applications: null,
  prime_contracts: 'code',
  prime_contract_change_orders: null,
  company_level_direct_costs: null,
};

test('every entity of the guide has its tab', () => {
  const lines = { job_cost: {}, commitment_line: {}, change_order_line: {} };
  const records = Object.fromEntries(KINDS.map((name) => [name, { fields: {}, lines }]));
  const all = at(metadataDocument({ ...ERP, records }), 'settings', 'entities') as Json;
  for (const [name, item] of Object.entries(all)) {
    const columns = at(item, 'tab', 'columns') as Json | undefined;
    const shown = columns === undefined ? null : 'code' in columns ? 'code' : 'amounts';
    expect([name, at(item, 'tab', 'enabled'), shown]).toEqual([
      name,
      name in TABS ? true : undefined,
      TABS[name] ?? null,
    ]);
  }
  expect(Object.keys(at(all, 'job_costs', 'tab', 'columns') as Json)).toHaveLength(16);
  expect(at(all, 'vendors', 'tab', 'columns')).toEqual({ code: { enabled: true, text: 'Vendor number' } });
});

test('the number that the approver types is called as the guide calls it', () => {
  const wide = { fields: { code: column(15) }, lines: {} };
  const records = Object.fromEntries(KINDS.map((name) => [name, wide]));
  const all = at(metadataDocument({ ...ERP, records }), 'settings', 'entities') as Json;
  const typed = (name: string, key: string): unknown =>
    at(all, name, 'rules', 'export', 'fields', key, 'validation', 'max_length', 'length');
  for (const name of ['prime_contract_change_orders', 'requisitions', 'company_level_direct_costs']) {
    expect([name, typed(name, 'origin_code'), typed(name, 'code')]).toEqual([name, 15, undefined]);
    expect(at(all, name, 'rules', 'save', 'fields', 'origin_code')).toBeUndefined();
  }
  for (const name of ['vendors', 'jobs', 'commitments', 'commitment_change_orders'])
    expect([name, typed(name, 'code'), typed(name, 'origin_code')]).toEqual([name, 15, undefined]);
});

describe('rules', () => {
  test('text: its length while it is typed, that it is there when it is exported', () => {
    const limit = {
      enabled: true,
      length: 30,
      message: 'Title (commitment): Groundwork takes at most %{length} characters.',
    };
    expect(rule('commitments', 'save', 'title')).toEqual({ max_length: limit });
    expect(rule('commitments', 'export', 'title')).toEqual({
      present: { enabled: true, message: 'Title (commitment) is missing; Groundwork requires it.' },
      max_length: limit,
    });
  });

  test('numbers: digits before and after the point', () => {
    expect(rule('commitment_items', 'save', 'total_amount')).toMatchObject({
      max_length_decimal: {
        length: 2,
        message: expect.stringContaining('Amount (line of the commitment)') as unknown,
      },
      max_length_units: { length: 12 },
    });
    expect(rule('commitment_items', 'export', 'total_amount')).toHaveProperty('present');
    expect(rule('commitments', 'export', 'retainage_percent')).toMatchObject({
      max_length_units: { length: 3 },
    });
  });

  test('a date can only be missing', () => {
    expect(rule('commitments', 'save', 'contract_date')).toBeUndefined();
    expect(Object.keys(rule('commitments', 'export', 'contract_date') as Json)).toEqual(['present']);
  });

  test('the ERP number is typed on export only; left empty, the ERP gives one', () => {
    expect(rule('vendors', 'save', 'code')).toBeUndefined();
    expect(rule('vendors', 'export', 'code')).toEqual({
      max_length: {
        enabled: true,
        length: 6,
        message: 'Vendor number (vendor): Groundwork takes at most %{length} characters.',
      },
      numeric: {
        enabled: true,
        message: 'Vendor number (vendor): Groundwork takes numbers from 10000 to 99999.',
      },
    });
    expect(rule('vendors', 'export', 'abbreviated_name')).not.toHaveProperty('present');
    // Where nothing was typed, Procore's own number is taken: it must fit too.
    expect(rule('commitments', 'save', 'number')).toMatchObject({ max_length: { length: 20 } });
  });

  test('a format only where Procore has one: the job number', () => {
    expect(rule('jobs', 'export', 'code')).toMatchObject({
      present: { enabled: true },
      format: {
        enabled: true,
        message:
          'Job number (project) is not valid in Groundwork: four digits and a dash (format: %{job_code_format}).',
      },
    });
    // The rule is empty without the switch that lets a format be set.
    expect(at(entity('jobs'), 'configs', 'job_id_format')).toEqual({ enabled: true });
    const free = { project: { fields: { code: column(10), name: column(30) }, lines: {} } };
    const without = metadataDocument({ ...ERP, records: { ...ERP.records, ...free } });
    expect(at(without, 'settings', 'entities', 'jobs', 'configs', 'job_id_format')).toEqual({
      enabled: false,
    });
    expect(rule('vendors', 'export', 'email_address')).not.toHaveProperty('format');
  });

  test('fields that the approver fills in', () => {
    expect(at(entity('commitments'), 'configs', 'export', 'custom_fields')).toEqual([
      {
        key: 'accounting_date',
        label: 'Accounting date',
        type: 'date',
        rules: {
          validation: {
            present: {
              enabled: true,
              message: 'Accounting date (commitment) is missing; Groundwork requires it.',
            },
          },
        },
      },
    ]);
    expect(at(entity('requisitions'), 'configs', 'export', 'custom_fields')).toMatchObject([
      { key: 'accounting_date', type: 'date' },
      { key: 'description', type: 'string', rules: { validation: { max_length: { length: 40 } } } },
    ]);
    expect(at(entity('vendors'), 'configs', 'export', 'custom_fields')).toMatchObject([
      {
        key: 'vendor_type_origin_id',
        label: 'Vendor type (SUB, SUP)',
        rules: { validation: { present: { enabled: true } } },
      },
    ]);
    expect(at(entity('jobs'), 'configs', 'export')).toEqual({ enabled: true });
  });

  test('every message that speaks of a length has one', () => {
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { message, length } = value as Json;
      if (typeof message === 'string' && message.includes('%{length}'))
        expect(length).toEqual(expect.any(Number));
      Object.values(value).forEach(walk);
    };
    walk(metadataDocument(ERP));
  });
});

describe('in Procore', () => {
  let bench: Bench;
  let app: ProcoreApp;
  beforeEach(async () => {
    bench = await new Bench().start();
    const settings = procoreSettings({
      apiUrl: bench.apiUrl,
      loginUrl: bench.apiUrl,
      clientId: 'tieback-demo',
      clientSecret: 'demo-secret',
    });
    app = createProcoreApp(settings);
  });
  afterEach(async () => {
    app.close();
    await bench.stop();
  });

  const ready = { code: 'SC-8', accountingDate: '2026-03-31' };
  const LONG = 'HVAC, Eastgate Parking Structure, Phase 2';

  test('a title that is too long is stopped at the export, with our sentence', async () => {
    const ids = constructionCompany(bench);
    const dated = { contract_date: '2026-03-01' };
    const long = subcontract(bench, ids, { title: LONG, ...dated });
    const fine = subcontract(bench, ids, { number: 'SC-2417-009', ...dated });
    await withErpTool(app.company(COMPANY)).metadata.connect({
      serviceUrl: 'https://tieback.example',
      metadata: ERP,
    });

    expect(() => bench.sim.exportRecord('commitment', long.id, ready)).toThrow(
      'Title (commitment): Groundwork takes at most 30 characters.',
    );
    expect(bench.sim.exportRecord('commitment', fine.id, ready).requestDetailIds).toHaveLength(1);
  });

  test('and while it is typed; lines too', async () => {
    const ids = constructionCompany(bench);
    await withErpTool(app.company(COMPANY)).metadata.connect({
      serviceUrl: 'https://tieback.example',
      metadata: ERP,
    });
    expect(() => subcontract(bench, ids, { title: LONG })).toThrow(
      'Title (commitment): Groundwork takes at most 30 characters.',
    );
    const lines = [{ ...LINE, description: 'Rough-in of the whole second basement floor' }];
    const { id } = subcontract(bench, ids, { lines, contract_date: '2026-03-01' });
    expect(() => bench.sim.exportRecord('commitment', id, ready)).toThrow(
      'Description (line of the commitment): Groundwork takes at most 30 characters.',
    );
  });

  test('what the ERP does not keep is not sent to it', async () => {
    const ids = constructionCompany(bench);
    const { id } = subcontract(bench, ids);
    const company = withErpTool(app.company(COMPANY));
    await company.metadata.connect({ serviceUrl: 'https://tieback.example', metadata: ERP });
    await company.metadata.update(without('commitment'));
    expect(() => bench.sim.exportRecord('commitment', id, ready)).toThrow('does not export commitments');
  });
});
