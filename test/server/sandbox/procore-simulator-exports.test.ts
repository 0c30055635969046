import type { EmitResult } from '../../../sandbox/procore-simulator/types';
import {
  constructionCompany,
  LINE,
  link,
  metadata,
  subcontract,
  syncBody,
  type Ids,
} from './support/construction-company';
import { shapeDifference } from './support/payload-shape';
import { COMPANY_PATH, withBench, type Bench } from './support/procore-client';

const WHOLE = { missing: [], extra: [] };

type Data = Record<string, unknown>;
const data = (result: EmitResult): Data => (result.body as { request_data: Data }).request_data;
const close = async (
  bench: Bench,
  result: EmitResult,
  status = 'success',
  messages: string[] = [],
): Promise<void> => {
  for (const id of result.requestDetailIds) {
    expect((await bench.closeDetail(id, status, messages)).status).toBe(200);
  }
};

/** A subcontract in the ERP, with its line. */
async function linkedContract(bench: Bench, ids: Ids): Promise<{ id: number; line: number }> {
  const contract = subcontract(bench, ids);
  await link(bench, ['work_order_contract', contract.id, 'c|8'], ['line_item', contract.line, 'c|8|1']);
  return contract;
}

async function primeContract(bench: Bench, ids: Ids): Promise<{ id: number; line: number }> {
  const prime = bench.sim.seedPrimeContract(ids.project, { number: 'PC-1', title: 'Prime', lines: [LINE] });
  const line = prime.lines?.[0]?.id ?? 0;
  await link(bench, ['prime_contract', prime.id, 'prime|1'], ['line_item', line, 'prime|1|10']);
  return { id: prime.id, line };
}

test('a job: first with its codes, then again with everything', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench, false);
    const first = bench.sim.exportJob(ids.project, { code: '2417-' });
    expect(shapeDifference(first, 'create_or_update_job')).toEqual(WHOLE);
    expect(data(first)['job']).toMatchObject({
      id: ids.project,
      origin_code: '2417-',
      origin_id: null,
      synced: false,
    });
    expect(data(first)['all_cost_codes']).toMatchObject([
      { id: ids.division, full_code: '23', line_item_types: [], standard_cost_code_origin_id: 'std|23' },
      {
        id: ids.code,
        full_code: '23-050',
        code: '050',
        parent: { id: ids.division },
        long_name_helper: [
          ['23', '050'],
          ['HVAC', 'HVAC systems'],
        ],
        line_item_types: [{ origin_id: 'type|S' }, { origin_id: 'type|M' }],
      },
    ]);
    expect(first.body).toMatchObject({ request_detail_id: first.requestDetailIds[0] });
    expect(bench.sim.record('project', ids.project).erp_status).toBe('exporting');
    expect(() => bench.sim.exportJob(ids.project)).toThrow('being exported');
    await link(
      bench,
      ['project', ids.project, 'p'],
      ['cost_code', ids.division, 'd'],
      ['cost_code', ids.code, 'c'],
    );
    await close(bench, first);
    expect(bench.sim.record('project', ids.project)).toMatchObject({ erp_status: 'synced', linked: true });
    const second = bench.sim.exportJob(ids.project);
    expect(data(second)['job']).toMatchObject({ origin_id: 'p', synced: true });
    expect(data(second)['all_cost_codes']).toMatchObject([{ origin_id: 'd' }, { origin_id: 'c' }]);
  }));

test('the comparison with the dictionary notices both directions', () =>
  withBench({}, async (bench) => {
    const result = bench.sim.exportJob(constructionCompany(bench).project);
    const job = data(result)['job'] as Data;
    delete job['zip'];
    job['more'] = 1;
    expect(shapeDifference(result, 'create_or_update_job')).toEqual({
      missing: ['$.request_data.job.zip'],
      extra: ['$.request_data.job.more'],
    });
  }));

test('another job number only after a message that names the code', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench, false);
    await close(bench, bench.sim.exportJob(ids.project, { code: 'A' }), 'failed', ['The period is closed.']);
    expect(() => bench.sim.exportJob(ids.project, { code: 'B' })).toThrow('number cannot be changed');
    await close(bench, bench.sim.exportJob(ids.project, { code: 'A' }), 'failed', ['Job code A exists.']);
    expect(bench.sim.record('project', ids.project).erp_messages).toEqual(['Job code A exists.']);
    expect(data(bench.sim.exportJob(ids.project, { code: 'B' }))['job']).toMatchObject({ origin_code: 'B' });
  }));

