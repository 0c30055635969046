import { joined } from '../../../src/erp-adapters/sql/tsql-batch';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import { change, query } from '../../../src/erp-adapters/sql/session';

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
