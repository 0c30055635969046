import { Bench, COMPANY, COMPANY_PATH, withBench } from './support/procore-client';

interface Row {
  id: number;
  name: string;
  origin_id: string | null;
  synced_to_erp: boolean;
}

describe('vendor export and import, end to end', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await new Bench().start();
  });
  afterAll(() => bench.stop());

  test('export: request with detail, origin_id, close, synced', async () => {
    const [vendor] = bench.sim.seedVendors([
      { name: 'Cobalt Mechanical LLC', country_code: 'US', state_code: 'WA' },
    ]);
    const id = vendor?.id ?? 0;
    const { requestId, requestDetailIds } = await bench.control.exportVendor(id, { code: '10442' });

    const show = await bench.call('GET', `${COMPANY_PATH}/erp_requests/${requestId}`);
    expect(show.body).toMatchObject({
      id: requestId,
      company_id: COMPANY,
      request_name: 'create_vendor',
      request_data: {
        company_id: COMPANY,
        request_detail_id: requestDetailIds[0],
        vendor: {
          id,
          name: 'Cobalt Mechanical LLC',
          origin_code: '10442',
          origin_id: null,
          synced_to_erp: false,
        },
      },
    });
    expect(requestDetailIds[0]).not.toBe(requestId);
    expect(bench.sim.vendor(id).erp_status).toBe('exporting');

    const external = await bench.call('PATCH', `${COMPANY_PATH}/external_data/sync`, {
      updates: [{ item_type: 'vendor', item_id: id, origin_id: 'vendor|1|10442', origin_code: '10442' }],
    });
    expect(external.body).toMatchObject({
      entities: [{ item_type: 'vendor', item_id: id, origin_id: 'vendor|1|10442' }],
      errors: [],
    });
    expect((await bench.closeDetail(requestDetailIds[0], 'success')).status).toBe(200);
    const row = (await bench.call('GET', `/rest/v1.0/vendors/${id}?company_id=${COMPANY}`)).body as Row;
    expect(row).toMatchObject({ origin_id: 'vendor|1|10442', origin_code: '10442', synced_to_erp: true });
    expect(bench.sim.vendor(id).erp_status).toBe('synced');
    await expect(bench.control.exportVendor(id)).rejects.toThrow('synced');
  });

  test('a failed export leaves the vendor unsynced and shows the messages', async () => {
    const [vendor] = bench.sim.seedVendors([{ name: 'Ash Electric' }]);
    const id = vendor?.id ?? 0;
    const { requestDetailIds } = bench.sim.exportVendor(id, { code: '9' });
    await bench.closeDetail(requestDetailIds[0], 'failed', ['Vendor code 9 is taken.']);
    const state = (await bench.control.state()).companies[0]?.records.vendor.find((v) => v.id === id);
    expect(state).toMatchObject({
      synced_to_erp: false,
      erp_status: 'failed_to_export',
      erp_messages: ['Vendor code 9 is taken.'],
    });
    expect(bench.sim.exportVendor(id, { code: '10' }).requestDetailIds).toHaveLength(1);
  });

  test('refresh, stage, import', async () => {
    const { requestDetailIds } = await bench.control.refreshVendors();
    await expect(bench.control.refreshVendors()).rejects.toMatchObject({ status: 409 });
    const staged = await bench.call('PATCH', `${COMPANY_PATH}/staged_records/sync`, {
      updates: [
        { item_type: 'vendor', origin_id: 'vendor|1|20', origin_code: '20', data: { name: 'Birch Supply' } },
      ],
    });
    const record = (staged.body as { entities: { id: number; status: string }[] }).entities[0];
    expect(record?.status).toBe('staged');
    await bench.closeDetail(requestDetailIds[0], 'success');
    const imported = await bench.control.importVendor(record?.id ?? 0);
    expect(imported.body).toMatchObject({
      request_name: 'create_vendor_in_procore',
      request_data: { company_id: COMPANY, vendor: { id: imported.vendorId, origin_id: 'vendor|1|20' } },
    });
    expect(imported.requestDetailIds).toEqual([]);
    expect(bench.sim.vendor(imported.vendorId)).toMatchObject({ name: 'Birch Supply', synced_to_erp: true });
    expect(bench.sim.state().companies[0]?.stagedRecords[0]?.status).toBe('imported');
    await bench.control.refreshVendors();
  });

  test('nothing in these calls was undocumented', () => {
    expect(bench.sim.violations()).toEqual([]);
  });
});

