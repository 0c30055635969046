import { fingerprintOf } from '../../src/domain/reconcile/mapping/fingerprint';
import type { Mapping } from '../../src/domain/reconcile/mapping/mapping';
import { taxIdHash } from '../../src/domain/reconcile/match';
import type { RecordWrite } from '../../src/erp-adapters/contract/adapter';
import { mappedErp } from '../../src/mapped-erp';
import type { SampleCompany } from './erp-adapters/sample-kit';
import { kindOf, sampleCompany } from './erp-adapters/sample-kit';

let company: SampleCompany;
beforeEach(() => {
  company = sampleCompany();
});
afterEach(() => company.remove());

const KEY = '1|10001';
const MAPPING: Mapping = {
  vendor: {
    fields: {
      city: {
        pairs: [
          { erp: 'SEA', procore: 'Seattle' },
          { erp: 'STTL', procore: 'Seattle' },
          { erp: 'OLY', procore: 'Olympia' },
        ],
      },
      fax: { pairs: [], default: 'none' },
    },
    only: { code: ['1000*'] },
  },
};

const vendors = () => kindOf(mappedErp(company.open(), MAPPING), 'vendor');
const there = () => company.accounting.vendor(10001);

let generation = 0;
const update = (fields: RecordWrite['record']['fields'], expected: RecordWrite['expected']): RecordWrite => ({
  operationKey: `op-${(generation += 1)}`,
  recordId: 'vendor/1',
  generation,
  targetRevision: 'r',
  planHash: 'p',
  action: 'update',
  erpKey: KEY,
  record: { fields, lines: [] },
  expected,
});

test('records come in the values of Procore, and say whether they are carried', async () => {
  company.accounting.changeVendor(10001, { City: 'STTL', Fax: null });
  const [known] = await vendors().read([KEY]);
  expect(known).toMatchObject({
    key: KEY,
    record: { fields: { city: 'Seattle', fax: 'none', code: '10001' } },
  });
  expect(known?.outside).toBeUndefined();
  const outside = new Map<string, boolean>();
  for await (const { records } of vendors().readChanged(null, 100))
    for (const { key, outside: is } of records) outside.set(key, is === true);
  expect(outside.get(KEY)).toBe(false);
  expect([...outside].some(([key, is]) => is && !key.startsWith('1|1000'))).toBe(true);
});

test('what is written goes in the values of the ERP, over what means the same as the plan expects, and comes back as it was sent', async () => {
  company.accounting.changeVendor(10001, { City: 'STTL', Fax: null });
  const [first] = await vendors().write([
    update({ city: 'Olympia', fax: '206-555-0190' }, { city: 'Seattle', fax: 'none' }),
  ]);
  expect(first).toMatchObject({
    status: 'written',
    record: { fields: { city: 'Olympia', fax: '206-555-0190' } },
  });
  expect(there()).toMatchObject({ City: 'OLY', Fax: '206-555-0190' });
  const [second] = await vendors().write([update({ city: 'Tacoma' }, { city: 'Seattle' })]);
  expect(second?.status).toBe('moved');
  expect(there()).toMatchObject({ City: 'OLY' });
});

test('a value without a way back is refused with a sentence, and the others of its batch are written', async () => {
  const results = await vendors().write([
    update({ city: 'Seattle' }, {}),
    update({ phone: '206-555-0188' }, {}),
  ]);
  expect(results).toMatchObject([
    {
      status: 'refused',
      error: {
        message: expect.stringContaining(
          '"Seattle" stands for several values of the ERP ("SEA", "STTL")',
        ) as string,
      },
    },
    { status: 'written' },
  ]);
  expect(there()).toMatchObject({ Phone: '206-555-0188' });
});

test('rules say in whose terms they are told, so that an approval under one mapping is none under another', async () => {
  expect((await vendors().rules()).mappedAs).toBe(fingerprintOf(MAPPING, 'vendor'));
  const other = mappedErp(company.open(), { vendor: { fields: {}, only: { code: ['1*'] } } });
  expect((await kindOf(other, 'vendor').rules()).mappedAs).not.toBe(fingerprintOf(MAPPING, 'vendor'));
  expect((await kindOf(other, 'commitment').rules()).mappedAs).toBeUndefined();
});

test('a kind that is not mapped is the adapter itself, and numbers that are looked up are those of Procore', async () => {
  const erp = company.open();
  expect(kindOf(mappedErp(erp, MAPPING), 'commitment')).toBe(kindOf(erp, 'commitment'));
  const codes: Mapping = {
    vendor: { fields: { code: { pairs: [{ erp: '10001', procore: 'V-1' }] } }, only: {} },
  };
  const [state] = await mappedErp(erp, codes).lookUp([{ target: 'vendor', key: KEY }]);
  expect(state).toMatchObject({ number: 'V-1', code: 'V-1' });
});

test('tax ids are read through it, where the adapter reads them', async () => {
  const hash = taxIdHash();
  company.accounting.db.prepare("UPDATE APVM SET TaxId = '91-2345678' WHERE Vendor = 10001").run();
  const mapped = kindOf(mappedErp(company.open({ taxIds: true }), MAPPING), 'vendor');
  expect(await mapped.taxIdHashes?.([KEY, '1|10002'], hash)).toEqual(new Map([[KEY, hash('91-2345678')]]));
  expect(vendors()).not.toHaveProperty('taxIdHashes');
});
