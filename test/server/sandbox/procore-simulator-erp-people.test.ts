import { loadEvents } from '../../../sandbox/procore-simulator/data';
import type { EmitResult } from '../../../sandbox/procore-simulator/types';
import {
  constructionCompany,
  LINE,
  link,
  subcontract,
  syncBody,
  type Ids,
} from './support/construction-company';
import { shapeDifference } from './support/payload-shape';
import { COMPANY, COMPANY_PATH, withBench, type Bench } from './support/procore-client';

const WHOLE = { missing: [], extra: [] };
type Data = Record<string, unknown>;
const data = (result: EmitResult | null | undefined): Data =>
  (result?.body as { request_data: Data } | undefined)?.request_data ?? {};

describe('refresh', () => {
  test.each([
    ['vendors', 'sync_vendors'],
    ['jobs', 'sync_jobs'],
    ['sub_jobs', 'sync_sub_jobs'],
    ['commitments', 'sync_commitments'],
    ['commitment_change_orders', 'sync_commitment_change_orders'],
    ['prime_contracts', 'sync_prime_contracts'],
    ['contract_payments', 'sync_contract_payments'],
  ] as const)('%s: the button is disabled while its detail is open', (button, event) =>
    withBench({}, async (bench) => {
      const [result] = bench.sim.refresh(button);
      expect(result && shapeDifference(result, event)).toEqual(WHOLE);
      expect(() => bench.sim.refresh(button)).toThrow('still running');
      expect(bench.sim.refresh(button, { force: true })).toHaveLength(1);
      for (const { details } of bench.sim.state().companies[0]?.requests ?? []) {
        for (const { id } of details) await bench.closeDetail(id, 'success');
      }
      expect(bench.sim.refresh(button)).toHaveLength(1);
    }),
  );

  test('one button for standard codes and cost types', () =>
    withBench({}, async (bench) => {
      expect(() => bench.sim.refresh('standard_cost_codes')).toThrow('no ERP standard cost code list');
      const answer = await bench.call('POST', `${COMPANY_PATH}/erp_connections`, {
        connection: { service_url: 'https://a.example', metadata: {} },
      });
      const list = (answer.body as Data)['standard_cost_code_list_id'];
      const [codes, types] = bench.sim.refresh('standard_cost_codes');
      expect(data(codes)).toEqual({
        standard_cost_code_list_id: list,
        request_detail_id: codes?.requestDetailIds[0],
      });
      expect(types).toMatchObject({
        requestDetailIds: [],
        body: { request_name: 'sync_standard_categories' },
      });
    }));

  test('the clock of Procore: everything that is synced', () =>
    withBench({}, async (bench) => {
      const { project } = constructionCompany(bench);
      bench.sim.seedProject({ name: 'Not synced' });
      const subJob = bench.sim.seedSubJob(project, { name: 'Garage', code: 'GAR', origin_id: 'sub|GAR' });
      await bench.call('PATCH', `/rest/v1.0/projects/${project}/configuration`, {
        configuration: { erp_job_cost_transaction_syncing_enabled: true },
      });
      const [job, sub, ...more] = bench.sim.runPeriodicSync();
      expect(more).toEqual([]);
      expect(job && shapeDifference(job, 'sync_single_job')).toEqual(WHOLE);
      expect(sub && shapeDifference(sub, 'sync_sub_job')).toEqual(WHOLE);
      expect(data(job)).toMatchObject({
        id: 'project|2417',
        additional_job_data: { procore_project_id: project, job_cost_transactions_sync_enabled: true },
      });
      expect(data(sub)).toMatchObject({
        id: 'sub|GAR',
        additional_job_data: { parent_origin_id: 'project|2417', procore_sub_job_id: subJob.id },
      });
    }));
});

