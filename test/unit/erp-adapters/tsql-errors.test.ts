import { TiebackError } from '../../../src/domain/base/errors';
import { toCommitError, toErpError } from '../../../src/erp-adapters/sql/tsql-errors';
import { sqlServerTrouble } from '../../../src/sql-server/errors';
import { isPassing, isUndone } from '../../../src/store/passing';

/** As the driver gives it: the last error, and those before it. */
function driverError(
  number: number | null,
  message: string,
  more: { readonly code?: string; readonly before?: readonly Error[] } = {},
): Error {
  return Object.assign(new Error(message), {
    code: more.code ?? 'EREQUEST',
    ...(number === null ? {} : { number }),
    ...(more.before === undefined ? {} : { precedingErrors: more.before }),
  });
}

test.each([
  [1205, 'ERP_BUSY', /deadlock/],
  [1222, 'ERP_BUSY', /held a lock/],
  [3960, 'ERP_BUSY', /changed by somebody else/],
  [2601, 'ERP_REFUSED', /this key already: the words/],
  [2627, 'ERP_REFUSED', /this key already: the words/],
  [8152, 'ERP_REFUSED', /too long/],
  [2628, 'ERP_REFUSED', /too long/],
  [547, 'ERP_REFUSED', /does not go with other records/],
  [515, 'ERP_REFUSED', /missing/],
  [245, 'ERP_REFUSED', /another type/],
  [8115, 'ERP_REFUSED', /too large/],
  [50_000, 'ERP_REFUSED', /the words/],
  [229, 'ERP_CONFIG', /lacks a right: the words/],
  [230, 'ERP_CONFIG', /lacks a right: the words/],
  [18_456, 'ERP_CONFIG', /does not let us in/],
  [4060, 'ERP_CONFIG', /does not let us in/],
  [208, 'ERP_CONFIG', /not as the adapter expects/],
  [8003, 'ERP_CONFIG', /does not take the statement/],
  [3906, 'ERP_CONFIG', /read-only/],
  [9002, 'ERP_UNREACHABLE', /log of the database is full/],
  [1105, 'ERP_UNREACHABLE', /disk/],
  [924, 'ERP_UNREACHABLE', /single-user/],
  [927, 'ERP_UNREACHABLE', /restored/],
  [6005, 'ERP_UNREACHABLE', /closed the connection/],
  [40_613, 'ERP_UNREACHABLE', /closed the connection/],
] as const)('error %i is %s', (number, code, says) => {
  const told = toErpError(driverError(number, 'the words'));
  expect(told).toMatchObject({ code, message: expect.stringMatching(says) as string });
});

test.each(['ESOCKET', 'ETIMEOUT', 'ECONNRESET', 'ECONNCLOSED', 'ECANCEL', 'ENOTFOUND', 'EREQUEST'])(
  'a connection that is not there (%s) has written nothing; of a commit, nobody knows',
  (code) => {
    const error = driverError(null, 'Failed to connect', { code });
    expect(toErpError(error)).toMatchObject({ code: 'ERP_UNREACHABLE' });
    expect(toCommitError(error)).toMatchObject({ code: 'ERP_OUTCOME_UNKNOWN' });
  },
);

test('of a commit only what the server says it undid is known', () => {
  expect(toCommitError(driverError(1205, 'chosen as the deadlock victim'))).toMatchObject({
    code: 'ERP_BUSY',
  });
  expect(toCommitError(driverError(547, 'a deferred check'))).toMatchObject({ code: 'ERP_REFUSED' });
  for (const error of [new Error('oops'), driverError(596, 'the session was killed')])
    expect(toCommitError(error)).toMatchObject({ code: 'ERP_OUTCOME_UNKNOWN' });
});