test('a sub job, standard codes', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench);
    const subJob = bench.sim.seedSubJob(ids.project, { name: 'Garage', code: 'GAR' });
    bench.sim.seedCostCodes(ids.project, [{ code: '23', name: 'HVAC', types: ['S'] }], {
      subJobId: subJob.id,
    });
    const result = bench.sim.exportSubJob(subJob.id);
    expect(shapeDifference(result, 'create_sub_job')).toEqual(WHOLE);
    expect(data(result)).toMatchObject({
      sub_job: { code: 'GAR', project: { origin_id: 'project|2417' } },
      all_cost_codes: [{ biller_type: 'SubJob', biller_id: subJob.id }],
    });
    const codes = bench.sim.seedStandardCodes([
      { code: '23-060', name: 'Controls' },
      { code: '23-070', name: 'Pumps' },
    ]);
    const batch = bench.sim.exportStandardCostCodes(
      codes.map((c) => c.id),
      { customFields: { income_account_origin_id: '4000' } },
    );
    expect(shapeDifference(batch, 'create_standard_cost_codes')).toEqual(WHOLE);
    expect(data(batch)).toMatchObject([
      { full_code: '23-060', parent_origin_id: 'std|23', request_detail_id: batch.requestDetailIds[0] },
      { full_code: '23-070', erp_custom_fields: { income_account_origin_id: '4000' } },
    ]);
    await bench.closeDetail(batch.requestDetailIds[1], 'failed', ['No.']);
    expect(codes.map((c) => bench.sim.record('standard_cost_code', c.id).erp_status)).toEqual([
      'exporting',
      'failed_to_export',
    ]);
  }));

describe('commitments', () => {
  test('the whole way, with its locks', () =>
    withBench({}, async (bench) => {
      const ids = constructionCompany(bench);
      const { id, line } = subcontract(bench, ids);
      bench.sim.sendToErp('commitment', id);
      expect(() => bench.sim.editRecord('commitment', id, { title: 'X' })).toThrow('locked by ERP');
      expect(bench.sim.retrieve('commitment', id).erp_status).toBe('not_in_erp');
      bench.sim.sendToErp('commitment', id);
      expect(bench.sim.reject('commitment', id, 'Wrong code')).toMatchObject({
        erp_status: 'rejected',
        erp_comment: 'Wrong code',
      });
      const result = bench.sim.exportCommitment(id, { code: 'SC-8', accountingDate: '2026-03-31' });
      expect(shapeDifference(result, 'create_commitment')).toEqual(WHOLE);
      expect(data(result)).toMatchObject({
        job_id: 'project|2417',
        commitment: {
          id,
          code: 'SC-8',
          type: 'WorkOrderContract',
          grand_total: '150000.0',
          vendor: { id: ids.vendor, origin_id: 'vendor|10442' },
        },
        commitment_items: [
          {
            id: line,
            amount: '150000.0',
            cost_code: { origin_id: 'code|23-050' },
            line_item_type: { code: 'S' },
          },
        ],
        additional_data: { accounting_date: '2026-03-31' },
      });
      await close(bench, result);
      expect(bench.sim.record('commitment', id)).toMatchObject({ erp_status: 'synced', linked: false });
    }));

  test('prerequisites', () =>
    withBench({}, async (bench) => {
      const ids = constructionCompany(bench);
      const send = (more: Record<string, unknown>): (() => unknown) => {
        const { id } = subcontract(bench, ids, more);
        return () => bench.sim.exportCommitment(id);
      };
      expect(send({ status: 'Draft' })).toThrow('must be Approved');
      expect(send({ lines: [] })).toThrow('no line items');
      expect(send({ lines: [{ amount: '1' }] })).toThrow('Line 1: no cost code');
      bench.sim.seedCostCodes(ids.project, [{ code: '99', name: 'New' }]);
      expect(send({ lines: [{ code: '99', amount: '1' }] })).toThrow('99 is not synced');
      const [waiting] = bench.sim.seedVendors([{ name: 'Not yet' }]);
      const { id } = subcontract(bench, ids, { vendor_id: waiting?.id });
      expect(() => bench.sim.exportCommitment(id)).toThrow('contract company is not synced');
      expect(bench.sim.exportCommitment(id, { allowUnsyncedVendor: true }).requestDetailIds).toHaveLength(1);
    }));

  test('change orders: after their commitment, each line on a line of it', () =>
    withBench({}, async (bench) => {
      const ids = constructionCompany(bench);
      const contract = subcontract(bench, ids);
      const order = bench.sim.seedCommitmentChangeOrder(contract.id, {
        number: 4,
        title: 'VAV',
        lines: [LINE],
      });
      expect(() => bench.sim.exportCommitmentChangeOrder(order.id)).toThrow(
        'commitment of this change order',
      );
      await link(bench, ['work_order_contract', contract.id, 'c|8'], ['line_item', contract.line, 'c|8|1']);
      const result = bench.sim.exportCommitmentChangeOrder(order.id, { code: 'CO-004' });
      expect(shapeDifference(result, 'create_commitment_change_order')).toEqual(WHOLE);
      const items = data(result)['commitment_items'] as { id: number; amount: string }[];
      expect(items.map((item) => item.amount)).toEqual(['150000.0', '0.0']);
      expect(data(result)).toMatchObject({
        change_order: { id: order.id, origin_code: 'CO-004', number: 4 },
        change_order_items: [{ commitment_line_item_id: items[1]?.id }],
      });
      await link(bench, ['change_order', order.id, 'c|8|CO4']);
      await close(bench, result);
      expect(bench.sim.record('commitment_change_order', order.id)).toMatchObject({ erp_status: 'synced' });
    }));

  test('rules of the metadata hold for the form, the record and its lines', () =>
    withBench({}, async (bench) => {
      const rule = (kind: string, more: object = {}): object => ({ [kind]: { enabled: true, ...more } });
      await metadata(bench, {
        commitments: {
          rules: {
            save: { fields: { title: { validation: rule('max_length', { length: 20 }) } } },
            export: {
              fields: {
                code: { enabled: true, validation: rule('present', { message: 'Number is required' }) },
                description: { validation: rule('max_line_length', { length: 5 }) },
              },
            },
          },
        },
        commitment_items: {
          rules: {
            export: {
              fields: {
                cost_code: { validation: rule('disallow_division', { message: 'No divisions' }) },
                amount: { validation: { ...rule('max_length_units', { length: 5 }), ...rule('positive') } },
                quantity: { validation: rule('max_length_decimal', { length: 1 }) },
              },
            },
          },
        },
      });
      const ids = constructionCompany(bench);
      expect(() => subcontract(bench, ids, { title: 'Much longer than twenty' })).toThrow(
        'title is too long',
      );
      const lines = [{ code: '23', amount: '-150000', quantity: '1.25' }];
      const { id } = subcontract(bench, ids, { description: 'short\nnot short', lines });
      expect(() => bench.sim.editRecord('commitment', id, { title: 'x'.repeat(21) })).toThrow('too long');
      expect(() => bench.sim.exportCommitment(id)).toThrow(
        'Number is required description has a line that is too long (maximum is 5 characters) No divisions ' +
          'amount must be positive amount is too large (maximum is 5 digits) ' +
          'quantity has too many decimal places (maximum is 1)',
      );
    }));
});

