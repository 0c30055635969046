import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { openSqlite } from '../../../src/sqlite';
import { createCompany } from '../../../sandbox/sample-erp/company';
import { TiebackError } from '../../../src/domain/base/errors';
import { KINDS } from '../../../src/domain/kinds';
import type { Fields } from '../../../src/domain/kinds/record';
import type {
  ErpAdapter,
  KindCapability,
  RecordPage,
  RecordWrite,
} from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { sampleAdapter } from '../../../src/erp-adapters/sample';
import { recordOf } from './record-samples';
import type { SampleCompany } from './sample-kit';
import { kindOf, sampleCompany } from './sample-kit';

const vendorsOf = (adapter: ErpAdapter): KindCapability => kindOf(adapter, 'vendor');

let company: SampleCompany;
beforeEach(() => {
  company = sampleCompany();
});
afterEach(() => company.remove());

let sequence = 0;
function create(fields: Fields, more: Partial<RecordWrite> = {}): RecordWrite {
  sequence += 1;
  return {
    operationKey: `demo:vendor/${sequence}:1:r`,
    recordId: `vendor/${sequence}`,
    generation: 1,
    targetRevision: 'r',
    planHash: 'h',
    action: 'create',
    erpKey: null,
    record: recordOf(fields),
    expected: null,
    ...more,
  };
}
const update = (erpKey: string, fields: Fields, expected: RecordWrite['expected'] = null): RecordWrite =>
  create(fields, { action: 'update', erpKey, expected });

async function pages(reading: AsyncIterable<RecordPage>): Promise<RecordPage[]> {
  const all: RecordPage[] = [];
  for await (const page of reading) all.push(page);
  return all;
}

/** Fails one call, by name. */
const failing =
  (failed: string, error: () => Error): Io =>
  (name, call) => {
    if (name === failed) throw error();
    return call();
  };

describe('settings', () => {
  test('are read with their defaults', () => {
    expect(sampleAdapter.readSettings({ file: 'erp.db' })).toEqual({
      ok: true,
      settings: { file: 'erp.db', company: 1, busyTimeoutMs: 50 },
    });
  });

  test.each([
    [{}, 'file: '],
    [{ file: '' }, 'file: '],
    [{ file: 'x', company: 0 }, 'company: '],
    [{ file: 'x', compnay: 1 }, 'compnay: '],
    [
      { file: 'x', busyTimeoutMs: 15_000 },
      'busyTimeoutMs: at most 250 ms, because the whole process stands still',
    ],
    [null, 'settings: '],
  ])('%j is refused with the path of the problem', (raw, start) => {
    const reading = sampleAdapter.readSettings(raw);
    expect(reading.ok ? [] : reading.problems).toEqual([expect.stringMatching(new RegExp(`^${start}`))]);
    expect(() => sampleAdapter.create({ connectionId: 'demo', settings: raw })).toThrow(TiebackError);
  });

  test('the registry knows every adapter by its own name', () => {
    for (const [name, definition] of Object.entries(ERP_ADAPTERS)) expect(definition.name).toBe(name);
    expect(Object.keys(ERP_ADAPTERS)).toContain('sample');
  });
});

