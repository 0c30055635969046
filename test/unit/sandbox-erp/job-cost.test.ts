import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting, ContractLine } from '../../../sandbox/sample-erp/company';
import { createCompany } from '../../../sandbox/sample-erp/company';

let folder: string;
let accounting: Accounting;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-jobcost-'));
  accounting = createCompany(join(folder, 'company.db'), { seed: true });
});
afterEach(() => {
  accounting.close();
  rmSync(folder, { recursive: true });
});

const JULY = { co: 1, mth: '2026-07' };
const JOB = '1024-001';
const line: ContractLine = { phase: '26-050', costType: '3', amount: '100.00' };
const commitment = { number: 'SC-9', job: JOB, vendor: 10001, lines: [line] };

/** The seeded subcontract of Beacon Electric. */
const beacon = (): number => accounting.commitments()[0]?.KeyID ?? 0;

/** An invoice of Beacon on its subcontract, in a batch of Lee Park. */
function invoiceOn(
  commitmentKey: number,
  reference = 'B-1',
  batch = accounting.createBatch(JULY, 'Lee Park'),
): number {
  const { db } = accounting;
  const commitmentRow = accounting.commitments().find(({ KeyID }) => KeyID === commitmentKey);
  const seq = accounting.invoices().filter((i) => i['Mth'] === JULY.mth && i['BatchId'] === batch).length + 1;
  return Number(
    db
      .prepare(
        `INSERT INTO APTH (Co, Mth, BatchId, Seq, EnteredBy, InvType, VendorGroup, Vendor, JobID, CommitmentID, APRef, Amount)
         VALUES (1, '2026-07', ?, ?, 'Lee Park', 'C', 1, ?, ?, ?, ?, '50.00')`,
      )
      .run(batch, seq, commitmentRow?.['Vendor'], commitmentRow?.['JobID'], commitmentKey, reference)
      .lastInsertRowid,
  );
}

const addInvoiceLine = (invoice: number, columns: string, ...values: readonly number[]): unknown =>
  accounting.db
    .prepare(
      `INSERT INTO APTL (TransID, Line, Amount, ${columns}) VALUES (?, '1', '50.00', ${values.map(() => '?').join(', ')})`,
    )
    .run(invoice, ...values);

describe('the seeded company', () => {
  test('has codes, jobs, a prime contract and commitments that are the sum of their lines', () => {
    expect(accounting.standardCodes().map(({ Phase }) => Phase)).toEqual(
      expect.arrayContaining(['23-   -  ', '23-050-  ', ' 3-300-10']),
    );
    expect(accounting.costTypes().map(({ CostType }) => CostType)).toEqual(['1', '2', '3', '4', '5']);
    expect(accounting.jobs()).toHaveLength(3);
    expect(accounting.primeContracts()).toMatchObject([{ Contract: 'PC-1024', Amount: '3180000.00' }]);
    expect(accounting.commitments()).toMatchObject([
      { SL: 'SC-1024-01', Amount: '184500.00' },
      { SL: 'PO-1031-01', Amount: '7380.00' },
    ]);
  });

  test('gives every heading to its phases as their parent', () => {
    const codes = new Map(accounting.standardCodes().map((row) => [row.KeyID, row]));
    const hvac = [...codes.values()].find(({ Phase }) => Phase === '23-050-  ');
    expect(codes.get(Number(hvac?.['ParentID']))?.['Phase']).toBe('23-   -  ');
  });
});

describe('masks', () => {
  test.each(['23-   -  ', ' 3-   -  ', '23-050-  ', '23- 50-10', '23-  5-1 '])('"%s" is a phase', (phase) => {
    accounting.addPhase(1, '1031-001', phase, 'A phase');
    expect(accounting.phases(1, '1031-001').at(-1)).toMatchObject({ Phase: phase });
  });

  test.each(['23-   -10', '23-0 5-  ', '23-05 -  ', '23', '2 -050-  ', '23-050- 1'])(
    '"%s" is none',
    (phase) => {
      expect(() => accounting.addPhase(1, '1031-001', phase, 'A phase')).toThrow(
        `JCJP: Phase "${phase}" does not follow the phase mask 2R-3R-2L.`,
      );
    },
  );
});

