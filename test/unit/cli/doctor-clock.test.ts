import { erpClockFinding, procoreClock } from '../../../src/cli/doctor-clock';

const MIN = 60_000;
const call = (aheadMs: number) => ({ before: 1000 * MIN, after: 1000 * MIN, theirs: 1000 * MIN + aheadMs });

test('an ERP whose clock alone is wrong is named', () => {
  expect(erpClockFinding(call(-3 * MIN), 0)).toEqual({
    name: 'clock',
    status: 'warning',
    detail: "the ERP's clock is 3 min 0 s behind ours; ours agrees with Procore's",
    hint: expect.stringContaining('database server of the ERP') as unknown,
  });
  expect(erpClockFinding(call(-6 * MIN), 0)).toMatchObject({ status: 'failed' });
});

test('when nobody agrees, or Procore cannot be asked, both are to be looked at', () => {
  expect(erpClockFinding(call(-3 * MIN), 3 * MIN).detail).toMatch(/neither agrees/);
  expect(erpClockFinding(call(-3 * MIN), null).detail).toBe("the ERP's clock is 3 min 0 s behind ours");
});

test('clocks that agree are told in one line; an answer without a time is no fault', () => {
  const known = { ms: null };
  expect(procoreClock(call(1000), known)).toEqual({
    name: 'clock',
    status: 'ok',
    detail: "Procore's clock is the same as ours",
    hint: null,
  });
  expect(known.ms).toBe(1000);
  expect(procoreClock({ ...call(0), theirs: null }, { ms: null })).toMatchObject({ status: 'skipped' });
  expect(erpClockFinding(call(0), 0)).toMatchObject({
    status: 'ok',
    detail: "the ERP's clock is the same as ours",
  });
});

test('an adapter that tells no time is at fault', () => {
  expect(erpClockFinding({ ...call(0), theirs: NaN }, 0)).toMatchObject({ status: 'failed' });
});
