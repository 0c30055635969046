import type { Row, Value, Work } from './database';
import { postTimecards } from './timecards';
import { fitting, insert, minus, next, one, remove, select, sumOf, update } from './work';

type Batch = { readonly Co: number; readonly Mth: string; readonly BatchId: number };

/** Writes a line of job cost history. */
export function* postCost(
  { Co, Mth, BatchId }: Batch,
  source: string,
  values: Readonly<Record<string, Value | undefined>>,
): Work<void> {
  const CostTrans = yield* next('JCCD', 'CostTrans', { JCCo: Co, Mth });
  yield* insert('JCCD', {
    JCCo: Co,
    Mth,
    CostTrans,
    PostedDate: '2026-07-31',
    ActualDate: '2026-07-31',
    JCTransType: source.slice(0, 2),
    Source: source,
    BatchId,
    ...values,
  });
}

const costOf = ({ Job, PhaseGroup, Phase, JCCType, CostType, UM }: Row): Row => ({
  Job: Job ?? null,
  PhaseGroup: PhaseGroup ?? null,
  Phase: Phase ?? null,
  CostType: CostType ?? JCCType ?? null,
  UM: UM ?? 'LS',
});

/** Invoices get their transaction numbers; unapproved ones that were pulled in are gone. */
function* postInvoices(batch: Batch): Work<void> {
  for (const header of yield* select('APHB', batch)) {
    const APTrans = yield* next('APTH', 'APTrans', { APCo: batch.Co, Mth: batch.Mth });
    const key = { APCo: batch.Co, Mth: batch.Mth, APTrans };
    yield* insert('APTH', { ...fitting('APTH', header, ['APTrans']), ...key, BatchId: batch.BatchId });
    const { BatchSeq = null } = header;
    for (const line of yield* select('APLB', { ...batch, BatchSeq }))
      yield* postLine(batch, key, header, line);
    const { UIMth = null, UISeq = null } = header;
    yield* remove('APLB', { ...batch, BatchSeq });
    yield* remove('APHB', { ...batch, BatchSeq });
    if (UISeq === null) continue;
    const unapproved = { APCo: batch.Co, UIMth, UISeq };
    yield* remove('APUL', unapproved);
    yield* remove('APUI', unapproved);
  }
}

function* postLine(batch: Batch, key: Row, header: Row, line: Row): Work<void> {
  yield* insert('APTL', { ...fitting('APTL', line), ...key });
  const { APLine = null, GrossAmt, Retainage, LineType } = line;
  const isHeld = Number(Retainage) !== 0;
  const open = { ...key, APLine, DueDate: header['DueDate'] };
  yield* insert('APTD', { ...open, APSeq: 1, Amount: sumOf([GrossAmt, minus(Retainage)]) });
  if (isHeld) yield* insert('APTD', { ...open, APSeq: 2, PayType: 3, Amount: Retainage, Status: 2 });
  if (LineType === 7) yield* invoiced('SL', batch.Co, line);
  if (LineType === 6) yield* invoiced('PO', batch.Co, line);
  if (line['Job'] !== null)
    yield* postCost(batch, 'AP Entry', {
      ...costOf(line),
      ActualCost: GrossAmt,
      VendorGroup: header['VendorGroup'],
      Vendor: header['Vendor'],
      SL: line['SL'],
      SLItem: line['SLItem'],
      PO: line['PO'],
      POItem: line['POItem'],
      APCo: batch.Co,
      APTrans: key['APTrans'],
    });
}

function* invoiced(module: 'SL' | 'PO', co: number, line: Row): Work<void> {
  const where = { [`${module}Co`]: co, [module]: line[module], [`${module}Item`]: line[`${module}Item`] };
  const { InvCost } = yield* one(`${module}IT`, where);
  yield* update(`${module}IT`, where, { InvCost: sumOf([InvCost, line['GrossAmt']]) });
}

