import { ClientBench, COMPANY_PATH, failure } from '../../../support/procore/client';
import type { Received } from '../../../support/procore/scripted-server';
import { drop } from '../../../support/procore/scripted-server';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
});
afterEach(() => bench.stop());

const DETAILS = `${COMPANY_PATH}/erp_request_details`;
const success = (detailId: number) =>
  ({ detailId, status: 'success', messages: ['Vendor 10442 created.'] }) as const;
const methods = (): string[] => bench.server.received.map(({ method }) => method);

/** Details with a status, as Procore would hold them: a second closing with another status is refused. */
function details(initial: Record<number, string>): Record<number, string> {
  const held = { ...initial };
  const close = (id: number, status: string) => {
    if (held[id] === undefined) return { status: ['not found'] };
    if (held[id] !== 'open') return { status: ['is closed already'] };
    held[id] = status;
    return null;
  };
  bench.server.script = ({ method, path, body }: Received) => {
    if (method === 'GET') {
      return {
        body: Object.entries(held).map(([id, status]) => ({
          id: Number(id),
          status,
          item_id: 55,
          messages: ['m'],
        })),
      };
    }
    if (path.endsWith('/sync')) {
      const { updates } = body as { updates: { id: number; status: string }[] };
      const errors = updates.map((item) => ({ ...item, errors: close(item.id, item.status) }));
      return { body: { entities: [], errors: errors.filter((item) => item.errors !== null) } };
    }
    const errors = close(
      Number(path.split('/').at(-1)),
      (body as { request_detail: { status: string } }).request_detail.status,
    );
    return errors === null ? { body: {} } : { status: 422, body: { errors } };
  };
  return held;
}

test('one detail', async () => {
  const held = details({ 77: 'open' });
  expect(await bench.company().details.close([success(77)])).toEqual([]);
  expect(held).toEqual({ 77: 'success' });
  expect(bench.server.received[0]).toMatchObject({
    method: 'PATCH',
    path: `${DETAILS}/77`,
    body: { request_detail: { status: 'success', messages: ['Vendor 10442 created.'] } },
  });
});

test('the method can be PUT', async () => {
  details({ 77: 'open' });
  await bench.company({ detailCloseMethod: 'PUT' }).details.close([success(77)]);
  expect(methods()).toEqual(['PUT']);
});

test('several details in one call; one that is refused does not hurt the others', async () => {
  const held = details({ 1: 'open', 2: 'stale', 3: 'open' });
  expect(await bench.company().details.close([success(1), success(2), success(3)])).toEqual([
    { key: '2', messages: ['status: is closed already'] },
  ]);
  expect(held).toEqual({ 1: 'success', 2: 'stale', 3: 'success' });
});

test.each([[[success(1)]], [[success(1), success(2)]]])(
  'closing again with the same status is success',
  async (closings) => {
    details({ 1: 'success', 2: 'open' });
    expect(await bench.company().details.close(closings)).toEqual([]);
  },
);

test('closing with another status is not', async () => {
  details({ 1: 'failed' });
  expect(await bench.company().details.close([success(1)])).toEqual([
    { key: '1', messages: ['status: is closed already'] },
  ]);
});

test('a lost answer: the detail is read back, and was closed', async () => {
  const held = details({ 1: 'open' });
  const { script } = bench.server;
  bench.server.script = (request, count) => {
    const reply = script(request, count);
    return count === 1 ? drop : reply;
  };
  expect(await bench.company().details.close([{ ...success(1), itemId: 55 }])).toEqual([]);
  expect(held).toEqual({ 1: 'success' });
  expect(methods()).toEqual(['PATCH', 'GET']);
  expect(bench.server.received[1]?.query.get('filters[item_id]')).toBe('55');
});

test('a lost request: the detail is read back, and closed now', async () => {
  const held = details({ 1: 'open' });
  const { script } = bench.server;
  bench.server.script = (request, count) => (count === 1 ? drop : script(request, count));
  expect(await bench.company().details.close([success(1)])).toEqual([]);
  expect(held).toEqual({ 1: 'success' });
  expect(methods()).toEqual(['PATCH', 'GET', 'PATCH']);
});

test('where reading back is not possible, the answer to the closing stands', async () => {
  bench.server.script = ({ method }) =>
    method === 'GET' ? { status: 404, body: {} } : { status: 404, body: { message: 'Not Found' } };
  expect(await bench.company().details.close([success(1)])).toEqual([{ key: '1', messages: ['Not Found'] }]);
});

test('trouble that is not about the detail is thrown', async () => {
  bench.server.script = () => ({ status: 403, body: { errors: 'App is not connected to this company' } });
  expect(await failure(bench.company().details.close([success(1)]))).toMatchObject({
    code: 'PROCORE_FORBIDDEN',
  });
});

test('details of a record; those of other records are left out', async () => {
  bench.server.script = () => ({
    body: [
      { id: 1, status: 'open', messages: null, item_id: 55 },
      { id: 2, status: 'failed', messages: ['No', 5], item_id: '55' },
      { id: 3, status: 'open', item_id: 56 },
      { id: 'x' },
    ],
  });
  expect(await bench.company().details.find(55)).toEqual([
    { id: 1, status: 'open', messages: [] },
    { id: 2, status: 'failed', messages: ['No'] },
  ]);
});

describe('how details stand', () => {
  const asked = (detailId: number, itemId: number | null = null) => ({ detailId, itemId });
  const queries = (): string[] =>
    bench.server.received.map(({ query }) => decodeURIComponent(query.toString()));

  /** Details with their records, as Procore would list them. `refuses`: the list without its filter is not to be had. */
  function listed(rows: readonly { id: number; item_id: number; status: string }[], refuses = false): void {
    bench.server.script = ({ query }: Received) => {
      const item = query.get('filters[item_id]');
      if (item === null && refuses) return { status: 400, body: { errors: 'filter needed' } };
      return { body: rows.filter(({ item_id: id }) => item === null || String(id) === item) };
    };
  }
  const rows = [1, 2, 3, 4, 5].map((id) => ({ id, item_id: 50 + id, status: id === 3 ? 'open' : 'success' }));
  const all = rows.map(({ id, item_id: item }) => asked(id, item));

  test('one record: one call for it alone', async () => {
    listed(rows);
    expect(await bench.company().details.read([asked(3, 53)])).toEqual([
      { id: 3, status: 'open', messages: [] },
    ]);
    expect(queries()).toEqual(['filters[item_id]=53']);
  });

  test('many records: one call for the list', async () => {
    listed(rows);
    expect((await bench.company().details.read(all)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(queries()).toEqual(['']);
  });

  test('without a record only the list can tell; what it does not hold is absent', async () => {
    listed(rows);
    expect((await bench.company().details.read([asked(2), asked(99)])).map(({ id }) => id)).toEqual([2]);
    expect(queries()).toEqual(['']);
  });

  test('a list that Procore refuses is no fault: records are asked about one by one', async () => {
    listed(rows, true);
    const found = await bench.company().details.read([asked(9), ...all]);
    expect(found.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    bench.server.script = () => ({ status: 404, body: {} });
    expect(await bench.company().details.read([asked(2), asked(3, 53)])).toEqual([]);
  });
});
