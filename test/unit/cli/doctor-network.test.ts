import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { checkNetwork } from '../../../src/cli/doctor-network';
import type { Finding } from '../../../src/cli/findings';
import type { Fault } from '../../../src/cli/reach';
import { wayIsFree } from '../../../src/cli/reach';
import type { ProcoreAppConfig } from '../../../src/config/load';

const CERTIFICATES = join(__dirname, '..', '..', 'support', 'certificates');
const pem = (name: string): string => readFileSync(join(CERTIFICATES, name), 'utf8');
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

const before = { ...process.env };
const servers: { close(): unknown }[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  for (const name of PROXY_VARIABLES) delete process.env[name];
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  process.env = { ...before };
});

async function listen(server: Server | ReturnType<typeof createTlsServer>): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const tlsServer = (certificate: string): Promise<number> =>
  listen(createTlsServer({ key: pem('server.key'), cert: pem(certificate) }));

/** A proxy that answers CONNECT as it is told; with 200 every way leads to one port. */
async function proxyTo(
  answer: (asked: IncomingMessage) => string,
  port = 0,
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    asked.push(message.url ?? '');
    const words = answer(message);
    socket.write(`HTTP/1.1 ${words}\r\n\r\n`);
    if (!words.startsWith('200')) return socket.end();
    const onward = connect(port, '127.0.0.1');
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

/** Where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  return port;
}

const app = (apiUrl: string): ProcoreAppConfig => ({
  name: 'main',
  apiUrl,
  loginUrl: apiUrl,
  clientId: 'x',
  clientSecret: 'x',
  paths: {},
  detailCloseMethod: 'PATCH',
  unlinkBy: 'external_data',
  invoicePaymentFields: {},
  webUrl: null,
  webPaths: {},
  concurrency: 1,
  maxInlineWaitMs: 0,
});

const look = async (url: string, env: Record<string, string> = {}): Promise<readonly Finding[]> =>
  checkNetwork({ apps: [app(url)] }, env);

const API = 'https://api.procore.test';

describe('a proxy', () => {
  test('that asks who comes is told with how to say it', async () => {
    const proxy = await proxyTo(
      () => '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"',
    );
    process.env['HTTPS_PROXY'] = proxy.url;
    const [found] = await look(API);
    expect(proxy.asked).toEqual(['api.procore.test:443']);
    expect(found).toMatchObject({
      name: 'api.procore.test',
      status: 'failed',
      detail: expect.stringMatching(/wants to know who asks \(407\); it offers Basic$/) as unknown,
      hint: expect.stringContaining('HTTPS_PROXY=http://user:password@127.0.0.1:') as unknown,
    });
  });

  test('that does not take our password is told without the password', async () => {
    const proxy = await proxyTo(({ headers }) =>
      headers['proxy-authorization'] === `Basic ${Buffer.from('ops:p@ss').toString('base64')}`
        ? '407 Proxy Authentication Required'
        : '500 Not what was expected',
    );
    process.env['HTTPS_PROXY'] = proxy.url.replace('//', '//ops:p%40ss@');
    const [found] = await look(API);
    expect(found?.detail).toMatch(/does not accept the user and password of HTTPS_PROXY \(407\)/);
    expect(JSON.stringify(found)).not.toMatch(/p@ss|p%40ss/);
  });

  test('that wants Kerberos alone is told as such', async () => {
    const proxy = await proxyTo(() => '407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM');
    process.env['https_proxy'] = proxy.url;
    const [found] = await look(API);
    expect(found?.detail).toMatch(/it offers Negotiate, NTLM$/);
    expect(found?.hint).toMatch(/user and password \(Basic\) alone/);
  });

  test('that refuses the way, or is not there', async () => {
    process.env['HTTPS_PROXY'] = (await proxyTo(() => '403 Forbidden')).url;
    expect((await look(API))[0]).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/refuses the way \(403\)$/) as unknown,
      hint: expect.stringMatching(/let this machine through to api\.procore\.test:443\.$/) as unknown,
    });
    process.env['HTTPS_PROXY'] = `http://127.0.0.1:${await closedPort()}`;
    expect((await look(API))[0]?.detail).toMatch(
      /^the proxy 127\.0\.0\.1:\d+ on the way cannot be reached: connect ECONNREFUSED/,
    );
  });

  test('whose address has no scheme in front is read as one with TLS, and told', async () => {
    const { host } = new URL((await proxyTo(() => '200 OK')).url);
    process.env['HTTPS_PROXY'] = host;
    expect((await look(API))[0]).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/does not speak TLS itself/) as unknown,
      hint: expect.stringContaining(`HTTPS_PROXY=http://${host}, with http://`) as unknown,
    });
  });

  test('whose address is none', async () => {
    process.env['HTTPS_PROXY'] = 'http://proxy acme';
    expect((await look(API))[0]).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/is no address such as/) as unknown,
    });
  });

  test('is not asked for this machine', async () => {
    process.env['HTTPS_PROXY'] = `http://127.0.0.1:${await closedPort()}`;
    const port = await listen(createServer());
    expect((await look(`http://127.0.0.1:${port}`))[0]).toMatchObject({
      status: 'ok',
      detail: `127.0.0.1:${port} is reached directly`,
    });
  });
});

describe('a certificate', () => {
  test('of a CA that nobody knows is told with its name and what to set', async () => {
    const proxy = await proxyTo(() => '200 OK', await tlsServer('server.pem'));
    process.env['HTTPS_PROXY'] = proxy.url;
    const [found] = await look(API);
    expect(found?.detail).toMatch(
      /its certificate is of "Example Inspection CA", whom this machine does not trust \(UNABLE_TO_/,
    );
    expect(found?.hint).toContain('NODE_EXTRA_CA_CERTS=/path/to/ca.pem');
    const trusted = join(CERTIFICATES, 'server.pem');
    expect((await look(API, { NODE_EXTRA_CA_CERTS: trusted }))[0]?.hint).toContain(
      `${trusted} (NODE_EXTRA_CA_CERTS) does not hold it`,
    );
  });

  test.each<[string, string, string, Partial<Fault> | null]>([
    ['that is good', 'server.pem', 'localhost', null],
    ['that ended', 'expired.pem', 'localhost', { at: 'certificate', code: 'CERT_HAS_EXPIRED' }],
    [
      'of another name',
      'server.pem',
      '127.0.0.1',
      {
        at: 'certificate',
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
        names: 'api.procore.test, localhost',
      },
    ],
  ])('%s', async (_what, certificate, host, fault) => {
    const target = new URL(`https://${host}:${await tlsServer(certificate)}`);
    const found = await wayIsFree({ target, proxy: null, trusted: pem('ca.pem') });
    if (fault === null) expect(found).toBeNull();
    else expect(found).toMatchObject(fault);
  });

  test('where no TLS is spoken', async () => {
    const port = await listen(createServer((_request, response) => response.end()));
    expect((await look(`https://localhost:${port}`))[0]).toMatchObject({ status: 'failed' });
  });
});

test('a host that nobody listens at, each host once', async () => {
  const [first, ...rest] = await look(`http://127.0.0.1:${await closedPort()}`);
  expect(first?.detail).toMatch(/^cannot be reached directly: connect ECONNREFUSED/);
  expect(first?.hint).toMatch(/in the firewall/);
  expect(rest.map(({ name }) => name)).toEqual(['NODE_EXTRA_CA_CERTS']);
});

describe('NODE_EXTRA_CA_CERTS', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tieback-network-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ofFile = async (content: string | Buffer | null): Promise<Finding | undefined> => {
    const file = join(folder, 'ca.pem');
    if (content !== null) writeFileSync(file, content);
    const port = await listen(createServer());
    return (await look(`http://127.0.0.1:${port}`, { NODE_EXTRA_CA_CERTS: file })).at(-1);
  };

  test('names a file of certificates', async () => {
    expect(await ofFile(pem('ca.pem'))).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/^1 certificate in .*: Example Inspection CA$/) as unknown,
    });
    expect(await ofFile(pem('ca.pem') + pem('expired.pem'))).toMatchObject({ status: 'ok' });
    expect(await ofFile(pem('expired.pem'))).toMatchObject({ status: 'warning' });
  });

  test.each<[string, string | Buffer | null, RegExp]>([
    ['is not there', null, /cannot be read: .*ENOENT.*Node goes on without it/],
    ['is no PEM', Buffer.from([0x30, 0x82, 1, 2]), /is no file of certificates in PEM/],
    [
      'is broken',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      /is no file of certificates in PEM/,
    ],
  ])('names a file that %s: Node would only warn', async (_what, content, detail) => {
    expect(await ofFile(content)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(detail) as unknown,
    });
  });
});
