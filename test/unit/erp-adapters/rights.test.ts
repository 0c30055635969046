import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import type { Grants } from '../../../src/erp-adapters/sql/grants';
import { rightsOf, tsqlGrantScript } from '../../../src/erp-adapters/sql/grants';
import { rightsCheck } from '../../../src/erp-adapters/sql/rights';
import type { Scope } from '../../../src/erp-adapters/sql/scope';
import type { Row, SqlSession } from '../../../src/erp-adapters/sql/session';
import { securityCheck } from '../../../src/erp-adapters/vista/security';

/** What no server at hand shows: a login that lacks rights, and views that hide rows. The answers are those of SQL Server's own functions. */
const answering = (rows: readonly Row[]): SqlSession => ({
  dialect: TSQL,
  ask: (_part, statements) => Promise.resolve(statements.map(() => rows)),
});
const SCOPE = {} as Scope;

const GRANTS: Grants = {
  specs: [],
  beside: () => [],
  reads: { HQCO: null, APVM: ['Name', 'City'] },
  writes: { HQBC: { insert: false, update: ['InUseBy'] } },
  procedures: ['bspHQBCInsert'],
  definitions: ['bAPVM'],
};

describe('the rights of the login', () => {
  test('what is looked for is what the script gives', () => {
    const script = tsqlGrantScript('Rights', GRANTS);
    const given = script.split('\n').filter((line) => line.startsWith('GRANT '));
    expect(given).toHaveLength(rightsOf(GRANTS).length);
    expect(given).toContain('GRANT SELECT ON APVM ([Name], [City]) TO tieback_erp;');
    expect(given).toContain('GRANT VIEW DEFINITION ON bAPVM TO tieback_erp;');
  });

  test('all there', async () => {
    expect(await rightsCheck(GRANTS).ask(answering([]), SCOPE)).toBe('all 9 rights of the script are there');
  });

  test('what is missing is named, by column where it is one', async () => {
    const missing = [
      { verb: 'INSERT', target: 'APUI', part: null },
      { verb: 'SELECT', target: 'APVM', part: 'City' },
    ];
    await expect(rightsCheck(GRANTS).ask(answering(missing), SCOPE)).rejects.toThrow(
      'the login may not INSERT APUI, SELECT APVM.City',
    );
  });

  test('many: the first six, and how many more', async () => {
    const missing = Array.from({ length: 8 }, (_, n) => ({ verb: 'SELECT', target: `T${n}`, part: null }));
    await expect(rightsCheck(GRANTS).ask(answering(missing), SCOPE)).rejects.toThrow(/T5 and 2 more/);
  });
});

describe('data-type security of Vista', () => {
  const seen = (shown: number, held: number | null): readonly Row[] => [
    { name: 'JCJM', shown: 40, held: '40' },
    { name: 'APVM', shown, held: held === null ? null : String(held) },
  ];

  test.each([
    ['all', 4000, 4000, /^no row of 6 tables is hidden$/],
    // More than the catalogue counted a moment ago.
    ['all', 4001, 4000, /^no row of 6 tables is hidden$/],
    ['some', 120, 4000, /^hidden on purpose: APVM 120 of 4000$/],
  ] as const)('%s, %i of %i rows', async (visibleRows, shown, held, says) => {
    expect(await securityCheck({ visibleRows }).ask(answering(seen(shown, held)), SCOPE)).toMatch(says);
  });

  test.each([
    [seen(120, 4000), /hides rows from the login: APVM 120 of 4000/],
    [seen(4000, null), /the catalogue does not show bAPVM/],
  ])('fails: %#', async (rows, says) => {
    await expect(securityCheck({ visibleRows: 'all' }).ask(answering(rows), SCOPE)).rejects.toThrow(says);
  });
});
