/** What is really Vista's: places, batches, months and locks, and keys that outlive posting. */
import { z } from 'zod';
import type { Kind } from '../../../src/domain/kinds';
import type { CanonicalRecord, Fields } from '../../../src/domain/kinds/record';
import type {
  ErpAdapter,
  KindCapability,
  RecordWrite,
  WriteResult,
} from '../../../src/erp-adapters/contract/adapter';
import { TSQL } from '../../../src/erp-adapters/sql/dialect';
import { withoutTaxIds } from '../../../src/erp-adapters/sql/model';
import { vistaAdapter, vistaModel } from '../../../src/erp-adapters/vista';
import { grantScript } from '../../../src/erp-adapters/vista/grant-script';
import { maskOf } from '../../../src/erp-adapters/vista/scope';
import { VISTA_SETTINGS } from '../../../src/erp-adapters/vista/settings';
import { lineOf, recordOf } from './record-samples';
import type { VistaCompany } from './vista-kit';
import { later } from '../vista-model/places';
import { keysOf, vistaCompany, vistaSamples } from './vista-kit';

const JULY = { co: 1, mth: '2026-07-01' };
const JOB = '1024-001';
const ORDER = '1|S.SC-1024-01';
const ITEM = '1|S.SC-1024-01.1';

let company: VistaCompany;
let erp: ErpAdapter;
let count = 0;

beforeEach(() => {
  company = vistaCompany();
  erp = company.open();
});
afterEach(async () => {
  await erp.close();
  company.remove();
});

const kindOf = (kind: Kind, adapter: ErpAdapter = erp): KindCapability => {
  const kept = adapter.kinds[kind];
  if (kept === undefined) throw new Error(`the adapter keeps no ${kind}`);
  return kept;
};

