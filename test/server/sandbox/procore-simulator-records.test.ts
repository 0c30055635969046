import { COMPANY, COMPANY_PATH, withBench, type Answer, type Bench } from './support/procore-client';

interface SyncBody {
  entities: (Record<string, unknown> & { id: number })[];
  errors: (Record<string, unknown> & { errors: Record<string, string[]> })[];
}
const sync = (answer: Answer): SyncBody => answer.body as SyncBody;
const rows = (answer: Answer): Record<string, unknown>[] => answer.body as Record<string, unknown>[];
const P = 501;

async function withProject(work: (bench: Bench) => Promise<void>): Promise<void> {
  await withBench({}, async (bench) => {
    bench.sim.seedCollection('/rest/v1.0/projects', [
      { id: P, name: 'Eastgate', origin_id: 'project|1|2417' },
    ]);
    await work(bench);
    expect(bench.sim.violations()).toEqual([]);
  });
}

const external = (bench: Bench, ...updates: object[]): Promise<Answer> =>
  bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, { updates });

test('projects: list, show, sync, change', () =>
  withProject(async (bench) => {
    const answer = await bench.call('PATCH', '/rest/v1.0/projects/sync', {
      company_id: COMPANY,
      updates: [
        { id: P, name: 'Eastgate II' },
        { origin_id: 'project|1|2418', name: 'Westgate' },
        { id: 1, name: 'Nowhere' },
        { origin_id: 'project|1|2419', name: '' },
      ],
    });
    expect(sync(answer).entities.map((e) => e['name'])).toEqual(['Eastgate II', 'Westgate']);
    expect(sync(answer).errors.map((e) => e.errors)).toEqual([
      { id: ['Entity with this ID not found'] },
      { name: ["can't be blank"] },
    ]);
    const list = `/rest/v1.0/projects?company_id=${COMPANY}&filters[origin_id]=`;
    expect(rows(await bench.call('GET', `${list}project|1|2418`))).toMatchObject([{ name: 'Westgate' }]);
    const change = await bench.call('PATCH', `/rest/v1.0/projects/${P}`, {
      company_id: COMPANY,
      project: { city: 'Bellevue', origin_id: 'project|1|2418' },
    });
    expect(change.status).toBe(409);
    const show = await bench.call('GET', `/rest/v1.0/projects/${P}?company_id=${COMPANY}`);
    expect(show.body).toMatchObject({ id: P, is_erp_integrated: true, origin_id: 'project|1|2417' });
  }));

test('standard cost codes live in the list of the connection; the code sent carries its parents', () =>
  withProject(async (bench) => {
    const connection = await bench.call('POST', `${COMPANY_PATH}/erp_connections`, {
      connection: { service_url: 'https://a.example', metadata: { settings: {} } },
    });
    const list = (connection.body as { standard_cost_code_list_id: number }).standard_cost_code_list_id;
    const send = (view: string, listId = list): Promise<Answer> =>
      bench.call('PATCH', `/rest/v1.0/standard_cost_codes/sync${view}`, {
        company_id: COMPANY,
        standard_cost_code_list_id: listId,
        updates: [
          { origin_id: 's|23', code: '23', name: 'HVAC' },
          { origin_id: 's|23-050', code: '23-050', name: 'Systems', parent_origin_id: 's|23' },
          { origin_id: 's|99-1', code: '99-1', name: 'Lost', parent_origin_id: 's|99' },
        ],
      });
    const brief = sync(await send(''));
    expect(Object.keys(brief.entities[0] ?? {})).toEqual(['id', 'standard_cost_code_list_id']);
    expect(brief.errors.map((e) => e.errors)).toEqual([{ parent_origin_id: ['must exist'] }]);
    expect(sync(await send('?view=extended')).entities[1]).toMatchObject({
      code: '050',
      full_code: '23-050',
      parent_id: brief.entities[0]?.id,
    });
    expect((await send('', list + 1)).status).toBe(404);
    const filter = `/rest/v1.0/standard_cost_codes?company_id=${COMPANY}&standard_cost_code_list_id=${list}`;
    expect(rows(await bench.call('GET', `${filter}&filters[origin_id]=s|23-050`))).toHaveLength(1);
    expect(
      await bench.call(
        'DELETE',
        `/rest/v1.0/standard_cost_codes/${brief.entities[1]?.id}?company_id=${COMPANY}`,
      ),
    ).toMatchObject({ status: 204 });
  }));

