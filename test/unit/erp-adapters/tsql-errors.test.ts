import { TiebackError } from '../../../src/domain/base/errors';
import { toCommitError, toErpError } from '../../../src/erp-adapters/sql/tsql-errors';
import { sqlServerTrouble } from '../../../src/sql-server/errors';

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

test.each(['ESOCKET', 'ETIMEOUT', 'ECONNRESET', 'ECONNCLOSED', 'ECANCEL', 'ENOTFOUND'])(
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