test('invoices go in a batch; their payment follows', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench);
    const contract = subcontract(bench, ids);
    const seed = (number: string): number =>
      bench.sim.seedRequisition(contract.id, {
        invoice_number: number,
        billing_date: '2026-03-31',
        items: [
          {
            line_item_id: contract.line,
            amount: '18450',
            retainage_this_period: '1845',
            released_work_completed_this_period: '0.0',
          },
        ],
      }).id;
    const [a, b] = [seed('COB-1'), seed('COB-2')];
    expect(() => bench.sim.exportRequisitions([a])).toThrow('commitment of this invoice is not synced');
    await link(bench, ['work_order_contract', contract.id, 'c|8'], ['line_item', contract.line, 'c|8|1']);
    const result = bench.sim.exportRequisitions([a, b]);
    expect(shapeDifference(result, 'create_requisitions')).toEqual(WHOLE);
    expect(result.requestDetailIds).toHaveLength(1);
    expect(data(result)).toMatchObject({
      requisitions: [
        {
          procore_requisition_id: a,
          formatted_payment_due: '$16,605.00',
          contract_origin_id: 'c|8',
          line_items: [
            { commitment_item_origin_id: 'c|8|1', cost_code_origin_id: 'code|23-050', amount: '18450.0' },
          ],
        },
        { procore_requisition_id: b },
      ],
    });
    const found = await bench.call('GET', `${COMPANY_PATH}/erp_request_details?filters[item_id]=${b}`);
    expect(found.body).toMatchObject([{ id: result.requestDetailIds[0] }]);
    const payment = bench.sim.seedPayment(a, { amount: '16605.0', payment_method: 'ach' });
    expect(() => bench.sim.exportPayment(payment.id)).toThrow('invoice of this payment');
    const item = bench.sim.record('requisition', a).lines?.[0]?.id ?? 0;
    await link(
      bench,
      ['requisition', a, 'r|1'],
      ['requisition_contract_item', item, 'r|1|1'],
      ['requisition', b, 'r|2'],
    );
    await close(bench, result);
    expect([a, b].map((id) => bench.sim.record('requisition', id).erp_status)).toEqual(['synced', 'synced']);
    const paid = bench.sim.exportPayment(payment.id);
    expect(shapeDifference(paid, 'create_contract_payment')).toEqual(WHOLE);
    expect(data(paid)['contract_payment']).toMatchObject({
      requisition_id: a,
      contract_id: contract.id,
      amount: '16605.0',
    });
  }));

