import type { Row, Value } from '../../sandbox/sample-erp/company';
import { place, rawJob } from '../../sandbox/vista-model/masters';
import type { Office } from '../../sandbox/vista-model/office';
import { sumOf } from '../../sandbox/vista-model/work';
import type { StoryOffice } from './story';

const MONTH = { co: 1, mth: '2026-07-01' };
const US = 'tieback';
/** Purchase orders are counted apart from subcontracts. */
const PURCHASE_ORDERS = 1_000_000;

type Vista = Readonly<Record<string, Value>>;
const rowOf = (row: Vista, more: Readonly<Record<string, Value>>): Row => ({
  ...row,
  ...more,
  KeyID: Number(more['KeyID'] ?? row['KeyID']),
});
const nothing = (): never => {
  throw new Error('Vista keeps none of these');
};

/**
 * The office of a company on Vista, as the story asks for it. These people post what Tieback left for them before they look: in batches of orders and
 * changes, of job cost, and with the reviewers of invoices.
 */
export function vistaStage(office: Office): StoryOffice {
  const postOurs = (table: string): void => {
    for (const { TableName, CreatedBy, Status, Mth, BatchId } of office.batches())
      if (String(TableName).trim() === table && CreatedBy === US && Status === 0)
        office.postBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
  };
  const postInvoices = (): void => {
    for (const { UIMth, UISeq } of office.rows('APUI')) {
      const month = { co: 1, mth: String(UIMth) };
      const batch = office.openBatch(month, 'AP Entry', 'APHB');
      office.pullIntoBatch(month, batch, String(UIMth), Number(UISeq));
      office.postBatch(month, batch);
    }
  };
  const orders = (): Row[] => {
    postOurs('SLHB');
    postOurs('POHB');
    return (['SL', 'PO'] as const).flatMap((module, index) =>
      office.rows(`${module}HD`).map((row) => {
        const number = row[module] ?? null;
        const items = office.rows(`${module}IT`, { [module]: number });
        return rowOf(row, {
          KeyID: Number(row['KeyID']) + index * PURCHASE_ORDERS,
          SL: number,
          SLType: module === 'SL' ? 'S' : 'P',
          Amount: sumOf(items.map(({ OrigCost }) => OrigCost)),
        });
      }),
    );
  };
  const order = (key: number): { module: 'SL' | 'PO'; number: string } => {
    const found = orders().find(({ KeyID }) => KeyID === key);
    return { module: found?.['SLType'] === 'P' ? 'PO' : 'SL', number: String(found?.['SL']) };
  };
  const posted = (table: string, key: number): Vista => {
    const [row] = office.rows(table, { KeyID: key });
    if (row === undefined) throw new Error(`there is no row ${key} in ${table}`);
    return row;
  };
  return {
    standardCodes: () => office.rows('JCPM').map((row) => rowOf(row, {})),
    jobs: (co) => office.jobs(co).map((row) => rowOf(row, {})),
    phases: (co, job) => office.phases(co, job).map((row) => rowOf(row, {})),
    addPhase(co, job, phase, description) {
      office.addPhase(co, job, phase, description);
      return 0;
    },
    deletePhase: (co, job, phase) => office.deletePhase(co, job, phase),
    assignCostType: (co, job, phase, ...types) => office.assignCostType(co, job, phase, ...types.map(Number)),
    removeCostType: (co, job, phase, type) => office.removeCostType(co, job, phase, Number(type)),
    setJobCosts(co, job, { phase, costType }, { originalBudget, actual }) {
      const at = { ...place(co, job, phase), CostType: Number(costType) };
      const batch = { Co: co, Mth: MONTH.mth, BatchId: 0 };
      if (originalBudget !== undefined)
        office.postCost(batch, 'JC CostAdj', { ...at, JCTransType: 'OE', EstCost: originalBudget });
      if (actual !== undefined) office.postCost(batch, 'JC CostAdj', { ...at, ActualCost: actual });
    },
    budgets: () =>
      office
        .batches()
        .filter(({ TableName, CreatedBy }) => String(TableName).trim() === 'JCCB' && CreatedBy === US)
        .map((row) => rowOf(row, { KeyID: row['BatchId'] ?? 0 })),
    budgetLines: (batch) => [
      ...office.rows('JCCB', { BatchId: batch }).map((row) => rowOf(row, { Amount: row['Cost'] ?? null })),
      ...office
        .rows('JCCD', { BatchId: batch, Source: 'JC CostAdj' })
        .map((row) => rowOf(row, { Amount: row['EstCost'] ?? null })),
    ],
    postBudget: (batch) => office.postBatch(MONTH, batch),
    commitments: orders,
    addCommitment(co, { number, title, job, vendor, lines }) {
      const batch = office.openBatch(MONTH, 'SL Entry', 'SLHB');
      const header = {
        JCCo: co,
        Job: rawJob(job),
        SL: number,
        Description: title ?? null,
        Vendor: vendor,
        OrigDate: '2026-07-01',
      };
      const items = lines.map(({ phase, costType, amount }) => ({
        phase,
        costType: Number(costType),
        amount,
        place: place(co, job, phase),
      }));
      office.enterOrder('SL', MONTH, batch, header, items);
      office.postBatch(MONTH, batch);
      return Number(office.rows('SLHD', { SL: number })[0]?.['KeyID']);
    },
    deleteCommitment(key) {
      const { module, number } = order(key);
      office.deleteOrder(module, 1, number);
    },
    addChangeOrder(commitment, { number, lines }) {
      const batch = office.openBatch(MONTH, 'SL Change', 'SLCB');
      const { number: SL } = order(commitment);
      office.enterChange(MONTH, batch, {
        SL,
        SLItem: 1,
        SLChangeOrder: Number(number),
        ChangeCurCost: lines[0]?.amount ?? null,
      });
      office.postBatch(MONTH, batch);
      return Number(office.rows('SLCD', { SL }).at(-1)?.['KeyID']);
    },
    changeOrders(commitment) {
      postOurs('SLCB');
      const { number: SL } = order(commitment);
      const rows = office.rows('SLCD', { SL });
      const numbers = [...new Set(rows.map(({ SLChangeOrder }) => SLChangeOrder))];
      return numbers.map((number) => {
        const its = rows.filter(({ SLChangeOrder }) => SLChangeOrder === number);
        return rowOf(its[0] ?? {}, { Amount: sumOf(its.map(({ ChangeCurCost }) => ChangeCurCost)) });
      });
    },
    deleteChangeOrder(key) {
      const { SL = null, SLChangeOrder = null } = posted('SLCD', key);
      office.takeAway('SLCD', { SL, SLChangeOrder });
    },
    invoices() {
      postInvoices();
      return office.rows('APTH').map((row) => {
        const { APCo = null, Mth = null, APTrans = null } = row;
        const { amount, retainage } = office.totalsOf('APTL', { APCo, Mth, APTrans });
        return rowOf(row, {
          Amount: row['InvTotal'] ?? null,
          Retainage: retainage,
          AmountDue: sumOf([amount, `-${retainage}`]),
        });
      });
    },
    voidInvoice(key) {
      const { APCo = null, Mth = null, APTrans = null } = posted('APTH', key);
      for (const table of ['APTD', 'APTL', 'APTH']) office.takeAway(table, { APCo, Mth, APTrans });
    },
    payInvoice(key, { number, amount, date }) {
      const { APCo, Mth, APTrans } = posted('APTH', key);
      const invoice = { APCo: Number(APCo), Mth: String(Mth), APTrans: Number(APTrans) };
      office.payInvoice(invoice, { number, amount, ...(date === undefined ? {} : { date }) });
      return Number(office.rows('APPD', { CMRef: number })[0]?.['KeyID']);
    },
    deletePayment(key) {
      const { CMRef = null } = posted('APPD', key);
      for (const table of ['APPD', 'APPH']) office.takeAway(table, { CMRef });
    },
    addSubJob: nothing,
    addPrimeContract: nothing,
    primeChangeOrders: nothing,
    deletePrimeChangeOrder: nothing,
    ownerInvoices: nothing,
    deleteOwnerInvoice: nothing,
  };
}
