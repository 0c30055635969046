import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { connect as secure } from 'node:tls';
import { proxyCredentials } from '../procore/client/proxy';

/** Where the way to a server ends, and how. */
export type Fault =
  /** Neither the server nor the proxy answers. `code` as Node names it. */
  | { readonly at: 'server' | 'proxy'; readonly code: string; readonly reason: string }
  /** The proxy answers, and lets nobody through. `wants`: ways to sign in that it offers. */
  | { readonly at: 'tunnel'; readonly status: number; readonly wants: readonly string[] }
  /** What answers shows a certificate that is not good. */
  | {
      readonly at: 'certificate';
      readonly code: string;
      readonly issuer: string;
      readonly names: string;
      readonly validTo: string;
    };

export interface Way {
  readonly target: URL;
  readonly proxy: URL | null;
  /** PEM of the CAs to trust instead of those of Node. */
  readonly trusted?: string;
  /** For each of the steps, in milliseconds. Default: 5 000. */
  readonly timeoutMs?: number;
}

/** Goes the way to a server, step by step, and sends nothing to it; null: it is free. */
export async function wayIsFree({ target, proxy, trusted, timeoutMs = 5_000 }: Way): Promise<Fault | null> {
  const isSecure = target.protocol === 'https:';
  const reached = await (proxy === null
    ? connected(target, 'server', timeoutMs)
    : isSecure
      ? tunnelled(proxy, target, timeoutMs)
      : connected(proxy, 'proxy', timeoutMs));
  if (!isSocket(reached)) return reached;
  try {
    return isSecure ? await certificateFault(reached, target.hostname, { trusted, timeoutMs }) : null;
  } finally {
    reached.destroy();
  }
}

const isSocket = (reached: Socket | Fault): reached is Socket => !('at' in reached);

export const portOf = ({ protocol, port }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);

/** Brackets belong to the URL, not to the address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const faultAt = (at: 'server' | 'proxy', error: NodeJS.ErrnoException): Fault => {
  // Where a name has several addresses, each of them failed.
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  return { at, code: first?.code ?? error.code ?? 'ERROR', reason: first?.message ?? error.message };
};

const silent = (timeoutMs: number): NodeJS.ErrnoException =>
  Object.assign(new Error(`no answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' });

function connected(to: URL, at: 'server' | 'proxy', timeoutMs: number): Promise<Socket | Fault> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostOf(to), port: portOf(to) });
    const timer = setTimeout(() => socket.destroy(silent(timeoutMs)), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error) => {
      clearTimeout(timer);
      resolve(faultAt(at, error));
    });
  });
}

function tunnelled(proxy: URL, target: URL, timeoutMs: number): Promise<Socket | Fault> {
  const credentials = proxyCredentials(proxy);
  const host = `${target.hostname}:${portOf(target)}`;
  return new Promise((resolve) => {
    const asking = (proxy.protocol === 'https:' ? secureRequest : request)({
      host: hostOf(proxy),
      port: portOf(proxy),
      method: 'CONNECT',
      path: host,
      agent: false,
      headers: {
        host,
        ...(credentials === null ? {} : { 'proxy-authorization': basic(credentials) }),
      },
    });
    const timer = setTimeout(() => asking.destroy(silent(timeoutMs)), timeoutMs);
    asking.once('connect', ({ statusCode = 0, headers }, socket) => {
      clearTimeout(timer);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      const wants = [headers['proxy-authenticate'] ?? []].flat().flatMap(schemesOf);
      resolve({ at: 'tunnel', status: statusCode, wants });
    });
    asking.on('error', (error) => {
      clearTimeout(timer);
      resolve(faultAt('proxy', error));
    });
    asking.end();
  });
}

const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** `Basic realm="x", Negotiate` offers two. */
const schemesOf = (header: string): readonly string[] =>
  header.match(/(?<=^|,\s*)[A-Za-z]+(?=\s|,|$)/g) ?? [];

/** The handshake goes through with any certificate, so that it can be told; nothing is sent after it. */
function certificateFault(
  socket: Socket,
  host: string,
  { trusted, timeoutMs }: { readonly trusted: string | undefined; readonly timeoutMs: number },
): Promise<Fault | null> {
  return new Promise((resolve) => {
    const name = host.replace(/^\[|\]$/g, '');
    const talking = secure({
      socket,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(trusted === undefined ? {} : { ca: trusted }),
      rejectUnauthorized: false,
    });
    const timer = setTimeout(() => talking.destroy(silent(timeoutMs)), timeoutMs);
    talking.once('secureConnect', () => {
      clearTimeout(timer);
      const { issuer, subjectaltname, valid_to: validTo } = talking.getPeerCertificate();
      const code = String(talking.authorizationError);
      const names = (subjectaltname ?? '').replace(/\b(DNS|IP Address):/g, '');
      const [by = 'nobody'] = [issuer.CN, issuer.O].flat().filter((word) => word !== undefined);
      resolve(talking.authorized ? null : { at: 'certificate', code, issuer: by, names, validTo });
    });
    talking.on('error', (error: Error) => {
      clearTimeout(timer);
      resolve(faultAt('server', error));
    });
  });
}
