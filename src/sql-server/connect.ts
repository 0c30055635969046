import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import type { config as DriverConfig, Connection } from 'mssql';
import { guardClearText } from './clear-text-guard';
import type { SqlServerLogin, SqlServerSettings } from './settings';
import { DEFAULT_PORT } from './settings';

/** By what DBAs know our connections (`sys.dm_exec_sessions.program_name`). */
export const APPLICATION = 'tieback';

/** What the file of an authority is wrong with. */
export class CaFileError extends Error {
  readonly code = 'ECAFILE';
}

/**
 * What the driver is told. The same for our store and for adapters: TLS that cannot be talked out of, an error that rolls back its whole
 * transaction, dates as year, month, day, bounded waits. Throws `CaFileError`.
 */
export function driverConfig(settings: SqlServerSettings): DriverConfig {
  const { host, port, instance, encrypt, caFile, hostNameInCertificate, multiSubnetFailover } = settings;
  return {
    server: host,
    database: settings.database,
    ...(instance === undefined ? { port: port ?? DEFAULT_PORT } : {}),
    authentication: authentication(settings.login),
    connectionTimeout: settings.connectSeconds * 1000,
    requestTimeout: settings.requestSeconds * 1000,
    pool: { min: 0, max: settings.poolSize, acquireTimeoutMillis: settings.connectSeconds * 1000 },
    // A connection that a firewall or a restart has cut is not lent out.
    validateConnection: 'socket',
    beforeConnect: (connection) => {
      numberLoginErrors(connection);
      limitLockWaits(connection, settings.lockSeconds * 1000);
    },
    options: {
      appName: APPLICATION,
      // The types know no "strict"; the driver does.
      encrypt: encrypt,
      trustServerCertificate: settings.trustServerCertificate,
      ...(caFile === undefined ? {} : { cryptoCredentialsDetails: { ca: readCa(caFile) } }),
      ...(hostNameInCertificate === undefined ? {} : { serverName: hostNameInCertificate }),
      ...(instance === undefined ? {} : { instanceName: instance }),
      connector: connector(encrypt !== false, multiSubnetFailover),
      abortTransactionOnError: true,
      dateFormat: 'ymd',
      useUTC: true,
    } as NonNullable<DriverConfig['options']>,
  };
}

function authentication(login: SqlServerLogin): NonNullable<DriverConfig['authentication']> {
  switch (login.type) {
    case 'sql':
      return { type: 'default', options: { userName: login.user, password: login.password.reveal() } };
    case 'windows': {
      const { domain, user: userName, password } = login;
      return { type: 'ntlm', options: { domain, userName, password: password.reveal() } };
    }
    case 'entra-password': {
      const { user: userName, password, clientId, tenantId = 'common' } = login;
      return {
        type: 'azure-active-directory-password',
        options: { userName, password: password.reveal(), clientId, tenantId },
      };
    }
    case 'entra-service-principal': {
      const { clientId, clientSecret, tenantId } = login;
      return {
        type: 'azure-active-directory-service-principal-secret',
        options: { clientId, clientSecret: clientSecret.reveal(), tenantId },
      };
    }
    case 'entra-managed-identity':
      return { type: 'azure-active-directory-msi-vm', options: withClient(login.clientId) };
    case 'entra-default':
      return { type: 'azure-active-directory-default', options: withClient(login.clientId) };
  }
}

const withClient = (clientId: string | undefined): { clientId?: string } =>
  clientId === undefined ? {} : { clientId };

function readCa(file: string): string[] {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CaFileError(`caFile ${file} cannot be read (${(cause as Error).message})`, { cause });
  }
  // Node takes only the first certificate of a text, and says nothing where there is none.
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null)
    throw new CaFileError(`caFile ${file} holds no certificate in PEM ("-----BEGIN CERTIFICATE-----")`);
  return certificates;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** How the driver opens a socket; it also asks so when the server sends it elsewhere. */
const connector =
  (guarded: boolean, parallel: boolean) =>
  async (target: Target, _lookup: unknown, signal: AbortSignal): Promise<Socket> => {
    const hosts = isIP(target.host) ? [target.host] : await addresses(target.host);
    const open = (host: string, stop: AbortSignal): Promise<Socket> => openSocket({ ...target, host }, stop);
    const socket = parallel ? await first(hosts, signal, open) : await oneByOne(hosts, signal, open);
    return guarded ? guardClearText(socket) : socket;
  };

const addresses = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

type Open = (host: string, signal: AbortSignal) => Promise<Socket>;

async function oneByOne(hosts: readonly string[], signal: AbortSignal, open: Open): Promise<Socket> {
  const errors: unknown[] = [];
  for (const host of hosts) {
    try {
      return await open(host, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  throw together(errors);
}

/** The address that answers first; the other sockets are closed. */
async function first(hosts: readonly string[], signal: AbortSignal, open: Open): Promise<Socket> {
  const losers = new AbortController();
  const stop = AbortSignal.any([signal, losers.signal]);
  try {
    return await Promise.any(
      hosts.map(async (host) => {
        const opened = await open(host, stop);
        if (losers.signal.aborted) opened.destroy();
        else losers.abort();
        return opened;
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw together(error instanceof AggregateError ? (error.errors as unknown[]) : [error]);
  }
}

/** One error for several: an `AggregateError` has a message that says nothing. */
function together(errors: readonly unknown[]): Error {
  const [error] = errors;
  const messages = [...new Set(errors.map((one) => (one instanceof Error ? one.message : String(one))))];
  return Object.assign(new Error(messages.join('; '), { cause: error }), {
    code: (error as NodeJS.ErrnoException | undefined)?.code,
  });
}

const openSocket = ({ host, port }: Target, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host, port });
    const settle = (settled: () => void): void => {
      signal.removeEventListener('abort', abort);
      socket.off('connect', opened).off('error', fail);
      // Until the driver listens: an error that nobody hears ends the process.
      socket.on('error', () => undefined);
      settled();
    };
    const opened = (): void => settle(() => resolve(socket));
    const fail = (error: Error): void => {
      settle(() => reject(error));
      socket.destroy();
    };
    const abort = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail).once('connect', opened);
  });

/** The driver forgets the number of an error that refuses a login, and keeps the words, which may be in any language. */
function numberLoginErrors(connection: Connection): void {
  let number: number | undefined;
  connection.on('errorMessage', (token: { readonly number?: number }) => {
    number ??= token.number;
  });
  connection.prependOnceListener('connect', (error?: Error & { number?: number }) => {
    if (error && number !== undefined && error.number === undefined) error.number = number;
  });
}

/** With the settings that every new connection gets anyway: no round trip of its own. */
function limitLockWaits(connection: Connection, lockWaitMs: number): void {
  const driver = connection as unknown as { getInitialSql(): string };
  const initial = driver.getInitialSql.bind(connection);
  driver.getInitialSql = () => `${initial()}\nset lock_timeout ${lockWaitMs}`;
}