/** Orders and their items; the amounts of today are the original ones. */
const postOrders = (module: 'SL' | 'PO') =>
  function* (batch: Batch): Work<void> {
    const added = { AddedMth: batch.Mth, AddedBatchID: batch.BatchId };
    for (const header of yield* select(`${module}HB`, batch)) {
      const { BatchSeq = null } = header;
      const key = { [`${module}Co`]: batch.Co, [module]: header[module] };
      yield* insert(`${module}HD`, { ...fitting(`${module}HD`, header), ...key, ...added });
      for (const item of yield* select(`${module}IB`, { ...batch, BatchSeq })) {
        const { OrigUnits, OrigUnitCost, OrigCost } = item;
        yield* insert(`${module}IT`, {
          ...fitting(`${module}IT`, item),
          ...key,
          ...added,
          CurUnits: OrigUnits,
          CurUnitCost: OrigUnitCost,
          CurCost: OrigCost,
        });
        yield* committed(module, batch, { ...item, [module]: header[module] ?? null }, OrigCost);
      }
      yield* remove(`${module}IB`, { ...batch, BatchSeq });
      yield* remove(`${module}HB`, { ...batch, BatchSeq });
    }
  };

const postChanges = (module: 'SL' | 'PO') =>
  function* (batch: Batch): Work<void> {
    const [co, trans, itemColumn] = [`${module}Co`, `${module}Trans`, `${module}Item`];
    for (const change of yield* select(`${module}CB`, batch)) {
      const number = yield* next(`${module}CD`, trans, { [co]: batch.Co, Mth: batch.Mth });
      yield* insert(`${module}CD`, {
        ...fitting(`${module}CD`, change),
        [co]: batch.Co,
        [trans]: number,
        PostedDate: '2026-07-31',
      });
      const where = { [co]: batch.Co, [module]: change[module], [itemColumn]: change[itemColumn] };
      const item = yield* one(`${module}IT`, where);
      yield* update(`${module}IT`, where, {
        CurUnits: sumOf([item['CurUnits'], change['ChangeCurUnits']], 3),
        CurCost: sumOf([item['CurCost'], change['ChangeCurCost']]),
      });
      yield* committed(module, batch, item, change['ChangeCurCost']);
    }
    yield* remove(`${module}CB`, batch);
  };

function* committed(module: 'SL' | 'PO', batch: Batch, item: Row, amount: Value | undefined): Work<void> {
  if (item['Job'] === null) return;
  yield* postCost(batch, `${module} Entry`, {
    ...costOf(item),
    TotalCmtdCost: amount,
    RemainCmtdCost: amount,
    VendorGroup: item['VendorGroup'],
    [module]: item[module],
    [`${module}Item`]: item[`${module}Item`],
  });
}

/** Estimates and adjustments; an original estimate is also the one of the cost type. */
function* postAdjustments(batch: Batch): Work<void> {
  for (const row of yield* select('JCCB', batch)) {
    const { JCTransType, Cost, Units, Hours } = row;
    const isEstimate = JCTransType === 'OE' || JCTransType === 'CO';
    yield* postCost(batch, 'JC CostAdj', {
      ...costOf(row),
      JCTransType,
      Description: row['Description'],
      UniqueAttchID: row['UniqueAttchID'],
      ...(isEstimate
        ? { EstCost: Cost, EstUnits: Units, EstHours: Hours }
        : { ActualCost: Cost, ActualUnits: Units, ActualHours: Hours }),
    });
    if (JCTransType !== 'OE') continue;
    const where = { JCCo: batch.Co, ...fitting('JCCH', costOf(row), ['UM']) };
    const { OrigCost } = yield* one('JCCH', where);
    yield* update('JCCH', where, { OrigCost: sumOf([OrigCost, Cost]) });
  }
  yield* remove('JCCB', batch);
}

/** Batch table → what posting does. */
export const POSTING: Readonly<Record<string, (batch: Batch) => Work<void>>> = {
  APHB: postInvoices,
  SLHB: postOrders('SL'),
  POHB: postOrders('PO'),
  SLCB: postChanges('SL'),
  POCB: postChanges('PO'),
  JCCB: postAdjustments,
  PRTB: postTimecards,
};