describe('cost codes of an ERP project', () => {
  const path = `/rest/v1.0/cost_codes/sync?project_id=${P}`;
  const code = { code: '050', name: 'Systems', origin_id: 'c|1' };

  test('only the sync action may write them', () =>
    withProject(async (bench) => {
      const plain = await bench.call('POST', '/rest/v1.0/cost_codes', { project_id: P, cost_code: code });
      expect(plain.status).toBe(422);
      const made = sync(await bench.call('PATCH', path, { updates: [code] })).entities[0];
      expect(made).toMatchObject({ origin_id: 'c|1', biller_type: 'Project', full_code: '050' });
      const patch = await bench.call('PATCH', `/rest/v1.0/cost_codes/${made?.id}`, {
        project_id: P,
        cost_code: { code: '051', name: 'X' },
      });
      expect(patch.status).toBe(422);
      const bad = sync(
        await bench.call('PATCH', path, {
          updates: [{ code: '1', name: 'N', standard_cost_code_id: 5 }, { code: '2' }],
        }),
      );
      expect(bad.errors.map((e) => Object.keys(e.errors))).toEqual([['standard_cost_code_id'], ['name']]);
      const list = `/rest/v1.0/cost_codes?project_id=${P}&filters[origin_id]=c|1`;
      expect(rows(await bench.call('GET', list)).map((r) => r['id'])).toEqual([made?.id]);
      expect((await bench.call('DELETE', `/rest/v1.0/cost_codes/${made?.id}?project_id=${P}`)).status).toBe(
        204,
      );
      expect((await bench.call('DELETE', `/rest/v1.0/cost_codes/${made?.id}?project_id=${P}`)).status).toBe(
        404,
      );
    }));

  test('of a sub job they are separate; assignments and job costs hang on them', () =>
    withProject(async (bench) => {
      const subJob = sync(
        await bench.call('PATCH', `/rest/v1.0/sub_jobs/sync?project_id=${P}`, {
          project_id: P,
          updates: [{ name: 'Garage', code: 'GAR', origin_id: 'sub_job|1|GAR' }],
        }),
      ).entities[0];
      const types = await bench.call('PATCH', '/rest/v1.0/line_item_types/sync', {
        company_id: COMPANY,
        updates: [{ name: 'Material', csv_import_code: 'M', base_type: 'materials', origin_id: 't|M' }],
      });
      const type = sync(types).entities[0];
      expect(type).toMatchObject({ code: 'M' });
      const scope = `project_id=${P}&sub_job_id=${subJob?.id}`;
      const made = sync(
        await bench.call('PATCH', `/rest/v1.0/cost_codes/sync?${scope}`, { updates: [code] }),
      );
      const id = made.entities[0]?.id;
      expect(rows(await bench.call('GET', `/rest/v1.0/cost_codes?project_id=${P}`))).toEqual([]);
      expect(rows(await bench.call('GET', `/rest/v1.0/cost_codes?${scope}`))).toHaveLength(1);
      const pair = { cost_code_id: id, line_item_type_id: type?.id, synced: true };
      const assign = (query: string): Promise<Answer> =>
        bench.call('PATCH', `/rest/v1.0/cost_code_line_item_types/sync?${query}`, { updates: [pair] });
      const first = sync(await assign(scope)).entities[0];
      expect(sync(await assign(scope)).entities[0]?.id).toBe(first?.id);
      expect(sync(await assign(`project_id=${P}`)).errors[0]?.errors).toEqual({
        cost_code_id: ['must exist'],
      });
      const costs = (job: string): Promise<Answer> =>
        bench.call('PATCH', '/rest/v1.0/erp_job_costs/sync', {
          company_id: COMPANY,
          job_origin_id: job,
          updates: [{ cost_code_id: id, line_item_type_id: type?.id, job_to_date_cost: 12.5 }],
        });
      const cost = sync(await costs('sub_job|1|GAR')).entities[0];
      expect(cost).toMatchObject({ job_to_date_cost: 12.5 });
      expect(sync(await costs('project|1|2417')).errors).toHaveLength(1);
      expect((await costs('nobody')).status).toBe(422);
      expect((await bench.call('DELETE', `/rest/v1.0/erp_job_costs/${cost?.id}`)).status).toBe(204);
      expect((await bench.call('DELETE', `/rest/v1.0/cost_code_line_item_types/${first?.id}`)).status).toBe(
        204,
      );
    }));
});

