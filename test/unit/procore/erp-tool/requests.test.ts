import fc from 'fast-check';
import { ClientBench, collect, COMPANY_PATH, failure } from '../../../support/procore/client';
import { pageOf, range } from '../../../support/procore/paged-list';

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.server.received.splice(0));

function serve(ids: readonly number[], options: { link?: boolean; totals?: boolean } = {}): void {
  const rows = ids.map((id) => ({ id, request_name: 'sync_vendors', request_data: {} }));
  bench.server.script = (request) => pageOf(rows, request, { base: bench.server.url, ...options });
}

async function listed(afterId: number, pageSize = 10): Promise<readonly number[]> {
  return (await collect(bench.company({ pageSize }).requests.list(afterId))).map(({ id }) => id);
}

const inOrder = (ids: readonly number[]): boolean =>
  ids.length > 1 && new Set(ids.slice(1).map((id, index) => id > (ids[index] ?? 0))).size === 1;

const calls = (): number => bench.server.received.length;

test('ascending: a long history is read from its end', async () => {
  serve(range(1, 995));
  expect(await listed(978)).toEqual(range(979, 995));
  expect(calls()).toBe(4);
});

test('ascending: nothing new costs two calls', async () => {
  serve(range(1, 995));
  expect(await listed(995)).toEqual([]);
  expect(calls()).toBe(2);
});

test('ascending: back to the first page although the second has no prev link', async () => {
  serve(range(1, 30));
  expect(await listed(10)).toEqual(range(11, 30));
  expect(calls()).toBe(4);
});

test('ascending: the whole history streams forward', async () => {
  serve(range(1, 30));
  expect(await listed(0)).toEqual(range(1, 30));
  expect(calls()).toBe(3);
});

test('descending: stops early and gives the oldest first', async () => {
  serve(range(1, 995).reverse());
  expect(await listed(983)).toEqual(range(984, 995));
  expect(calls()).toBe(2);
});

test('in no order everything is read', async () => {
  serve([5, 9, 1, 12, 7, 3, 30, 2, 8, 11, 10, 4, 6]);
  expect(await listed(8, 5)).toEqual([9, 10, 11, 12, 30]);
  expect(calls()).toBe(3);
});

test('an order that turns out wrong is not trusted', async () => {
  serve([20, 19, 18, 2, 17, 1, 16, 15, 14]);
  expect(await listed(15, 3)).toEqual([16, 17, 18, 19, 20]);
});

test('one page is one call', async () => {
  serve([1, 2, 3]);
  expect(await listed(2)).toEqual([3]);
  expect(calls()).toBe(1);
});

test('a 404 is PROCORE_NOT_FOUND: the operation is not documented', async () => {
  bench.server.script = () => ({ status: 404, body: { message: 'No route matches' } });
  expect(await failure(listed(0))).toMatchObject({ code: 'PROCORE_NOT_FOUND' });
  expect(bench.server.received[0]?.path).toBe(`${COMPANY_PATH}/erp_requests`);
});

test('the path can be configured', async () => {
  serve([4]);
  const company = bench.company({ paths: { 'request.list': '/rest/v1.1/{company_id}/requests' } });
  expect(await collect(company.requests.list(0))).toMatchObject([
    { id: 4, body: { request_name: 'sync_vendors' } },
  ]);
  expect(bench.server.received[0]?.path).toBe('/rest/v1.1/4264807/requests');
});

test('in any order, with or without links, every newer request comes once and the oldest first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 40 }),
      fc.constantFrom('ascending', 'descending', 'any'),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (ids, order, afterId, pageSize, link) => {
        const sorted = [...ids].sort((a, b) => a - b);
        // A first page that is in order by chance cannot be told from one that is in order for a reason.
        fc.pre(order !== 'any' || !inOrder(ids.slice(0, pageSize)));
        serve(order === 'any' ? ids : order === 'ascending' ? sorted : [...sorted].reverse(), { link });
        expect([...(await listed(afterId, pageSize))].sort((a, b) => a - b)).toEqual(
          sorted.filter((id) => id > afterId),
        );
      },
    ),
    { numRuns: 60 },
  );
});
