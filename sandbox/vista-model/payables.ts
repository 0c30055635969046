import type { Month } from './batches';
import type { Row, Value, Work } from './database';
import { fitting, insert, next, one, select, sumOf, update } from './work';

export interface OrderLine {
  readonly item?: number;
  readonly job?: string;
  readonly phase: string;
  readonly costType: number;
  readonly description?: string;
  readonly amount: string;
  readonly units?: string;
  readonly um?: string;
  readonly unitCost?: string;
}

/** Where a posted invoice is. */
export interface InvoiceKey {
  readonly APCo: number;
  readonly Mth: string;
  readonly APTrans: number;
}

/** What the office does with unapproved invoices and payments. */
export const PAYABLES = {
  /** An approved invoice goes from the reviewers into a batch of AP Entry. */
  *pullIntoBatch({ co, mth }: Month, batch: number, UIMth: string, UISeq: number): Work<void> {
    const where = { APCo: co, UIMth, UISeq };
    const header = yield* one('APUI', where);
    const BatchSeq = yield* next('APHB', 'BatchSeq', { Co: co, Mth: mth, BatchId: batch });
    const place = { Co: co, Mth: mth, BatchId: batch, BatchSeq };
    yield* insert('APHB', { ...fitting('APHB', header), ...place, UIMth, UISeq });
    for (const line of yield* select('APUL', where))
      yield* insert('APLB', { ...fitting('APLB', line), ...place, APLine: line['Line'] });
    yield* update('APUI', where, { InUseMth: mth, InUseBatchId: batch });
  },

  /** Pays what is open of an invoice, by a cheque or otherwise. */
  *payInvoice(
    key: InvoiceKey,
    payment: {
      readonly number: string;
      readonly amount: string;
      readonly date?: string;
      readonly method?: 'C' | 'E';
    },
  ): Work<void> {
    const { APCo, Mth, APTrans } = key;
    const { number, amount, date = '2026-08-15', method = 'C' } = payment;
    const { VendorGroup, Vendor, APRef, InvDate } = yield* one('APTH', { APCo, Mth, APTrans });
    const PaidMth = `${date.slice(0, 7)}-01`;
    const paper = { APCo, CMCo: APCo, CMAcct: 1, PayMethod: method, CMRef: number };
    const [vendor] = yield* select('APVM', { VendorGroup: VendorGroup ?? 1, Vendor: Vendor ?? 0 });
    yield* insert('APPH', {
      ...paper,
      VendorGroup,
      Vendor,
      Name: vendor?.['Name'],
      PaidMth,
      PaidDate: date,
      Amount: amount,
    });
    yield* insert('APPD', { ...paper, Mth, APTrans, APRef, InvDate, Gross: amount });
    for (const open of yield* select('APTD', { APCo, Mth, APTrans, Status: 1 }))
      yield* update(
        'APTD',
        { KeyID: open['KeyID'] },
        {
          Status: 3,
          PaidMth,
          PaidDate: date,
          CMCo: APCo,
          CMAcct: 1,
          PayMethod: method,
          CMRef: number,
          CMRefSeq: 0,
          EFTSeq: 0,
        },
      );
  },

  *voidPayment(number: string): Work<void> {
    yield* update('APPH', { CMRef: number }, { VoidYN: 'Y', VoidMth: '2026-08-01', VoidDate: '2026-08-31' });
  },

  /** Enters an order into a batch of its own kind. */
  *enterOrder(
    module: 'SL' | 'PO',
    { co, mth }: Month,
    batch: number,
    header: Readonly<Record<string, Value>>,
    lines: readonly (OrderLine & { readonly place: Row })[],
  ): Work<void> {
    const BatchSeq = yield* next(`${module}HB`, 'BatchSeq', { Co: co, Mth: mth, BatchId: batch });
    const at = { Co: co, Mth: mth, BatchId: batch, BatchSeq };
    yield* insert(`${module}HB`, { ...at, VendorGroup: 1, Approved: 'Y', ...header });
    for (const [index, { item = index + 1, costType, place, ...line }] of lines.entries()) {
      const isUnits = line.units !== undefined;
      yield* insert(`${module}IB`, {
        ...at,
        [`${module}Item`]: item,
        ...place,
        ...(module === 'PO' ? { PostToCo: co } : {}),
        JCCType: costType,
        Description: line.description,
        UM: isUnits ? (line.um ?? 'EA') : 'LS',
        OrigUnits: line.units,
        OrigUnitCost: line.unitCost,
        OrigCost: line.amount,
        GLCo: co,
        GLAcct: '5000',
      });
    }
  },

  /** Enters a change of one item of a subcontract into a batch of changes. */
  *enterChange({ co, mth }: Month, batch: number, change: Readonly<Record<string, Value>>): Work<void> {
    const BatchSeq = yield* next('SLCB', 'BatchSeq', { Co: co, Mth: mth, BatchId: batch });
    yield* insert('SLCB', { Co: co, Mth: mth, BatchId: batch, BatchSeq, ActDate: '2026-07-15', ...change });
  },

  /** Takes an order off the file; refused once it was invoiced. */
  *deleteOrder(module: 'SL' | 'PO', co: number, number: string): Work<void> {
    for (const table of [`${module}CD`, `${module}HD`, `${module}IT`])
      yield {
        sql: `DELETE FROM ${table} WHERE ${module}Co = @co AND ${module} = @number`,
        bound: { co, number },
      };
  },

  /** Gross amounts and retainage of an invoice, from its lines. */
  *totalsOf(table: 'APTL' | 'APLB' | 'APUL', where: Row): Work<{ amount: string; retainage: string }> {
    const lines = yield* select(table, where);
    return {
      amount: sumOf(lines.map(({ GrossAmt }) => GrossAmt)),
      retainage: sumOf(lines.map(({ Retainage }) => Retainage)),
    };
  },
};
