import { planPayroll } from '../../../../src/domain/plan/payroll';
import type { PayrollPlanInput } from '../../../../src/domain/plan/payroll';
import { isPayBatch } from '../../../../src/domain/plan/operation';
import type { Plan } from '../../../../src/domain/plan/plan';
import { planHash } from '../../../../src/domain/plan/plan';
import { planIn, planText } from '../../../../src/domain/plan/stored';
import { contentHash } from '../../../../src/domain/base/identity';
import {
  entry,
  named,
  payrollInput,
  planOfPayroll as planned,
  references,
  rowOf,
  WEEK,
} from '../payroll/fixtures';

const linesOf = ({ operations }: Plan): readonly string[] =>
  operations
    .filter(isPayBatch)
    .flatMap(({ changes }) =>
      changes.map(({ label, old, new: now }) => `${label}: ${String(old)} → ${String(now)}`),
    );
const resting = (input: PayrollPlanInput): string => {
  const found = planPayroll(input);
  return found.kind === 'rest' ? found.reason : found.kind;
};
/** The same request once its batch is written as planned, its rows in this state. */
function written(input: PayrollPlanInput, state: 'batch' | 'posted', edit = input.kept): PayrollPlanInput {
  const [batch] = planned(input).operations.filter(isPayBatch);
  if (batch === undefined) throw new Error('there is no batch');
  const takes = new Map(batch.books.takes.map((one) => [one.entryId, one]));
  return {
    ...input,
    kept: edit.map((one) => {
      const { hours = null, revision = null } = takes.get(one.entry.id) ?? {};
      return { ...one, writtenIn: input.requestId, hours, writtenRevision: revision };
    }),
    written: batch.batch.lines.map((line) => ({
      ...{ line, requestId: input.requestId, purpose: 'period' as const, period: 'W-2026-11-21' },
      batch: '2026-11/1',
    })),
    rows: batch.batch.lines.map((line) => rowOf(`r${line.key}`, line, { state, batch: '2026-11/1' })),
    heads: { 'pay_batch/W-2026-11-21': { operationKey: 'k', generation: 1, erpKey: '2026-11/1' } },
  };
}
const edited = (input: PayrollPlanInput, change: Parameters<typeof entry>[1]): PayrollPlanInput['kept'] =>
  input.kept.map((one, index) => (index === 0 ? { ...one, entry: { ...one.entry, ...change } } : one));

test('a first plan has a line for everybody, with names for every code, and what Procore is told', () => {
  const plan = planned(
    payrollInput([entry(1, { status: 'approved' })], {
      rules: { ...payrollInput([]).rules, payable: ['approved', 'completed'] },
    }),
  );
  expect(linesOf(plan)).toEqual([
    'Dana Reyes (2207) · 2026-11-18 · 26-014 Harbor View · 3-310 Forms · REG · department FIELD: null → 8.00',
  ]);
  expect(plan.operations.map(({ side, action }) => `${side} ${action}`)).toEqual([
    'erp write_batch',
    'procore complete_entries',
  ]);
  expect(plan.payroll?.names.employees).toEqual({ '1|2207': 'Dana Reyes (2207)' });
});

test('before the cut-off nothing is asked; afterwards what is not in it is told', () => {
  const cards = [entry(1), entry(2, { person: named(99, 'Sam Poe') })];
  expect(resting(payrollInput(cards, { isCutOff: false }))).toMatch(
    /gathers until .*8\.00 h of 1 employee so far, 1 entry left out/,
  );
  expect(planned(payrollInput(cards)).leftOut).toMatchObject([
    { recordId: 'timecard_entry/2', reason: expect.stringContaining('Sam Poe') as string },
  ]);
});

test('the hash is bound to what comes and goes, and to the batch that it is for; not to what stays', () => {
  const input = payrollInput([entry(1), entry(2, { costCode: named(22) })]);
  const plan = planned(input);
  expect(planned({ ...input, kept: [...input.kept].reverse() }).hash).toBe(plan.hash);
  expect(planHash(planIn(planText(plan)))).toBe(plan.hash);
  const later = { 'pay_batch/W-2026-11-21': { operationKey: 'k', generation: 1, erpKey: '2026-11/1' } };
  // The same lines in another batch are another thing to approve.
  expect(planned({ ...input, heads: later }).hash).not.toBe(plan.hash);
  const base = written(input, 'batch');
  const amended = { ...base, kept: edited(base, { hours: '9' }) };
  const other = amended.rows.map((row, index) => (index === 1 ? { ...row, department: 'SHOP' } : row));
  expect(planned({ ...amended, rows: other }).hash).toBe(planned(amended).hash);
});

