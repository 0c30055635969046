import { ClientBench, COMPANY, failure } from '../../../support/procore/client';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
});
afterEach(() => bench.stop());

const HOOKS = '/rest/v1.0/webhooks/hooks';
const TARGET = { destinationUrl: 'https://erp.example/webhooks/a1', authorization: 'Bearer hook-value-1' };

test('lists our hooks and no others', async () => {
  bench.server.script = () => ({
    body: [
      {
        id: 1,
        namespace: 'tieback',
        destination_url: 'https://a',
        destination_headers: { Authorization: '****' },
      },
      { id: 2, namespace: 'other', destination_url: 'https://b' },
    ],
  });
  expect(await bench.company().hooks.list('tieback')).toEqual([
    { id: 1, namespace: 'tieback', destinationUrl: 'https://a' },
  ]);
  expect(bench.server.received[0]?.query.toString()).toBe(
    `company_id=${COMPANY}&namespace=tieback&api_version=v2`,
  );
});

test('creates and updates a hook', async () => {
  const company = bench.company();
  bench.server.script = () => ({
    status: 201,
    body: { id: 9, namespace: 'tieback', destination_url: TARGET.destinationUrl },
  });
  expect(await company.hooks.create({ namespace: 'tieback', ...TARGET })).toMatchObject({ id: 9 });
  await company.hooks.update(9, TARGET);
  const hook = {
    destination_url: TARGET.destinationUrl,
    destination_headers: { Authorization: TARGET.authorization },
  };
  expect(bench.server.received).toMatchObject([
    {
      method: 'POST',
      path: HOOKS,
      body: { company_id: COMPANY, hook: { api_version: 'v2', namespace: 'tieback', ...hook } },
    },
    { method: 'PATCH', path: `${HOOKS}/9`, body: { company_id: COMPANY, hook } },
  ]);
});

test('the header value stays out of errors', async () => {
  bench.server.script = ({ text }) => ({ status: 422, body: { errors: `cannot take ${text}` } });
  const error = await failure(bench.company().hooks.create({ namespace: 'tieback', ...TARGET }));
  expect(error.message).not.toContain('hook-value-1');
});

test('triggers: lower case goes out, upper case comes back', async () => {
  const company = bench.company();
  bench.server.script = ({ method }) =>
    method === 'GET'
      ? { body: [{ id: 3, webhook_hook_id: 9, resource_name: 'ERP Requests', event_type: 'CREATE' }] }
      : { status: 201, body: { id: 3 } };
  await company.hooks.createTrigger(9, { resourceName: 'ERP Requests', eventType: 'CREATE' });
  expect(bench.server.received[0]).toMatchObject({
    method: 'POST',
    path: `${HOOKS}/9/triggers`,
    body: {
      company_id: COMPANY,
      api_version: 'v2',
      trigger: { resource_name: 'ERP Requests', event_type: 'create' },
    },
  });
  expect(await company.hooks.listTriggers(9)).toEqual([
    { id: 3, resourceName: 'ERP Requests', eventType: 'create' },
  ]);
});
