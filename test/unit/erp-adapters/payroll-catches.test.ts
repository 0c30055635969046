/** Each question about payroll is shown to be able to fail: by an adapter that does what it must not. */
import type { KnownLine } from '../../../src/domain/payroll/line';
import type { ErpAdapter } from '../../../src/erp-adapters/contract/adapter';
import {
  CONFORMANCE_PROMISES,
  conformanceQuestions,
  runConformance,
} from '../../../src/erp-adapters/contract/conformance';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import type {
  PayBatchResult,
  PayBatchWrite,
  PayrollCapability,
} from '../../../src/erp-adapters/contract/payroll';
import { batchNumber, payrollOf } from './payroll-samples';
import type { SampleCompany } from './sample-kit';
import { sampleCompany } from './sample-kit';

interface Ground {
  readonly good: PayrollCapability;
  readonly company: SampleCompany;
}
type Change = (ground: Ground) => Partial<PayrollCapability>;

interface Mistake {
  readonly says: string;
  readonly caughtBy: readonly string[];
  readonly change?: Change;
  readonly adapter?: (good: ErpAdapter) => Partial<ErpAdapter>;
}

const JULY = { co: 1, mth: '2026-07' };

const broken = (good: PayrollCapability, change: Partial<PayrollCapability>): PayrollCapability => ({
  can: good.can,
  employees: (size) => good.employees(size),
  codes: () => good.codes(),
  periods: (from) => good.periods(from),
  write: (batch) => good.write(batch),
  lines: (period) => good.lines(period),
  ...change,
});

const withLines =
  (change: (line: KnownLine) => KnownLine): Change =>
  ({ good }) => ({ lines: async (period) => (await good.lines(period)).map(change) });

const withWrite =
  (write: (ground: Ground, batch: PayBatchWrite) => Promise<PayBatchResult>): Change =>
  (ground) => ({ write: (batch) => write(ground, batch) });

/** Writes in spite of an answer. */
const inSpiteOf = (outcome: PayBatchResult['outcome'], put: (ground: Ground) => void): Change =>
  withWrite(async (ground, batch) => {
    const result = await ground.good.write(batch);
    if (result.outcome !== outcome) return result;
    put(ground);
    return ground.good.write(batch);
  });

let count = 0;
/** The same lines under keys that nobody has, so that nothing tells that they are there. */
const renamed = (batch: PayBatchWrite): PayBatchWrite => {
  count += 1;
  return { ...batch, operationKey: `again:${count}`, generation: batch.generation + 500, expected: null };
};