test.each([
  ['request_data', 1],
  ['per_item', 2],
  ['absent', 1],
] as const)('the detail of invoices: %s', (requestDetailLocation, count) =>
  withBench({ requestDetailLocation }, async (bench) => {
    const ids = constructionCompany(bench);
    const contract = await linkedContract(bench, ids);
    const [a, b] = [1, 2].map((n) => bench.sim.seedRequisition(contract.id, { invoice_number: `${n}` }).id);
    const result = bench.sim.exportRequisitions([a ?? 0, b ?? 0]);
    expect(result.requestDetailIds).toHaveLength(count);
    const text = JSON.stringify(result.body);
    expect(text.includes('request_detail_id')).toBe(requestDetailLocation !== 'absent');
    await bench.closeDetail(result.requestDetailIds[0], 'failed', ['No.']);
    expect(bench.sim.record('requisition', b ?? 0).erp_status).toBe(
      requestDetailLocation === 'per_item' ? 'exporting' : 'failed_to_export',
    );
  }),
);

test('a budget: locked, first as a whole, then only what is new', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench);
    const budget = bench.sim.seedBudget(ids.project, [{ ...LINE, amount: '184500' }], { locked: false });
    expect(() => bench.sim.exportBudget(ids.project)).toThrow('must be locked');
    await bench.call('POST', `/rest/v1.0/projects/${ids.project}/budget/lock`);
    const first = bench.sim.exportBudget(ids.project);
    expect(shapeDifference(first, 'create_budget')).toEqual(WHOLE);
    expect(data(first)).toMatchObject({
      job_id: 'project|2417',
      budget: { id: budget.id, origin_id: null, synced: false, project_id: ids.project },
      job_costs: [
        { cost_code_origin_id: 'code|23-050', line_item_type_origin_id: 'type|S', new_amount: 184500 },
      ],
      transactions: [{ value: 184500, type: 'Erp::OriginalEstimateTransaction', synced: false }],
    });
    const [transaction] = data(first)['transactions'] as { id: number }[];
    await link(bench, ['budget', budget.id, 'b|1']);
    const synced = await bench.call('PATCH', '/rest/v1.0/erp_transactions/sync', {
      project_id: ids.project,
      updates: [
        { id: transaction?.id, origin_id: 'tx|1', synced: true },
        { id: 1, synced: true },
      ],
    });
    expect(syncBody(synced).errors.map((e) => e.errors)).toEqual([{ id: ['Entity with this ID not found'] }]);
    await close(bench, first);
    expect(() => bench.sim.exportBudget(ids.project)).toThrow('nothing new');
    bench.sim.changeBudget(ids.project, [
      { code: '23-050', type: 'S', amount: 2500, revised: true, notes: 'CE 7' },
    ]);
    const second = bench.sim.exportBudget(ids.project);
    expect(shapeDifference(second, 'update_budget')).toEqual(WHOLE);
    expect(data(second)).toMatchObject({
      budget: { origin_id: 'b|1', synced: true },
      job_costs: [{ new_amount: 187000 }],
      transactions: [{ value: 2500, notes: 'CE 7', type: 'Erp::RevisedEstimateTransaction' }],
    });
    expect(data(second)['transactions']).toHaveLength(1);
  }));

test('revised estimates stay home where the metadata says so', () =>
  withBench({}, async (bench) => {
    await metadata(bench, { budgets: { configs: { revised_estimates_export: { enabled: false } } } });
    const ids = constructionCompany(bench);
    bench.sim.seedBudget(ids.project, [{ ...LINE, revised: true }]);
    expect(() => bench.sim.exportBudget(ids.project)).toThrow('revised estimates');
  }));