async function write(
  kind: Kind,
  record: CanonicalRecord,
  more: Partial<RecordWrite> = {},
): Promise<WriteResult> {
  count += 1;
  const operation: RecordWrite = {
    operationKey: `op-${count}`,
    recordId: `${kind}/${count}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'p',
    action: 'create',
    erpKey: null,
    record,
    expected: null,
    ...more,
  };
  const [result] = await kindOf(kind).write([operation]);
  if (result === undefined) throw new Error('no answer');
  return result;
}

const update = (kind: Kind, erpKey: string, fields: Fields): Promise<WriteResult> =>
  write(kind, recordOf(fields), { action: 'update', erpKey });

/** The answer in a sentence. */
function say(result: WriteResult): string {
  if ('erpKey' in result) return `${result.status} ${result.erpKey}`;
  if (result.status === 'refused') return `refused: ${result.error.message}`;
  return result.status === 'taken' ? 'taken' : `${result.status}: ${result.reason}`;
}

test('doctor finds company, months and masks, and says which month is closed', async () => {
  const checks = await erp.check();
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.find(({ name }) => name === 'company')?.detail).toMatch(/uses vendor group 1/);
  expect(checks.find(({ name }) => name === 'months')?.detail).toMatch(/^AP is closed up to \d{4}-\d\d-01/);
  expect(checks.find(({ name }) => name === 'masks')?.detail).toBe('job and phase masks read');
});

const keyOf = (result: WriteResult): string => ('erpKey' in result ? result.erpKey : say(result));

const sample = async (kind: Kind, tag = `T${(count += 1)}`): Promise<CanonicalRecord> => {
  const made = await vistaSamples(() => later(company.office))[kind]?.sample(tag);
  if (made === undefined) throw new Error(`there is no sample of a ${kind}`);
  return made;
};

const held = async (kind: Kind, key: string): Promise<CanonicalRecord | undefined> =>
  (await kindOf(kind).read([key]))[0]?.record;

const order = (type: string, code: string, more: Fields = {}): CanonicalRecord => {
  const keys = keysOf(company.office);
  const cost = { costCode: keys.phase('26-050'), costType: '1|3' };
  return recordOf(
    {
      type,
      code,
      name: 'Ducts',
      job: keys.job(),
      vendor: '1|10011',
      date: '2026-07-02',
      amount: '1500.00',
      ...more,
    },
    lineOf('commitment_line', '1', {
      description: 'Duct',
      ...cost,
      basis: 'unit',
      quantity: '100.000',
      uom: 'LF',
      unitCost: '10.00000',
      amount: '1000.00',
    }),
    lineOf('commitment_line', '2', { description: 'Crane', ...cost, basis: 'lump_sum', amount: '500.00' }),
  );
};

const invoice = (code: string, more: Fields = {}, line: Fields = {}): CanonicalRecord =>
  recordOf(
    {
      code,
      commitment: ORDER,
      job: keysOf(company.office).job(),
      date: '2026-07-31',
      amount: '1000.00',
      ...more,
    },
    lineOf('invoice_line', '1', { commitmentLine: ITEM, amount: '1000.00', retainage: '100.00', ...line }),
  );

describe('orders', () => {
  test.each([
    ['subcontract', 'SL', '1|S.X-1', '10.00'],
    ['purchase_order', 'PO', '1|P.X-1', '0.00'],
  ] as const)(
    'a %s waits in a batch that nobody has open, and keeps its keys when it is posted',
    async (type, module, key, retained) => {
      const result = await write('commitment', order(type, 'X-1', { retainagePercent: retained }));
      expect(say(result)).toBe(`written ${key}`);
      const before = await held('commitment', key);
      expect(before).toMatchObject({
        fields: { type, code: 'X-1', amount: '1500.00', retainagePercent: retained },
        lines: [
          {
            erpKey: `${key}.1`,
            fields: { basis: 'unit', quantity: '100.000', uom: 'LF', unitCost: '10.00000' },
          },
          { erpKey: `${key}.2`, fields: { basis: 'lump_sum', quantity: null, uom: 'LS', unitCost: null } },
        ],
      });
      const batch = company.office.batches().at(-1);
      expect(batch).toMatchObject({
        Source: `${module} Entry`,
        CreatedBy: 'tieback',
        InUseBy: null,
        Status: 0,
      });
      company.office.postBatch(JULY, Number(batch?.['BatchId']));
      expect(company.office.rows(`${module}HD`, { [module]: 'X-1' })).toHaveLength(1);
      expect(await held('commitment', key)).toEqual(before);
      expect(say(await update('commitment', key, { name: 'Pipes' }))).toMatch(/is in no batch any more/);
    },
  );

  test('a subcontract and a purchase order may have one number', async () => {
    const results = [
      await write('commitment', order('subcontract', 'N-1')),
      await write('commitment', order('purchase_order', 'N-1')),
    ];
    expect(results.map(keyOf)).toEqual(['1|S.N-1', '1|P.N-1']);
    const all = [];
    for await (const { records } of kindOf('commitment').readChanged(null, 1))
      all.push(...records.map(({ key }) => key));
    expect(all.sort()).toEqual(['1|P.N-1', '1|P.PO-1031-01', '1|S.N-1', ORDER]);
  });

  test('numbers with blanks and strokes are keys all the same', async () => {
    const result = await write('commitment', order('subcontract', 'A/B 1|2'));
    expect(keyOf(result)).toBe('1|S.A%2FB%201%7C2');
    expect(await held('commitment', keyOf(result))).toMatchObject({ fields: { code: 'A/B 1|2' } });
  });

  test('retainage on a purchase order is refused: Vista has no place for it', async () => {
    const result = await write('commitment', order('purchase_order', 'R-1', { retainagePercent: '5.00' }));
    expect(say(result)).toMatch(/refused: .*Retainage % comes to 0.00 in the ERP, not to 5.00/);
  });

  test('an order that is not posted takes no change orders and no invoices yet', async () => {
    await write('commitment', order('subcontract', 'NEW-1'));
    const waiting = { commitment: '1|S.NEW-1' };
    const change = recordOf(
      { ...(await sample('commitment_change_order')).fields, ...waiting },
      ...(await sample('commitment_change_order')).lines,
    );
    expect(say(await write('commitment_change_order', change))).toMatch(
      /^busy: .*subcontract NEW-1 is in batch \d+ of 07\/26, which somebody must post first/,
    );
    expect(say(await write('requisition', invoice('I-1', waiting)))).toMatch(/^busy: /);
  });

  test('whoever edits a posted order holds back its change orders and invoices', async () => {
    company.office.lockOrder('SL', 1, 'SC-1024-01', { mth: '2026-07-01', id: 44 });
    const says = /^busy: .*subcontract SC-1024-01 is in use by batch 44 of 07\/26/;
    expect(say(await write('commitment_change_order', await sample('commitment_change_order')))).toMatch(
      says,
    );
    expect(say(await write('requisition', invoice('I-2')))).toMatch(says);
    company.office.lockOrder('SL', 1, 'SC-1024-01', null);
    expect(say(await write('requisition', invoice('I-2')))).toMatch(/^written/);
  });
});

describe('change orders', () => {
  test('a line changes an item that is there, or comes with an item of its own; keys stay when they are posted', async () => {
    const record = await sample('commitment_change_order');
    const result = await write('commitment_change_order', record);
    const key = `${ORDER}.${String(record.fields['code'])}`;
    expect(keyOf(result)).toBe(key);
    expect(company.office.rows('SLIT')).toMatchObject([
      { SLItem: 1, ItemType: 1 },
      { SLItem: 2, ItemType: 2, OrigCost: '0.00', UM: 'EA' },
    ]);
    const before = await held('commitment_change_order', key);
    expect(
      before?.lines.map(({ number, erpKey, fields }) => [number, erpKey, fields['commitmentLine']]),
    ).toEqual([
      ['1', `${key}.1`, null],
      ['2', `${key}.2`, ITEM],
    ]);
    company.office.postBatch(JULY, Number(company.office.batches().at(-1)?.['BatchId']));
    expect(company.office.rows('SLCD')).toHaveLength(2);
    expect(await held('commitment_change_order', key)).toEqual(before);
    // The order itself is what it was made with.
    expect((await held('commitment', ORDER))?.fields).toMatchObject({ amount: '184500.00' });
  });

  test('an invoice on a line of a change order is one on its item', async () => {
    const record = await sample('commitment_change_order');
    const key = keyOf(await write('commitment_change_order', record));
    company.office.postBatch(JULY, Number(company.office.batches().at(-1)?.['BatchId']));
    const line = { commitmentLine: null, changeOrderLine: `${key}.1` };
    expect(say(await write('requisition', invoice('CO-INV', {}, line)))).toMatch(/^written/);
    expect(company.office.rows('APUL')).toMatchObject([
      { LineType: 7, SL: 'SC-1024-01', SLItem: 2, UM: 'EA' },
    ]);
  });
});

describe('invoices', () => {
  test('an unapproved invoice keeps its key with the reviewers, in the batch, and when it is posted and paid', async () => {
    const result = await write('requisition', invoice('COB-1', { retainage: '100.00', amountDue: '900.00' }));
    const key = keyOf(result);
    expect(company.office.rows('APUI')).toMatchObject([
      { UIMth: '2026-07-01', UISeq: 1, Vendor: 10006, InvTotal: '1000.00' },
    ]);
    expect(company.office.rows('APUL')).toMatchObject([
      {
        LineType: 7,
        SL: 'SC-1024-01',
        SLItem: 1,
        Job: ' 1024-001',
        Phase: '26-050-  ',
        JCCType: 3,
        GLAcct: '5000',
      },
    ]);
    const before = await held('requisition', key);
    expect(before?.fields).toMatchObject({
      code: 'COB-1',
      commitment: ORDER,
      retainage: '100.00',
      amountDue: '900.00',
    });

    const batch = company.office.openBatch(JULY, 'AP Entry', 'APHB');
    company.office.pullIntoBatch(JULY, batch, '2026-07-01', 1);
    expect(await held('requisition', key)).toEqual(before);
    expect(say(await update('requisition', key, { description: 'late' }))).toMatch(
      /^busy: .*is in use by batch/,
    );

    company.office.postBatch(JULY, batch);
    expect(company.office.rows('APUI')).toEqual([]);
    expect(await held('requisition', key)).toEqual(before);
    expect(say(await update('requisition', key, { description: 'late' }))).toMatch(/^refused: .*is posted/);

    const [posted] = company.office.rows('APTH', { APRef: 'COB-1' });
    const place = { APCo: 1, Mth: '2026-07-01', APTrans: Number(posted?.['APTrans']) };
    company.office.payInvoice(place, { number: '9001', amount: '900.00', date: '2026-08-15' });
    const payments = [];
    for await (const page of kindOf('invoice_payment').readChanged(null, 10)) payments.push(...page.records);
    expect(payments).toMatchObject([
      {
        state: 'active',
        record: {
          fields: { code: '9001', requisition: key, method: 'Check', date: '2026-08-15', amount: '900.00' },
        },
      },
    ]);
    company.office.voidPayment('9001');
    const [voided] = await kindOf('invoice_payment').read(payments.map(({ key: of }) => of));
    expect(voided?.state).toBe('void');
  });

  test('in a batch of AP Entry it is the same', async () => {
    await erp.close();
    erp = company.open({ settings: { invoices: 'batch' } });
    const key = keyOf(await write('requisition', invoice('COB-2')));
    const batch = company.office.batches().at(-1);
    expect(batch).toMatchObject({ Source: 'AP Entry', CreatedBy: 'tieback', InUseBy: null });
    const before = await held('requisition', key);
    company.office.postBatch(JULY, Number(batch?.['BatchId']));
    expect(await held('requisition', key)).toEqual(before);
    expect(before?.lines).toHaveLength(1);
  });

  test('a reference that the vendor used already is not entered again, wherever it is', async () => {
    // Vendor 10006 has B-20871 in an open batch of somebody else.
    expect(say(await write('requisition', invoice('B-20871')))).toMatch(/^refused: .*is in a batch already/);
    await write('requisition', invoice('TWICE'));
    expect(say(await write('requisition', invoice('TWICE')))).toMatch(/entered as unapproved already/);
  });

  test('a quantity without a unit gets the one that the site chose', async () => {
    const line = { quantity: '4.000', unitCost: '250.00000' };
    const key = keyOf(await write('requisition', invoice('UNITS', {}, line)));
    expect((await held('requisition', key))?.lines).toMatchObject([{ fields: { ...line, uom: 'EA' } }]);
  });

  test('every line of an invoice on an order names an item', async () => {
    expect(say(await write('requisition', invoice('LOOSE', {}, { commitmentLine: null })))).toMatch(
      /^refused: .*line 1 names no item of the order/,
    );
  });

  test('a direct cost goes to a job, and is no invoice on an order', async () => {
    const key = keyOf(await write('company_level_direct_cost', await sample('company_level_direct_cost')));
    expect(company.office.rows('APUL')).toMatchObject([
      { LineType: 1, Job: ' 1024-001', JCCo: 1, Phase: '26-050-  ' },
    ]);
    expect(await held('requisition', key)).toBeUndefined();
    expect(await held('company_level_direct_cost', key)).toMatchObject({
      lines: [{ fields: { amount: '45.10' } }],
    });
  });
});

describe('batches and months', () => {
  test.each([
    [1, 'busy', 'is being validated'],
    [2, 'busy', 'has validation errors'],
    [3, 'busy', 'has been validated'],
    [4, 'busy', 'is being posted'],
    [6, 'refused', 'has been cancelled'],
  ])('a document in a batch with status %i: %s', async (status, answer, says) => {
    const key = keyOf(await write('commitment', order('subcontract', 'B-1')));
    const batch = Number(company.office.batches().at(-1)?.['BatchId']);
    company.office.setBatch(JULY, batch, status);
    const said = say(await update('commitment', key, { name: 'Pipes' }));
    expect(said).toMatch(new RegExp(`^${answer}: .*${says}`));
    // What is new goes into another batch.
    expect(say(await write('commitment', order('subcontract', 'B-2')))).toBe('written 1|S.B-2');
    expect(company.office.rows('SLHB', { SL: 'B-2' })).not.toMatchObject([{ BatchId: batch }]);
  });

  test('an open batch takes changes, and is left for people', async () => {
    const key = keyOf(await write('commitment', order('subcontract', 'C-1')));
    expect(say(await update('commitment', key, { name: 'Pipes' }))).toBe(`written ${key}`);
    await write('commitment', order('subcontract', 'C-2'));
    const batches = company.office.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    expect(batches).toMatchObject([{ InUseBy: null, Status: 0 }]);
    expect(company.office.rows('SLHB').map(({ BatchSeq }) => BatchSeq)).toEqual([1, 2]);
  });

  test('while somebody has our batch on the screen, it takes nothing', async () => {
    await write('commitment', order('subcontract', 'D-1'));
    const batch = Number(company.office.batches().at(-1)?.['BatchId']);
    company.office.useBatch(JULY, batch, 'Dana Reyes');
    expect(say(await write('commitment', order('subcontract', 'D-2')))).toMatch(
      /^busy: .*in use by Dana Reyes/,
    );
    company.office.useBatch(JULY, batch, null);
    expect(say(await write('commitment', order('subcontract', 'D-2')))).toBe('written 1|S.D-2');
  });

  test('batches of people are never touched', async () => {
    await erp.close();
    erp = company.open({ settings: { invoices: 'batch' } });
    const [theirs] = company.office.rows('APHB');
    await write('requisition', invoice('OWN-1'));
    expect(company.office.rows('APHB', { BatchId: theirs?.['BatchId'] ?? 0 })).toHaveLength(1);
  });

  test.each(['requisition', 'company_level_direct_cost', 'commitment'] as const)(
    'a %s of a closed month waits until it is opened, or goes to the next one where the site says so',
    async (kind) => {
      company.office.closeMonth({ co: 1, mth: '2026-07-01' }, kind === 'commitment' ? 'Sub' : 'AP');
      const record = await sample(kind);
      expect(say(await write(kind, record))).toMatch(
        /^busy: .*month 07\/26 is closed for (AP|SL) in company 1/,
      );
      await erp.close();
      erp = company.open({ settings: { batchMonth: 'first_open' } });
      expect(say(await write(kind, record))).toMatch(/^written/);
    },
  );

  test('a month that is not open yet is waited for', async () => {
    const result = await write('commitment', order('subcontract', 'E-1', { date: '2027-01-05' }));
    expect(say(result)).toMatch(/^busy: .*month 01\/27 is not open yet/);
  });

  test('a budget waits until the one before it is posted, and keeps its key then', async () => {
    const record = await sample('budget');
    const key = keyOf(await write('budget', record));
    const before = await held('budget', key);
    expect(say(await write('budget', record))).toMatch(/^busy: .*which somebody must post first/);
    company.office.postBatch(JULY, Number(company.office.batches().at(-1)?.['BatchId']));
    expect(await held('budget', key)).toEqual(before);
    const lines = record.lines.map((line) => ({ ...line, number: `again-${line.number}` }));
    expect(say(await write('budget', { ...record, lines }))).toMatch(/^written/);
  });
});

describe('masters', () => {
  test('a new job hangs on a contract of its own, whose item its phases belong to', async () => {
    const result = await write('project', await sample('project'));
    const [job] = company.office.jobs().slice(-1);
    expect(keyOf(result)).toBe(`1|${String(job?.['KeyID'])}`);
    expect(company.office.rows('JCCM', { Contract: job?.['Contract'] ?? '' })).toMatchObject([
      { Department: '100', StartMonth: '2026-07-01' },
    ]);
    expect(company.office.phases(1, String(job?.['Job']))).toMatchObject([{ Item: '1' }, { Item: '1' }]);
    expect(company.office.rows('JCCH', { Job: job?.['Job'] ?? '' })).toMatchObject([
      { CostType: 3, UM: 'LS', BillFlag: 'C' },
    ]);
  });

  test('without a department no job is created', async () => {
    await erp.close();
    erp = company.open({ settings: { newJobs: undefined } });
    expect(say(await write('project', await sample('project')))).toMatch(
      /^refused: .*settings.newJobs.department/,
    );
  });

  test.each(['refuse', 'allow'] as const)('phases for a job that locks them: %s', async (lockedPhases) => {
    await erp.close();
    erp = company.open({ settings: { lockedPhases } });
    const phase = lineOf('cost_code', '9-910', { code: '9-910', name: 'Painting', isActive: true });
    const key = keysOf(company.office).job('998-002');
    const result = await write('project', recordOf({}, phase), { action: 'update', erpKey: key });
    expect(say(result)).toMatch(lockedPhases === 'allow' ? /^written/ : /^refused: .*LockPhases/);
  });

  test('a vendor without a sort name gets one that is free', async () => {
    const names = ['Argent', 'Argent', 'A name that is longer than fifteen'];
    for (const name of names) await write('vendor', recordOf({ name, isActive: true }));
    expect(company.office.vendors().slice(-3)).toMatchObject([
      { Vendor: 10043, SortName: 'ARGENT2' },
      { Vendor: 10044, SortName: 'ARGENT3' },
      { Vendor: 10045, SortName: 'A NAME THAT IS' },
    ]);
  });

  test('above the last number somebody must enter a lower one', async () => {
    company.office.addVendor({ Vendor: 999_999, Name: 'Last One' });
    expect(say(await write('vendor', recordOf({ name: 'Too Late' })))).toMatch(
      /^refused: .*enter a lower one/,
    );
  });

  test('job cost is the sum of its history', async () => {
    const record = await held('project', keysOf(company.office).job(JOB));
    const costs = record?.lines
      .filter(({ kind }) => kind === 'job_cost')
      .map(({ number, fields }) => [number, fields['committedCosts']]);
    expect(costs).toEqual([['26-050/1|3', '184500.00']]);
  });

  test('cost types tell the base type of Procore', async () => {
    expect(await held('line_item_type', '1|3')).toMatchObject({
      fields: { code: '3', name: 'Subcontract', baseType: 'commitments' },
    });
  });
});

describe('rights', () => {
  const OPTIONS = z.object(VISTA_SETTINGS).parse({ company: 1 });
  const { specs } = vistaModel(OPTIONS, TSQL, '');
  const script = grantScript(TSQL, { specs: withoutTaxIds(specs) });

  test('nothing that is read and no right is about tax ids, bank accounts or people', async () => {
    const seen: string[] = [];
    for await (const page of kindOf('vendor').readChanged(null, 50)) seen.push(JSON.stringify(page.records));
    expect(seen.join('')).not.toMatch(/99-0010001|ACCT-10001|000000000/);
    expect(script).not.toMatch(/TaxId|RoutingId|BankAcct|SSN|BirthDate|HrlyRate|SalaryAmt|PREH/);
    expect(script).not.toMatch(/GRANT [^;]*(DELETE|CONTROL|ALTER|db_|SCHEMA::|DATABASE)/);
    // Of the vendor file, columns are named.
    expect(script).toMatch(/SELECT ON APVM \([\w, [\]]+\) TO/);
    expect(script).not.toMatch(/SELECT ON APVM TO/);
  });

  test('the live catalogue fits what is needed', async () => {
    const schema = (await erp.schema?.()) ?? {};
    expect(Object.values(schema).flatMap(({ problems }) => problems)).toEqual([]);
    // Both places of a kind are watched.
    expect(Object.keys(schema['commitment']?.columns ?? {})).toEqual(
      expect.arrayContaining(['SLHB.SL', 'POHB.PO']),
    );
  });

  test('every table that is read is in the script', () => {
    const sql = JSON.stringify(specs, (_name, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    );
    const tables = new Set(sql.match(/\b(?:AP|HQ|JC|SL|PO|GL|DD)[A-Z]{2}\b/g));
    expect(tables.size).toBeGreaterThan(15);
    const missing = [...tables].filter((table) => !new RegExp(`SELECT[\\w, ]* ON ${table}\\b`).test(script));
    expect(missing).toEqual([]);
  });
});

describe('settings and masks', () => {
  test.each([
    [{}, ['company: ']],
    [{ company: 1 }, ['sqlServer: ']],
    [{ company: 300, file: 'x' }, ['company: ']],
    [{ company: 1, file: 'x', invoices: 'posted' }, ['invoices: ']],
    [{ company: 1, file: 'x', currency: 'dollars' }, ['currency: ']],
    [{ company: 1, file: 'x', newJobs: {} }, ['newJobs.department: ']],
    [{ company: 1, file: 'x', post: true }, ['post: ']],
  ])('%j is told by its path', (settings, problems) => {
    const reading = vistaAdapter.readSettings(settings);
    const said = reading.ok
      ? []
      : reading.problems.map((problem) => problem.slice(0, problem.indexOf(': ') + 2));
    expect(said).toEqual(problems);
  });

  test.each([
    ['5R-3R', '1024-1', ' 1024-  1'],
    ['2R-3R-2L', '23-50', '23- 50-  '],
    ['2R-3R-2L', '3-300-10', ' 3-300-10'],
    ['4L.3R', 'A1.7', 'A1  .  7'],
    ['6RN', '12', '    12'],
  ])('the mask %s keeps %s as it should', (mask, canonical, raw) => {
    expect(maskOf(mask)?.raw(canonical)).toBe(raw);
    expect(maskOf(mask)?.canonical(raw)).toBe(canonical);
  });

  test.each(['', '##-###', 'R5', '5R--3R'])('%j is no mask', (mask) => {
    expect(maskOf(mask)).toBeNull();
  });

  test('a mask of digits takes no letters', () => {
    expect(new RegExp(maskOf('3RN-2L')?.pattern ?? '', 'u').test('A1-B')).toBe(false);
    expect(new RegExp(maskOf('3R-2L')?.pattern ?? '', 'u').test('A1-B')).toBe(true);
  });
});

test('what an upgrade took away stops the kinds that need it, also in tables that are only read or written on the way', async () => {
  const problems = async (): Promise<Readonly<Record<string, string>>> => {
    const schema = (await company.open().schema?.()) ?? {};
    return Object.fromEntries(
      Object.entries(schema).flatMap(([kind, of]) =>
        of.problems.length === 0 ? [] : [[kind, of.problems.join('; ')]],
      ),
    );
  };
  expect(await problems()).toEqual({});
  const { db } = company.model;
  db.exec('DROP VIEW bspHQBCInsert');
  db.exec('ALTER TABLE JCCI RENAME COLUMN Department TO Dept');
  // Of posted invoices: no table of records has it.
  db.exec('ALTER TABLE APTL RENAME COLUMN Retainage TO Held');
  const found = await problems();
  for (const kind of ['commitment', 'commitment_change_order', 'budget'])
    expect(found[kind]).toContain('procedure bspHQBCInsert, which opens batches');
  expect(found['project']).toBe('projects: there is no column JCCI.Department, or we may not see it');
  expect(found['requisition']).toMatch(/APUI cannot be read as Tieback needs it \(.*Retainage/);
  for (const kind of ['vendor', 'standard_cost_code', 'line_item_type']) expect(found[kind]).toBeUndefined();
});
