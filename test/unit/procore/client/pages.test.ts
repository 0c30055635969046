import fc from 'fast-check';
import { readLinks } from '../../../../src/procore/client/pages';
import { can, ClientBench, collect, failure } from '../../../support/procore/client';
import { pageOf, range } from '../../../support/procore/paged-list';

let bench: ClientBench;
beforeAll(async () => {
  bench = await new ClientBench().start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.server.received.splice(0));

const types = (ids: readonly number[]) => ids.map((id) => ({ id, name: `Cost type ${id}` }));
const listed = async (pageSize: number): Promise<readonly number[]> => {
  const read = can(bench.company({ pageSize }), 'line_item_type', 'readChanged');
  return (await collect(read(null, {}))).map(({ procoreId }) => procoreId);
};

test('reads the Link header', () => {
  const header =
    '<https://api.procore.com/rest/v1.0/vendors?page=2&per_page=5>; rel="next", <https://x/y?a=1,2>; title="t"; rel=last';
  expect(readLinks(() => header)).toEqual({
    next: 'https://api.procore.com/rest/v1.0/vendors?page=2&per_page=5',
    last: 'https://x/y?a=1,2',
  });
  expect(readLinks(() => undefined)).toBeNull();
  expect(readLinks(() => '')).toBeNull();
});

test.each([
  ['follows the links', {}, 3],
  ['counts pages where there are none', { link: false }, 3],
  ['counts pages that are smaller than asked for', { link: false, maxSize: 4 }, 4],
])('%s', async (_, options, calls) => {
  const rows = types(range(1, 13));
  bench.server.script = (request) => pageOf(rows, request, { base: bench.server.url, ...options });
  expect(await listed(5)).toEqual(range(1, 13));
  expect(bench.server.received).toHaveLength(calls);
});

test.each([
  ['with links', {}],
  ['without links', { link: false }],
])('a page that is too large is asked for in smaller ones, %s', async (_, options) => {
  // From the sixth row on, rows are so large that only two of them fit.
  const rows = range(1, 13).map((id) => ({
    id,
    name: `Cost type ${id}`,
    note: id < 6 ? '' : 'x'.repeat(400),
  }));
  bench.server.script = (request) => pageOf(rows, request, { base: bench.server.url, ...options });
  const company = bench.company({ pageSize: 5, maxAnswerBytes: 1_000, retry: { retries: 3 } });
  const ids = (await collect(can(company, 'line_item_type', 'readChanged')(null, {}))).map(
    ({ procoreId }) => procoreId,
  );
  expect(ids).toEqual(range(1, 13));
});

test('a row that is too large by itself is an error', async () => {
  bench.server.script = (request) =>
    pageOf([{ id: 1, name: 'x'.repeat(2_000) }], request, { base: bench.server.url });
  const read = can(bench.company({ pageSize: 4, maxAnswerBytes: 1_000 }), 'line_item_type', 'readChanged');
  expect(await failure(collect(read(null, {})))).toMatchObject({ code: 'PROCORE_ANSWER_TOO_LARGE' });
  expect(bench.server.received.map(({ query }) => query.get('per_page'))).toEqual(['4', '2', '1']);
});

test('without links and totals a last page that is full costs one more call', async () => {
  const options = { base: bench.server.url, link: false, totals: false };
  bench.server.script = (request) => pageOf(types(range(1, 10)), request, options);
  expect(await listed(5)).toEqual(range(1, 10));
  expect(bench.server.received).toHaveLength(3);
});

test('a server that ignores the page number is noticed', async () => {
  bench.server.script = () => ({ body: types(range(1, 5)) });
  expect(await listed(5)).toEqual(range(1, 5));
  expect(bench.server.received).toHaveLength(2);
});

test('links that go round in a circle are an error', async () => {
  const link = `<${bench.server.url}/rest/v1.0/vendors?page=1>; rel="next"`;
  bench.server.script = () => ({ body: types([1]), headers: { link } });
  expect((await failure(listed(5))).message).toContain('the pages go round in a circle');
});

test('the v2 envelope is understood; rows without an id are no records', async () => {
  bench.server.script = () => ({ body: { data: [{ id: '562949954991755', name: 'A' }, { name: 'B' }, 3] } });
  expect(await listed(5)).toEqual([562949954991755]);
});

test('filters: origin_id and updated since', async () => {
  bench.server.script = ({ path }) => ({
    body: path.endsWith('inactive')
      ? []
      : [
          { id: 1, name: 'A', origin_id: 'vendor|1|9' },
          { id: 2, name: 'B' },
        ],
  });
  const company = bench.company();
  expect(await can(company, 'vendor', 'findByOriginId')(['vendor|1|9'], null)).toEqual([
    { originId: 'vendor|1|9', procoreId: 1, itemType: 'vendor' },
  ]);
  await collect(can(company, 'vendor', 'readChanged')('2026-03-01T00:00:00Z', {}));
  const [found, changed] = bench.server.received.map(({ query }) => query);
  expect(found?.get('filters[origin_id]')).toBe('vendor|1|9');
  expect(changed?.get('filters[updated_at]')).toMatch(/^2026-03-01T00:00:00Z\.\.\.\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('every row that was there from the start is read exactly once, however the pages shift', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 0, max: 40 }),
        pageSize: fc.integer({ min: 1, max: 9 }),
        link: fc.boolean(),
        /** Rows inserted at the front before each answer, which pushes the others back. */
        inserted: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 8 }),
      }),
      async ({ rows, pageSize, link, inserted }) => {
        const atStart = range(1, rows);
        let now: readonly number[] = atStart;
        let nextId = 1_000;
        let answers = 0;
        bench.server.script = (request) => {
          const reply = pageOf(types(now), request, { base: bench.server.url, link });
          const count = inserted[answers] ?? 0;
          answers += 1;
          now = [...range(nextId, nextId + count - 1), ...now];
          nextId += count;
          return reply;
        };
        const ids = await listed(pageSize);
        expect(new Set(ids).size).toBe(ids.length);
        // Without links, a whole page of repeated rows looks like the end of the list.
        if (link) expect(ids.filter((id) => id < 1_000)).toEqual(atStart);
      },
    ),
    { numRuns: 40 },
  );
});