describe('import', () => {
  async function stage(bench: Bench, ...updates: object[]): Promise<number[]> {
    const answer = await bench.call('PATCH', `${COMPANY_PATH}/staged_records/sync`, { updates });
    expect(syncBody(answer).errors).toEqual([]);
    return syncBody(answer).entities.map((e) => e.id);
  }
  const lineOf = (origin: string, more: object = {}): object => ({
    item_type: 'line_item',
    origin_id: origin,
    data: { amount: '10.0', cost_code_origin_id: 'code|23-050', line_item_type_origin_id: 'type|S', ...more },
  });

  test('projects and sub jobs are created with the origin_id, then Procore tells', () =>
    withBench({}, async (bench) => {
      const [staged] = await stage(bench, {
        item_type: 'project',
        origin_id: 'project|1',
        origin_code: '1',
        data: { name: 'Pier' },
      });
      const project = bench.sim.importStaged(staged ?? 0);
      expect(project.event && shapeDifference(project.event, 'create_job_in_procore')).toEqual(WHOLE);
      expect(data(project.event)).toMatchObject({
        project: { id: project.id, name: 'Pier', origin_id: 'project|1', origin_code: '1' },
      });
      expect(() => bench.sim.importStaged(staged ?? 0)).toThrow('imported');
      const [sub, lost] = await stage(
        bench,
        {
          item_type: 'sub_job',
          origin_id: 's|1',
          data: { name: 'A', code: 'A', project_origin_id: 'project|1' },
        },
        {
          item_type: 'sub_job',
          origin_id: 's|2',
          data: { name: 'B', code: 'B', project_origin_id: 'project|2' },
        },
      );
      const made = bench.sim.importStaged(sub ?? 0);
      expect(made.event && shapeDifference(made.event, 'create_sub_job_in_procore')).toEqual(WHOLE);
      expect(data(made.event)).toMatchObject({ sub_job: { synced: true, project: { id: project.id } } });
      expect(() => bench.sim.importStaged(lost ?? 0)).toThrow(
        'project_origin_id project|2 is not in Procore',
      );
      expect(bench.sim.state().companies[0]?.stagedRecords.map((r) => r.status)).toEqual([
        'imported',
        'imported',
        'staged',
      ]);
    }));

  test('commitments with their lines, and changes of them', () =>
    withBench({}, async (bench) => {
      const { project, vendor } = constructionCompany(bench);
      const contract = {
        item_type: 'work_order_contract',
        origin_id: 'c|1',
        data: {
          number: '1',
          title: 'T',
          project_origin_id: 'project|2417',
          vendor_origin_id: 'vendor|10442',
        },
      };
      const [bad] = await stage(bench, {
        ...contract,
        origin_id: 'c|0',
        children: [lineOf('c|0|1', { cost_code_origin_id: 'code|99' })],
      });
      expect(() => bench.sim.importStaged(bad ?? 0)).toThrow('cost_code_origin_id code|99 is not in Procore');
      expect(bench.sim.state().companies[0]?.records.work_order_contract).toEqual([]);
      const [good] = await stage(bench, { ...contract, children: [lineOf('c|1|1')] });
      const made = bench.sim.importStaged(good ?? 0);
      expect(made.event && shapeDifference(made.event, 'create_commitment_in_procore')).toEqual(WHOLE);
      expect(bench.sim.record('commitment', made.id)).toMatchObject({
        project_id: project,
        vendor_id: vendor,
        linked: true,
        lines: [{ origin_id: 'c|1|1', linked: true }],
      });
      const [change] = await stage(bench, {
        item_type: 'commitment_change_order',
        origin_id: 'c|1|CO1',
        data: { number: '1', title: 'CO', project_origin_id: 'project|2417', commitment_origin_id: 'c|1' },
        children: [lineOf('c|1|CO1|1', { commitment_line_item_origin_id: 'c|1|1' })],
      });
      const order = bench.sim.importStaged(change ?? 0);
      expect(order.event).toBeNull();
      expect(bench.sim.record('commitment_change_order', order.id)).toMatchObject({ contract_id: made.id });
    }));

  test('a prime contract again, for more lines; a budget', () =>
    withBench({}, async (bench) => {
      const { project } = constructionCompany(bench);
      const contract = {
        item_type: 'prime_contract',
        origin_id: 'prime|1',
        data: { number: '1', title: 'Prime', project_origin_id: 'project|2417' },
      };
      const [first] = await stage(bench, { ...contract, children: [lineOf('prime|1|10')] });
      const made = bench.sim.importStaged(first ?? 0);
      await stage(bench, { ...contract, status: 'staged', children: [lineOf('prime|1|20')] });
      const again = bench.sim.importStaged(first ?? 0);
      expect(again).toEqual({ ...made, event: null });
      expect(bench.sim.record('prime_contract', made.id).lines?.map((l) => l.origin_id)).toEqual([
        'prime|1|10',
        'prime|1|20',
      ]);
      const budget = bench.sim.importBudget(project, [LINE]);
      expect(budget.event && shapeDifference(budget.event, 'create_budget_in_procore')).toEqual(WHOLE);
    }));
});