test('a number that nobody knows leaves a commit in doubt, and a transaction that was aborted does not', () => {
  expect(toCommitError(driverError(51_234, 'raised by a procedure'))).toMatchObject({ code: 'ERP_REFUSED' });
  expect(toCommitError(driverError(7_777, 'something new'))).toMatchObject({ code: 'ERP_OUTCOME_UNKNOWN' });
  const aborted = driverError(null, 'Transaction has been aborted.', { code: 'EABORT' });
  expect(toCommitError(aborted)).toMatchObject({ code: 'ERP_BUSY' });
  expect(toErpError(aborted)).toMatchObject({ code: 'ERP_BUSY' });
});

/** As the driver wraps what a socket said: the reason is two levels down. */
const connecting = (code: string, message: string): Error =>
  Object.assign(new Error(`Failed to connect to sql01:1433 - ${message}`), {
    code: 'ESOCKET',
    originalError: Object.assign(new Error('ESOCKET'), {
      code: 'ESOCKET',
      cause: Object.assign(new Error(message), { code }),
    }),
  });

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', /caFile/],
  ['CERT_HAS_EXPIRED', 'certificate has expired', /certificate has expired/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Host: sql01. is not in the cert's altnames", /hostNameInCertificate/],
  ['ECLEARTEXT', 'the server does not encrypt; the login was not sent', /the login was not sent/],
])(
  'what is set up wrongly (%s) is not waited for, though the driver says "ESOCKET"',
  (code, message, says) => {
    expect(toErpError(connecting(code, message))).toMatchObject({
      code: 'ERP_CONFIG',
      message: expect.stringMatching(says) as string,
    });
    expect(toErpError(connecting('ECONNREFUSED', 'connect ECONNREFUSED'))).toMatchObject({
      code: 'ERP_UNREACHABLE',
    });
  },
);

test('a pool without a connection to lend is waited for', () => {
  class TimeoutError extends Error {}
  expect(toErpError(new TimeoutError('Failed to acquire a connection'))).toMatchObject({
    code: 'ERP_UNREACHABLE',
  });
});

test("the beginning of a value that is too long is not told: it may be anybody's", () => {
  const words =
    "String or binary data would be truncated in table 'erp.dbo.APVM', column 'TaxId'. Truncated value: '123-45-'.";
  const { message } = toErpError(driverError(2628, words)) as TiebackError;
  expect(message).toContain("column 'TaxId'.");
  expect(message).not.toContain('123-45');
});

test('our store goes by the same table', () => {
  for (const number of [1205, 1222, 3960, 701]) {
    expect(isPassing(driverError(number, 'x'))).toBe(true);
    expect(isUndone(driverError(number, 'x'))).toBe(true);
  }
  const ended = driverError(3609, 'ended in the trigger', { before: [driverError(1205, 'a deadlock')] });
  expect([isPassing(ended), isUndone(ended)]).toEqual([true, true]);
  for (const error of [driverError(9002, 'x'), driverError(null, 'x', { code: 'ESOCKET' })])
    expect([isPassing(error), isUndone(error)]).toEqual([true, false]);
  for (const error of [driverError(2627, 'x'), driverError(208, 'x'), connecting('CERT_HAS_EXPIRED', 'x')])
    expect([isPassing(error), isUndone(error)]).toEqual([false, false]);
});

test('a trigger that rolled back is told in its own words', () => {
  const before = [driverError(50_000, 'APVM: SortName COBALT is taken.')];
  const ended = driverError(3609, 'The transaction ended in the trigger. The batch has been aborted.', {
    before,
  });
  expect(sqlServerTrouble(ended)).toMatchObject({
    class: 'refused',
    says: 'APVM: SortName COBALT is taken.',
  });
});

test('a ledger that is not there is named with what to do', () => {
  expect(toErpError(driverError(208, "Invalid object name 'tieback.ledger'."))).toMatchObject({
    code: 'ERP_CONFIG',
    message: expect.stringMatching(/ledger is missing .* a DBA must run/) as string,
  });
});

test('what is an error of ours, or of the program, passes unchanged', () => {
  const fault = new TypeError('oops');
  expect(toErpError(fault)).toBe(fault);
  const ours = new TiebackError('ERP_REFUSED', { reason: 'x' });
  expect(toErpError(ours)).toBe(ours);
});