test('owner invoices and changes of the prime contract', () =>
  withBench({}, async (bench) => {
    await metadata(bench, {
      prime_contract_change_orders: { configs: { export_estimate_markup: { enabled: true } } },
    });
    const ids = constructionCompany(bench);
    const prime = await primeContract(bench, ids);
    const application = bench.sim.seedPaymentApplication(prime.id, {
      invoice_number: 'OI-3',
      number: 3,
      items: [{ line_item_id: prime.line, work_completed_this_period: 250000 }],
    });
    const invoice = bench.sim.exportPaymentApplication(application.id);
    expect(shapeDifference(invoice, 'create_payment_application')).toEqual(WHOLE);
    expect(data(invoice)['payment_application']).toMatchObject({
      id: application.id,
      origin_id: null,
      items: [{ origin_id: 'prime|1|10', work_completed_this_period: 250000 }],
    });
    const order = bench.sim.seedPrimeContractChangeOrder(prime.id, {
      number: '004',
      title: 'VAV boxes',
      lines: [
        {
          ...LINE,
          amount: '12750',
          prime_line_item_id: prime.line,
          markups: [
            { name: 'Fee', amount: '1912.5', percentage: '15.00' },
            { name: 'Kept', amount: '1', can_export_estimate_markup: false },
          ],
        },
      ],
    });
    const change = bench.sim.exportPrimeContractChangeOrder(order.id, {
      customFields: { transaction_date: '2026-03-31' },
    });
    expect(shapeDifference(change, 'create_prime_contract_change_order')).toEqual(WHOLE);
    expect(data(change)).toMatchObject({
      // The amount of a change holds its markups, also those that are not exported.
      prime_contract: { id: prime.id, approved_change_orders: '14663.5' },
      prime_contract_change_order: { erp_custom_fields: { transaction_date: '2026-03-31' } },
      prime_contract_change_order_items: [
        {
          prime_line_item_origin_id: 'prime|1|10',
          amount: '14663.5',
          extended_amount: '12750.0',
          total_amount: '12750.0',
          markup_line_items: [{ amount: '1912.5', markup: { name: 'Fee' } }],
        },
      ],
    });
    const [markup] =
      (
        data(change)['prime_contract_change_order_items'] as {
          markup_line_items: { id: number; markup: { id: number } }[];
        }[]
      )[0]?.markup_line_items ?? [];
    await link(bench, ['markup', markup?.id ?? 0, 'm|1'], ['markup', markup?.markup.id ?? 0, 'm|2']);
    expect(bench.sim.record('markup', markup?.id ?? 0).origin_id).toBe('m|2');
  }));

test('company-level direct costs', () =>
  withBench({}, async (bench) => {
    const ids = constructionCompany(bench);
    const cost = bench.sim.seedCompanyLevelDirectCost({
      invoice_number: '7714',
      vendor_id: ids.vendor,
      lines: [{ ...LINE, project_id: ids.project, amount: '1240' }],
    });
    const result = bench.sim.exportCompanyLevelDirectCost(cost.id);
    expect(shapeDifference(result, 'create_company_level_direct_cost')).toEqual(WHOLE);
    expect(data(result)['direct_cost']).toMatchObject({
      id: String(cost.id),
      erp: { status: 'exporting' },
      billed_amount: '1240.0',
      vendor: { id: String(ids.vendor), origin_code: null },
      projects: [{ id: ids.project }],
      line_items: [
        { cost_code_id: ids.code, job_origin_id: 'project|2417', cost_code_origin_id: 'code|23-050' },
      ],
    });
    const item = { item_type: 'company_level_direct_cost', item_id: String(cost.id), origin_id: 'dc|1' };
    await bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, { updates: [item] });
    await close(bench, result);
    expect(bench.sim.record('company_level_direct_cost', cost.id)).toMatchObject({
      erp_status: 'synced',
      origin_id: 'dc|1',
    });
  }));

test('from another process, and after a restart', () =>
  withBench({}, async (bench) => {
    const project = await bench.control.seedProject({ name: 'Eastgate' });
    const result = await bench.control.exportJob(project.id, { code: '1' });
    expect(result.requestDetailIds).toHaveLength(1);
    await expect(bench.control.exportJob(project.id)).rejects.toMatchObject({ status: 409 });
    const saved = bench.sim.save();
    await bench.sim.reset();
    bench.sim.restore(saved);
    await bench.login();
    await close(bench, result, 'failed', ['No.']);
    expect(await bench.control.record('project', project.id)).toMatchObject({
      erp_status: 'failed_to_export',
      erp_messages: ['No.'],
    });
    expect(bench.sim.state().companies[0]?.records.project).toHaveLength(1);
  }));
