import { existsSync } from 'node:fs';
import type { Config } from '../config/load';
import type { ErpRequestRow } from '../store/rows';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { CliError, EXIT, reasonOf } from './errors';
import { plural, statusWords } from './format';
import { lazy } from './lazy';

const PROVISION = 'Run `tieback provision` (or start `tieback daemon`), which creates it.';

/** Opens the store as it is (a command that looks never changes tables), and closes it afterwards. */
export async function withStore<T>(cli: Cli, use: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = cli.config();
  const store = await openStore(config);
  try {
    return await use(store, config);
  } catch (error) {
    throw translate(error, config);
  } finally {
    await store.close();
  }
}

/** Opens the store as it is; says what to do when there is none. The caller closes it. */
export async function openStore(config: Config): Promise<Store> {
  const settings = config.store;
  if (settings.type === 'better-sqlite3' && !existsSync(settings.file)) {
    throw new CliError(`There is no store yet: ${settings.file} does not exist.`, {
      hint: PROVISION,
      exitCode: EXIT.failed,
      code: 'STORE_MISSING',
    });
  }
  try {
    return await lazy.store().Store.open(settings, { migrate: false });
  } catch (error) {
    throw new CliError(`The store ${storeName(config)} cannot be opened: ${reasonOf(error)}.`, {
      hint: `Check the section "store" in ${config.file}, that the database runs, and that you may use it.`,
      exitCode: EXIT.failed,
      code: 'STORE_UNREACHABLE',
      cause: error,
    });
  }
}

/** Where the store is, for people. */
export const storeName = ({ store }: Pick<Config, 'store'>): string =>
  store.type === 'better-sqlite3' ? store.file : `${store.database} on ${store.host}:${store.port}`;

const NOT_MIGRATED = /no such (table|column)|Invalid (object|column) name/i;

function translate(error: unknown, config: Config): unknown {
  if (!(error instanceof Error) || !NOT_MIGRATED.test(error.message)) return error;
  return new CliError(`The store ${storeName(config)} lacks tables of this version.`, {
    hint: PROVISION,
    exitCode: EXIT.failed,
    code: 'STORE_NOT_MIGRATED',
    cause: error,
  });
}

/** The one request that is meant; says what is near when there is none, and asks for the connection when there are several. */
export async function findRequest(
  store: Store,
  requestId: number,
  connectionId: string | undefined,
): Promise<ErpRequestRow> {
  const rows = await store.read('cli.request', (t) => t.requests.byNumber(requestId));
  const found = connectionId === undefined ? rows : rows.filter((row) => row.connectionId === connectionId);
  const [row] = found;
  if (row && found.length === 1) return row;
  if (row) {
    const names = found.map((other) => other.connectionId);
    throw new CliError(
      `${plural(found.length, 'connection')} have an ERP request ${requestId}: ${names.join(', ')}.`,
      {
        hint: `Say which one: --connection ${names[0] ?? ''}`,
        code: 'REQUEST_AMBIGUOUS',
      },
    );
  }
  throw await noSuchRequest(store, requestId, connectionId, rows);
}

async function noSuchRequest(
  store: Store,
  requestId: number,
  connectionId: string | undefined,
  elsewhere: readonly ErpRequestRow[],
): Promise<CliError> {
  const of = connectionId === undefined ? '' : ` of connection "${connectionId}"`;
  const message = `There is no ERP request ${requestId}${of}.`;
  const code = 'REQUEST_UNKNOWN';
  if (elsewhere.length > 0) {
    const names = elsewhere.map((row) => row.connectionId).join(', ');
    return new CliError(message, { code, hint: `There is one of connection ${names}.` });
  }
  const near = await nearRequests(store, requestId, connectionId);
  const hint =
    near.length === 0
      ? 'No request has arrived yet. `tieback requests` lists what is there.'
      : `Near or open: ${near.join(', ')}. \`tieback requests\` lists all.`;
  return new CliError(message, { code, hint });
}

async function nearRequests(
  store: Store,
  requestId: number,
  connectionId: string | undefined,
): Promise<readonly string[]> {
  const filter = connectionId === undefined ? {} : { connectionId };
  const [open, newest] = await store.read('cli.near', async (t) => [
    await t.requests.list({ ...filter, open: true, take: 200 }),
    await t.requests.list({ ...filter, take: 200 }),
  ]);
  const byNumber = new Map([...(open ?? []), ...(newest ?? [])].map((row) => [row.requestId, row]));
  return [...byNumber.values()]
    .sort((a, b) => distance(a.requestId, requestId) - distance(b.requestId, requestId))
    .slice(0, 5)
    .map((row) => `${row.requestId} (${statusWords(row.status)})`);
}

/** A number with a digit mistyped or missing is nearer than its value says. */
function distance(a: number, b: number): number {
  const [one, other] = [String(a), String(b)];
  const sameStart = [...one].findIndex((digit, index) => digit !== other[index]);
  return Math.abs(a - b) / 10 ** (sameStart < 0 ? one.length : sameStart);
}
