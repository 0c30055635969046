import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { loadConfig } from '../../../src/config/load';
import { grpcProxy } from '../../../src/config/grpc-proxy';
import { readTestRun } from '../../support/test-run';
import { connectClient, connectWorker, TemporalConnectionError } from '../../../src/temporal/connect';

const nobody = { address: '127.0.0.1:1', namespace: 'tieback' };

test.each([
  ['client', connectClient],
  ['worker', connectWorker],
])('a %s that cannot connect says where, how and what to check', async (_who, connect) => {
  const attempt = connect(nobody, { timeoutMs: 1000 });
  await expect(attempt).rejects.toThrow(TemporalConnectionError);
  await expect(attempt).rejects.toThrow(
    /could not be reached at 127\.0\.0\.1:1 \(without TLS\): .*TEMPORAL_ADDRESS/,
  );
});

/** A proxy that knows one name: it leads to the server. */
async function proxyFor(
  name: string,
  address: string,
): Promise<{ url: string; asked: string[]; close(): void }> {
  const [host = '', port] = address.split(':');
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
    const knows = headers['proxy-authorization'] === `Basic ${Buffer.from('ops:secret').toString('base64')}`;
    asked.push(`${url ?? ''}${knows ? '' : ' without a password'}`);
    const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const one of [socket, onward]) sockets.add(one.on('error', () => onward.destroy()));
    if (url === name) socket.pipe(onward).pipe(socket);
    else socket.destroy();
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const url = `http://ops:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url, asked, close };
}

test('client and worker go through the proxy of the environment, and the worker knows it from the configuration', async () => {
  const run = readTestRun();
  const target = 'temporal.acme.test:7233';
  const proxy = await proxyFor(target, run.address);
  const before = { ...process.env };
  process.env['grpc_proxy'] = proxy.url;
  delete process.env['no_grpc_proxy'];
  delete process.env['no_proxy'];
  try {
    const settings = { address: target, namespace: run.namespace };
    const client = await connectClient(settings);
    await client.close();
    expect(proxy.asked).toEqual([target]);
    const found = grpcProxy(target, process.env);
    if (found === null) throw new Error('no proxy was found');
    const worker = await connectWorker({ ...settings, proxy: found });
    await worker.close();
    expect(proxy.asked).toEqual([target, target]);
  } finally {
    process.env = before;
    proxy.close();
  }
});

test.each([
  ['temporal.acme.test:7233', { grpc_proxy: 'http://p:1', no_proxy: 'acme.test' }],
  ['10.1.2.3:7233', { https_proxy: 'http://p:1', no_proxy: 'x, 10.0.0.0/8' }],
  ['10.1.2.3:7233', { https_proxy: 'http://p:1', no_grpc_proxy: '10.1.2.3' }],
  ['10.1.2.3:7233', { https_proxy: 'socks5://p:1' }],
  ['10.1.2.3:7233', { HTTPS_PROXY: 'http://p:1' }],
  ['10.1.2.3:7233', {}],
])('no proxy for %s with %j', (address, env) => {
  expect(grpcProxy(address, env)).toBeNull();
});

test('the nearest variable counts, and what is no exception goes through it', () => {
  const env = { grpc_proxy: 'http://a:1', https_proxy: 'http://b:2', no_proxy: '11.0.0.0/8,other.test' };
  expect(grpcProxy('10.1.2.3:7233', env)).toEqual({ type: 'http-connect', targetHost: 'a:1' });
});

/** A server that speaks TLS alone, to whoever shows a certificate of our CA; Temporal is behind it. */
async function mutualTls(address: string): Promise<{ port: number; guests: string[]; close(): void }> {
  const [host = '', port] = address.split(':');
  const guests: string[] = [];
  const sockets = new Set<Socket>();
  const options = {
    key: readFileSync(certificate('server.key')),
    cert: readFileSync(certificate('server.pem')),
    ca: readFileSync(certificate('ca.pem')),
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['h2'],
  };
  const server = createTlsServer(options, (socket) => {
    guests.push(String(socket.getPeerCertificate().subject.CN));
    const onward = connect(Number(port), host);
    for (const one of [socket, onward]) sockets.add(one.on('error', () => onward.destroy()));
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, guests, close };
}

const certificate = (name: string): string => join(__dirname, '..', '..', 'support', 'certificates', name);

test('with the certificates that the environment names, client and worker show who they are', async () => {
  const run = readTestRun();
  const server = await mutualTls(run.address);
  const folder = mkdtempSync(join(tmpdir(), 'tieback-mtls-'));
  const file = join(folder, 'tieback.yaml');
  writeFileSync(file, 'procoreApps: {}\nconnections: {}\n');
  const { temporal } = loadConfig(file, {
    TEMPORAL_ADDRESS: `127.0.0.1:${server.port}`,
    TEMPORAL_NAMESPACE: run.namespace,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificate('ca.pem'),
    TEMPORAL_TLS_SERVER_NAME: 'localhost',
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificate('server.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: certificate('server.key'),
  });
  rmSync(folder, { recursive: true });
  try {
    await (await connectClient(temporal)).close();
    await (await connectWorker(temporal)).close();
    expect(server.guests).toEqual(['api.procore.test', 'api.procore.test']);
    const { address, namespace } = temporal;
    await expect(connectClient({ address, namespace }, { timeoutMs: 1000 })).rejects.toThrow(/without TLS/);
  } finally {
    server.close();
  }
});

test('a call that waits to be tried again when the connection is closed is given up, and nothing is thrown past everybody', async () => {
  const [host = '', port] = readTestRun().address.split(':');
  const sockets = new Set<Socket>();
  const forwarder = createTcpServer((socket) => {
    const onward = connect(Number(port), host);
    for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => void forwarder.listen(0, '127.0.0.1', done));
  const address = `127.0.0.1:${(forwarder.address() as AddressInfo).port}`;
  const connection = await connectClient({ ...nobody, address });
  // The server goes away; the SDK goes on trying.
  forwarder.close();
  for (const socket of sockets) socket.destroy();
  const call = connection.workflowService.getSystemInfo({});
  const answer = expect(call).rejects.toMatchObject({ code: 1, details: 'The connection was closed.' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await connection.close();
  await answer;
});
