import { tables } from '../../../src/store/entities';
import { sqlServerScript } from '../../../src/store/migration-sql';

let script: readonly string[];
beforeAll(async () => {
  script = await sqlServerScript();
});

test('the migrations create every table on SQL Server too', () => {
  const created = script.flatMap(
    (statement) => /^CREATE TABLE "?(?:dbo"?\.)?"?(\w+)"?/.exec(statement)?.[1] ?? [],
  );
  expect(created.sort()).toEqual(
    [...Object.values(tables('mssql')).map(({ name }) => name), 'tieback_migration'].sort(),
  );
});

test('columns have types of SQL Server, and keys fit into an index', () => {
  const text = script.join('\n');
  expect(text).toContain('datetimeoffset');
  expect(text).toContain('nvarchar(max)');
  expect(text).toContain('bigint');
  expect(text).not.toMatch(/\btext\b|\bautoincrement\b|\bblob\b/i);
  // 900 bytes is the limit of a clustered key; nvarchar takes two bytes a character.
  for (const { name, columns } of Object.values(tables('mssql'))) {
    const bytes = Object.values(columns)
      .filter(({ primary }) => primary === true)
      .reduce(
        (sum, { type, length }) =>
          sum + (type === 'nvarchar' ? 2 * Number(length) : type === 'varchar' ? Number(length) : 8),
        0,
      );
    expect([name, bytes <= 900]).toEqual([name, true]);
  }
});

test('every constraint has a name of ours, the same on every database', () => {
  const names = script.flatMap((statement) =>
    [...statement.matchAll(/CONSTRAINT "(\w+)"/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !/^(pk|fk|uq)_[a-z_]+$/.test(name ?? ''))).toEqual([]);
});