test('people: link, link all, merge, unlink, edit', () =>
  withBench({}, async (bench) => {
    const [elm, oak, inactive, twin] = bench.sim
      .seedVendors([
        { name: 'Elm Roofing' },
        { name: 'OAK GLASS' },
        { name: 'Fir Steel', is_active: false },
        { name: 'Oak Glass Inc' },
      ])
      .map((v) => v.id);
    const staged = await bench.call('PATCH', `${COMPANY_PATH}/staged_records/sync`, {
      updates: ['Elm Roofing', 'Oak Glass', 'Fir Steel'].map((name, n) => ({
        item_type: 'vendor',
        origin_id: `vendor|1|${n}`,
        origin_code: String(n),
        data: { name },
      })),
    });
    const ids = (staged.body as { entities: { id: number }[] }).entities.map((e) => e.id);
    const link = await bench.control.linkVendor(ids[0] ?? 0, elm ?? 0);
    expect(link.body).toMatchObject({
      request_name: 'link_vendor',
      request_data: { vendor: { id: elm, origin_id: 'vendor|1|0' } },
    });
    await expect(bench.control.linkVendor(ids[2] ?? 0, inactive ?? 0)).rejects.toThrow('active');
    const all = await bench.control.linkAllVendors();
    expect(all.body).toMatchObject({
      request_name: 'link_all_vendors',
      request_data: { vendors: [{ id: oak, origin_id: 'vendor|1|1' }] },
    });
    const merge = await bench.control.mergeVendors(oak ?? 0, [twin ?? 0, elm ?? 0]);
    expect(merge.body).toMatchObject({
      request_name: 'merge_vendors',
      request_data: {
        master_vendor: { id: oak, origin_id: 'vendor|1|1' },
        source_vendors: [{ id: elm, origin_id: 'vendor|1|0' }],
      },
    });
    expect((await bench.call('GET', `/rest/v1.0/vendors/${twin}?company_id=${COMPANY}`)).status).toBe(404);
    const unlink = await bench.control.unlinkVendor(oak ?? 0);
    expect(unlink.body).toMatchObject({
      request_name: 'unlink_vendor',
      request_data: { vendor: { id: oak, origin_id: 'vendor|1|1' } },
    });
    expect(bench.sim.vendor(oak ?? 0).synced_to_erp).toBe(false);
    const record = bench.sim.state().companies[0]?.stagedRecords.find((r) => r.id === ids[1]);
    expect(record?.status).toBe('staged');
    expect((await bench.control.editVendor(oak ?? 0, { city: 'Reno' }))['city']).toBe('Reno');
    bench.sim.exportVendor(oak ?? 0);
    await expect(bench.control.editVendor(oak ?? 0, { city: 'Elko' })).rejects.toThrow('cannot be edited');
  }));

test('the scripted approver accepts and rejects what was sent', () =>
  withBench({}, async (bench) => {
    const [good, bad, other] = bench.sim
      .seedVendors([{ name: 'Good Steel' }, { name: 'Bad Steel' }, { name: 'Other' }])
      .map((v) => v.id);
    await bench.control.setApproverRules([
      { namePattern: '^good', decision: 'accept', code: 'V{n}' },
      { namePattern: '^bad', decision: 'reject', comment: 'W-9 is missing' },
    ]);
    for (const id of [good, bad, other]) await bench.control.sendVendorToErp(id ?? 0);
    expect(bench.sim.vendor(good ?? 0).erp_status).toBe('ready_to_export');
    const outcomes = await bench.control.runApprover();
    expect(outcomes.map((o) => o.decision)).toEqual(['accepted', 'rejected', 'undecided']);
    expect(bench.sim.vendor(bad ?? 0)).toMatchObject({
      erp_status: 'rejected',
      erp_comment: 'W-9 is missing',
    });
    const show = await bench.call('GET', `${COMPANY_PATH}/erp_requests/${outcomes[0]?.requestId}`);
    expect(show.body).toMatchObject({
      request_name: 'create_vendor',
      request_data: { vendor: { id: good, origin_code: 'V1' } },
    });
  }));

test('export rules of the metadata stop the approver, not the integration', () =>
  withBench({}, async (bench) => {
    const answer = await bench.call('POST', `${COMPANY_PATH}/erp_connections`, {
      connection: {
        service_url: 'https://tieback.example',
        metadata: {
          settings: {
            entities: {
              vendors: {
                rules: {
                  export: {
                    fields: {
                      code: {
                        enabled: true,
                        validation: {
                          max_length: { enabled: true, length: 3, message: 'At most %{length}' },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect(answer.body).toEqual({ id: COMPANY, standard_cost_code_list_id: expect.any(Number) as number });
    const [vendor] = bench.sim.seedVendors([{ name: 'Long Code' }]);
    await expect(bench.control.exportVendor(vendor?.id ?? 0, { code: '1234' })).rejects.toThrow('At most 3');
    await bench.control.exportVendor(vendor?.id ?? 0, { code: '123' });
  }));
