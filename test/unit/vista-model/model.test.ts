/** The model of Vista guards itself as the real one does, on both databases. */
import type { Company } from './places';
import { PLACES } from './places';

const JULY = { co: 1, mth: '2026-07-01' };
const JOB = '1024-001';
const LINE = {
  LineType: 7,
  SL: 'SC-1024-01',
  SLItem: 1,
  JCCo: 1,
  Job: ' 1024-001',
  PhaseGroup: 1,
  Phase: '26-050-  ',
  JCCType: 3,
};

describe.each(PLACES)('the model on %s', (_dialect, open) => {
  let company: Company;
  beforeAll(async () => {
    company = await open();
  }, 120_000);
  afterAll(() => company.close());

  const say = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => {
        // On SQL Server the sentence of a trigger comes before the last error of the batch.
        const { message, precedingErrors = [] } = error as { message: string; precedingErrors?: Error[] };
        return [...precedingErrors.map((before) => before.message), message].join(' | ');
      },
    );

  test('a seeded company is there, with posted and open documents', async () => {
    const { office } = company;
    expect(await office.vendors()).toHaveLength(42);
    expect(await office.rows('SLHD')).toMatchObject([{ SL: 'SC-1024-01', AddedMth: '2026-07-01' }]);
    expect(await office.rows('POIT')).toMatchObject([
      { OrigUnits: '12000.000', OrigUnitCost: '0.61500', CurCost: '7380.00' },
    ]);
    expect((await office.batches()).map(({ Status }) => Status)).toEqual([5, 5, 5, 0]);
    expect(await office.rows('APTH')).toMatchObject([{ APTrans: 1 }, { APTrans: 2, InvTotal: '48210.55' }]);
  });

  test.each([
    [
      'a vendor number of seven digits',
      { Vendor: 1_000_000, Name: 'Far Out' },
      /must be between 1 and 999999/,
    ],
    ['a state that is not on file', { Vendor: 20_001, Name: 'Nowhere', State: 'ZZ' }, /State ZZ is invalid/],
    ['a vendor type of its own', { Vendor: 20_002, Name: 'Typed', Type: 'X' }, /must be R or S/],
    ['a sort name that is taken', { Vendor: 20_003, Name: 'Twin', SortName: 'ARGENT' }, /UNIQUE|duplicate/i],
    [
      'a vendor number that is taken',
      { Vendor: 10_001, Name: 'Twin', SortName: 'TWIN' },
      /UNIQUE|duplicate/i,
    ],
  ])('refuses %s', async (_what, vendor, says) => {
    expect(await say(company.office.addVendor(vendor))).toMatch(says);
  });

  test('a vendor with history is never deleted, one without is', async () => {
    const { office } = company;
    expect(await say(office.deleteVendor(10_001))).toMatch(
      /Vendor 10001 exists in APTH - cannot delete APVM!/,
    );
    await office.addVendor({ Vendor: 20_010, Name: 'Short Lived' });
    expect(await say(office.deleteVendor(20_010))).toBe('done');
  });

  test('codes compare byte by byte', async () => {
    const { office } = company;
    await office.addVendor({ Vendor: 20_011, Name: 'Case', SortName: 'CASE' });
    expect(await say(office.addVendor({ Vendor: 20_012, Name: 'Case', SortName: 'Case' }))).toBe('done');
  });

  test('a phase needs an item of the contract of its job, a cost type a job that is open', async () => {
    const { office } = company;
    expect(await say(office.addPhase(1, JOB, '9-910', 'Painting', '99'))).toMatch(
      /Item 99 is not on contract/,
    );
    await office.addPhase(1, '990-001', '9-910', 'Painting');
    expect(await say(office.assignCostType(1, '990-001', '9-910', 3))).toMatch(
      /is closed - cannot insert JCCH!/,
    );
  });

  test('the number of a batch is the answer of the procedure, 0 with a reason when its month is closed', async () => {
    const { office } = company;
    const batch = await office.openBatch(JULY, 'AP Entry', 'APHB', 'Lee Park');
    expect((await office.rows('HQBC', { Co: 1, Mth: JULY.mth, BatchId: batch }))[0]).toMatchObject({
      Status: 0,
      InUseBy: 'Lee Park',
      CreatedBy: 'Lee Park',
    });
    expect(await say(office.openBatch({ co: 1, mth: '2026-06-01' }, 'AP Entry', 'APHB'))).toMatch(/closed/);
    expect(await say(office.openBatch({ co: 1, mth: '2027-06-01' }, 'AP Entry', 'APHB'))).toMatch(
      /last open month/,
    );
  });

  test('posting moves the rows of a batch into history, with cost, and nothing enters a posted batch', async () => {
    const { office } = company;
    const batch = await office.openBatch(JULY, 'AP Entry', 'APHB');
    const lines = [{ ...LINE, GrossAmt: '1000.00', Retainage: '100.00' }];
    await office.enterInvoice(JULY, batch, { vendor: 10_006, reference: 'COB-1', amount: '1000.00' }, lines);
    await office.postBatch(JULY, batch);
    expect(await office.rows('APHB', { BatchId: batch })).toEqual([]);
    const [header] = await office.rows('APTH', { APRef: 'COB-1' });
    expect(header).toMatchObject({ InvTotal: '1000.00', BatchId: batch });
    const key = { APCo: 1, Mth: JULY.mth, APTrans: Number(header?.['APTrans']) };
    expect(await office.rows('APTD', key)).toMatchObject([
      { Amount: '900.00', Status: 1 },
      { Amount: '100.00', PayType: 3, Status: 2 },
    ]);
    expect((await office.rows('SLIT'))[0]).toMatchObject({ InvCost: '1000.00' });
    expect((await office.rows('JCCD', { APTrans: key.APTrans }))[0]).toMatchObject({ ActualCost: '1000.00' });
    expect(
      await say(office.enterInvoice(JULY, batch, { vendor: 10_006, reference: 'LATE', amount: '1.00' })),
    ).toMatch(/Batch \d+ of 07\/26 is not an open APHB batch/);
    expect(await say(office.setBatch(JULY, batch, 0))).toMatch(/has been posted/);

    await office.payInvoice(key, { number: '9001', amount: '900.00', date: '2026-08-15' });
    expect((await office.rows('APPH'))[0]).toMatchObject({
      Amount: '900.00',
      PaidMth: '2026-08-01',
      VoidYN: 'N',
    });
    expect((await office.rows('APTD', key))[0]).toMatchObject({ Status: 3, CMRef: '9001' });
  });

  test('a batch out of balance is not posted', async () => {
    const { office } = company;
    const batch = await office.openBatch(JULY, 'AP Entry', 'APHB');
    const lines = [{ LineType: 3, GrossAmt: '9.00' }];
    await office.enterInvoice(JULY, batch, { vendor: 10_006, reference: 'ODD', amount: '10.00' }, lines);
    expect(await office.validateBatch(JULY, batch)).toEqual([
      'Seq# 1: invoice ODD is 10.00, its lines are 9.00.',
    ]);
    expect((await office.rows('HQBC', { Mth: JULY.mth, BatchId: batch }))[0]).toMatchObject({ Status: 2 });
  });

  test('history of job cost neither changes nor goes', async () => {
    const { office } = company;
    const [row] = await office.rows('JCCD');
    const key = { JCCo: 1, Mth: JULY.mth, CostTrans: Number(row?.['CostTrans']) };
    expect(await say(office.change('JCCD', key, { EstCost: '1.00' }))).toMatch(
      /is history - cannot update JCCD!/,
    );
    expect(await say(office.takeAway('JCCD', key))).toMatch(/is history - cannot delete JCCD!/);
  });

  test('an order that was invoiced stays on file', async () => {
    const { office } = company;
    expect(await say(office.deleteOrder('SL', 1, 'SC-1024-01'))).toMatch(
      /has been invoiced - cannot delete SLHD!/,
    );
    expect(await say(office.deleteOrder('PO', 1, 'PO-1031-01'))).toBe('done');
  });
});