describe('unlink', () => {
  async function contractInErp(bench: Bench): Promise<{ ids: Ids; id: number; line: number }> {
    const ids = constructionCompany(bench);
    const { id, line } = subcontract(bench, ids);
    await link(bench, ['work_order_contract', id, 'c|8'], ['line_item', line, 'c|8|1']);
    return { ids, id, line };
  }

  test('the record stays linked until the integrator has cleared it', () =>
    withBench({}, async (bench) => {
      const { id } = await contractInErp(bench);
      const ask = bench.sim.unlinkRecord('commitment', id);
      expect(shapeDifference(ask, 'unlink_commitment')).toEqual(WHOLE);
      expect(data(ask)).toMatchObject({ procore_commitment_id: id, commitment_origin_id: 'c|8' });
      await bench.closeDetail(ask.requestDetailIds[0], 'failed', ['It is still in your ERP.']);
      expect(bench.sim.record('commitment', id)).toMatchObject({
        linked: true,
        erp_messages: ['It is still in your ERP.'],
      });
      const again = bench.sim.unlinkRecord('commitment', id);
      await link(bench, ['work_order_contract', id, null]);
      await bench.closeDetail(again.requestDetailIds[0], 'success');
      expect(bench.sim.record('commitment', id)).toMatchObject({
        linked: false,
        erp_status: 'not_in_erp',
        erp_messages: ['This subcontract was successfully unlinked.'],
      });
      expect(() => bench.sim.unlinkRecord('commitment', id)).toThrow('not synced');
    }));

  test('Status Management clears lines as well and puts the staged record back', () =>
    withBench({ unlinkBy: 'status_management' }, async (bench) => {
      const ids = constructionCompany(bench);
      const staged = await bench.call('PATCH', `${COMPANY_PATH}/staged_records/sync`, {
        updates: [
          {
            item_type: 'work_order_contract',
            origin_id: 'c|1',
            data: { title: 'T', project_origin_id: 'project|2417', vendor_id: ids.vendor },
            children: [
              {
                item_type: 'line_item',
                origin_id: 'c|1|1',
                data: { cost_code_id: ids.code, line_item_type_id: ids.type, amount: '1' },
              },
            ],
          },
        ],
      });
      const { id } = bench.sim.importStaged(syncBody(staged).entities[0]?.id ?? 0);
      await bench.call('PATCH', `${COMPANY_PATH}/erp_status_management/unlink`, {
        item_type: 'work_order_contract',
        item_id: id,
      });
      expect(bench.sim.record('commitment', id)).toMatchObject({ linked: false, lines: [{ linked: false }] });
      const { stagedRecords } = bench.sim.state().companies[0] ?? {};
      expect(stagedRecords?.map((r) => r.status)).toEqual(['staged', 'staged']);
    }));

  test('every kind that may be unlinked', () =>
    withBench({}, async (bench) => {
      const { ids, id } = await contractInErp(bench);
      const order = bench.sim.seedCommitmentChangeOrder(id, { number: 4, title: 'VAV', origin_id: 'co|4' });
      const prime = bench.sim.seedPrimeContract(ids.project, { number: 'PC-1', title: 'P', lines: [LINE] });
      const line = prime.lines?.[0]?.id;
      const change = bench.sim.seedPrimeContractChangeOrder(prime.id, {
        number: '004',
        title: 'VAV',
        origin_id: 'pco|4',
        lines: [{ ...LINE, prime_line_item_id: line }],
      });
      const application = bench.sim.seedPaymentApplication(prime.id, {
        invoice_number: 'OI-3',
        origin_id: 'ar|1',
        items: [{ line_item_id: line }],
      });
      const cost = bench.sim.seedCompanyLevelDirectCost({
        vendor_id: ids.vendor,
        origin_id: 'dc|1',
        lines: [{ ...LINE, project_id: ids.project }],
      });
      const asked = [
        ['commitment_change_order', order.id],
        ['prime_contract_change_order', change.id],
        ['payment_application', application.id],
        ['company_level_direct_cost', cost.id],
      ] as const;
      for (const [kind, recordId] of asked) {
        const ask = bench.sim.unlinkRecord(kind, recordId);
        expect([kind, shapeDifference(ask, `unlink_${kind}`)]).toEqual([kind, WHOLE]);
        expect(ask.requestDetailIds).toHaveLength(1);
      }
      const reset = bench.sim.resetPrimeContractChangeOrder(change.id);
      expect(shapeDifference(reset, 'reset_prime_contract_change_order')).toEqual(WHOLE);
      expect(bench.sim.record('prime_contract_change_order', change.id).linked).toBe(true);
      const gone = bench.sim.resetCompanyLevelDirectCost(cost.id);
      expect(shapeDifference(gone, 'reset_company_level_direct_cost')).toEqual(WHOLE);
      expect(data(gone)).toMatchObject({ origin_id: 'dc|1' });
      expect(bench.sim.record('company_level_direct_cost', cost.id).linked).toBe(false);
    }));
});

