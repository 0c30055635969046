import type { Month } from './batches';
import type { Work } from './database';
import { place } from './masters';
import { fitting, insert, next, one, remove, select, update } from './work';
import type { Values } from './work';

type Batch = { readonly Co: number; readonly Mth: string; readonly BatchId: number };

/** A pay period of a group. */
export interface Period {
  readonly co: number;
  readonly group: number;
  readonly end: string;
}

/** What a clerk types into PR Timecard Entry. Codes as people write them. */
export interface TimecardEntry {
  readonly employee: number;
  readonly date: string;
  readonly hours: string;
  readonly earnCode?: number;
  readonly job?: string;
  readonly phase?: string;
  readonly memo?: string;
}

/** What validation says: the ordinary sequence takes days of the period, and cost goes where the earn code says. */
export function* timecardProblems(batch: Batch): Work<readonly string[]> {
  const { PRGroup = null, PREndDate = null } = yield* one('HQBC', batch);
  const { BeginDate = null } = yield* one('PRPC', { PRCo: batch.Co, PRGroup, PREndDate });
  const wrong: string[] = [];
  for (const card of yield* select('PRTB', batch)) {
    const { BatchSeq, PaySeq, PostDate, JCCo = null, Job = null, PhaseGroup = null, Phase = null } = card;
    const isIn = String(PostDate) >= String(BeginDate) && String(PostDate) <= String(PREndDate);
    if (PaySeq === 1 && !isIn) wrong.push(`Seq# ${BatchSeq}: ${PostDate} is not a day of the pay period.`);
    if (Job === null) continue;
    const { JCCostType = null } = yield* one('PREC', { PRCo: batch.Co, EarnCode: card['EarnCode'] });
    const found = yield* select('JCCH', { JCCo, Job, PhaseGroup, Phase, CostType: JCCostType });
    if (found.length === 0)
      wrong.push(`Seq# ${BatchSeq}: phase ${Phase} has no cost type ${JCCostType} on job ${Job}.`);
  }
  return wrong;
}

/** Timecards become history; rates come from the employees. Job cost is written by the ledger update, later. */
export function* postTimecards(batch: Batch): Work<void> {
  const { PRGroup = null, PREndDate = null } = yield* one('HQBC', batch);
  for (const card of yield* select('PRTB', batch)) {
    const { Employee = null, PaySeq = null } = card;
    const { HrlyRate } = yield* one('PREH', { PRCo: batch.Co, Employee });
    const key = { PRCo: batch.Co, PRGroup, PREndDate, Employee, PaySeq };
    const PostSeq = yield* next('PRTH', 'PostSeq', key);
    yield* insert('PRTH', { ...fitting('PRTH', card, ['KeyID']), ...key, PostSeq, Rate: HrlyRate });
  }
  yield* remove('PRTB', batch);
}

/** Payroll clerks at work. */
export const TIMECARDS = {
  *addPayPeriod({ co, group, end }: Period, begin: string, more: Values = {}): Work<void> {
    yield* insert('PRPC', {
      PRCo: co,
      PRGroup: group,
      PREndDate: end,
      BeginDate: begin,
      BeginMth: `${begin.slice(0, 7)}-01`,
      ...more,
    });
    yield* insert('PRPS', { PRCo: co, PRGroup: group, PREndDate: end, PaySeq: 1, Description: 'Regular' });
  },

  /** Status of a period: 0 open, 1 closed. */
  *setPayPeriod({ co, group, end }: Period, status: 0 | 1): Work<void> {
    yield* update('PRPC', { PRCo: co, PRGroup: group, PREndDate: end }, { Status: status });
  },

  /** Opens a batch of timecards and leaves it. */
  *openPayBatch({ co, group, end }: Period, mth: string, by = 'Mary Lindqvist'): Work<number> {
    const [answer] = yield {
      openBatch: { co, mth, source: 'PR Entry', table: 'PRTB', by, prgroup: group, prenddate: end },
    };
    const batch = Number(answer?.['batchid'] ?? 0);
    if (batch === 0) throw new Error(String(answer?.['errmsg']));
    yield* update('HQBC', { Co: co, Mth: mth, BatchId: batch }, { InUseBy: null });
    return batch;
  },

  /** Enters a timecard by hand. */
  *addTimecard({ co, mth }: Month, batch: number, entry: TimecardEntry): Work<void> {
    const { employee, date, hours, earnCode = 1, job, phase, memo } = entry;
    const where = { Co: co, Mth: mth, BatchId: batch };
    const { PRDept = null, Craft, Class } = yield* one('PREH', { PRCo: co, Employee: employee });
    yield* insert('PRTB', {
      ...where,
      BatchSeq: yield* next('PRTB', 'BatchSeq', where),
      Employee: employee,
      PaySeq: 1,
      DayNum: 1,
      PostDate: date,
      ...(job === undefined || phase === undefined ? {} : place(co, job, phase)),
      EarnCode: earnCode,
      PRDept,
      GLCo: co,
      Craft,
      Class,
      Hours: hours,
      Memo: memo,
    });
  },

  *changeTimecard(key: Values, changes: Values): Work<void> {
    yield* update('PRTB', key, changes);
  },
};