test('an edit before posting is one row, old and new; what stays is written as the ERP has it', () => {
  const base = written(payrollInput([entry(1), entry(2, { costCode: named(22) })]), 'batch');
  const plan = planned({ ...base, kept: edited(base, { hours: '9' }) });
  expect(linesOf(plan)).toEqual([expect.stringMatching(/Dana Reyes .*3-310 Forms.*: 8\.00 → 9\.00/)]);
  const [batch] = plan.operations.filter(isPayBatch);
  expect(batch).toMatchObject({ erpKey: '2026-11/1', generation: 2 });
  expect(batch?.batch.lines.map(({ hours }) => hours).sort()).toEqual(['8.00', '9.00']);
  expect(Object.keys(batch?.batch.expected ?? {})).toHaveLength(2);
});

test('an edit after posting is a reversal and a replacement in a batch of their own', () => {
  const base = written(payrollInput([entry(1)]), 'posted');
  const plan = planned({ ...base, kept: edited(base, { hours: '9' }) });
  expect(linesOf(plan)).toEqual([
    expect.stringMatching(/^reversal · Dana Reyes .*: null → -8\.00/),
    expect.stringMatching(/^replacement · Dana Reyes .*: null → 9\.00/),
  ]);
  expect(plan.operations[0]).toMatchObject({ recordId: 'pay_batch/W-2026-11-21/correction', erpKey: null });
  expect(plan.payroll?.corrected).toMatchObject([{ paid: '8.00', true: '9.00', delta: '1.00' }]);
  const byHand = { ...base, kept: edited(base, { hours: '9' }), can: {} };
  const found = planPayroll(byHand);
  expect(found).toMatchObject({
    kind: 'rest',
    leftOut: [
      { reason: expect.stringMatching(/takes no negative time.*change row .* to 9\.00 h/) as string },
    ],
  });
});

test('nothing is to be done for what is as it was written, until the ERP closes the period', () => {
  const input = payrollInput([entry(1)]);
  expect(resting(written(input, 'batch'))).toMatch(/waits to be posted/);
  const posted = written(input, 'posted');
  expect(resting(posted)).toMatch(/Everything is posted/);
  expect(planPayroll({ ...posted, period: { ...WEEK, state: 'closed' } })).toMatchObject({
    kind: 'over',
    result: { status: 'applied' },
  });
  expect(planPayroll({ ...input, period: { ...WEEK, state: 'closed' } })).toMatchObject({
    kind: 'over',
    result: { status: 'failed', summary: expect.stringContaining('8.00 h are paid in the next') as string },
  });
});

test('a line that the ERP refused stays out until it is another one', () => {
  const input = payrollInput([entry(1), entry(2, { costCode: named(22) })]);
  const line = planned(input).operations.filter(isPayBatch)[0]?.batch.lines[0];
  if (line === undefined) throw new Error('there is no line');
  const refused = planned({ ...input, refused: [{ line, reason: 'the phase is locked' }] });
  expect(linesOf(refused)).toHaveLength(1);
  expect(refused.leftOut).toMatchObject([
    { reason: expect.stringMatching(/refuses the line: the phase is locked/) as string },
  ]);
  const again = {
    ...input,
    kept: edited(input, { hours: '7' }),
    refused: [{ line, reason: 'the phase is locked' }],
  };
  expect(linesOf(planned(again))).toHaveLength(2);
});

test('nobody is named whom the plan is not about', () => {
  const plan = planned(payrollInput([entry(1)], { references: references() }));
  expect(JSON.stringify(plan.payroll?.names)).not.toContain('Max');
  expect(contentHash(plan.payroll ?? null)).toMatch(/^[0-9a-f]{64}$/);
});

test('where the ERP makes overtime, what its rules will not see is warned of', () => {
  const byErp = { references: references({ overtimeOwner: () => 'erp' }) };
  const cards = [entry(1, { hours: '4' }), entry(2, { hours: '3', timeType: named(6) })];
  const codes = (input: PayrollPlanInput): readonly string[] =>
    planned(input).warnings.map(({ code }) => code);
  expect(codes(payrollInput(cards))).toEqual([]);
  expect(codes(payrollInput(cards, byErp))).toEqual(['two_shifts']);
  const line = planned(payrollInput([entry(9)])).operations.filter(isPayBatch)[0]?.batch.lines[0];
  if (line === undefined) throw new Error('there is no line');
  const other = rowOf('r9', { ...line, date: '2026-11-16' }, { state: 'batch', batch: '2026-11/7' });
  const rows = [{ ...other, key: null }];
  expect(codes(payrollInput([entry(1)], { ...byErp, rows }))).toEqual(['other_open_batch']);
  expect(codes(payrollInput([entry(1)], { rows }))).toEqual([]);
});
