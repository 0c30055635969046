/** Whatever is written, changed, lost and done by clerks in whatever order: no hour stands twice in the ERP, and none that was written is lost. */
import fc from 'fast-check';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import type { PayLine } from '../../../src/domain/payroll/line';
import { expectationOf } from '../../../src/domain/payroll/line-hash';
import { crashAt } from '../../../src/erp-adapters/contract/conformance/faults';
import type { PayBatchWrite } from '../../../src/erp-adapters/contract/payroll';
import { batchNumber, OPEN_PERIOD, payBatch, payLine, payrollOf } from './payroll-samples';
import { sampleCompany } from './sample-kit';

const JULY = { co: 1, mth: '2026-07' };
const PERIOD = { co: 1, group: 1, end: '2026-07-18' };
const KEYS = ['a', 'b', 'c', 'd', 'e'];

type Step =
  | {
      readonly do: 'write';
      readonly keys: readonly string[];
      readonly crash: number | null;
      readonly after: boolean;
    }
  | {
      readonly do: 'change';
      readonly keys: readonly string[];
      readonly crash: number | null;
      readonly after: boolean;
    }
  | { readonly do: 'overtime' | 'post' | 'validate' | 'reopen' | 'lose-ledger' | 'hold' | 'release' };

const keys = fc.subarray(KEYS, { minLength: 1 });
const crash = fc.option(fc.nat({ max: 5 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), keys, crash, after: fc.boolean() }),
  fc.record({ do: fc.constant('change' as const), keys, crash, after: fc.boolean() }),
  fc.record({
    do: fc.constantFrom('overtime', 'post', 'validate', 'reopen', 'lose-ledger', 'hold', 'release'),
  }),
);

/** Overtime rules cut no card that somebody has open. */
function overtimeOn(accounting: Accounting): void {
  try {
    accounting.applyOvertime(PERIOD);
  } catch (error) {
    if (!/is in use by/.test(String(error))) throw error;
  }
}

const lineOf = (key: string): PayLine => payLine(key, { hours: `${KEYS.indexOf(key) + 7}.50` });

test('no line is ever there twice, whole batches are there or none, and hours are those that were sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
      const company = sampleCompany();
      const { accounting } = company;
      const erp = company.open();
      const payroll = payrollOf(erp);
      const open = (): number[] =>
        accounting
          .payBatches()
          .flatMap(({ BatchId, Status }) => (Number(Status) < 2 ? [Number(BatchId)] : []));
      const patiently = async (
        batch: PayBatchWrite,
        { crash: at, after }: { crash: number | null; after: boolean },
      ) => {
        if (at === null) return payroll.write(batch);
        const breaking = company.open({ io: crashAt(at, after ? 'after' : 'before') });
        await payrollOf(breaking)
          .write(batch)
          .catch(() => null);
        await breaking.close();
        // As a worker does that lost the answer.
        return payroll.write(batch);
      };
      try {
        for (const one of steps) {
          if (one.do === 'write') await patiently(payBatch(one.keys.map(lineOf)), one);
          if (one.do === 'change') {
            const lines = await payroll.lines(OPEN_PERIOD);
            const head = await erp.ledger.head('pay_batch', 'pay_batch/1-2026-07-18');
            const expected = expectationOf(lines.filter(({ batch }) => batch === head?.erpKey));
            const result = await patiently(payBatch(one.keys.map(lineOf), { expected }), one);
            if (result.outcome === 'written')
              expect(result.lines.flatMap(({ key }) => key ?? []).sort()).toEqual([...one.keys].sort());
          }
          if (one.do === 'overtime') overtimeOn(accounting);
          for (const batch of open()) {
            if (one.do === 'post') accounting.postPayBatch(JULY, batch);
            if (one.do === 'validate') accounting.validatePayBatch(JULY, batch);
            if (one.do === 'reopen') accounting.reopenPayBatch(JULY, batch);
            if (one.do === 'hold') accounting.useBatch(JULY, batch, 'Mary Lindqvist');
            if (one.do === 'release') accounting.useBatch(JULY, batch, null);
          }
          if (one.do === 'lose-ledger')
            accounting.runScript(`DROP TABLE tieback_ledger; ${erp.grantScript()}`);
          const lines = await payroll.lines(OPEN_PERIOD);
          for (const key of KEYS) {
            const [line, ...twins] = lines.filter((each) => each.key === key);
            expect(twins).toEqual([]);
            if (line === undefined) continue;
            const parts = lines.filter(({ id, madeFrom }) => id === line.id || madeFrom === line.id);
            const hundredths = parts.reduce((sum, { hours }) => sum + Math.round(Number(hours) * 100), 0);
            expect(hundredths).toBe(Math.round(Number(lineOf(key).hours) * 100));
          }
          // Nothing is there that comes from nowhere.
          const ids = new Set(lines.map(({ id }) => id));
          expect(lines.filter(({ key, madeFrom }) => key === null && !ids.has(madeFrom ?? ''))).toEqual([]);
          expect(new Set(lines.map(({ batch }) => batchNumber(batch ?? ''))).size).toBeLessThanOrEqual(
            accounting.payBatches().length,
          );
        }
      } finally {
        await erp.close();
        company.remove();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
