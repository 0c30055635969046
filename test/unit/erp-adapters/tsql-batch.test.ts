import { joined } from '../../../src/erp-adapters/sql/tsql-batch';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import { change, query } from '../../../src/erp-adapters/sql/session';
import { callProcedure } from '../../../src/erp-adapters/sql/write-rows';

test('statements that travel together keep their values apart', () => {
  const { text, bound } = joined([
    query('SELECT a FROM t WHERE code = @code AND other = @codes', { code: 'A', codes: 'B' }),
    change('UPDATE t SET a = @code', { code: 'C' }),
  ]);
  expect(text).toBe(
    'SELECT a FROM t WHERE code = @s0_code AND other = @s0_codes;\nUPDATE t SET a = @s1_code;\nSELECT @@ROWCOUNT AS changed;',
  );
  expect(bound).toEqual({ s0_code: 'A', s0_codes: 'B', s1_code: 'C' });
});

test('one alone keeps its names', () => {
  expect(joined([query('SELECT @code', { code: 'A' })])).toEqual({
    text: 'SELECT @code;',
    bound: { code: 'A' },
  });
});

test('texts, quoted names, comments, functions and parameters of procedures are no names of ours', () => {
  const sql = `SELECT '@code ''@code', [@code], "@code", @@code /* @code */ -- @code
EXEC p @Resource = @code`;
  const { text } = joined([query(sql, { code: 'A' }), query('SELECT 1')]);
  expect(text).toBe(`${sql.replace(/= @code/, '= @s0_code')};\nSELECT 1;`);
});

test('two statements may declare a variable of the same name', () => {
  const lock = TSQL.appLock('jobs');
  if (lock === null) throw new Error('no lock');
  const { text, bound } = joined([change(lock.sql, lock.bound), change(lock.sql, lock.bound)]);
  expect(text.match(/DECLARE @\w+/g)).toEqual(['DECLARE @s0_got', 'DECLARE @s1_got']);
  expect(text).toContain('EXEC @s1_got = sp_getapplock @Resource = @s1_appLock, @LockMode');
  expect(Object.keys(bound)).toEqual(['s0_appLock', 's1_appLock']);
});

test('a procedure is called by the names of its parameters, also where columns are called so and other statements travel along', () => {
  const calls = callProcedure(
    { dialect: TSQL, ask: () => Promise.resolve([]) },
    { name: 'new_order', parameters: { title: 'title', job: 'job' } },
    [1, 2].map((n) => ({
      values: { title: `T${n}`, job: n },
      made: { job: '(SELECT no FROM j WHERE id = @job)' },
      more: {},
    })),
  );
  const { text, bound } = joined([...calls, query('SELECT @title', { title: 'x' })]);
  expect(text.match(/EXEC new_order [^;]*/g)).toEqual([
    'EXEC new_order @title = @s0_tieback_title, @job = @s0_p0_job',
    'EXEC new_order @title = @s1_tieback_title, @job = @s1_p1_job',
  ]);
  expect(text).toContain('DECLARE @s0_p0_job nvarchar(max) = (SELECT no FROM j WHERE id = @s0_tieback_job);');
  expect(bound).toMatchObject({ s0_tieback_title: 'T1', s1_tieback_job: 2, s2_title: 'x' });
});