describe('jobs, phases and cost types', () => {
  test('a job number is used once per company', () => {
    expect(() => accounting.addJob(1, ' 1024-001', 'Twin')).toThrow(
      'JCJM: Job 1024-001 is already used by "Harbor Street Apartments".',
    );
    accounting.addJob(2, ' 1024-001', 'Of the other company');
  });

  test('a closed job takes neither phases nor cost types nor sub jobs; reopened it does', () => {
    accounting.closeJob(1, JOB);
    expect(() => accounting.addPhase(1, JOB, '31-200-  ', 'x')).toThrow(
      'Job 1024-001 is closed; phases cannot be added.',
    );
    expect(() => accounting.assignCostType(1, JOB, '26-050', '5')).toThrow(
      'JCCH: Job 1024-001 is closed; cost types cannot be added.',
    );
    expect(() => accounting.addSubJob(1, JOB, ' 1024-002', 'Garage')).toThrow(
      'is closed; it takes no sub jobs.',
    );
    accounting.reopenJob(1, JOB);
    accounting.assignCostType(1, JOB, '26-050', '5');
    accounting.addSubJob(1, JOB, ' 1024-002', 'Garage');
    expect(() => accounting.addSubJob(1, '1024-002', ' 1024-003', 'Ramp')).toThrow('is a sub job');
  });

  test('a heading takes no cost types, and an inactive cost type goes nowhere new', () => {
    accounting.addPhase(1, JOB, '26-   -  ', 'Electrical');
    expect(() => accounting.assignCostType(1, JOB, '26', '3')).toThrow('JCCH: Phase 26 is a heading');
    accounting.changeCostType('5', { ActiveYN: 'N' });
    expect(() => accounting.assignCostType(1, JOB, '26-050', '5')).toThrow('Cost type 5 is inactive.');
  });

  test('codes are unique, and base types are a closed list', () => {
    expect(() => accounting.addStandardCode('23-050', 'Twin')).toThrow(
      'JCPM: Phase 23-050 is already in the phase master.',
    );
    expect(() => accounting.addPhase(1, JOB, '23-050-  ', 'Twin')).toThrow(
      'JCJP: Phase 23-050 is already on job 1024-001.',
    );
    expect(() => accounting.addCostType('3', 'Twin')).toThrow(
      'JCCT: Cost type 3 is already used by "Subcontract".',
    );
    expect(() => accounting.addCostType('300', 'Too large')).toThrow('is not a number from 1 to 255.');
    expect(() => accounting.addCostType('6', 'Odd', 'gold')).toThrow(
      'Base type gold is not in the base type table.',
    );
  });

  test('what is used is not deleted', () => {
    expect(() => accounting.deletePhase(1, JOB, '26-050')).toThrow(
      'is used and cannot be deleted; make it inactive.',
    );
    expect(() => accounting.removeCostType(1, JOB, '26-050', '3')).toThrow('is used and cannot be removed.');
    expect(() => accounting.deleteStandardCode('23-050')).toThrow(
      'is used and cannot be deleted; make it inactive.',
    );
    expect(() => accounting.deleteStandardCode('23')).toThrow('is used');
    expect(() => accounting.deleteCostType('3')).toThrow('is on jobs and cannot be deleted');
    expect(() => accounting.deleteJob(1, JOB)).toThrow(
      'has phases or documents and cannot be deleted; close it.',
    );
    accounting.removeCostType(1, JOB, '26-050', '1');
    accounting.deleteStandardCode('26-500');
    accounting.addJob(1, ' 2000-001', 'Never begun');
    accounting.deleteJob(1, '2000-001');
  });

  test('a change of a line is a change of its job', () => {
    const version = (): number => Number(accounting.jobs()[0]?.['RowVer']);
    const changes: readonly (() => unknown)[] = [
      () => accounting.addPhase(1, JOB, '31-200-  ', 'Earth'),
      () => accounting.assignCostType(1, JOB, '31-200', '3'),
      () => accounting.setJobCosts(1, JOB, { phase: '31-200', costType: '3' }, { actual: '10.00' }),
      () => accounting.setJobCosts(1, JOB, { phase: '31-200', costType: '3' }, { actual: '11.00' }),
      () => accounting.deactivatePhase(1, JOB, '31-200'),
      () => accounting.removeCostType(1, JOB, '31-200', '3'),
      () => accounting.deletePhase(1, JOB, '31-200'),
    ];
    for (const change of changes) {
      const before = version();
      change();
      expect(version()).toBeGreaterThan(before);
    }
    expect(accounting.jobCosts(1, JOB)).toEqual([]);
  });
});

