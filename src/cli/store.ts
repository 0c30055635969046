import { existsSync } from 'node:fs';
import type { Config } from '../config/load';
import { isTiebackError } from '../domain/base/errors';
import { sqlServerName } from '../sql-server/settings';
import { markerOf } from '../store/sqlite-file';
import type { Store } from '../store/store';
import type { Cli } from './cli';
import { CliError, EXIT, reasonOf } from './errors';
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
  if (settings.type === 'better-sqlite3' && ![settings.file, markerOf(settings.file)].some(existsSync)) {
    throw new CliError(`There is no store yet: ${settings.file} does not exist.`, {
      hint: PROVISION,
      exitCode: EXIT.failed,
      code: 'STORE_MISSING',
    });
  }
  try {
    return await lazy.store().Store.open(settings, { migrate: false, auditKeys: config.audit.keys });
  } catch (error) {
    if (isTiebackError(error)) throw error;
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
  store.type === 'better-sqlite3' ? store.file : sqlServerName(store);

const NOT_MIGRATED = /no such (table|column)|Invalid (object|column) name/i;

function translate(error: unknown, config: Config): unknown {
  // What is asked meanwhile has tables of its own.
  if (isTiebackError(error) && error.code.startsWith('ERP_')) return error;
  if (!NOT_MIGRATED.test(reasonOf(error))) return error;
  return new CliError(`The store ${storeName(config)} lacks tables of this version.`, {
    hint: PROVISION,
    exitCode: EXIT.failed,
    code: 'STORE_NOT_MIGRATED',
    cause: error,
  });
}
