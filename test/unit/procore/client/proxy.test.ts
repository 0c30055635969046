import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createProcoreApp } from '../../../../src/procore/app';
import { ProxyAddressError, proxyCredentials, proxyFor } from '../../../../src/procore/client/proxy';
import { procoreSettings } from '../../../../src/procore/client/settings';
import { failure } from '../../../support/procore/client';

const before = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
});
afterEach(() => {
  process.env = { ...before };
});

const API = 'https://api.procore.test/rest';

test.each<[Record<string, string>, string, string | null]>([
  [{}, API, null],
  [{ HTTPS_PROXY: 'http://p.test:3128' }, API, 'http://p.test:3128/'],
  [{ https_proxy: 'http://p.test:3128' }, API, 'http://p.test:3128/'],
  [{ ALL_PROXY: 'http://p.test:3128' }, API, 'http://p.test:3128/'],
  [{ HTTP_PROXY: 'http://p.test:3128' }, API, null],
  [{ HTTPS_PROXY: 'http://p.test:3128', NO_PROXY: 'api.procore.test' }, API, null],
  [{ HTTPS_PROXY: 'http://p.test:3128', no_proxy: 'x, .procore.test' }, API, null],
  [{ HTTPS_PROXY: 'http://p.test:3128', NO_PROXY: 'procore.test' }, API, 'http://p.test:3128/'],
  [{ HTTPS_PROXY: 'http://p.test:3128', NO_PROXY: 'api.procore.test:8443' }, API, 'http://p.test:3128/'],
  [{ HTTP_PROXY: 'http://p.test:3128' }, 'http://127.0.0.1:8480', null],
  [{ HTTP_PROXY: 'http://p.test:3128' }, 'http://localhost:8480', null],
])('with %j, %s is reached through %s', (env, url, proxy) => {
  Object.assign(process.env, env);
  expect(proxyFor(url)?.href ?? null).toBe(proxy);
});

test.each(['socks5://p.test:1080', 'http://p test'])('%s is no proxy that can be used', (address) => {
  process.env['HTTPS_PROXY'] = address;
  expect(() => proxyFor(API)).toThrow(ProxyAddressError);
});

test('user and password are decoded; a percent sign that stands for itself stays', () => {
  expect(proxyCredentials(new URL('http://ops:p%40ss@p.test'))).toEqual({
    username: 'ops',
    password: 'p@ss',
  });
  expect(proxyCredentials(new URL('http://ops:100%@p.test'))).toEqual({ username: 'ops', password: '100%' });
  expect(proxyCredentials(new URL('http://p.test'))).toBeNull();
});

test('the client goes where the doctor says, signs in there, and is not told by the proxy what Procore thinks', async () => {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
    asked.push(`${url ?? ''} ${headers['proxy-authorization'] ?? ''}`);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  process.env['HTTPS_PROXY'] = `http://ops:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = procoreSettings({
    apiUrl: 'https://api.procore.test',
    loginUrl: 'https://login.procore.test',
    clientId: 'x',
    clientSecret: 'a-client-secret',
  });
  const app = createProcoreApp(settings, { sleep: () => Promise.resolve() });
  const error = await failure(app.company(1).me());
  app.close();
  server.close();
  expect(error).toMatchObject({ code: 'PROCORE_UNREACHABLE' });
  expect(new Set(asked)).toEqual(
    new Set([`login.procore.test:443 Basic ${Buffer.from('ops:p@ss').toString('base64')}`]),
  );
});
