import type { Kind, LineKind } from '../../../src/domain/kinds';
import { KINDS, LINE_KINDS } from '../../../src/domain/kinds';
import type { CanonicalRecord, Fields, RecordLine } from '../../../src/domain/kinds/record';
import type {
  ErpRecord,
  KindCapability,
  RecordWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import { grantScript } from '../../../src/erp-adapters/sample/grant-script';
import { RECORD_SPECS } from '../../../src/erp-adapters/sample/tables';
import { keysOf, lineOf, recordOf, recordSamples } from './record-samples';
import type { SampleCompany } from './sample-kit';
import { kindOf, sampleCompany } from './sample-kit';

let company: SampleCompany;
let keys: ReturnType<typeof keysOf>;
let samples: ReturnType<typeof recordSamples>;
beforeEach(() => {
  company = sampleCompany();
  keys = keysOf(company.accounting);
  samples = recordSamples(company.accounting);
});
afterEach(() => company.remove());

const JULY = { co: 1, mth: '2026-07' };
let sequence = 0;
function create(record: CanonicalRecord, more: Partial<RecordWrite> = {}): RecordWrite {
  sequence += 1;
  return {
    operationKey: `demo:${sequence}`,
    recordId: `record/${sequence}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'h',
    action: 'create',
    erpKey: null,
    record,
    expected: null,
    ...more,
  };
}
const update = (
  erpKey: string,
  fields: Fields,
  lines: readonly RecordLine[] = [],
  expected: Fields | null = null,
): RecordWrite => create({ fields, lines }, { action: 'update', erpKey, expected });

const records = (kind: Kind, adapter = company.open()): KindCapability => kindOf(adapter, kind);

async function write(kind: Kind, operation: RecordWrite): Promise<WriteResult> {
  const [result] = await records(kind).write([operation]);
  if (!result) throw new Error('no answer');
  return result;
}

type Written = Extract<WriteResult, { status: 'written' | 'accepted' | 'posted' }>;
async function written(kind: Kind, operation: RecordWrite): Promise<Written> {
  const result = await write(kind, operation);
  if (!('record' in result)) throw new Error(JSON.stringify(result));
  return result;
}

const sample = async (kind: Kind, tag = `T${(sequence += 1)}`): Promise<CanonicalRecord> => {
  const kit = samples[kind];
  if (!kit) throw new Error(`there is no sample of ${kind}`);
  return kit.sample(tag);
};

const withFields = (record: CanonicalRecord, fields: Fields): CanonicalRecord => ({
  ...record,
  fields: { ...record.fields, ...fields },
});
const withLine = (record: CanonicalRecord, fields: Fields): CanonicalRecord => ({
  ...record,
  lines: record.lines.map((line) => ({ ...line, fields: { ...line.fields, ...fields } })),
});

const idOf = (key: string): number => Number(key.split('|')[1]);

async function readAll(kind: Kind, cursor: string | null = null): Promise<[ErpRecord[], string]> {
  const found: ErpRecord[] = [];
  let last = '';
  for await (const page of records(kind).readChanged(cursor, 50)) {
    found.push(...page.records);
    last = page.cursor;
  }
  return [found, last];
}

/** Everything in the ERP that a write could have touched. */
const everything = (): string =>
  JSON.stringify(
    [
      'JCPM',
      'JCCT',
      'JCJM',
      'JCJP',
      'JCCH',
      'JCEH',
      'JCED',
      'SLHD',
      'SLIT',
      'SLCO',
      'SLCI',
      'APTH',
      'APTL',
      'APPH',
    ]
      .concat(['JCOH', 'JCOI', 'ARTH', 'ARTL'])
      .map((table) => company.accounting.rows(table))
      .concat(company.accounting.ledger() as never[], company.accounting.batches() as never[]),
  );

describe('codes', () => {
  test('are shown without the blanks of the mask and kept with them', async () => {
    const [[project]] = [await records('project').read([keys.job])];
    expect(project?.record.fields['code']).toBe('1024-001');
    expect(
      project?.record.lines.filter(({ kind }) => kind === 'cost_code').map(({ number }) => number),
    ).toEqual(['3-100', '3-300-10', '23-050', '26-050']);
    await written('standard_cost_code', create(recordOf({ code: '2-5-1', name: 'Odd', isActive: true })));
    expect(company.accounting.standardCodes().at(-1)).toMatchObject({ Phase: ' 2-  5-1 ' });
    await written('standard_cost_code', create(recordOf({ code: '41', name: 'Heading', isActive: true })));
    expect(company.accounting.standardCodes().at(-1)).toMatchObject({ Phase: '41-   -  ' });
  });

  test('with and without a leading zero are two codes, and so are jobs', async () => {
    for (const code of ['02-005', '2-5', '2-005'])
      await written('standard_cost_code', create(recordOf({ code, name: 'A code', isActive: true })));
    const [found] = await readAll('standard_cost_code');
    const codes = found.map(({ record }) => record.fields['code']);
    expect(codes).toEqual(expect.arrayContaining(['02-005', '2-5', '2-005']));
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(['123-050', '23-050-100', '23--10', 'AB-050', '23-050-10-1', ''])(
    '"%s" is refused by the ERP',
    async (code) => {
      const result = await write('standard_cost_code', create(recordOf({ code, name: 'x', isActive: true })));
      expect(result).toMatchObject({ status: 'refused' });
      const { fields } = await records('standard_cost_code').rules();
      expect(new RegExp(fields['code']?.pattern?.source ?? '').test(code)).toBe(false);
    },
  );
});

describe('every kind of record', () => {
  test('has a capability, tables that the grant script names, and columns that the doctor checks', async () => {
    const adapter = company.open();
    expect(Object.keys(adapter.kinds).sort()).toEqual([...KINDS].sort());
    for (const table of ['JCJM', 'JCCH', 'SLIT', 'APTL', 'APPH', 'JCOI', 'ARTL', 'JCED'])
      expect(grantScript(RECORD_SPECS)).toMatch(new RegExp(`-- {3}SELECT, INSERT, UPDATE {2}${table} \\(`));
    for (const table of ['JCCP', 'JCCM', 'JCCI'])
      expect(grantScript(RECORD_SPECS)).toMatch(new RegExp(`-- {3}SELECT {18}${table} \\(`));
    expect(grantScript(RECORD_SPECS)).not.toContain('DELETE,');
    company.accounting.runScript(
      'DROP TRIGGER SLIT_update; DROP TRIGGER SLIT_insert; DROP TRIGGER SLIT_updated; ALTER TABLE SLIT RENAME COLUMN UM TO Unit',
    );
    expect((await adapter.check()).find(({ name }) => name === 'columns')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('SLIT.UM') as string,
    });
  });

  test.each(['prime_contract', 'invoice_payment'] as const)('%s is entered in the ERP only', async (kind) => {
    const before = everything();
    expect(await write(kind, create(recordOf({ code: 'X', job: keys.job })))).toMatchObject({
      status: 'refused',
    });
    expect(everything()).toBe(before);
  });

  test('rules follow the dictionary of the live system', async () => {
    company.accounting.runScript(
      "UPDATE DDFI SET Length = 20 WHERE TableName = 'SLHD' AND ColumnName = 'Title'",
    );
    const { fields, lines } = await records('commitment').rules();
    expect(fields['name']).toMatchObject({ maxLength: 20, charset: 'cp1252' });
    expect(fields['code']).toMatchObject({ maxLength: 30, charset: 'ascii', required: true });
    expect(fields['amount']).toMatchObject({ decimals: 2, required: false });
    expect(fields['type']?.allowed).toEqual(['subcontract', 'purchase_order']);
    expect(lines.commitment_line).toMatchObject({
      unitCost: { decimals: 5 },
      quantity: { decimals: 4 },
      uom: { maxLength: 3 },
    });
    expect(Object.keys(fields)).not.toContain('vendor');
    const long = withFields(await sample('commitment'), { name: 'x'.repeat(21) });
    expect(await write('commitment', create(long))).toMatchObject({
      status: 'refused',
      error: {
        message: 'The ERP refused the record: SLHD: Title is 21 characters long; the field takes 20.',
      },
    });
  });
});

describe('what a record refers to', () => {
  const refused = (message: string | RegExp) => ({
    status: 'refused',
    error: { class: 'data', message: expect.stringMatching(message) as string },
  });

  test.each<[string, () => Promise<CanonicalRecord>, RegExp]>([
    [
      'a vendor that is not there',
      async () => withFields(await sample('commitment'), { vendor: '1|99998' }),
      /there is no vendor 1\|99998/,
    ],
    [
      'an inactive vendor',
      async () => withFields(await sample('commitment'), { vendor: '1|10007' }),
      /Vendor 10007 is inactive/,
    ],
    [
      'a job of another company',
      async () => withFields(await sample('commitment'), { job: '2|1' }),
      /there is no project 2\|1/,
    ],
    [
      'a job that is not there',
      async () => withFields(await sample('commitment'), { job: '1|999' }),
      /there is no project 1\|999/,
    ],
    ['no job at all', async () => withFields(await sample('commitment'), { job: null }), /Job is missing/],
    [
      'a phase that is not there',
      async () => withLine(await sample('commitment'), { costCode: '1|999' }),
      /Line 1: there is no cost code/,
    ],
    [
      'a phase of another job',
      async () => withLine(await sample('commitment'), { costCode: keys.phase('31-200', '1031-001') }),
      /Phase 31-200 belongs to job 1031-001, not to job 1024-001/,
    ],
    [
      'a cost type that the phase has not',
      async () => withLine(await sample('commitment'), { costType: keys.costType('5') }),
      /Cost type 5 is not on phase 26-050 of job 1024-001; add it first/,
    ],
    [
      'a line without cost code',
      async () => withLine(await sample('commitment'), { costCode: null }),
      /Cost code is missing/,
    ],
  ])('%s', async (_what, make, message) => {
    const record = await make();
    const before = everything();
    expect(await write('commitment', create(record))).toMatchObject(refused(message));
    expect(everything()).toBe(before);
  });

  test('a closed job takes no commitment; reopened it does', async () => {
    const operation = create(await sample('commitment'));
    company.accounting.closeJob(1, '1024-001');
    expect(await write('commitment', operation)).toMatchObject(
      refused('Job 1024-001 is closed; reopen it first'),
    );
    company.accounting.reopenJob(1, '1024-001');
    expect(await write('commitment', operation)).toMatchObject({ status: 'written', replayed: false });
  });

  test('a sub job is no project, and a project no sub job', async () => {
    const subJob = await written('sub_job', create(await sample('sub_job')));
    expect(
      await write('commitment', create(withFields(await sample('commitment'), { job: subJob.erpKey }))),
    ).toMatchObject(refused(/there is no project/));
    expect(
      await write('sub_job', create(withFields(await sample('sub_job'), { job: subJob.erpKey }))),
    ).toMatchObject(refused(/there is no project/));
    expect(await records('project').read([subJob.erpKey])).toEqual([]);
    expect(await records('sub_job').read([keys.job])).toEqual([]);
  });

  test('an invoice line must be one of the commitment or its change orders', async () => {
    const other = await written('commitment', create(await sample('commitment')));
    const foreign = other.record.lines[0]?.erpKey ?? '';
    expect(
      await write('requisition', create(withLine(await sample('requisition'), { commitmentLine: foreign }))),
    ).toMatchObject(refused(/names neither a line of commitment SC-1024-01 nor of its change orders/));
    const change = await written('commitment_change_order', create(await sample('commitment_change_order')));
    const line = change.record.lines[0]?.erpKey ?? '';
    const invoice = withLine(await sample('requisition'), { commitmentLine: null, changeOrderLine: line });
    expect(await written('requisition', create(invoice))).toMatchObject({
      record: { lines: [{ fields: { changeOrderLine: line } }] },
    });
  });

  test('numbers are unique: in the company, of the vendor, of the contract', async () => {
    for (const kind of [
      'project',
      'commitment',
      'commitment_change_order',
      'requisition',
      'contract_payment',
      'payment_application',
      'prime_contract_change_order',
      'company_level_direct_cost',
    ] as const) {
      const record = await sample(kind);
      const { erpKey } = await written(kind, create(record));
      expect((await records(kind).findSame(record)).map(({ key }) => key)).toEqual([erpKey]);
      expect(await write(kind, create(record))).toMatchObject(refused(/ is already (entered|used)/));
    }
  });

  test('a direct cost and an invoice of one vendor share their references', async () => {
    await written('requisition', create(withFields(await sample('requisition'), { code: 'SAME-1' })));
    const cost = withFields(await sample('company_level_direct_cost'), { code: 'SAME-1', vendor: '1|10006' });
    expect(await write('company_level_direct_cost', create(cost))).toMatchObject(
      refused('Reference SAME-1 of vendor 10006 is already entered'),
    );
    expect(await records('company_level_direct_cost').findSame(cost)).toEqual([]);
  });

  test('an invoice takes its vendor from its commitment, a payment must be of that vendor', async () => {
    const invoice = await written('requisition', create(await sample('requisition')));
    expect(company.accounting.invoices().at(-1)).toMatchObject({
      Vendor: 10006,
      InvType: 'C',
      EnteredBy: 'tieback',
    });
    const payment = withFields(await sample('contract_payment'), {
      requisition: invoice.erpKey,
      vendor: '1|10001',
    });
    expect(await write('contract_payment', create(payment))).toMatchObject(
      refused(/belongs to vendor 10006/),
    );
  });

  test('values without a column, words out of their list and lines of the ERP are refused', async () => {
    const record = await sample('commitment');
    for (const [fields, message] of [
      [{ colour: 'red' }, 'the ERP has no field for colour'],
      [{ type: 'lease' }, '"lease" is none of subcontract, purchase_order'],
      [{ retainagePercent: '7.555' }, 'Retainage % "7.555" is not a number with 2 decimals'],
    ] as const)
      expect(await write('commitment', create(withFields(record, fields)))).toMatchObject(refused(message));
    const jobCost = lineOf('job_cost', 'x', { costCode: '26-050', costType: keys.costType('3') });
    expect(await write('project', update(keys.job, {}, [jobCost]))).toMatchObject(
      refused('only the ERP itself makes such lines'),
    );
    expect(
      await write('budget', create(recordOf({ job: keys.job }, lineOf('invoice_line', '1', {})))),
    ).toMatchObject(refused('has no lines of kind invoice_line'));
  });
});

describe('batches', () => {
  const batchDocuments = [
    'requisition',
    'contract_payment',
    'payment_application',
    'prime_contract_change_order',
    'company_level_direct_cost',
  ] as const;

  test('one open batch of our own per month and source; people’s batches are left alone', async () => {
    const theirs = company.accounting.createBatch(JULY, 'Lee Park');
    await written('requisition', create(await sample('requisition')));
    await written('company_level_direct_cost', create(await sample('company_level_direct_cost')));
    await written(
      'requisition',
      create(withFields(await sample('requisition'), { accountingDate: '2026-08-01' })),
    );
    await written('payment_application', create(await sample('payment_application')));
    const ours = company.accounting.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    expect(ours.map(({ Mth, Source, Status, InUseBy }) => [Mth, Source, Status, InUseBy])).toEqual([
      ['2026-07', 'AP Entry', 0, null],
      ['2026-07', 'AR Invoice', 0, null],
      ['2026-08', 'AP Entry', 0, null],
    ]);
    expect(company.accounting.rows('APTH', 'BatchId = ? AND Mth = ?', theirs, '2026-07')).toEqual([]);
  });

  test('a validated or posted batch of ours is done with: the next document opens another', async () => {
    await written('requisition', create(await sample('requisition')));
    const [first] = company.accounting.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    company.accounting.validateBatch(JULY, Number(first?.['BatchId']));
    await written('requisition', create(await sample('requisition')));
    company.accounting.postBatch(JULY, Number(first?.['BatchId']));
    await written('requisition', create(await sample('requisition')));
    const ours = company.accounting.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    expect(ours.map(({ Status }) => Status)).toEqual([5, 0]);
  });

  test.each(batchDocuments)('%s: without an accounting date it is refused', async (kind) => {
    const record = withFields(await sample(kind), { accountingDate: null });
    expect(await write(kind, create(record))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('Accounting date is missing: enter the date') as string },
    });
  });

  test.each(batchDocuments)('%s: a closed month is waited for', async (kind) => {
    const operation = create(await sample(kind));
    const module =
      kind === 'payment_application' ? 'AR' : kind === 'prime_contract_change_order' ? 'JC' : 'AP';
    const date = String(operation.record.fields['accountingDate']);
    const month = { co: 1, mth: date.slice(0, 7) };
    company.accounting.closePeriod(month, module);
    const before = everything();
    expect(await write(kind, operation)).toMatchObject({
      status: 'busy',
      reason: expect.stringContaining(`Month ${month.mth} is not open for ${module} in company 1`) as string,
      retryAfterMs: 60_000,
    });
    expect(everything()).toBe(before);
    company.accounting.openPeriod(month, module);
    expect(await write(kind, operation)).toMatchObject({ status: 'written' });
    company.accounting.closePeriod(month, module);
    expect(await write(kind, create(withFields(await sample(kind), { accountingDate: date })))).toMatchObject(
      {
        status: 'busy',
        reason: expect.stringContaining(`Month ${month.mth} is closed for ${module}`) as string,
      },
    );
  });

  test('while somebody has our batch on the screen, we wait', async () => {
    await written('requisition', create(await sample('requisition')));
    const [batch] = company.accounting.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    company.accounting.useBatch(JULY, Number(batch?.['BatchId']), 'Dana Reyes');
    const operation = create(await sample('requisition'));
    expect(await write('requisition', operation)).toMatchObject({
      status: 'busy',
      reason: expect.stringContaining('is in use by Dana Reyes') as string,
      retryAfterMs: 60_000,
    });
    company.accounting.useBatch(JULY, Number(batch?.['BatchId']), null);
    expect(await write('requisition', operation)).toMatchObject({ status: 'written' });
  });

  test('a budget waits until the one before it is posted, then a new entry is added', async () => {
    const lines = [
      lineOf('budget_line', 'trx-1', {
        costCode: keys.phase('26-050'),
        costType: keys.costType('3'),
        movement: 'original',
        amount: '100.00',
      }),
    ];
    const first = await written('budget', create(recordOf({ job: keys.job }, ...lines)));
    expect(first.record.lines).toMatchObject([
      { number: 'trx-1', erpKey: expect.stringMatching(/^1\|\d+$/) as string },
    ]);
    const second = create(recordOf({ job: keys.job }, ...lines));
    expect(await write('budget', second)).toMatchObject({
      status: 'busy',
      reason: expect.stringContaining('must be posted first.') as string,
      retryAfterMs: 60_000,
    });
    company.accounting.postBudget(idOf(first.erpKey));
    expect(await write('budget', second)).toMatchObject({ status: 'written' });
    expect(company.accounting.jobCosts(1, '1024-001')).toMatchObject([{ OrigBudget: '100.00' }]);
  });

  test('a budget may move money on sub jobs, and says what kind of movement it is', async () => {
    const subJob = await written('sub_job', create(await sample('sub_job')));
    const phase = subJob.record.lines.find(({ number }) => number === '26-050')?.erpKey ?? '';
    const line = { job: subJob.erpKey, costCode: phase, costType: keys.costType('3'), amount: '5.00' };
    const budget = (fields: Fields): RecordWrite =>
      create(recordOf({ job: keys.job }, lineOf('budget_line', 't', { ...line, ...fields })));
    expect(await write('budget', budget({}))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('Movement is required') as string },
    });
    expect(
      await write('budget', budget({ movement: 'revised', costCode: keys.phase('26-050') })),
    ).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('belongs to job 1024-001') as string },
    });
    expect(await written('budget', budget({ movement: 'revised' }))).toMatchObject({
      record: { lines: [{ fields: { ...line, movement: 'revised' } }] },
    });
  });

  test('a direct cost may touch several jobs', async () => {
    const elsewhere = {
      job: `1|${company.accounting.jobKey(1, '1031-001')}`,
      costCode: keys.phase('31-200', '1031-001'),
      costType: keys.costType('4'),
      amount: '4.90',
    };
    const record = await sample('company_level_direct_cost');
    const two = withFields(
      { ...record, lines: [...record.lines, lineOf('direct_cost_line', '2', elsewhere)] },
      { amount: '50.00' },
    );
    const { record: held } = await written('company_level_direct_cost', create(two));
    expect(held.lines.map(({ fields }) => fields['job'])).toEqual([keys.job, elsewhere.job]);
  });

  test('a budget goes into the first open month; without one it waits', async () => {
    company.accounting.closePeriod(JULY, 'JC');
    await written('budget', create(await sample('budget')));
    expect(company.accounting.budgets().at(-1)).toMatchObject({ Mth: '2026-08' });
    company.accounting.runScript("UPDATE GLPD SET Status = 'closed'");
    expect(await write('budget', create(await sample('budget')))).toMatchObject({
      status: 'busy',
      reason: expect.stringContaining('no month is open for JC') as string,
    });
  });

  test('documents in people’s batches, posted ones and ones of another month are not changed', async () => {
    const batch = company.accounting.createBatch(JULY, 'Lee Park');
    const theirs = company.accounting.addCommitmentInvoice(JULY, batch, {
      commitment: idOf(keys.commitment),
      reference: 'L-1',
      amount: '5.00',
      by: 'Lee Park',
    });
    expect(await write('requisition', update(`1|${theirs}`, { description: 'x' }))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('which belongs to Lee Park') as string },
    });
    const ours = await written('requisition', create(await sample('requisition')));
    expect(await write('requisition', update(ours.erpKey, { accountingDate: '2026-09-01' }))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('cannot move to 2026-09') as string },
    });
    company.accounting.postInvoice(idOf(ours.erpKey));
    expect(await write('requisition', update(ours.erpKey, { description: 'x' }))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('is posted and cannot change') as string },
    });
    expect(await records('requisition').read([ours.erpKey])).toMatchObject([{ state: 'active' }]);
  });
});

describe('people', () => {
  test('a commitment on a screen holds back its change orders and invoices', async () => {
    company.accounting.openCommitment(idOf(keys.commitment), 'Lee Park');
    for (const kind of ['commitment_change_order', 'requisition'] as const)
      expect(await write(kind, create(await sample(kind)))).toMatchObject({
        status: 'busy',
        reason: expect.stringMatching(/^Lee Park has "Commitment SC-1024-01" open since /) as string,
        retryAfterMs: 60_000,
      });
    expect(await write('commitment', update(keys.commitment, { name: 'x' }))).toMatchObject({
      status: 'busy',
    });
    company.accounting.leaveCommitment(idOf(keys.commitment));
    expect(
      await write('commitment_change_order', create(await sample('commitment_change_order'))),
    ).toMatchObject({
      status: 'written',
    });
  });

  test('a job on a screen holds back what belongs to it, but no replay', async () => {
    const operation = create(await sample('commitment'));
    await written('commitment', operation);
    company.accounting.openJob(1, '1024-001', 'Lee Park');
    expect(await write('commitment', create(await sample('commitment')))).toMatchObject({ status: 'busy' });
    expect(await write('commitment', operation)).toMatchObject({ status: 'written', replayed: true });
  });

  test('what was written and then deleted is not written again', async () => {
    const operation = create(await sample('commitment'));
    const { erpKey } = await written('commitment', operation);
    company.accounting.deleteCommitment(idOf(erpKey));
    expect(await write('commitment', operation)).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('has been deleted since') as string },
    });
    const again = await written('commitment', create(operation.record));
    expect(again.erpKey).not.toBe(erpKey);
  });
});

describe('updates', () => {
  test('add new lines, change known ones, leave the others, and keep every key', async () => {
    const { erpKey, record } = await written('commitment', create(await sample('commitment')));
    const [first, second] = record.lines;
    const cost = { costCode: keys.phase('26-050'), costType: keys.costType('3') };
    const after = await written(
      'commitment',
      update(erpKey, { amount: '310.00' }, [
        lineOf('commitment_line', '1', { amount: '221.30', description: null }),
        lineOf('commitment_line', '3', { ...cost, basis: 'lump_sum', amount: '100.00' }),
      ]),
    );
    expect(after.record.lines.map(({ number, erpKey: key }) => [number, key])).toEqual([
      ['1', first?.erpKey],
      ['2', second?.erpKey],
      ['3', expect.any(String)],
    ]);
    expect(after.record.lines[0]?.fields).toMatchObject({ amount: '221.30', description: null, uom: 'EA' });
    expect(after.record.lines[1]).toEqual(second);
  });

  test('an update whose lines no longer make the header is refused whole', async () => {
    const { erpKey } = await written('commitment', create(await sample('commitment')));
    const before = everything();
    const line = lineOf('commitment_line', '1', { amount: '1.00' });
    expect(await write('commitment', update(erpKey, { name: 'New' }, [line]))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('Amount is 200.00, but the lines come to -10.3') as string },
    });
    expect(everything()).toBe(before);
  });

  test('phases and cost types are added to a job, and inactive ones made so', async () => {
    const { erpKey, record } = await written('project', create(await sample('project')));
    expect(record.lines.map(({ kind, number }) => [kind, number])).toEqual([
      ['cost_code', '26-050'],
      ['cost_code', '3-300-10'],
      ['cost_type_assignment', `26-050/${keys.costType('3')}`],
    ]);
    const [electrical, , assignment] = record.lines;
    expect(assignment?.erpKey).toBe(`${electrical?.erpKey ?? ''}/${keys.costType('3')}`);
    const pair = { costCode: '31-200', costType: keys.costType('4') };
    const after = await written(
      'project',
      update(erpKey, {}, [
        lineOf('cost_type_assignment', `31-200/${keys.costType('4')}`, pair),
        lineOf('cost_code', '31-200', { code: '31-200', name: 'Earth', isActive: true }),
        lineOf('cost_code', '26-050', { code: '26-050', name: 'Electrical', isActive: false }),
      ]),
    );
    expect(after.record.lines).toHaveLength(5);
    expect(after.record.lines[0]).toMatchObject({
      erpKey: electrical?.erpKey,
      fields: { name: 'Electrical', isActive: false },
    });
    const orphan = lineOf('cost_type_assignment', `9-290/${keys.costType('4')}`, {
      ...pair,
      costCode: '9-290',
    });
    expect(await write('project', update(erpKey, {}, [orphan]))).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('The phase is not on job') as string },
    });
  });

  test('closing a job from outside is soft, and leaves a hard close alone', async () => {
    const { erpKey } = await written('project', create(await sample('project')));
    await written('project', update(erpKey, { isActive: false }));
    expect(company.accounting.jobs().at(-1)).toMatchObject({ JobStatus: 2 });
    company.accounting.runScript(`UPDATE JCJM SET JobStatus = 3 WHERE KeyID = ${idOf(erpKey)}`);
    await written('project', update(erpKey, { isActive: false, name: 'Still closed' }));
    expect(company.accounting.jobs().at(-1)).toMatchObject({ JobStatus: 3, Description: 'Still closed' });
  });

  test('references are compared as keys, amounts as amounts', async () => {
    const seen = { job: keys.job, vendor: '1|10006', amount: '184500', name: 'Electrical' };
    expect(await write('commitment', update(keys.commitment, { description: 'x' }, [], seen))).toMatchObject({
      status: 'written',
    });
    expect(
      await write(
        'commitment',
        update(keys.commitment, { description: 'y' }, [], { ...seen, vendor: '1|10001' }),
      ),
    ).toEqual({
      status: 'moved',
      reason: `Vendor of commitment SC-1024-01 is now "1|10006"; the plan saw "1|10001".`,
    });
  });
});

describe('reading', () => {
  test('a change of any line brings its record again, with nothing else', async () => {
    const [, cursor] = await readAll('project');
    company.accounting.setJobCosts(
      1,
      '1024-001',
      { phase: '26-050', costType: '3' },
      { committed: '184500.00', actual: '12.30' },
    );
    const [changed, next] = await readAll('project', cursor);
    expect(changed.map(({ key }) => key)).toEqual([keys.job]);
    expect(changed[0]?.record.lines.filter(({ kind }) => kind === 'job_cost')).toMatchObject([
      {
        number: `26-050/${keys.costType('3')}`,
        fields: { committedCosts: '184500.00', jobToDateCosts: '12.30', originalBudget: '0.00' },
      },
    ]);
    company.accounting.removeCostType(1, '1024-001', '26-050', '1');
    const [again] = await readAll('project', next);
    expect(again[0]?.record.lines.map(({ number }) => number)).not.toContain(`26-050/${keys.costType('1')}`);
  });

  test('payments of the accounting office are invoice payments; what we entered is not', async () => {
    const invoice = await written('requisition', create(await sample('requisition')));
    await written('contract_payment', create(await sample('contract_payment')));
    expect((await readAll('invoice_payment'))[0]).toEqual([]);
    const payment = company.accounting.payInvoice(idOf(invoice.erpKey), {
      number: 'CK-77',
      amount: '90.00',
      date: '2026-08-15',
    });
    expect((await readAll('invoice_payment'))[0]).toEqual([
      {
        key: `1|${payment}`,
        state: 'active',
        record: {
          fields: {
            code: 'CK-77',
            requisition: invoice.erpKey,
            method: 'Check',
            date: '2026-08-15',
            amount: '90.00',
          },
          lines: [],
        },
      },
    ]);
    expect((await readAll('contract_payment'))[0]).toHaveLength(1);
    company.accounting.voidPayment(payment);
    expect((await readAll('invoice_payment'))[0]).toMatchObject([{ state: 'void' }]);
  });

  test('payments of direct costs are no invoice payments: Procore knows none of those invoices', async () => {
    const [direct] = company.accounting.invoices();
    company.accounting.payInvoice(direct?.KeyID ?? 0, { number: 'CK-1', amount: '1.00' });
    expect((await readAll('invoice_payment'))[0]).toEqual([]);
  });

  test('the other company sees its own records only, and the codes they share', async () => {
    const other = company.open({ company: 2 });
    expect(await kindOf(other, 'project').read([keys.job, keys.job.replace('1|', '2|')])).toEqual([]);
    const [found] = await readAll('standard_cost_code');
    expect(await kindOf(other, 'standard_cost_code').read(found.map(({ key }) => key))).toHaveLength(
      found.length,
    );
    await expect(
      kindOf(other, 'project').readChanged(null, 0)[Symbol.asyncIterator]().next(),
    ).rejects.toThrow(RangeError);
  });

  test('a cursor of another world reads everything again and says so', async () => {
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
    const capability = kindOf(company.open({ logger }), 'commitment');
    for await (const page of capability.readChanged('rv:999999', 50)) expect(page.records).toHaveLength(2);
    expect(warnings).toEqual(['The ERP does not know the commitment cursor; everything is read again']);
  });
});

describe('lookUp', () => {
  const look = async (target: Kind | LineKind, key: string) => {
    const [state] = await company.open().lookUp([{ target, key }]);
    return state;
  };

  test('names records and lines as people do', async () => {
    expect(await look('project', keys.job)).toEqual({
      code: '1024-001',
      name: 'Harbor Street Apartments',
      target: 'project',
      key: keys.job,
      state: 'active',
      label: 'job 1024-001',
      parentKey: null,
      number: '1024-001',
    });
    expect(await look('vendor', '1|10017')).toMatchObject({
      state: 'inactive',
      label: 'vendor 10017 "Falcon Demolition LLC"',
    });
    expect(await look('cost_code', keys.phase('23-050'))).toMatchObject({
      state: 'active',
      label: 'phase 23-050 of job 1024-001',
      parentKey: keys.job,
      number: '23-050',
    });
    expect(await look('commitment_line', keys.commitmentLine)).toMatchObject({
      label: 'line 1 of commitment SC-1024-01',
      parentKey: keys.commitment,
    });
  });

  test('a cost type assignment is the pair of its phase and its cost type', async () => {
    const pair = (phase: string, type: string): string => `${keys.phase(phase)}/${keys.costType(type)}`;
    expect(await look('cost_type_assignment', pair('26-050', '3'))).toMatchObject({
      state: 'active',
      parentKey: keys.job,
    });
    expect(await look('cost_type_assignment', pair('26-050', '5'))).toMatchObject({
      state: 'absent',
      number: null,
    });
    company.accounting.removeCostType(1, '1024-001', '26-050', '1');
    expect(await look('cost_type_assignment', pair('26-050', '1'))).toMatchObject({ state: 'absent' });
    for (const odd of ['1|1', '1|1/2|2/3|3', '/', ''])
      expect(await look('cost_type_assignment', odd)).toMatchObject({ state: 'absent' });
  });

  test('closed and void records take their lines with them', async () => {
    company.accounting.deactivatePhase(1, '1024-001', '23-050');
    expect(await look('cost_code', keys.phase('23-050'))).toMatchObject({ state: 'inactive' });
    company.accounting.voidCommitment(idOf(keys.commitment));
    expect(await look('commitment', keys.commitment)).toMatchObject({ state: 'void' });
    expect(await look('commitment_line', keys.commitmentLine)).toMatchObject({ state: 'void' });
    company.accounting.closeJob(1, '1024-001');
    expect(await look('project', keys.job)).toMatchObject({ state: 'inactive' });
    expect(await look('cost_code', keys.phase('26-050'))).toMatchObject({ state: 'inactive' });
  });

  test('knows every kind of record and line, and answers what is not there in the order asked', async () => {
    const refs = [...KINDS, ...LINE_KINDS].flatMap((target) =>
      ['1|999999', '2|1', '1', '|', '1|1|1', ' 1|1', "1|1' OR 1=1", '1|01'].map((key) => ({ target, key })),
    );
    const states = await company.open().lookUp(refs);
    expect(states.map(({ target, key }) => ({ target, key }))).toEqual(refs);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['absent']));
    const before = everything();
    await company.open().lookUp(refs);
    expect(everything()).toBe(before);
  });
});