describe('commitments', () => {
  test.each<[Partial<typeof commitment>, () => void, string]>([
    [{ vendor: 10007 }, () => undefined, 'SLHD: Vendor 10007 is inactive.'],
    [{ vendor: 99998 }, () => undefined, 'SLHD: There is no vendor 99998; enter the vendor first.'],
    [{}, () => accounting.closeJob(1, JOB), 'SLHD: Job 1024-001 is closed; reopen it first.'],
    [
      {},
      () => accounting.changeJob(1, JOB, { JobStatus: 0 }),
      'SLHD: Job 1024-001 is pending; open it first.',
    ],
    [
      { number: 'SC-1024-01' },
      () => undefined,
      'SLHD: Commitment SC-1024-01 is already entered for job 1024-001.',
    ],
    [
      { lines: [{ ...line, costType: '5' }] },
      () => undefined,
      'SLIT: Cost type 5 is not on phase 26-050 of job 1024-001; add it first.',
    ],
    [
      {},
      () => accounting.deactivatePhase(1, JOB, '26-050'),
      'SLIT: Phase 26-050 of job 1024-001 is inactive.',
    ],
    [{ lines: [{ ...line, amount: '1' }] }, () => undefined, 'is not a number with 2 decimals'],
    [
      { lines: [{ ...line, amount: '12345678901.00' }] },
      () => undefined,
      'is 14 characters long; the field takes 13.',
    ],
  ])('%j is refused in a sentence', (entry, before, sentence) => {
    before();
    expect(() => accounting.addCommitment(1, { ...commitment, ...entry })).toThrow(sentence);
    expect(accounting.commitments()).toHaveLength(2);
  });

  test('a heading and a phase of another job take no cost', () => {
    accounting.addPhase(1, JOB, '26-   -  ', 'Electrical');
    const heading = accounting.phaseKey(1, JOB, '26');
    const other = accounting.phaseKey(1, '1031-001', '31-200');
    const enter = (phase: number): unknown =>
      accounting.db
        .prepare("INSERT INTO SLIT (SLID, Line, PhaseID, CostTypeID, Amount) VALUES (?, '9', ?, ?, '1.00')")
        .run(beacon(), phase, accounting.costTypeKey('3'));
    expect(() => enter(heading)).toThrow('SLIT: Phase 26 is a heading; use a phase below it.');
    expect(() => enter(other)).toThrow('SLIT: Phase 31-200 belongs to job 1031-001, not to job 1024-001.');
  });

  test('phases of sub jobs belong to the job', () => {
    accounting.addSubJob(1, JOB, ' 1024-002', 'Garage');
    accounting.addPhase(1, '1024-002', '26-050-  ', 'Garage electrical');
    accounting.assignCostType(1, '1024-002', '26-050', '3');
    const phase = accounting.phaseKey(1, '1024-002', '26-050');
    accounting.db
      .prepare("INSERT INTO SLIT (SLID, Line, PhaseID, CostTypeID, Amount) VALUES (?, '9', ?, ?, '1.00')")
      .run(beacon(), phase, accounting.costTypeKey('3'));
    expect(accounting.commitmentLines(beacon())).toHaveLength(2);
  });

  test('negative amounts are amounts; minus zero is none', () => {
    accounting.addCommitment(1, { ...commitment, lines: [line, { ...line, amount: '-0.05' }] });
    expect(accounting.commitments().at(-1)).toMatchObject({ Amount: '99.95' });
    expect(() =>
      accounting.addCommitment(1, { ...commitment, number: 'SC-10', lines: [{ ...line, amount: '-0.00' }] }),
    ).toThrow('is not a number with 2 decimals');
  });

  test('a change order needs a commitment that is there, open, and on nobody’s screen', () => {
    accounting.openCommitment(beacon(), 'Lee Park');
    const order = { number: '001', lines: [line] };
    expect(() => accounting.addChangeOrder(beacon(), order)).toThrow(
      /SLCO: Commitment SC-1024-01 is open on a screen of Lee Park since .*; close it first\./,
    );
    accounting.leaveCommitment(beacon());
    const first = accounting.addChangeOrder(beacon(), order);
    expect(() => accounting.addChangeOrder(beacon(), order)).toThrow(
      'SLCO: Change order 001 of commitment SC-1024-01 is already entered.',
    );
    expect(() => accounting.deleteCommitment(beacon())).toThrow(
      'has change orders or invoices and cannot be deleted; void it.',
    );
    accounting.deleteChangeOrder(first);
    expect(accounting.changeOrderLines(first)).toEqual([]);
    accounting.voidCommitment(beacon());
    expect(() => accounting.addChangeOrder(beacon(), order)).toThrow('SLCO: Commitment SC-1024-01 is void.');
    expect(() => accounting.changeCommitment(beacon(), { Title: 'x' })).toThrow('is void and cannot change');
  });

  test('the number of a void commitment is free again', () => {
    accounting.voidCommitment(beacon());
    accounting.addCommitment(1, { ...commitment, number: 'SC-1024-01' });
    expect(() => accounting.changeCommitment(beacon(), { State: 'O' })).toThrow('is already entered');
  });
});