test('a scope parameter that is missing answers 400, an unknown project 404', () =>
  withBench({}, async (bench) => {
    expect((await bench.call('GET', '/rest/v1.0/sub_jobs')).status).toBe(400);
    expect((await bench.call('GET', '/rest/v1.0/sub_jobs?project_id=1')).status).toBe(404);
    expect(bench.sim.violations().map((v) => v.kind)).toEqual(['missing-query-parameter']);
  }));

test('change orders are listed with their origin_id, their lines by v2 with ids as text', () =>
  withProject(async (bench) => {
    const contract = bench.sim.seedCommitment(P, { number: '1', title: 'T' });
    const order = bench.sim.seedCommitmentChangeOrder(contract.id, {
      number: 1,
      title: 'CO',
      origin_id: 'co|1',
      lines: [{ amount: '5' }],
    });
    const prime = bench.sim.seedPrimeContract(P, { number: '1', title: 'T' });
    bench.sim.seedPrimeContractChangeOrder(prime.id, { number: '1', title: 'PCO' });
    const packages = `/rest/v1.0/change_order_packages?project_id=${P}`;
    expect(rows(await bench.call('GET', packages))).toHaveLength(2);
    expect(rows(await bench.call('GET', `${packages}&contract_id=${contract.id}`))).toMatchObject([
      { id: order.id, origin_id: 'co|1' },
    ]);
    const v2 = `/rest/v2.0/companies/${COMPANY}/projects/${P}/commitment_change_orders/${order.id}/line_items`;
    expect((await bench.call('GET', v2)).body).toMatchObject({
      data: [{ id: String(order.lines?.[0]?.id) }],
    });
    expect((await bench.call('GET', v2.replace(String(order.id), '1'))).status).toBe(404);
    const types = await bench.call('GET', `/rest/v1.0/line_item_types?company_id=${COMPANY}`);
    expect(types.status).toBe(200);
  }));

