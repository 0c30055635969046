import { ClientBench, COMPANY_PATH } from '../support/client';

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
  expect(await bench.company().readExternalData('vendor', 5)).toEqual({
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
  expect(await bench.company().readExternalData('vendor', 5)).toBeNull();
});
