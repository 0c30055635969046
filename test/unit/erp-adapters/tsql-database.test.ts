import type { TiebackError } from '../../../src/domain/base/errors';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { SqlSession, Statement, Value } from '../../../src/erp-adapters/sql/session';
import { askAll, askOne, change, query } from '../../../src/erp-adapters/sql/session';
import { TsqlDatabase } from '../../../src/erp-adapters/sql/tsql-database';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';

const server = testServer();
if (server === null) skippedOnSqlServer('the database of an ERP (transactions, values, errors)');
const onServer = server === null ? describe.skip : describe;

onServer('TsqlDatabase', () => {
  let fresh: FreshDatabase;
  let database: TsqlDatabase;
  const plain: Io = (_name, call) => call();
  const opened: TsqlDatabase[] = [];

  /** Another one on the same database. */
  function open(io: Io = plain, more: object = {}, transactionMs?: number): TsqlDatabase {
    const next = new TsqlDatabase({ ...fresh.settings, ...more }, io, transactionMs);
    opened.push(next);
    return next;
  }

  beforeAll(async () => {
    if (server === null) return;
    fresh = await freshDatabase(server);
    await fresh.run(`CREATE TABLE item (code nvarchar(30) NOT NULL PRIMARY KEY, name nvarchar(20) NULL, amount decimal(18, 4) NULL,
      price money NULL, dated date NULL, seen datetime NULL, big bigint NULL, parent nvarchar(30) NULL REFERENCES item (code))`);
    await fresh.run(`CREATE TRIGGER item_rules ON item AFTER INSERT, UPDATE AS
      IF EXISTS (SELECT 1 FROM inserted WHERE name = 'closed')
      BEGIN RAISERROR('Month 03/26 is closed.', 16, 1); ROLLBACK TRANSACTION; END`);
    database = open();
  });
  afterEach(() => fresh.run('DELETE FROM item'));
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await fresh.drop();
  });

  const put = (code: string, name: string | null = null): Statement =>
    change('INSERT INTO item (code, name) VALUES (@code, @name)', { code, name });
  const write = <T>(on: TsqlDatabase, work: (session: SqlSession) => Promise<T>, keep = true): Promise<T> =>
    on.transaction('test', async (session) => ({ keep, value: await work(session) }));
  const codes = async (): Promise<Value[]> => {
    const rows = await fresh.run<{ code: string }>('SELECT code FROM item ORDER BY code');
    return rows.map(({ code }) => code);
  };
  const failure = async (work: Promise<unknown>): Promise<TiebackError> =>
    work.then(
      () => {
        throw new Error('nothing failed');
      },
      (error: unknown) => error as TiebackError,
    );

  test('one round trip answers each statement: rows, or how many were changed', async () => {
    const names: string[] = [];
    const on = open((name, call) => {
      names.push(name);
      return call();
    });
    const answers = await write(on, (session) =>
      session.ask('several', [
        put('A', 'first'),
        put('B'),
        query('SELECT code, name FROM item WHERE code = @code', { code: 'A' }),
        change('UPDATE item SET name = @name', { name: 'both' }),
        query('SELECT code FROM item WHERE code = @code', { code: 'C' }),
      ]),
    );
    expect(answers).toEqual([
      [{ changed: 1 }],
      [{ changed: 1 }],
      [{ code: 'A', name: 'first' }],
      [{ changed: 2 }],
      [],
    ]);
    expect(names).toEqual(['erp.open', 'test.begin', 'test.several', 'test.commit']);
  });

  test('decimals, money and dates go in and out as they are written, wherever the process runs', async () => {
    const written = { amount: '12345678901234.5678', price: '333.3400', dated: '2026-03-01' };
    const zone = process.env['TZ'];
    try {
      for (const TZ of ['Pacific/Kiritimati', 'America/Los_Angeles']) {
        process.env['TZ'] = TZ;
        await write(database, (session) =>
          session.ask('in', [
            change('DELETE FROM item'),
            change(
              `INSERT INTO item (code, amount, price, dated) VALUES ('A', CAST(@amount AS decimal(18, 4)), CAST(@price AS money), @dated)`,
              written,
            ),
          ]),
        );
        const { read } = TSQL;
        const sql = `SELECT ${read('amount', 'decimal')} AS amount, ${read('price', 'decimal')} AS price, ${read('dated', 'date')} AS dated FROM item`;
        const row = (await database.read('test', (session) => askOne(session, 'out', query(sql)))) ?? {};
        // Another engine that speaks T-SQL pads money with blanks.
        expect({ ...row, price: String(row['price']).trim() }).toEqual(written);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test.each(['amount', 'price', 'dated'])(
    'a column read in a form that loses something (%s) is a fault',
    async (column) => {
      await fresh.run("INSERT INTO item (code, amount, price, dated) VALUES ('A', 12, 12, '2026-03-01')");
      const read = database.read('test', (session) =>
        askOne(session, 'out', query(`SELECT ${column} FROM item`)),
      );
      await expect(read).rejects.toThrow(/has to be read as text/);
    },
  );

  test('a number with a fraction is never bound', async () => {
    const bound = database.read('test', (session) =>
      askOne(session, 'in', query('SELECT @n AS n', { n: 0.1 })),
    );
    await expect(bound).rejects.toThrow('decimals travel as text');
  });

  test('whole numbers come back as numbers, as long as a number can hold them', async () => {
    const numbers = [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER];
    for (const big of numbers) {
      const row = await database.read('test', (session) =>
        askOne(
          session,
          'out',
          query('SELECT @big AS big, CAST(9007199254740993 AS bigint) AS larger', { big }),
        ),
      );
      expect(row).toEqual({ big, larger: '9007199254740993' });
    }
  });

  test('every text comes back as it was: emoji, quotes, blanks at the end, none at all', async () => {
    const texts = ['🏗️ Erdbau', "O'Brien; DROP --", 'ends in blanks  ', '', '@code', 'ß'];
    for (const [index, name] of texts.entries())
      await write(database, (session) => session.ask('in', [put(`T${index}`, name)]));
    const rows = await database.read('test', (session) =>
      askAll(session, 'out', query('SELECT name FROM item ORDER BY code')),
    );
    expect(rows.map(({ name }) => name)).toEqual(texts);
  });

  test('a list of any length is one parameter', async () => {
    await write(database, (session) => session.ask('in', [put('K17'), put('K4999'), put('other')]));
    const list = JSON.stringify(Array.from({ length: 5_000 }, (_, index) => `K${index}`));
    const found = await database.read('test', (session) =>
      askAll(
        session,
        'out',
        query(`SELECT code FROM item WHERE code ${TSQL.inList('list')} ORDER BY code`, { list }),
      ),
    );
    expect(found.map(({ code }) => code)).toEqual(['K17', 'K4999']);
  });

  test('what is not kept leaves no trace, and neither does what fails', async () => {
    expect(await write(database, (session) => session.ask('in', [put('A')]), false)).toEqual([
      [{ changed: 1 }],
    ]);
    const error = await failure(
      write(database, (session) => session.ask('in', [put('A'), put('A'), put('B')])),
    );
    expect(error).toMatchObject({
      code: 'ERP_REFUSED',
      message: expect.stringContaining('key already') as string,
    });
    expect(await codes()).toEqual([]);
  });

  test('what the server has undone is not gone on with: the next statement would stand alone', async () => {
    const error = await failure(
      write(database, async (session) => {
        await session.ask('in', [put('A')]);
        await failure(session.ask('twice', [put('A', 'closed'), put('B', 'closed')]));
        return session.ask('after', [put('C')]);
      }),
    );
    expect(error.code).toBe('ERP_BUSY');
    expect(await codes()).toEqual([]);
  });

  test('nor committed', async () => {
    const error = await failure(
      write(database, async (session) => {
        await failure(session.ask('in', [put('A', 'closed')]));
      }),
    );
    expect(error.code).toBe('ERP_BUSY');
    expect(await codes()).toEqual([]);
  });

  test('a trigger is heard in its own words', async () => {
    const error = await failure(write(database, (session) => session.ask('in', [put('A', 'closed')])));
    expect(error).toMatchObject({
      code: 'ERP_REFUSED',
      message: expect.stringContaining('Month 03/26 is closed.') as string,
    });
    expect(await codes()).toEqual([]);
  });

  test.each([
    ['twice the key', [put('A'), put('A')], 'ERP_REFUSED'],
    ['too long', [put('A', 'x'.repeat(21))], 'ERP_REFUSED'],
    ['nothing where something has to be', [change('INSERT INTO item (code) VALUES (NULL)')], 'ERP_REFUSED'],
    [
      'a record that is not there',
      [change("INSERT INTO item (code, parent) VALUES ('A', 'Z')")],
      'ERP_REFUSED',
    ],
    ['raised', [query("THROW 51000, 'no', 1")], 'ERP_REFUSED'],
  ])('%s: %s', async (_name, statements, code) => {
    expect(await failure(write(database, (session) => session.ask('in', statements)))).toMatchObject({
      code,
    });
    expect(await codes()).toEqual([]);
  });

  describe('while somebody else keeps a row', () => {
    const touch = change("UPDATE item SET name = 'x' WHERE code = 'A'");
    const openOnes = query('SELECT @@TRANCOUNT AS open_ones');
    const whileHeld = (work: () => Promise<void>): Promise<void> =>
      write(database, async (session) => {
        await session.ask('hold', [touch]);
        await work();
      });
    beforeEach(() => write(database, (session) => session.ask('in', [put('A')])));

    test('a statement waits for it as long as configured, then the ERP is busy', async () => {
      const impatient = open(plain, { lockSeconds: 1 });
      await whileHeld(async () => {
        const error = await failure(write(impatient, (session) => session.ask('wait', [touch])));
        // Another engine that speaks T-SQL has no number of SQL Server for it.
        expect(`${error.code} ${error.message}`).toMatch(/^ERP_BUSY|lock timeout/);
      });
    });

    test('a statement that takes too long is cancelled, and its transaction undone before the next one begins', async () => {
      const slow = open(plain, { requestSeconds: 1, lockSeconds: 20, poolSize: 1 });
      await whileHeld(async () => {
        const error = await failure(write(slow, (session) => session.ask('slow', [put('B'), touch])));
        expect(error.code).toBe('ERP_UNREACHABLE');
        expect(await slow.read('test', (session) => askOne(session, 'after', openOnes))).toEqual({
          open_ones: 0,
        });
      });
      expect(await codes()).toEqual(['A']);
    });

    test('a transaction that takes too long is given up, whatever it is doing', async () => {
      const slow = open(plain, { lockSeconds: 20, poolSize: 1 }, 3_000);
      await whileHeld(async () => {
        const error = await failure(write(slow, (session) => session.ask('slow', [put('B'), touch])));
        expect(error.code).toBe('ERP_UNREACHABLE');
      });
      // The pool goes on with another connection.
      expect(await slow.read('test', (session) => askOne(session, 'after', openOnes))).toEqual({
        open_ones: 0,
      });
      expect(await codes()).toEqual(['A']);
    });
  });

  describe('a commit', () => {
    const crash =
      (when: 'before' | 'after'): Io =>
      (name, call) => {
        if (name !== 'test.commit') return call();
        const lost = new Error('the cable was pulled');
        if (when === 'before') throw lost;
        return (call() as Promise<unknown>).then(() => {
          throw lost;
        }) as ReturnType<typeof call>;
      };

    test.each([
      ['before', []],
      ['after', ['A']],
    ] as const)(
      'whose answer is lost %s the server took it: nobody knows, and we say so',
      async (when, kept) => {
        const on = open(crash(when));
        const error = await failure(write(on, (session) => session.ask('in', [put('A')])));
        expect(error.code).toBe('ERP_OUTCOME_UNKNOWN');
        expect(await codes()).toEqual(kept);
      },
    );
  });

  test('a connection that was cut is replaced', async () => {
    const on = open(plain, { poolSize: 1 });
    const { id } =
      (await on.read('test', (session) => askOne(session, 'id', query('SELECT @@SPID AS id')))) ?? {};
    await fresh.run(`KILL ${id}`);
    const again = async (): Promise<unknown> =>
      on.read('test', (session) => askOne(session, 'one', query('SELECT 1 AS one')));
    const first = await again().catch((error: unknown) => error as TiebackError);
    if (first instanceof Error) expect(first).toMatchObject({ code: 'ERP_UNREACHABLE' });
    expect(await again()).toEqual({ one: 1 });
  });

  test('the identity of a database is another one where the database is', async () => {
    const first = await database.generation();
    expect(first).toContain(fresh.settings.database);
    expect(await open().generation()).toBe(first);
    expect(await open(plain, { database: 'master' }).generation()).not.toBe(first);
  });

  test('a login that is not let in, and a server that is not there', async () => {
    const nobody = open(plain, { database: 'no_such_database' });
    expect(await failure(nobody.generation())).toMatchObject({ code: 'ERP_CONFIG' });
    const nowhere = open(plain, { port: 1, connectSeconds: 2 });
    expect(await failure(nowhere.generation())).toMatchObject({ code: 'ERP_UNREACHABLE' });
  });
});