describe('external data of records', () => {
  const seed = (bench: Bench, contract: object = {}): void => {
    bench.sim.seedCollection('/rest/v1.0/work_order_contracts', [
      { id: 9, project_id: P, number: 'SC-1', title: 'HVAC', ...contract },
    ]);
    bench.sim.seedCollection('/rest/v1.0/work_order_contracts/{work_order_contract_id}/line_items', [
      { id: 91, project_id: P, holder_id: 9, holder_kind: 'work_order_contract', amount: '10.50' },
    ]);
  };

  test('finds the record, marks it synced, and clears it with nulls', () =>
    withProject(async (bench) => {
      seed(bench);
      const answer = sync(
        await external(
          bench,
          { item_type: 'work_order_contract', item_id: 9, origin_id: 'w|1', origin_code: 'SC-1' },
          { item_type: 'line_item', item_id: 91, origin_id: 'w|1|1' },
          { item_type: 'purchase_order_contract', item_id: 9, origin_id: 'w|2' },
          { item_type: 'line_item', item_id: 92, origin_id: 'w|3' },
        ),
      );
      expect(answer.entities).toHaveLength(2);
      expect(answer.errors.map((e) => e.errors)).toEqual([
        { item_id: ['Entity with this ID not found'] },
        { item_id: ['Entity with this ID not found'] },
      ]);
      const list = `/rest/v1.0/work_order_contracts?project_id=${P}&filters[origin_id]=w|1`;
      expect(rows(await bench.call('GET', list))).toMatchObject([
        { id: 9, origin_code: 'SC-1', grand_total: '10.5' },
      ]);
      expect(bench.sim.record('commitment', 9)).toMatchObject({ linked: true, erp_status: 'synced' });
      await external(bench, { item_type: 'work_order_contract', item_id: 9, origin_id: null });
      expect(bench.sim.record('commitment', 9)).toMatchObject({ linked: false, erp_status: 'not_in_erp' });
    }));

  test('what is synced is locked', () =>
    withProject(async (bench) => {
      seed(bench, { origin_id: 'w|1' });
      const change = (fields: object): Promise<Answer> =>
        bench.call('PATCH', '/rest/v1.0/work_order_contracts/9', {
          project_id: P,
          work_order_contract: fields,
        });
      expect((await change({ title: 'Other' })).status).toBe(422);
      expect((await change({ description: 'Other' })).status).toBe(200);
      const item = { origin_id: 'w|1|1', amount: '11.0' };
      const lines = await bench.call(
        'PATCH',
        `/rest/v1.0/work_order_contracts/9/line_items/sync?project_id=${P}`,
        { updates: [item] },
      );
      expect(sync(lines).errors).toMatchObject([{ errors: { base: [expect.any(String)] } }]);
      const read = await bench.call('GET', `/rest/v1.0/work_order_contracts/9/line_items?project_id=${P}`);
      expect(rows(read)).toMatchObject([{ id: 91, amount: '10.5', holder: { id: 9 } }]);
    }));

  test('which way of unlinking works is an option', () =>
    withBench({ unlinkBy: 'status_management' }, async (bench) => {
      bench.sim.seedCollection('/rest/v1.0/projects', [{ id: P, name: 'P', origin_id: 'p' }]);
      const item = { item_type: 'project', item_id: P };
      expect(sync(await external(bench, { ...item, origin_id: null })).errors).toHaveLength(1);
      await bench.call('PATCH', `${COMPANY_PATH}/erp_status_management/unlink`, item);
      expect(bench.sim.record('project', P).linked).toBe(false);
    }));
});

test('payments are taken for exported invoices only', () =>
  withProject(async (bench) => {
    bench.sim.seedCollection('/rest/v1.0/requisitions', [
      { id: 7, project_id: P, invoice_number: 'A', origin_id: 'r|7' },
      { id: 8, project_id: P, invoice_number: 'B' },
    ]);
    const pay = (id: number): object => ({
      invoice_type: 'Billings::Requisition',
      invoice_id: id,
      origin_id: `pay|${id}`,
      amount: '5.0',
    });
    const answer = sync(
      await bench.call('PATCH', `${COMPANY_PATH}/invoice_payments/sync`, {
        company_id: COMPANY,
        updates: [pay(7), pay(8), pay(9)],
      }),
    );
    expect(answer.entities).toMatchObject([{ invoice_id: 7, origin_id: 'pay|7' }]);
    expect(answer.errors.map((e) => e.errors['invoice_id']?.[0])).toEqual([
      'has not been exported to ERP',
      'Entity with this ID not found',
    ]);
    const id = answer.entities[0]?.id;
    await bench.call('PATCH', `${COMPANY_PATH}/invoice_payments/${id}/unlink`);
    expect(bench.sim.record('invoice_payment', id ?? 0).linked).toBe(false);
    const locked = await bench.call('PATCH', '/rest/v1.0/requisitions/7', {
      project_id: P,
      commitment_id: 1,
      requisition: { invoice_number: 'C' },
    });
    expect(locked.status).toBe(422);
  }));
