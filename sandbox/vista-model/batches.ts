import type { Work } from './database';
import { insert, one, remove, select, sumOf, update } from './work';
import { POSTING } from './posting';
import { timecardProblems } from './timecards';

/** A month of a company: `{ co: 1, mth: '2026-07-01' }`. */
export interface Month {
  readonly co: number;
  readonly mth: string;
}

/** What the office does with batches and months. Nothing of this is for programs of others. */
export const BATCHES = {
  /** Opens a batch on a screen; it is in use until somebody leaves it. */
  *openBatch({ co, mth }: Month, source: string, table: string, by = 'Dana Reyes'): Work<number> {
    const [answer] = yield { openBatch: { co, mth, source, table, by } };
    const batch = Number(answer?.['batchid'] ?? 0);
    if (batch === 0) throw new Error(String(answer?.['errmsg']));
    return batch;
  },

  /** `by`: who has the batch on the screen; null: nobody. */
  *useBatch({ co, mth }: Month, batch: number, by: string | null): Work<void> {
    yield* update('HQBC', { Co: co, Mth: mth, BatchId: batch }, { InUseBy: by });
  },

  *setBatch({ co, mth }: Month, batch: number, status: number): Work<void> {
    yield* update('HQBC', { Co: co, Mth: mth, BatchId: batch }, { Status: status });
  },

  *restrictBatch({ co, mth }: Month, batch: number): Work<void> {
    yield* update('HQBC', { Co: co, Mth: mth, BatchId: batch }, { Rstrict: 'Y' });
  },

  /** Validates: 3 when all is well, 2 when not. Answers what is wrong. */
  *validateBatch({ co, mth }: Month, batch: number): Work<readonly string[]> {
    const where = { Co: co, Mth: mth, BatchId: batch };
    const { TableName } = yield* one('HQBC', where);
    yield* BATCHES.setBatch({ co, mth }, batch, 1);
    const wrong: string[] = [];
    yield* remove('HQBE', where);
    if (String(TableName).trim() === 'PRTB') wrong.push(...(yield* timecardProblems(where)));
    if (String(TableName).trim() === 'APHB') {
      for (const { BatchSeq = null, APRef, InvTotal } of yield* select('APHB', where)) {
        const lines = yield* select('APLB', { ...where, BatchSeq });
        const total = sumOf(lines.flatMap(({ GrossAmt, MiscAmt, TaxAmt }) => [GrossAmt, MiscAmt, TaxAmt]));
        if (total !== InvTotal)
          wrong.push(`Seq# ${BatchSeq}: invoice ${APRef} is ${InvTotal}, its lines are ${total}.`);
      }
    }
    for (const [index, ErrorText] of wrong.entries())
      yield* insert('HQBE', { ...where, Seq: index + 1, ErrorText });
    yield* BATCHES.setBatch({ co, mth }, batch, wrong.length === 0 ? 3 : 2);
    return wrong;
  },

  /** Posts a batch: its rows become history. Validates it first where nobody has. */
  *postBatch(month: Month, batch: number): Work<void> {
    const where = { Co: month.co, Mth: month.mth, BatchId: batch };
    const { TableName, Status } = yield* one('HQBC', where);
    const table = String(TableName).trim();
    const wrong = Status === 3 ? [] : yield* BATCHES.validateBatch(month, batch);
    if (wrong.length > 0) throw new Error(wrong.join(' '));
    yield* BATCHES.setBatch(month, batch, 4);
    const post = POSTING[table];
    if (post === undefined) throw new Error(`the office does not post ${table}`);
    yield* post(where);
    yield* update('HQBC', where, {
      Status: 5,
      InUseBy: null,
      DatePosted: '2026-07-31',
      DateClosed: '2026-07-31',
    });
  },

  /** Gives a batch up: its rows are gone, it stays as cancelled. */
  *cancelBatch(month: Month, batch: number): Work<void> {
    const where = { Co: month.co, Mth: month.mth, BatchId: batch };
    for (const table of ['APLB', 'APHB', 'SLIB', 'SLHB', 'SLCB', 'POIB', 'POHB', 'POCB', 'JCCB', 'PRTB'])
      yield* remove(table, where);
    yield* update('HQBC', where, { Status: 6, InUseBy: null });
  },

  *batches(co = 1): Work<readonly Readonly<Record<string, string | number | null>>[]> {
    return yield* select('HQBC', { Co: co });
  },

  /** Closes AP, AR or all other ledgers up to this month. */
  *closeMonth({ co, mth }: Month, ledger: 'AP' | 'AR' | 'Sub' = 'AP'): Work<void> {
    yield* update('GLCO', { GLCo: co }, { [`LastMth${ledger}Clsd`]: mth });
  },

  /** Somebody edits a posted order, or no longer. */
  *lockOrder(
    module: 'SL' | 'PO',
    co: number,
    number: string,
    batch: { mth: string; id: number } | null,
  ): Work<void> {
    yield* update(
      `${module}HD`,
      { [`${module}Co`]: co, [module]: number },
      { InUseMth: batch?.mth ?? null, InUseBatchId: batch?.id ?? null },
    );
  },

  /** Somebody has an invoice in AP Entry. */
  *enterInvoice(
    { co, mth }: Month,
    batch: number,
    header: {
      readonly vendor: number;
      readonly reference: string;
      readonly amount: string;
      readonly date?: string;
    },
    lines: readonly Readonly<Record<string, string | number | null>>[] = [],
  ): Work<void> {
    const [last] = yield {
      sql: 'SELECT COALESCE(MAX(BatchSeq), 0) AS seq FROM APHB WHERE Co = @co AND Mth = @mth AND BatchId = @batch',
      bound: { co, mth, batch },
    };
    const place = { Co: co, Mth: mth, BatchId: batch, BatchSeq: Number(last?.['seq'] ?? 0) + 1 };
    yield* insert('APHB', {
      ...place,
      VendorGroup: 1,
      Vendor: header.vendor,
      APRef: header.reference,
      InvDate: header.date ?? '2026-07-15',
      DueDate: '2026-08-14',
      InvTotal: header.amount,
    });
    const all =
      lines.length > 0 ? lines : [{ LineType: 3, GrossAmt: header.amount, GLCo: co, GLAcct: '5000' }];
    for (const [index, line] of all.entries())
      yield* insert('APLB', { ...place, APLine: index + 1, ...line });
  },
};
