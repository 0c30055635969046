/** What our store sends to a SQL Server, collected while its own tests run on SQLite. */
import type { TableDefinition } from '../../../src/store/entities';
import { tables } from '../../../src/store/entities';
import { sqlServerScript } from '../../../src/store/migration-sql';
import type * as Repositories from '../../../src/store/repositories';
import type { Scalar } from '../../../src/store/repositories/table';
import { TableSql } from '../../../src/store/repositories/table';
import { Collected } from '../../support/tsql/collected';
import { Twins } from '../../support/tsql/twin-repositories';

const collected = new Collected('store');
let twins: Twins | undefined;

jest.mock('../../../src/store/repositories', () => {
  const { repositories: real } = jest.requireActual<typeof Repositories>('../../../src/store/repositories');
  return {
    repositories: (...args: Parameters<typeof real>) => {
      twins ??= new Twins(real, collected);
      return twins.of(...args);
    },
  };
});

// With the repositories that have twins.
import '../../unit/activities/look-again.test';
import '../../unit/activities/start.test';
import '../../unit/activities/store-steps.test';
import '../../unit/desk/audit/verify.test';
import '../../unit/heartbeat.test';
import '../../unit/provision.test';
import '../../unit/store/copy.test';
import '../../unit/store/store.test';
import '../../unit/store/two-stores.test';

test('the script of the DBA is collected, and whatever is done with each table', async () => {
  await twins?.settled();
  collected.add(...(await sqlServerScript()));
  for (const table of Object.values(tables('mssql'))) collected.add(...everyForm(table));
  collected.write();
  const all = collected.all.join('\n');
  for (const { name } of Object.values(tables('mssql'))) {
    expect(all).toMatch(new RegExp(`CREATE TABLE "${name}"`));
    expect(all).toMatch(new RegExp(`INTO \\[?${name}\\]?\\b`));
    expect(all).toMatch(new RegExp(`FROM \\[?${name}\\]?\\b`));
  }
  expect(all).toMatch(/OPENJSON/);
});

/** Each thing that can be done with a table. */
function everyForm(table: TableDefinition): readonly string[] {
  const row = Object.fromEntries(
    Object.entries(table.columns).map(([property, { type }]) => [property, SAMPLES[String(type)] ?? 'x']),
  );
  const [key = ''] = Object.entries(table.columns).flatMap(([property, { primary }]) =>
    primary === true ? [property] : [],
  );
  const sql = new TableSql<Record<string, Scalar>>(table, 'mssql');
  const where = { [key]: row[key] ?? null };
  return [
    sql.select({ where, take: 1, order: [[key, 'ASC']] }),
    sql.insert(row),
    sql.insertMany([row]),
    ...sql.putMany([row]),
    sql.insertMissing([row]),
    sql.update(where, row),
    sql.remove(where),
    sql.take(where),
    sql.count(where),
  ].map((statement) => `${statement.sql};`);
}

const SAMPLES: Readonly<Record<string, Scalar>> = {
  datetimeoffset: '2026-03-09T15:22:41.108Z',
  bigint: 1,
  integer: 1,
  bit: true,
};