describe('invoices and payments', () => {
  test('a line refers to the commitment or one of its change orders', () => {
    const order = accounting.addChangeOrder(beacon(), { number: '001', lines: [line] });
    const [item] = accounting.commitmentLines(beacon());
    const [changed] = accounting.changeOrderLines(order);
    const [foreign] = accounting.commitmentLines(accounting.commitments()[1]?.KeyID ?? 0);
    expect(() => addInvoiceLine(invoiceOn(beacon(), 'B-1'), 'ItemID', foreign?.KeyID ?? 0)).toThrow(
      'APTL: Line 1 names neither a line of commitment SC-1024-01 nor of its change orders.',
    );
    addInvoiceLine(invoiceOn(beacon(), 'B-2'), 'ItemID', item?.KeyID ?? 0);
    const last = invoiceOn(beacon(), 'B-3');
    addInvoiceLine(last, 'ChangeItemID', changed?.KeyID ?? 0);
    expect(() => accounting.deleteChangeOrder(order)).toThrow('is invoiced and cannot be deleted; void it.');
    expect(() => accounting.voidCommitment(beacon())).toThrow(
      'has invoices and cannot be voided; void the invoices first.',
    );
    accounting.voidChangeOrder(order);
    accounting.deleteInvoice(last);
    expect(() => addInvoiceLine(invoiceOn(beacon(), 'B-4'), 'ChangeItemID', changed?.KeyID ?? 0)).toThrow(
      'The change order of line 1 is void.',
    );
  });

  test('references are unique per vendor, commitment invoices and direct costs together; void ones are free', () => {
    const first = invoiceOn(beacon(), 'B-77');
    const batch = accounting.createBatch(JULY, 'Lee Park');
    const direct = { vendor: 10006, reference: 'B-77', amount: '1.00', by: 'Lee Park' };
    expect(() => accounting.addInvoice(JULY, batch, direct)).toThrow(
      'Reference B-77 of vendor 10006 is already entered.',
    );
    accounting.voidInvoice(first);
    accounting.addInvoice(JULY, batch, direct);
    expect(() => accounting.addInvoice(JULY, batch, direct)).toThrow('is already entered');
    accounting.addInvoice(JULY, batch, { ...direct, vendor: 10001 });
  });

  test('the invoice must be of the vendor and job of its commitment', () => {
    const batch = accounting.createBatch(JULY, 'Lee Park');
    expect(() =>
      accounting.db
        .prepare(
          `INSERT INTO APTH (Co, Mth, BatchId, Seq, EnteredBy, InvType, VendorGroup, Vendor, JobID, CommitmentID, APRef)
           VALUES (1, '2026-07', ?, 1, 'Lee Park', 'C', 1, 10001, ?, ?, 'X')`,
        )
        .run(batch, accounting.jobKey(1, JOB), beacon()),
    ).toThrow('APTH: Commitment SC-1024-01 belongs to vendor 10006 and job 1024-001.');
  });

  test('a batch is validated only when the header is the sum of the lines', () => {
    const batch = accounting.createBatch(JULY, 'Lee Park');
    const invoice = invoiceOn(beacon(), 'B-5', batch);
    addInvoiceLine(invoice, 'ItemID', accounting.commitmentLines(beacon())[0]?.KeyID ?? 0);
    accounting.db.prepare("UPDATE APTL SET Amount = '49.95' WHERE TransID = ?").run(invoice);
    expect(() => accounting.validateBatch(JULY, batch)).toThrow(
      `HQBC: Invoice B-5 of batch ${batch} is 50.00, but its lines come to 49.95.`,
    );
    accounting.db.prepare("UPDATE APTL SET Amount = '50.00' WHERE TransID = ?").run(invoice);
    accounting.validateBatch(JULY, batch);
  });

  test('posted invoices are history: no change, no deletion, but void; paid ones not even that', () => {
    const invoice = invoiceOn(beacon(), 'B-6');
    accounting.postInvoice(invoice);
    expect(accounting.invoices().find(({ KeyID }) => KeyID === invoice)?.['APTrans']).toEqual(
      expect.any(Number),
    );
    expect(() => accounting.deleteInvoice(invoice)).toThrow(
      'Invoice B-6 is posted and cannot be deleted; void it.',
    );
    expect(() =>
      accounting.db.prepare("UPDATE APTH SET Amount = '1.00' WHERE KeyID = ?").run(invoice),
    ).toThrow('is posted and cannot change; void it.');
    expect(() =>
      addInvoiceLine(invoice, 'ItemID', accounting.commitmentLines(beacon())[0]?.KeyID ?? 0),
    ).toThrow('The lines of a posted document cannot change');
    const payment = accounting.payInvoice(invoice, { number: 'P-1', amount: '50.00' });
    expect(() => accounting.voidInvoice(invoice)).toThrow(
      'is paid and cannot be voided; void the payment first.',
    );
    accounting.deletePayment(payment);
    const second = accounting.payInvoice(invoice, { number: 'P-1', amount: '50.00' });
    accounting.postPayment(second);
    expect(() => accounting.deletePayment(second)).toThrow(
      'Payment P-1 is posted and cannot be deleted; void it.',
    );
    accounting.voidPayment(second);
    accounting.voidInvoice(invoice);
    expect(() => accounting.payInvoice(invoice, { number: 'P-2', amount: '1.00' })).toThrow(
      'is void and cannot be paid.',
    );
  });

  test('payment numbers are unique per vendor', () => {
    const one = invoiceOn(beacon(), 'B-7');
    accounting.payInvoice(one, { number: 'P-1', amount: '1.00' });
    expect(() => accounting.payInvoice(one, { number: 'P-1', amount: '1.00' })).toThrow(
      'Payment P-1 of vendor 10006 is already entered.',
    );
  });
});