describe('delete', () => {
  test('cost codes: each with an answer of its own', () =>
    withBench({}, async (bench) => {
      const { code, division, project } = constructionCompany(bench);
      const ask = bench.sim.deleteCostCodes([code, division]);
      expect(shapeDifference(ask, 'delete_cost_codes')).toEqual(WHOLE);
      expect(data(ask)).toMatchObject({
        project: { id: project },
        sub_job: null,
        cost_codes: [
          { id: code, sortable_code: '23-050', request_detail_id: ask.requestDetailIds[0] },
          { id: division, request_detail_id: ask.requestDetailIds[1] },
        ],
      });
      await bench.closeDetail(ask.requestDetailIds[0], 'success');
      await bench.closeDetail(ask.requestDetailIds[1], 'failed', ['Delete it there first.']);
      expect(bench.sim.state().companies[0]?.records.cost_code).toMatchObject([
        { id: division, linked: true, erp_messages: ['Delete it there first.'] },
      ]);
    }));

  test('cost type assignments: the integrator deletes them', () =>
    withBench({}, async (bench) => {
      const { code, project, type } = constructionCompany(bench);
      const path = `/rest/v1.0/cost_code_line_item_types`;
      const sync = await bench.call('PATCH', `${path}/sync?project_id=${project}`, {
        updates: [{ cost_code_id: code, line_item_type_id: type, synced: true }],
      });
      const pair = syncBody(sync).entities[0]?.id ?? 0;
      const ask = bench.sim.deleteCostTypeAssignments([pair]);
      expect(shapeDifference(ask, 'delete_cost_type_assignments')).toEqual(WHOLE);
      expect(data(ask)).toMatchObject({
        cost_type_assignments: [
          { id: pair, cost_code_origin_id: 'code|23-050', line_item_type_origin_id: 'type|S' },
        ],
      });
      expect((await bench.call('DELETE', `${path}/${pair}?project_id=${project}`)).status).toBe(204);
      await bench.closeDetail(ask.requestDetailIds[0], 'success');
      expect((await bench.call('DELETE', `${path}/${pair}?project_id=${project}`)).status).toBe(404);
    }));
});