const MISTAKES: readonly Mistake[] = [
  {
    says: 'leaves out the last employee of every page',
    caughtBy: ['payroll-employees'],
    change: ({ good }) => ({
      async *employees(size) {
        for await (const page of good.employees(size)) yield page.slice(0, size - 1);
      },
    }),
  },
  {
    says: 'tells an earn code twice',
    caughtBy: ['payroll-codes'],
    change: ({ good }) => ({
      async codes() {
        const codes = await good.codes();
        return { ...codes, earnCodes: [...codes.earnCodes, ...codes.earnCodes.slice(0, 1)] };
      },
    }),
  },
  {
    says: 'tells all periods, whatever is asked for',
    caughtBy: ['payroll-periods'],
    change: ({ good }) => ({ periods: () => good.periods('1900-01-01') }),
  },
  {
    says: 'cuts hours to whole ones',
    caughtBy: ['payroll-batch', 'payroll-change'],
    change: withWrite(({ good }, batch) =>
      good.write({
        ...batch,
        lines: batch.lines.map((line) => ({ ...line, hours: `${parseInt(line.hours, 10)}.00` })),
      }),
    ),
  },
  {
    says: 'validates what it wrote',
    caughtBy: ['payroll-batch'],
    change: withWrite(async ({ good, company }, batch) => {
      const result = await good.write(batch);
      if (result.outcome === 'written') company.accounting.validatePayBatch(JULY, batchNumber(result.batch));
      return result;
    }),
  },
  {
    says: 'posts what it wrote',
    caughtBy: ['payroll-batch'],
    change: withWrite(async ({ good, company }, batch) => {
      const result = await good.write(batch);
      if (result.outcome === 'written') company.accounting.postPayBatch(JULY, batchNumber(result.batch));
      return result;
    }),
  },
  {
    says: 'writes a rerun once more',
    caughtBy: ['payroll-rerun', 'payroll-posted'],
    change: withWrite(async ({ good }, batch) => {
      const result = await good.write(batch);
      return result.outcome === 'already_written' ? { ...result, outcome: 'written' } : result;
    }),
  },
  {
    says: 'keeps no ledger of batches',
    caughtBy: ['payroll-crash', 'payroll-crash-change', 'payroll-outcome-unknown'],
    adapter: (good) => ({ ledger: { ...good.ledger, find: async () => [] } }),
  },
  {
    says: 'adds to a batch instead of changing it',
    caughtBy: ['payroll-change'],
    change: withWrite(async ({ good }, batch) =>
      batch.expected === null ? good.write(batch) : good.write({ ...batch, expected: null }),
    ),
  },
  {
    says: 'writes a line again that stands elsewhere',
    caughtBy: ['payroll-twice'],
    change: withWrite(async ({ good }, batch) => {
      const result = await good.write(batch);
      if (result.outcome !== 'refused') return result;
      const named = new Set(result.problems.map(({ key }) => key));
      return good.write({ ...batch, lines: batch.lines.filter(({ key }) => !named.has(key)) });
    }),
  },
  {
    says: 'leaves out the line that is refused and writes the others',
    caughtBy: ['payroll-refused'],
    change: withWrite(async ({ good }, batch) => {
      const result = await good.write(batch);
      if (result.outcome === 'refused')
        await good.write({ ...batch, lines: batch.lines.filter(({ employee }) => employee !== '1|999') });
      return result;
    }),
  },
  {
    says: 'blames all lines for one',
    caughtBy: ['payroll-refused'],
    change: withWrite(async ({ good }, batch) => {
      const result = await good.write(batch);
      return result.outcome === 'refused'
        ? { ...result, problems: batch.lines.map(({ key }) => ({ key, reason: 'one of them' })) }
        : result;
    }),
  },
  {
    says: 'takes the batch out of the hands of whoever has it',
    caughtBy: ['payroll-in-use'],
    change: inSpiteOf('in_use', ({ company }) =>
      company.accounting.runScript('UPDATE HQBC SET InUseBy = NULL'),
    ),
  },
  {
    says: 'opens a closed period',
    caughtBy: ['payroll-closed'],
    change: inSpiteOf('not_open', ({ company }) =>
      company.accounting.reopenPayPeriod({ co: 1, group: 1, end: '2026-07-18' }),
    ),
  },
  {
    says: 'writes over what a person changed',
    caughtBy: ['payroll-changed'],
    change: withWrite(async ({ good }, batch) => {
      const result = await good.write(batch);
      return result.outcome === 'changed' ? good.write(renamed(batch)) : result;
    }),
  },
  {
    says: 'does not know what became of posted lines',
    caughtBy: ['payroll-posted'],
    change: ({ good }) => ({
      lines: async (period) => (await good.lines(period)).filter(({ state }) => state !== 'posted'),
    }),
  },
  {
    says: 'tells lines of others under our keys',
    caughtBy: ['payroll-batch'],
    change: withLines((line) => ({ ...line, key: line.key?.replace(/.$/, '0') ?? null })),
  },
  {
    says: 'hands out social security numbers',
    caughtBy: ['payroll-secrets'],
    change: ({ good, company }) => ({
      async *employees(size) {
        const [ssn = ''] = company.accounting.db.prepare<[], string>('SELECT SSN FROM PREH').pluck().all();
        for await (const page of good.employees(size)) yield page.map((one) => ({ ...one, email: ssn }));
      },
    }),
  },
];

test.each(MISTAKES)('an adapter that $says is caught', async ({ caughtBy, change, adapter }) => {
  const company = sampleCompany();
  try {
    const open = (options?: { readonly io?: Io }): ErpAdapter => {
      const good = company.open(options);
      const payroll = broken(payrollOf(good), change?.({ good: payrollOf(good), company }) ?? {});
      return { ...good, payroll, ...adapter?.(good) };
    };
    const questions = conformanceQuestions({ ...company.kit, open }).filter(({ id }) =>
      caughtBy.includes(id),
    );
    expect(questions).toHaveLength(caughtBy.length);
    const answers = await runConformance(questions);
    expect(
      answers.map(({ id, status, detail }) => (status === 'failed' ? 'caught' : `${id}: ${detail}`)),
    ).toEqual(caughtBy.map(() => 'caught'));
  } finally {
    company.remove();
  }
});

test('every question about payroll is shown to be able to fail', () => {
  const caught = new Set(MISTAKES.flatMap(({ caughtBy }) => caughtBy));
  expect(CONFORMANCE_PROMISES.ofPayroll.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual(
    [],
  );
});