describe('budgets', () => {
  const lines = [{ phase: '26-050', costType: '3', amount: '1000.00' }];

  test('the earlier one of the job must be posted first', () => {
    const batch = accounting.createBatch(JULY, 'Lee Park', 'JC Budget');
    const first = accounting.addBudget(JULY, batch, JOB, lines, 'Lee Park');
    expect(() => accounting.addBudget(JULY, batch, JOB, lines, 'Lee Park')).toThrow(
      `JCEH: The budget of job 1024-001 in batch ${batch} of 2026-07 must be posted first.`,
    );
    accounting.postBudget(first);
    const next = accounting.createBatch(JULY, 'Lee Park', 'JC Budget');
    const second = accounting.addBudget(
      JULY,
      next,
      JOB,
      [{ ...lines[0]!, movement: 'R', amount: '-250.10' }],
      'Lee Park',
    );
    accounting.postBudget(second);
    expect(accounting.jobCosts(1, JOB)).toMatchObject([{ OrigBudget: '1000.00', CurrBudget: '749.90' }]);
    expect(() => accounting.db.prepare('DELETE FROM JCEH WHERE KeyID = ?').run(first)).toThrow('is posted');
  });

  test('closed months, foreign batches and validated batches take none', () => {
    expect(() => accounting.createBatch({ co: 1, mth: '2026-06' }, 'Lee Park', 'JC Budget')).toThrow(
      'HQBC: Month 2026-06 is not open for JC in company 1.',
    );
    const batch = accounting.createBatch(JULY, 'Lee Park', 'JC Budget');
    accounting.useBatch(JULY, batch, 'Dana Reyes');
    expect(() => accounting.addBudget(JULY, batch, JOB, lines, 'Lee Park')).toThrow(
      'is in use by Dana Reyes.',
    );
    accounting.useBatch(JULY, batch, null);
    accounting.closePeriod(JULY, 'JC');
    expect(() => accounting.addBudget(JULY, batch, JOB, lines, 'Lee Park')).toThrow(
      'Month 2026-07 is closed for JC',
    );
    accounting.openPeriod(JULY, 'JC');
    accounting.validateBatch(JULY, batch);
    expect(() => accounting.addBudget(JULY, batch, JOB, lines, 'Lee Park')).toThrow(
      'is not open: its status is 1.',
    );
  });
});

describe('prime contracts', () => {
  test('numbers are unique, and a line added makes the contract grow', () => {
    const contract = accounting.primeContracts()[0]?.KeyID ?? 0;
    expect(() => accounting.addPrimeContract(1, { number: 'PC-1024', job: JOB, lines: [line] })).toThrow(
      'JCCM: Contract PC-1024 is already entered.',
    );
    accounting.addPrimeContractLine(contract, { ...line, amount: '500.50' });
    expect(accounting.primeContracts()[0]).toMatchObject({ Amount: '3180500.50' });
    expect(accounting.primeContractLines(contract).map(({ Line }) => Line)).toEqual(['1', '2', '3', '4']);
  });
});
