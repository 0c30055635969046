import type { PayLine } from '../../../src/domain/payroll/line';
import type {
  PayBatchResult,
  PayBatchWrite,
  PayrollCapability,
} from '../../../src/erp-adapters/contract/payroll';
import type { PayrollStage } from '../../../src/erp-adapters/contract/conformance';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';

/** The seeded weekly period that is open in both models. */
export const OPEN_PERIOD = { group: '1', end: '2026-07-18', run: 1 };

/** A line without a job, for the first employee. */
export const payLine = (key: string, more: Partial<PayLine> = {}): PayLine => ({
  key,
  employee: '1|501',
  date: '2026-07-14',
  job: null,
  phase: null,
  earnCode: '1',
  family: 'worked',
  craft: 'CARP',
  class: 'JRNY',
  shift: '1',
  department: '10',
  certified: false,
  equipment: null,
  hours: '8.00',
  entries: [771],
  ...more,
});

let count = 0;

/** A batch that was never written. */
export function payBatch(lines: readonly PayLine[], more: Partial<PayBatchWrite> = {}): PayBatchWrite {
  count += 1;
  return {
    operationKey: `demo:pay_batch:${count}`,
    planHash: 'h',
    generation: count,
    period: OPEN_PERIOD,
    purpose: 'period',
    lines,
    expected: null,
    ...more,
  };
}

export function payrollOf(adapter: ErpAdapter): PayrollCapability {
  if (adapter.payroll === undefined) throw new Error('the adapter keeps no payroll');
  return adapter.payroll;
}

export type WrittenBatch = Extract<PayBatchResult, { outcome: 'written' | 'already_written' }>;

export function asWritten(result: PayBatchResult): WrittenBatch {
  if ('lines' in result && result.outcome !== 'changed') return result;
  throw new Error(`it was not written: ${JSON.stringify(result)}`);
}

/** Sample lines of the suite: one for a job, the others without. */
export const stageLines =
  (
    place: () => Promise<Pick<PayLine, 'job' | 'phase'>> | Pick<PayLine, 'job' | 'phase'>,
  ): PayrollStage['lines'] =>
  async (tag, count) => {
    const onJob = await place();
    return Array.from({ length: count }, (_, index) =>
      payLine(`${tag}-${index}`, { hours: `${index + 1}.25`, ...(index === 0 ? onJob : {}) }),
    );
  };

export const refusedLine: PayrollStage['refused'] = (tag) => payLine(`${tag}-bad`, { employee: '1|999' });

/** Number of a batch, in its name. */
export const batchNumber = (batch: string): number => Number(batch.split('/')[1]);