describe('describe and check', () => {
  test('tell what the live system says', async () => {
    expect(await company.open().describe()).toEqual({
      system: 'sample',
      version: 'Groundwork 11.4',
      company: '1',
      companyName: 'Larkspur Builders Inc.',
      kinds: KINDS,
    });
    expect((await company.open({ company: 2 }).describe()).companyName).toBe('Larkspur Civil LLC');
    expect((await company.open().check()).every(({ ok }) => ok)).toBe(true);
  });

  test('a company that does not exist is a matter of configuration', async () => {
    const adapter = company.open({ company: 7 });
    await expect(adapter.describe()).rejects.toMatchObject({ code: 'ERP_CONFIG' });
    expect(await adapter.check()).toMatchObject([
      { name: 'reachable', ok: false, hint: expect.any(String) as string },
    ]);
  });

  test('a ledger without its unique keys is not trusted', async () => {
    company.accounting.runScript(
      'DROP TABLE tieback_ledger; CREATE TABLE tieback_ledger (operation_key TEXT)',
    );
    expect(await company.open().check()).toContainEqual(
      expect.objectContaining({ name: 'ledger', ok: false }),
    );
  });

  test('a column that is gone is noticed', async () => {
    company.accounting.runScript(
      'DROP TRIGGER APVM_insert; DROP TRIGGER APVM_update; DROP TRIGGER APVM_updated; ALTER TABLE APVM RENAME COLUMN Fax TO Telefax',
    );
    expect((await company.open().check()).find(({ name }) => name === 'columns')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('Fax') as string,
    });
  });
});

describe('what the database does is told as what it means', () => {
  test('no file: configuration; no folder: not reachable; a file of another kind: configuration', async () => {
    const at = (file: string) =>
      sampleAdapter.create({ connectionId: 'demo', settings: { file } }).describe();
    await expect(at(`${company.file}x`)).rejects.toMatchObject({ code: 'ERP_CONFIG' });
    await expect(at(`${company.file}-share/erp.db`)).rejects.toMatchObject({ code: 'ERP_UNREACHABLE' });
    writeFileSync(`${company.file}.txt`, 'this is not a database, only some text in a file'.repeat(40));
    await expect(at(`${company.file}.txt`)).rejects.toMatchObject({ code: 'ERP_CONFIG' });
  });

  test('no ledger: configuration, with the way out, and nothing is written', async () => {
    const bare = sampleCompany({ ledger: false });
    const before = bare.accounting.vendors().length;
    await expect(vendorsOf(bare.open()).write([create({ name: 'X' })])).rejects.toMatchObject({
      code: 'ERP_CONFIG',
      message: expect.stringContaining('grant script') as string,
    });
    expect(bare.accounting.vendors()).toHaveLength(before);
    bare.remove();
  });

  test('another program is writing: busy, and the reading goes on', async () => {
    const other = openSqlite(company.file);
    other.exec('BEGIN IMMEDIATE');
    const vendors = vendorsOf(company.open());
    expect(await vendors.write([create({ name: 'X', sortName: 'X' })])).toMatchObject([
      { status: 'busy', reason: expect.stringContaining('another program') as string, retryAfterMs: 1000 },
    ]);
    expect(await vendors.read(['1|10011'])).toHaveLength(1);
    other.close();
    expect(await vendors.write([create({ name: 'X', sortName: 'X' })])).toMatchObject([
      { status: 'written' },
    ]);
  });

  test('a cut line before the commit: not reachable, and nothing is written', async () => {
    const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const vendors = vendorsOf(company.open({ io: failing('erp.vendor.write.readBack', reset) }));
    const operation = create({ name: 'Cut', sortName: 'CUT' });
    await expect(vendors.write([operation])).rejects.toMatchObject({ code: 'ERP_UNREACHABLE' });
    expect(company.accounting.ledger()).toEqual([]);
    expect(await vendorsOf(company.open()).write([operation])).toMatchObject([
      { status: 'written', replayed: false },
    ]);
  });

  test('a fault of the program is not dressed up as a fault of the ERP', async () => {
    const vendors = vendorsOf(
      company.open({ io: failing('erp.vendor.rules.columns', () => new TypeError('oops')) }),
    );
    await expect(vendors.rules()).rejects.toThrow(TypeError);
  });

  test('the file moves away and comes back: not set up, then all is well again', async () => {
    const adapter = company.open();
    await adapter.describe();
    renameSync(company.file, `${company.file}.away`);
    await expect(adapter.describe()).rejects.toMatchObject({ code: 'ERP_CONFIG' });
    renameSync(`${company.file}.away`, company.file);
    expect((await adapter.describe()).company).toBe('1');
  });

  test('numbers of refused writes are given back', async () => {
    const vendors = vendorsOf(company.open());
    const results = await vendors.write([
      create({ name: 'Bad', sortName: 'BAD', email: 'nobody' }),
      create({ name: 'Good', sortName: 'GOOD' }),
    ]);
    expect(results).toMatchObject([
      {
        status: 'refused',
        error: {
          code: 'ERP_REFUSED',
          message: 'The ERP refused the record: APVM: E-mail "nobody" is not a valid e-mail address.',
        },
      },
      { status: 'written', erpKey: '1|10043' },
    ]);
  });
});

