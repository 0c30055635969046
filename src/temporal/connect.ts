/** Connections to Temporal: a native one for workers, a plain one for clients. */
import { connect } from 'node:net';
import { Connection, type TLSConfig } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { CallsAfterClose } from './calls-after-close';

/** Where Temporal is and who we are there. Plain values: reading the environment is done in src/config. */
export interface TemporalSettings {
  /** `host:port`; the port defaults to 7233. */
  readonly address: string;
  readonly namespace: string;
  /** True for TLS with the system's certificates, or certificates of your own. Default: TLS when `apiKey` is given. */
  readonly tls?: boolean | TLSConfig;
  readonly apiKey?: string;
  /** The proxy that workers use; clients read the same environment by themselves. Default: none. */
  readonly proxy?: TemporalProxy;
}

/** A proxy that opens a way with CONNECT. */
export interface TemporalProxy {
  readonly type: 'http-connect';
  /** `host:port`. */
  readonly targetHost: string;
  readonly basicAuth?: { readonly username: string; readonly password: string };
}

export interface ConnectOptions {
  /** How long to try before giving up. Default: 10 000 ms. */
  timeoutMs?: number;
}

/** Temporal could not be reached, or did not let us in. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/** A connection for `Worker.create`. Install the runtime first: this creates one with defaults otherwise. */
export async function connectWorker(
  settings: TemporalSettings,
  options: ConnectOptions = {},
): Promise<NativeConnection> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const connecting = NativeConnection.connect({
    ...connectionOptions(settings),
    ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  try {
    const first = await Promise.race([connecting, timeout]);
    if (first !== 'timeout') return first;
  } catch (error) {
    throw unreachable(settings, error);
  } finally {
    clearTimeout(timer);
  }
  // Too late to be of use: close it when it comes.
  void connecting.then((late) => late.close()).catch(() => undefined);
  throw unreachable(settings, `no answer within ${timeoutMs / 1000} s`);
}

/** A connection for `new Client({ connection, namespace })`, checked by a first call. */
export async function connectClient(
  settings: TemporalSettings,
  options: ConnectOptions = {},
): Promise<Connection> {
  const calls = new CallsAfterClose();
  const connection = Connection.lazy({
    ...connectionOptions(settings),
    connectTimeout: options.timeoutMs ?? 10_000,
    interceptors: calls.interceptors,
  });
  const close = connection.close.bind(connection);
  connection.close = () => {
    calls.close();
    return close();
  };
  try {
    // The SDK tries again until the time is over, also where nobody will answer.
    if (settings.proxy === undefined) await assertNotRefused(settings.address);
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    throw unreachable(settings, error);
  }
}

/** Resolves at once where somebody may answer; rejects where the machine says that nobody listens there. */
function assertNotRefused(address: string): Promise<void> {
  const [, host = address, port = '7233'] = /^\[?(.+?)\]?(?::(\d+))?$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    const done = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(1_000, done);
    socket.once('connect', done);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(new Error(`nobody listens at ${host}:${port}`));
      else done();
    });
  });
}

const connectionOptions = ({ address, tls, apiKey }: TemporalSettings) => ({
  address,
  ...(tls === undefined ? {} : { tls }),
  ...(apiKey === undefined ? {} : { apiKey }),
});

function unreachable(settings: TemporalSettings, cause: unknown): TemporalConnectionError {
  const encryption =
    settings.tls || (settings.apiKey !== undefined && settings.tls !== false) ? 'with TLS' : 'without TLS';
  return new TemporalConnectionError(
    `Temporal could not be reached at ${settings.address} (${encryption}): ${reasonOf(cause)}. ` +
      'Check that the server is running, the address (TEMPORAL_ADDRESS), and TLS or API key settings.',
    { cause },
  );
}

/** The innermost message: the outer ones only say that connecting failed. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? reasonOf(cause.cause) : cause.message;
}
