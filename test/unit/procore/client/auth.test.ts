import { CLIENT_SECRET, ClientBench, COMPANY, failure } from '../../../support/procore/client';
import { drop } from '../../../support/procore/scripted-server';

let bench: ClientBench;
beforeEach(async () => {
  bench = await new ClientBench().start();
  bench.server.script = () => ({ body: { id: 7, name: 'Tieback' } });
});
afterEach(() => bench.stop());

test('asks with the client credentials in a form and uses the token as bearer', async () => {
  const forms: string[] = [];
  bench.server.onToken = (request) => {
    forms.push(`${request.headers['content-type']} ${request.text}`);
    return bench.server.issueToken();
  };
  await bench.company().me();
  expect(forms).toEqual([
    `application/x-www-form-urlencoded grant_type=client_credentials&client_id=app&client_secret=${CLIENT_SECRET}`,
  ]);
  expect(bench.server.received[0]?.headers.authorization).toBe('Bearer secret-token-1');
});

test('one token for many calls and companies, asked for once', async () => {
  const app = bench.app();
  await Promise.all([app.company(COMPANY).me(), app.company(99).me(), app.company(COMPANY).me()]);
  expect(bench.server.tokens).toHaveLength(1);
});

test('a new token at 80 % of the life of the old one', async () => {
  const company = bench.company();
  await company.me();
  bench.time.advance(0.8 * 5_400_000 - 1);
  await company.me();
  expect(bench.server.tokens).toHaveLength(1);
  bench.time.advance(1);
  await company.me();
  expect(bench.server.tokens).toHaveLength(2);
});

test('the old token serves while no new one can be had, until it ends', async () => {
  const company = bench.company();
  await company.me();
  bench.server.onToken = () => ({ status: 500, body: 'down' });
  bench.time.advance(0.9 * 5_400_000);
  await company.me();
  expect(bench.server.received.at(-1)?.headers.authorization).toBe('Bearer secret-token-1');
  bench.time.advance(0.1 * 5_400_000);
  expect(await failure(company.me())).toMatchObject({ code: 'PROCORE_UNREACHABLE' });
});

test('a 401 forces one new token, for everybody', async () => {
  const company = bench.company();
  await company.me();
  bench.server.script = ({ headers }) =>
    headers.authorization === 'Bearer secret-token-2'
      ? { body: { id: 7, name: 'Tieback' } }
      : { status: 401, body: { errors: 'The access token is invalid' } };
  await Promise.all([company.me(), company.me(), company.me()]);
  expect(bench.server.tokens).toHaveLength(2);
});

test('a second 401 is an error', async () => {
  bench.server.script = () => ({ status: 401, body: { errors: 'The access token is invalid' } });
  const error = await failure(bench.company().me());
  expect(error).toMatchObject({ code: 'PROCORE_UNAUTHORIZED', class: 'config' });
  expect(error.message).toContain('The access token is invalid');
  expect(bench.server.received).toHaveLength(2);
});

test.each([
  [
    401,
    { error: 'invalid_client', error_description: `unknown client, secret ${CLIENT_SECRET}` },
    'PROCORE_UNAUTHORIZED',
  ],
  [400, { error: 'invalid_grant' }, 'PROCORE_UNAUTHORIZED'],
  [429, 'slow down', 'PROCORE_THROTTLED'],
  [503, '', 'PROCORE_UNAVAILABLE'],
  [502, '<html><body>Bad gateway</body></html>', 'PROCORE_UNREACHABLE'],
  [200, { access_token: '' }, 'PROCORE_ANSWER_INVALID'],
  [200, 'not json', 'PROCORE_ANSWER_INVALID'],
])('token endpoint answers %s %j', async (status, body, code) => {
  bench.server.onToken = () => ({ status, body });
  const error = await failure(bench.company().me());
  expect(error).toMatchObject({ code });
  expect(error.message).not.toContain(CLIENT_SECRET);
});

test('a lost answer of the token endpoint is asked for again', async () => {
  bench.server.onToken = (_, count) => (count === 1 ? drop : bench.server.issueToken());
  await bench.company().me();
  expect(bench.server.tokens).toHaveLength(1);
});

test('neither token nor secret is ever logged or part of an error', async () => {
  const company = bench.company();
  bench.server.script = ({ headers }) => ({
    status: 422,
    body: { errors: `got ${headers.authorization} and client_secret=${CLIENT_SECRET}` },
  });
  const error = await failure(company.me());
  const everything = `${bench.logged.join('\n')} ${error.message} ${error.stack} ${JSON.stringify(error)}`;
  expect(error.message).toContain('got Bearer [redacted]');
  expect(everything).not.toContain('secret-token');
  expect(everything).not.toContain(CLIENT_SECRET);
});