describe('writing', () => {
  test('takes one look, writes, reads back and commits: few calls, each of them named', async () => {
    const calls: string[] = [];
    const io: Io = (name, call) => {
      calls.push(name.replace('erp.vendor.write.', ''));
      return call();
    };
    const vendors = vendorsOf(company.open({ io }));
    await vendors.write([create({ name: 'X', sortName: 'X' }), update('1|10011', { phone: '1' })]);
    expect(calls).toEqual([
      'erp.open',
      ...['begin', 'scope', 'look', 'locks', 'write', 'readBack', 'commit'],
    ]);
  });

  test('fills what is absent or null with the defaults of the ERP', async () => {
    const [result] = await vendorsOf(company.open()).write([
      create({ code: null, name: 'Cobalt Mechanical LLC', sortName: null, city: null }),
    ]);
    expect(result).toMatchObject({
      status: 'written',
      erpKey: '1|10043',
      record: {
        fields: {
          code: '10043',
          name: 'Cobalt Mechanical LLC',
          sortName: 'COBALT MECHANIC',
          city: null,
          countryCode: 'US',
          vendorType: 'REG',
          retainagePercent: '0.00',
          isActive: true,
        },
      },
    });
  });

  test('passes over numbers that someone typed ahead of the counter', async () => {
    company.accounting.addVendor({ Vendor: 10043, Name: 'Typed', SortName: 'TYPED' });
    company.accounting.addVendor({ Vendor: 10044, Name: 'Typed 2', SortName: 'TYPED2' });
    const [result] = await vendorsOf(company.open()).write([create({ name: 'X', sortName: 'X' })]);
    expect(result).toMatchObject({ status: 'written', erpKey: '1|10045' });
    expect(company.accounting.addVendor({ Name: 'By hand', SortName: 'HAND' })).toBe(10046);
  });

  test('the last number of the range is the end', async () => {
    company.accounting.db.prepare('UPDATE HQVG SET NextVendor = 99999').run();
    expect(
      await vendorsOf(company.open()).write([
        create({ name: 'Last', sortName: 'LAST' }),
        create({ name: 'Over', sortName: 'OVER' }),
      ]),
    ).toMatchObject([
      { status: 'written', erpKey: '1|99999' },
      {
        status: 'refused',
        error: { message: expect.stringContaining('no vendor number up to 99999 is free') as string },
      },
    ]);
  });

  test('numbers are taken in their plain form only', async () => {
    const [padded] = await vendorsOf(company.open()).write([
      create({ code: '010500', name: 'X', sortName: 'X' }),
    ]);
    expect(padded).toMatchObject({ status: 'refused' });
    const [typed] = await vendorsOf(company.open()).write([
      create({ code: '10500', name: 'X', sortName: 'X' }),
    ]);
    expect(typed).toMatchObject({ status: 'written', erpKey: '1|10500' });
  });

  test('says who has what open', async () => {
    const vendors = vendorsOf(company.open());
    company.accounting.openVendor(10011, 'Lee Park');
    expect(
      await vendors.write([update('1|10011', { phone: '1' }), update('1|10012', { phone: '1' })]),
    ).toMatchObject([
      { status: 'busy', reason: expect.stringMatching(/^Lee Park has "Vendor 10011" open since /) as string },
      { status: 'written' },
    ]);
    company.accounting.closeVendor(10011);
    company.accounting.lockVendorFile('Dana Reyes');
    expect(await vendors.write([update('1|10012', { phone: '2' })])).toMatchObject([
      { status: 'busy', retryAfterMs: 60_000 },
    ]);
  });

  test('a replay is answered even while the vendor file is held: it writes nothing', async () => {
    const vendors = vendorsOf(company.open());
    const operation = create({ name: 'X', sortName: 'X' });
    await vendors.write([operation]);
    company.accounting.lockVendorFile('Dana Reyes');
    expect(await vendors.write([operation])).toMatchObject([{ status: 'written', replayed: true }]);
  });

  test('what the plan saw is compared as the ERP stores it', async () => {
    const vendors = vendorsOf(company.open());
    const seen = { city: 'Tacoma', retainagePercent: '10', isActive: true, fax: null };
    expect(await vendors.write([update('1|10002', { phone: '1' }, seen)])).toMatchObject([
      { status: 'written' },
    ]);
    company.accounting.changeVendor(10002, { City: 'Fife' });
    expect(await vendors.write([update('1|10002', { phone: '2' }, seen)])).toEqual([
      { status: 'moved', reason: 'City of vendor 10002 is now "Fife"; the plan saw "Tacoma".' },
    ]);
  });

  test('leaves alone what belongs to accounting, and cannot lift a hold', async () => {
    company.accounting.hold(10001, 'DISPUTE');
    const [result] = await vendorsOf(company.open()).write([update('1|10001', { isActive: true })]);
    expect(result).toMatchObject({
      status: 'refused',
      error: { message: expect.stringContaining('on hold (DISPUTE)') as string },
    });
  });

  test('a vendor that was written and then deleted is not written again', async () => {
    const vendors = vendorsOf(company.open());
    const operation = create({ name: 'X', sortName: 'X' });
    await vendors.write([operation]);
    company.accounting.deleteVendor(10043);
    expect(await vendors.write([operation])).toMatchObject([
      { status: 'refused', error: { message: expect.stringContaining('has been deleted since') as string } },
    ]);
  });

  test('two companies of one vendor group write into one file', async () => {
    const [one] = await vendorsOf(company.open()).write([create({ name: 'X', sortName: 'X' })]);
    const [two] = await vendorsOf(company.open({ company: 2 })).write([create({ name: 'Y', sortName: 'X' })]);
    expect([one, two]).toMatchObject([{ erpKey: '1|10043' }, { status: 'refused' }]);
  });

  test('the ledger answers for many operations at once', async () => {
    const adapter = company.open();
    const operations = [create({ name: 'X', sortName: 'X' }), create({ name: 'Y', sortName: 'Y' })];
    await vendorsOf(adapter).write(operations);
    const keys = operations.map(({ operationKey }) => operationKey);
    const found = await adapter.ledger.find([...keys, 'never']);
    expect(found.map(({ operationKey }) => operationKey).sort()).toEqual([...keys].sort());
    expect(found[0]).toMatchObject({ kind: 'vendor', generation: 1, erpKey: '1|10043' });
  });

  test('the ledger of one connection says nothing to another', async () => {
    const operation = create({ name: 'X', sortName: 'X' });
    await vendorsOf(company.open()).write([operation]);
    const other = sampleAdapter.create({ connectionId: 'other', settings: { file: company.file } });
    expect(await other.ledger.find([operation.operationKey])).toEqual([]);
    expect(await other.ledger.head('vendor', operation.recordId)).toBeNull();
  });

  test('the whole ledger comes by pages, in order, and of this connection only', async () => {
    const adapter = company.open();
    const operations = ['A', 'B', 'C'].map((name) => create({ name, sortName: name }));
    await vendorsOf(adapter).write(operations);
    const first = await adapter.ledger.entries(null, 2);
    const second = await adapter.ledger.entries(first.cursor, 2);
    expect(second.cursor).toBeNull();
    expect([...first.entries, ...second.entries].map(({ operationKey }) => operationKey)).toEqual(
      operations.map(({ operationKey }) => operationKey),
    );
    const other = sampleAdapter.create({ connectionId: 'other', settings: { file: company.file } });
    expect(await other.ledger.entries(null, 2)).toEqual({ entries: [], cursor: null });
  });

  test('anchors of the audit log are kept once, in order, and neither changed nor deleted', async () => {
    const { anchors } = company.open();
    const anchor = (seq: number, hash: string) => ({
      ...{ connectionId: 'demo', seq, hash, at: '2026-03-09T15:22:41.108Z', keyId: null, hmac: null },
    });
    const kept = [anchor(7, 'a'), anchor(9, 'b'), anchor(9, 'c')];
    for (const one of [...kept, anchor(7, 'a')]) await anchors?.add(one);
    const first = await anchors?.entries(null, 2);
    const second = await anchors?.entries(first?.cursor ?? null, 2);
    expect([...(first?.anchors ?? []), ...(second?.anchors ?? [])]).toEqual(kept);
    expect(second?.cursor).toBeNull();
    expect(() => company.accounting.runScript('DELETE FROM tieback_anchor')).toThrow('never deleted');
    expect(() => company.accounting.runScript('UPDATE tieback_anchor SET seq = 2')).toThrow('never changed');
  });

  test('ledger entries can be neither changed nor deleted', async () => {
    await vendorsOf(company.open()).write([create({ name: 'X', sortName: 'X' })]);
    expect(() => company.accounting.runScript('DELETE FROM tieback_ledger')).toThrow('never deleted');
    expect(() => company.accounting.runScript('UPDATE tieback_ledger SET generation = 2')).toThrow(
      'never changed',
    );
  });
});

