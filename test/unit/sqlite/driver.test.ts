import { openSqlite, sqliteDriver, sqlitePackage, sqlitePackageFor } from '../../../src/sqlite';

test.each([
  ['20.19.0', 'better-sqlite3'],
  ['20.20.2', 'better-sqlite3'],
  ['22.15.0', 'better-sqlite3-node22'],
  ['24.21.0', 'better-sqlite3-node22'],
  ['26.0.0', 'better-sqlite3-node22'],
])('Node %s runs with %s', (node, expected) => {
  expect(sqlitePackageFor(node)).toBe(expected);
});

test('the driver that fits this Node is installed, and opens a database', () => {
  const db = openSqlite(':memory:');
  try {
    expect(db).toBeInstanceOf(sqliteDriver());
    expect(db.prepare('SELECT 6 * 7 AS answer').get()).toEqual({ answer: 42 });
  } finally {
    db.close();
  }
});

test('what is missing is named, with what to do', () => {
  jest.isolateModules(() => {
    jest.doMock(sqlitePackage, () => {
      throw new Error('Could not locate the bindings file');
    });
    const fresh = jest.requireActual<{ sqliteDriver: () => unknown }>('../../../src/sqlite');
    expect(() => fresh.sqliteDriver()).toThrow(/does not fit Node .* Run `npm ci` again/);
  });
  jest.dontMock(sqlitePackage);
});