describe('support', () => {
  test('reset of a job unties everything below it', () =>
    withBench({}, async (bench) => {
      const ids = constructionCompany(bench);
      const { id, line } = subcontract(bench, ids, { origin_id: 'c|8' });
      await link(bench, ['line_item', line, 'c|8|1']);
      const invoice = bench.sim.seedRequisition(id, { invoice_number: 'A', origin_id: 'r|1' });
      bench.sim.seedBudget(ids.project, [LINE]);
      const result = bench.sim.resetJob(ids.project);
      expect(shapeDifference(result, 'reset_job')).toEqual(WHOLE);
      expect(data(result)).toMatchObject({ project: { id: ids.project, origin_id: 'project|2417' } });
      const left = await bench.call(
        'GET',
        `${COMPANY_PATH}/external_data?item_type=requisition&item_id=${invoice.id}`,
      );
      expect(left.body).toEqual([]);
      const { records } = bench.sim.state().companies[0] ?? {};
      expect(
        Object.values(records ?? {})
          .flat()
          .filter((r) => r.linked)
          .map((r) => r.kind),
      ).toEqual(['vendor', 'standard_cost_code', 'standard_cost_code', 'line_item_type', 'line_item_type']);
    }));

  test('sub job, invoice, payment', () =>
    withBench({}, async (bench) => {
      const ids = constructionCompany(bench);
      const subJob = bench.sim.seedSubJob(ids.project, { name: 'Garage', code: 'GAR', origin_id: 's|1' });
      const { id, line } = subcontract(bench, ids, { origin_id: 'c|8' });
      const invoice = bench.sim.seedRequisition(id, {
        invoice_number: 'A',
        origin_id: 'r|1',
        items: [{ line_item_id: line, amount: '1.0', origin_id: 'r|1|1' }],
      });
      const payment = bench.sim.seedPayment(invoice.id, { payment_method: 'ach', origin_id: 'p|1' });
      const results = {
        reset_sub_job: bench.sim.resetSubJob(subJob.id),
        reset_requisition: bench.sim.resetRequisition(invoice.id),
        reset_payment: bench.sim.resetPayment(payment.id),
      };
      for (const [name, result] of Object.entries(results)) {
        expect([name, shapeDifference(result, name)]).toEqual([name, WHOLE]);
      }
      expect(data(results.reset_requisition)).toMatchObject({ requisition_origin_id: 'r|1' });
      expect(bench.sim.record('requisition', invoice.id)).toMatchObject({
        linked: false,
        lines: [{ linked: false }],
      });
      expect(bench.sim.record('contract_payment', payment.id).linked).toBe(true);
      await bench.call('PATCH', `${COMPANY_PATH}/invoice_payments/${payment.id}/unlink`);
      expect(bench.sim.record('contract_payment', payment.id).linked).toBe(false);
    }));

  test('codes and cost types, metadata', () =>
    withBench({}, async (bench) => {
      const { code, type, project } = constructionCompany(bench);
      const standard = bench.sim.state().companies[0]?.records.standard_cost_code?.map((r) => r.id) ?? [];
      const results = {
        unlink_standard_cost_codes: bench.sim.unlinkStandardCostCodes(standard.slice(0, 1)),
        delete_standard_cost_codes: bench.sim.deleteStandardCostCodes(standard.slice(1)),
        delete_standard_categories: bench.sim.deleteStandardCategories([type]),
        delete_cost_code: bench.sim.deleteCostCode([code]),
        sync_metadata: bench.sim.requestMetadata(),
      };
      for (const [name, result] of Object.entries(results)) {
        expect([name, shapeDifference(result, name)]).toEqual([name, WHOLE]);
        expect(result.requestDetailIds).toEqual([]);
      }
      expect(data(results.delete_cost_code)).toMatchObject({
        procore_project_id: project,
        procore_sub_job_id: null,
      });
      expect(bench.sim.record('standard_cost_code', standard[0] ?? 0).linked).toBe(false);
      expect(bench.sim.state().companies[0]?.records.cost_code).toHaveLength(1);
      expect(bench.sim.violations()).toEqual([]);
    }));
});

test.each(
  loadEvents()
    .filter((e) => e.kind === 'export' && e.requestDetail === 'single')
    .map((e) => [e.requestName, e.externalDataItemTypes[0] ?? ''] as const),
)('the records of an example %s can be found and close like others', (name, itemType) =>
  withBench({}, async (bench) => {
    const { requestId, requestDetailIds } = bench.sim.emitEvent(name);
    const detail = bench.sim.state().companies[0]?.requests.find((r) => r.id === requestId)?.details[0];
    expect(detail?.item_type).toBe(itemType);
    await link(bench, [itemType, Number(detail?.item_id), `example|${name}`]);
    await bench.closeDetail(requestDetailIds[0], 'success');
    const external = await bench.call(
      'GET',
      `${COMPANY_PATH}/external_data?item_type=${itemType}&item_id=${detail?.item_id}`,
    );
    expect(external.body).toMatchObject([{ origin_id: `example|${name}` }]);
    const company = bench.sim.state().companies.find((c) => c.id === COMPANY);
    const all = Object.values(company?.records ?? {}).flat();
    expect(all.filter((r) => r.erp_status === 'exporting')).toEqual([]);
  }),
);