describe('reading', () => {
  test('only what changed comes after a cursor, the oldest change first', async () => {
    const vendors = vendorsOf(company.open());
    const cursor = (await pages(vendors.readChanged(null, 100))).at(-1)?.cursor ?? null;
    company.accounting.changeVendor(10030, { Phone: '1' });
    company.accounting.changeVendor(10005, { Phone: '2' });
    company.accounting.changeVendor(10030, { Phone: '3' });
    const changed = await pages(vendors.readChanged(cursor, 100));
    expect(changed.map(({ records }) => records.map(({ key }) => key))).toEqual([['1|10005', '1|10030']]);
    const after = await pages(vendors.readChanged(changed[0]?.cursor ?? null, 100));
    expect(after).toEqual([{ records: [], cursor: changed[0]?.cursor }]);
  });

  test('nothing at all is one empty page with a cursor', async () => {
    const file = `${company.file}.new`;
    createCompany(file).close();
    const vendors = vendorsOf(sampleAdapter.create({ connectionId: 'demo', settings: { file } }));
    expect(await pages(vendors.readChanged(null, 10))).toEqual([{ records: [], cursor: 'rv:0' }]);
  });

  test('a cursor from before a restored backup, or of another kind, reads everything again and says so', async () => {
    const vendors = vendorsOf(company.open());
    const backup = `${company.file}.backup`;
    company.accounting.db.pragma('wal_checkpoint(TRUNCATE)');
    copyFileSync(company.file, backup);
    company.accounting.changeVendor(10030, { Phone: '1' });
    const cursor = (await pages(vendors.readChanged(null, 100))).at(-1)?.cursor ?? null;

    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
    const restored = sampleAdapter.create({ connectionId: 'demo', settings: { file: backup }, logger });
    for (const odd of [cursor, 'page=2', 'rv:', 'rv:1e9']) {
      const read = await pages(vendorsOf(restored).readChanged(odd, 100));
      expect(read.flatMap(({ records }) => records)).toHaveLength(42);
    }
    expect(warnings).toHaveLength(4);
    await restored.close();
  });

  test('a page of nothing is a fault of the caller', async () => {
    const vendors = vendorsOf(company.open());
    await expect(pages(vendors.readChanged(null, 0))).rejects.toThrow(RangeError);
  });

  test('maps every column, trims padding, and never selects tax ids or bank accounts', async () => {
    company.accounting.runScript(
      "UPDATE APVM SET TaxId = '12-3456789', BankAcct = '000111' WHERE Vendor = 10002",
    );
    const [found] = await vendorsOf(company.open()).read(['1|10002']);
    expect(found).toEqual({
      key: '1|10002',
      state: 'active',
      record: recordOf({
        code: '10002',
        name: 'Acme Concrete Pumping LLC',
        sortName: 'ACMECONC',
        address: '77 Industrial Loop',
        city: 'Tacoma',
        stateCode: 'WA',
        postalCode: '98421',
        countryCode: 'US',
        phone: '253-555-0102',
        fax: null,
        email: 'billing@acmepumping.example',
        contactName: 'Henrik Aalto',
        vendorType: 'SUB',
        retainagePercent: '10.00',
        isActive: true,
      }),
    });
  });

  test('keys of other groups and other shapes are simply not there', async () => {
    const keys = ['2|10002', '1|010002', '1|10002|1', '1|', '|', '1|99998', "1|1' OR 1=1"];
    expect(await vendorsOf(company.open()).read(keys)).toEqual([]);
  });

  test('many keys are read in parts', async () => {
    const keys = Array.from({ length: 1200 }, (_, index) => `1|${10001 + index}`);
    expect(await vendorsOf(company.open()).read(keys)).toHaveLength(42);
  });

  test('similar vendors come the surest first, 50 at most', async () => {
    for (let n = 0; n < 60; n += 1) {
      company.accounting.addVendor({ Name: `Twin ${n}`, SortName: `TWIN${n}`, Phone: '(509) 555-0111' });
    }
    const found = await vendorsOf(company.open()).findSimilar?.(
      recordOf({
        code: '10020',
        name: 'COBALT EXCAVATING, INC',
        sortName: 'acmeconc',
        email: 'AP@pinnaclefloor.example',
        phone: '1-509-555-0111',
      }),
    );
    expect(found).toHaveLength(50);
    expect(found?.slice(0, 4).map(({ key }) => key)).toEqual(['1|10002', '1|10011', '1|10035', '1|10043']);
  });
});

