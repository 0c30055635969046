/**
 * Procore's own SDK for JavaScript against the simulator: what it sends, the simulator must take. Each call is a line of `calls`, by what came
 * of it.
 */
import { authorize, client, info, oauth, refresh, refresher, revoke, token } from '@procore/js-sdk';
import { constructionCompany, subcontract } from './support/construction-company';
import { Bench, COMPANY } from './support/procore-client';

const ID = 'tieback-demo';
const SECRET = 'demo-secret';
const URI = 'https://tieback.example/callback';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}
interface Answer {
  readonly body: unknown;
  readonly response: { readonly status: number };
}

let bench: Bench;
beforeEach(async () => {
  bench = await new Bench().start();
});
afterEach(() => bench.stop());

/** A person signs in at the login page, and the browser comes back with a code. */
async function signIn(): Promise<Tokens> {
  const page = await fetch(authorize({ clientId: ID, uri: URI }, bench.apiUrl), { redirect: 'manual' });
  const back = new URL(page.headers.get('location') ?? '');
  expect(back.origin + back.pathname).toBe(URI);
  const code = back.searchParams.get('code') ?? '';
  return (await token({ id: ID, secret: SECRET, code, uri: URI }, bench.apiUrl)) as Tokens;
}

test('authorization code, info, refresh, revoke', async () => {
  const first = await signIn();
  expect(await info(first.access_token, bench.apiUrl)).toMatchObject({ application: { uid: ID } });
  const second = (await refresh(
    { id: ID, secret: SECRET, uri: URI, refresh: first.refresh_token },
    bench.apiUrl,
  )) as Tokens;
  expect(second.access_token).not.toBe(first.access_token);

  // A code and a refresh token are for one use each.
  const again: unknown = await refresh(
    { id: ID, secret: SECRET, uri: URI, refresh: first.refresh_token },
    bench.apiUrl,
  );
  expect(again).toMatchObject({ error: 'invalid_grant' });
  const code: unknown = await token({ id: ID, secret: SECRET, code: 'used', uri: URI }, bench.apiUrl);
  expect(code).toMatchObject({ error: 'invalid_grant' });

  const revoked = { token: second.access_token, clientId: ID, clientSecret: SECRET };
  expect(await revoke(revoked, bench.apiUrl)).toEqual({});
  expect(await info(second.access_token, bench.apiUrl)).toEqual({ errors: 'The access token is invalid' });
});

test('an expired token is refreshed on the way', async () => {
  let tokens = await signIn();
  bench.clock.advance(5401_000);
  const renewing = refresher(oauth(tokens.access_token), async () => {
    const config = { id: ID, secret: SECRET, uri: URI, refresh: tokens.refresh_token };
    return (tokens = (await refresh(config, bench.apiUrl)) as Tokens);
  });
  const sdk = client(renewing, {}, { apiHostname: bench.apiUrl, defaultCompanyId: COMPANY });
  expect(((await sdk.get({ base: '/me' })) as Answer).response.status).toBe(200);
});

test('lists, shows, creates, changes and deletes', async () => {
  const ids = constructionCompany(bench);
  const contract = subcontract(bench, ids);
  const options = { apiHostname: bench.apiUrl, defaultCompanyId: COMPANY };
  const sdk = client(oauth(bench.token), {}, options);
  const project = { project_id: ids.project };
  const calls: [string, number][] = [];
  const note = async (name: string, call: Promise<Answer>): Promise<Record<string, unknown>> => {
    const { body, response } = await call.catch((refused: Answer) => refused);
    calls.push([name, response.status]);
    return body as Record<string, unknown>;
  };
  const get = (base: string, qs?: object, version?: string) =>
    note(
      `GET ${base}`,
      sdk.get({ base, ...(qs ? { qs } : {}), ...(version ? { version } : {}) }) as Promise<Answer>,
    );

  await get('/me');
  await get('/companies');
  await get('/projects', { company_id: COMPANY });
  await get('/projects', { company_id: COMPANY, per_page: 300 }, 'v1.1');
  await get(`/projects/${ids.project}`, { company_id: COMPANY });
  await get('/vendors', { company_id: COMPANY, filters: { id: [1, 2] } });
  await get('/cost_codes', project);
  await get('/work_order_contracts', project);
  await get(`/work_order_contracts/${contract.id}`, project);
  await get(`/work_order_contracts/${contract.id}/line_items`, project);
  await get('/requisitions', project);
  await get('/prime_contracts', project);
  await get(`/projects/${ids.project}/direct_costs`);
  await get(`/projects/${ids.project}/budget`);
  await get('/change_events', project);
  await get('/no_such_thing');

  const vendor = await note(
    'POST /vendors',
    sdk.post(
      { base: '/vendors' },
      { company_id: COMPANY, vendor: { name: 'Granite Steel Co' } },
    ) as Promise<Answer>,
  );
  const named = { company_id: COMPANY, vendor: { city: 'Salem' } };
  const { id } = vendor as { id: number };
  await note('PATCH /vendors', sdk.patch({ base: '/vendors', params: { id } }, named) as Promise<Answer>);
  expect(bench.sim.vendor(id)).toMatchObject({ name: 'Granite Steel Co', city: 'Salem' });

  const costs = `/projects/${ids.project}/direct_costs`;
  const cost = await note(
    'POST direct_costs',
    sdk.post(
      { base: costs, version: 'v1.1' },
      { direct_cost: { direct_cost_type: 'invoice' } },
    ) as Promise<Answer>,
  );
  const gone = { base: `${costs}/${String(cost['id'])}` };
  await note('DELETE direct_costs', sdk.delete(gone) as Promise<Answer>);

  expect(calls).toEqual([
    ['GET /me', 200],
    ['GET /companies', 200],
    ['GET /projects', 200],
    ['GET /projects', 200],
    [`GET /projects/${ids.project}`, 200],
    ['GET /vendors', 200],
    ['GET /cost_codes', 200],
    ['GET /work_order_contracts', 200],
    [`GET /work_order_contracts/${contract.id}`, 200],
    [`GET /work_order_contracts/${contract.id}/line_items`, 200],
    ['GET /requisitions', 200],
    ['GET /prime_contracts', 200],
    [`GET /projects/${ids.project}/direct_costs`, 200],
    [`GET /projects/${ids.project}/budget`, 200],
    // Procore has it, the simulator does not play it; and what nobody has.
    ['GET /change_events', 501],
    ['GET /no_such_thing', 404],
    ['POST /vendors', 201],
    ['PATCH /vendors', 200],
    ['POST direct_costs', 201],
    ['DELETE direct_costs', 204],
  ]);
});
