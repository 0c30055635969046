import { ClientBench, COMPANY_PATH } from '../../../support/procore/client';

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());

test('reads what the ERP calls a record', async () => {
  bench.server.script = () => ({
    body: [
      { item_type: 'project', item_id: 5, origin_id: 'job|1|5' },
      { item_type: 'vendor', item_id: 5, origin_id: 'vendor|1|9', origin_code: '10442', origin_data: null },
    ],
  });
  expect(await bench.company().ties.read('vendor', 5)).toEqual({
    itemType: 'vendor',
    itemId: 5,
    originId: 'vendor|1|9',
    originCode: '10442',
    originData: null,
  });
  const { path, query } = bench.server.received[0] ?? {};
  expect(path).toBe(`${COMPANY_PATH}/external_data`);
  expect(query?.toString()).toBe('item_type=vendor&item_id=5');
});

test('null when nothing is set', async () => {
  bench.server.script = () => ({ body: [] });
  expect(await bench.company().ties.read('vendor', 5)).toBeNull();
});

test('a record is unlinked through Status Management where that is configured; its lines are cleared', async () => {
  bench.server.script = () => ({ body: { entities: [], errors: [] } });
  bench.server.received.length = 0;
  const nothing = { originId: null, originCode: null, originData: null };
  await bench.company({ unlinkBy: 'status_management' }).ties.set([
    { itemType: 'work_order_contract', itemId: 7, ...nothing },
    { itemType: 'line_item', itemId: 8, ...nothing },
  ]);
  expect(bench.server.received.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      'PATCH',
      `${COMPANY_PATH}/erp_status_management/unlink`,
      { item_type: 'work_order_contract', item_id: 7 },
    ],
    [
      'PATCH',
      `${COMPANY_PATH}/external_data/sync`,
      {
        updates: [
          { item_type: 'line_item', item_id: 8, origin_id: null, origin_code: null, origin_data: null },
        ],
      },
    ],
  ]);
});