describe('rules', () => {
  test('follow the data dictionary as it is today, but never wider than the column', async () => {
    const vendors = vendorsOf(company.open());
    company.accounting.runScript("UPDATE DDFI SET Length = 40 WHERE ColumnName = 'Name'");
    company.accounting.runScript("UPDATE DDFI SET Length = 90 WHERE ColumnName = 'Address'");
    company.accounting.runScript("INSERT INTO APVT VALUES ('TMP', 'Temporary')");
    const { fields } = await vendors.rules();
    expect(fields['name']?.maxLength).toBe(40);
    expect(fields['address']?.maxLength).toBe(60);
    expect(fields['vendorType']?.allowed).toEqual(['PRO', 'REG', 'SUB', 'SUP', 'TMP']);
    expect(fields['website']).toBeUndefined();
    expect(fields['code']).toMatchObject({
      assigned: true,
      range: { from: 10000, to: 99999 },
      required: false,
    });
    expect(fields['sortName']).toMatchObject({ unique: true, required: false });
    expect(await vendors.write([create({ name: 'x'.repeat(41), sortName: 'X' })])).toMatchObject([
      { status: 'refused', error: { message: expect.stringContaining('the field takes 40') as string } },
    ]);
  });

  test('a code table that cannot be read is a matter of configuration', async () => {
    company.accounting.runScript(
      "UPDATE DDFI SET CodeTable = 'x; DROP TABLE APVM' WHERE ColumnName = 'State'",
    );
    await expect(vendorsOf(company.open()).rules()).rejects.toMatchObject({ code: 'ERP_CONFIG' });
  });
});
