import { DataSource } from 'typeorm';
import { driverConfig } from '../sql-server/connect';
import { sqliteDriver } from '../sqlite';
import { entitySchemas } from './entities';
import { Tables1764000000000 } from './migrations/0001-tables';
import { DRIVER_WAIT_MS } from './patience';
import type { StoreSettings } from './settings';

/** Our table of the migrations that ran. */
export const MIGRATIONS = 'tieback_migration';

/** The database of a store for TypeORM: connecting, pooling and migrations are left to it. */
export function dataSource(settings: StoreSettings): DataSource {
  const common = {
    entities: Object.values(entitySchemas(settings.type)),
    migrations: [Tables1764000000000],
    migrationsTableName: MIGRATIONS,
    synchronize: false as const,
    logging: false as const,
  };
  if (settings.type === 'better-sqlite3') {
    return new DataSource({
      ...common,
      type: 'better-sqlite3',
      driver: sqliteDriver(),
      database: settings.file,
      enableWAL: true,
      timeout: DRIVER_WAIT_MS,
      prepareDatabase: (database: { pragma(statement: string): unknown }) => {
        database.pragma('foreign_keys = ON');
        // Every commit reaches the disk: a plan that finance approved must survive a power cut.
        database.pragma('synchronous = FULL');
      },
    });
  }
  // Whoever migrates holds the lock on one connection and works on another.
  const poolSize = Math.max(2, settings.poolSize);
  return new DataSource({
    ...common,
    type: 'mssql',
    host: settings.host,
    database: settings.database,
    extra: driverConfig({ ...settings, poolSize }),
  });
}

/** Names of the migrations that ran; null when the table that remembers them is not there. */
export async function executedMigrations(source: DataSource): Promise<readonly string[] | null> {
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable(MIGRATIONS))) return null;
    const rows = await source.query<readonly { readonly name: string }[]>(`SELECT name FROM ${MIGRATIONS}`);
    return rows.map(({ name }) => name);
  } finally {
    await runner.release();
  }
}
