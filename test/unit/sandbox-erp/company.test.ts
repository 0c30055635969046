import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import { createCompany, openCompany } from '../../../sandbox/sample-erp/company';

let folder: string;
let file: string;
let accounting: Accounting;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-company-'));
  file = join(folder, 'data', 'company.db');
  accounting = createCompany(file, { seed: true });
});
afterEach(() => {
  accounting.close();
  rmSync(folder, { recursive: true });
});

const JULY = { co: 1, mth: '2026-07' };

describe('a company', () => {
  test('is seeded with vendors of all kinds', () => {
    const vendors = accounting.vendors();
    expect(vendors).toHaveLength(42);
    expect(vendors.filter(({ Status }) => Status === 'I').length).toBeGreaterThan(3);
    expect(vendors.filter(({ HoldCode }) => HoldCode !== null).map(({ Vendor }) => Vendor)).toEqual([
      10017, 10023,
    ]);
    expect(vendors.some(({ Name }) => /[^\x20-\x7e]/.test(Name))).toBe(true);
    expect(Math.max(...vendors.map(({ Name }) => Name.length))).toBeGreaterThan(55);
    expect(vendors.every(({ RowVer, Modified }) => RowVer > 0 && Modified !== '')).toBe(true);
  });

  test('is not created over another one, unless asked to', () => {
    expect(() => createCompany(file)).toThrow('exists already');
    accounting.close();
    accounting = createCompany(file, { replace: true, name: 'Otter Creek Builders' });
    expect(accounting.vendors()).toEqual([]);
    expect(accounting.db.prepare('SELECT Name FROM HQCO WHERE HQCo = 1').pluck().get()).toBe(
      'Otter Creek Builders',
    );
  });

  test('has a ledger only when the DBA has run a script', () => {
    expect(accounting.ledger()).toEqual([]);
    accounting.runScript(
      'CREATE TABLE tieback_ledger (operation_key TEXT); INSERT INTO tieback_ledger VALUES (1)',
    );
    expect(accounting.ledger()).toHaveLength(1);
  });

  test('can be opened from two workplaces', () => {
    const other = openCompany(file);
    other.changeVendor(10001, { Phone: '1' });
    expect(accounting.vendor(10001)?.Phone).toBe('1');
    other.close();
    expect(() => openCompany(`${file}x`)).toThrow();
  });

  test('keeps itself in order: no loose ends, no dangling keys', () => {
    expect(accounting.db.pragma('foreign_key_check')).toEqual([]);
    expect(accounting.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(accounting.db.pragma('journal_mode', { simple: true })).toBe('wal');
  });
});

describe('the vendor file', () => {
  const good = { Name: 'Newcomer Inc.', SortName: 'NEWCOMER' };

  test.each([
    [{ SortName: 'COBALT' }, 'APVM: Sort name COBALT is already used by vendor 10011.'],
    [{ SortName: 'cobalt2' }, 'APVM: Sort name must be upper case.'],
    [{ SortName: 'SIXTEENLETTERS16' }, 'APVM: Sort name is 16 characters long; the field takes 15.'],
    [{ Name: '' }, 'APVM: Name is required.'],
    [{ Name: '   ' }, 'APVM: Name is required.'],
    [{ Name: 'x'.repeat(61) }, 'APVM: Name is 61 characters long; the field takes 60.'],
    [{ Name: 'Crane 🏗' }, 'APVM: Name holds a character that cannot be stored.'],
    [{ Name: 'Resu\u0301me' }, 'APVM: Name holds a character that cannot be stored.'],
    [{ Name: 'a\u0000b' }, 'APVM: Name holds a character that cannot be stored.'],
    [{ Address: '1 Main St, Suite 2' }, 'APVM: Address "1 Main St, Suite 2" must not contain a comma.'],
    [{ State: 'ZZ' }, 'APVM: State ZZ is not in the state table of country US.'],
    [{ State: 'WA', Country: 'CA' }, 'APVM: State WA is not in the state table of country CA.'],
    [{ Country: 'XX' }, 'APVM: Country XX is not in the country table.'],
    [{ Phone: '5'.repeat(21) }, 'APVM: Phone is 21 characters long; the field takes 20.'],
    [{ EMail: 'a@b' }, 'APVM: E-mail "a@b" is not a valid e-mail address.'],
    [{ EMail: 'a@b@c.de' }, 'APVM: E-mail "a@b@c.de" is not a valid e-mail address.'],
    [{ EMail: 'a b@c.de' }, 'APVM: E-mail "a b@c.de" is not a valid e-mail address.'],
    [{ VendorType: 'NONE' }, 'APVM: Vendor type NONE is not in the vendor type table.'],
    [{ Retainage: '33.333' }, 'APVM: Retainage "33.333" is not a number with 2 decimals.'],
    [{ Retainage: '5' }, 'APVM: Retainage "5" is not a number with 2 decimals.'],
    [{ Retainage: '05.00' }, 'APVM: Retainage "05.00" is not a number with 2 decimals.'],
    [{ Retainage: '-1.00' }, 'APVM: Retainage "-1.00" is not a number with 2 decimals.'],
    [{ Retainage: '100.01' }, 'APVM: Retainage 100.01 is not between 0 and 100.'],
    [{ Vendor: 9999 }, 'APVM: Vendor number 9999 is outside the range 10000 to 99999 of vendor group 1.'],
    [{ Vendor: 10011 }, 'APVM: Vendor number 10011 is already used by "Cobalt Excavating Inc.".'],
  ])('refuses %j in a sentence', (entry, sentence) => {
    expect(() => accounting.addVendor({ ...good, ...entry })).toThrow(sentence);
    expect(accounting.vendors()).toHaveLength(42);
  });

  test('applies the same rules to changes, but only to what changes', () => {
    expect(() => accounting.changeVendor(10012, { SortName: 'COBALT' })).toThrow(
      'already used by vendor 10011',
    );
    expect(() => accounting.changeVendor(10012, { Name: '' })).toThrow('APVM: Name is required.');
    expect(() => accounting.changeVendor(10012, { SortName: '' })).toThrow('APVM: Sort name is required.');
    expect(() => accounting.changeVendor(99999, { Name: 'x' })).toThrow('no vendor 99999');
    accounting.runScript("UPDATE DDFI SET Length = 10 WHERE ColumnName = 'Name'");
    accounting.changeVendor(10012, { Phone: '1' });
    expect(() => accounting.changeVendor(10012, { Name: 'Columbia Steel 2' })).toThrow('the field takes 10');
  });

  test('takes the next number, passing over those in use', () => {
    accounting.addVendor({ ...good, Vendor: 10043 });
    expect(accounting.addVendor({ Name: 'Next', SortName: 'NEXT' })).toBe(10044);
  });

  test('makes a sort name from the name when there is none', () => {
    const number = accounting.addVendor({ Name: 'Tall Timber Framing' });
    expect(accounting.vendor(number)?.SortName).toBe('TALL TIMBER FRA');
  });

  test('never changes a number, and keeps a vendor on hold inactive', () => {
    expect(() => accounting.runScript('UPDATE APVM SET Vendor = 50000 WHERE Vendor = 10001')).toThrow(
      'The number of vendor 10001 cannot be changed.',
    );
    accounting.deactivate(10001);
    accounting.reactivate(10001);
    accounting.hold(10001, 'INSUR');
    expect(() => accounting.reactivate(10001)).toThrow('on hold (INSUR) and cannot be made active.');
    accounting.releaseHold(10001);
    accounting.reactivate(10001);
    expect(accounting.vendor(10001)).toMatchObject({ Status: 'A', HoldCode: null });
  });

  test('deletes only vendors without invoices', () => {
    expect(() => accounting.deleteVendor(10011)).toThrow(
      'has invoices and cannot be deleted; make it inactive.',
    );
    expect(() => accounting.deleteVendor(10006)).toThrow('has invoices');
    accounting.deleteVendor(10042);
    expect(accounting.vendor(10042)).toBeUndefined();
  });

  test('counts every change, in order', () => {
    const newest = (): number => Math.max(...accounting.vendors().map(({ RowVer }) => RowVer));
    accounting.changeVendor(10003, { Phone: '1' });
    const before = newest();
    expect(accounting.vendor(10003)?.RowVer).toBe(before);
    accounting.changeVendor(10001, { Phone: '1' });
    expect(accounting.vendor(10001)?.RowVer).toBe(before + 1);
    const versions = accounting.vendors().map(({ RowVer }) => RowVer);
    expect(new Set(versions).size).toBe(versions.length);
    expect(() => accounting.changeVendor(10003, { EMail: 'x' })).toThrow();
    expect(newest()).toBe(before + 1);
  });
});

describe('batches and periods', () => {
  const invoice = { vendor: 10001, reference: 'R-1', amount: '10.00', by: 'Lee Park' };

  test('a batch goes from open to posted, and then no further', () => {
    const batch = accounting.createBatch(JULY, 'Lee Park');
    accounting.addInvoice(JULY, batch, invoice);
    expect(() => accounting.postBatch(JULY, batch)).toThrow('must be validated before it is posted');
    accounting.validateBatch(JULY, batch);
    expect(() => accounting.addInvoice(JULY, batch, { ...invoice, reference: 'R-2' })).toThrow(
      'is not open: its status is 1',
    );
    accounting.postBatch(JULY, batch);
    expect(() => accounting.validateBatch(JULY, batch)).toThrow('is posted and cannot change');
    const again = accounting.createBatch(JULY, 'Lee Park');
    expect(() => accounting.addInvoice(JULY, again, invoice)).toThrow(
      'Reference R-1 of vendor 10001 is already entered.',
    );
  });

  test('a closed month takes no batch and no invoice', () => {
    expect(() => accounting.createBatch({ co: 1, mth: '2026-06' }, 'Lee Park')).toThrow(
      'HQBC: Month 2026-06 is not open for AP in company 1.',
    );
    accounting.openPeriod({ co: 1, mth: '2026-06' }, 'AP');
    const batch = accounting.createBatch({ co: 1, mth: '2026-06' }, 'Lee Park');
    accounting.closePeriod({ co: 1, mth: '2026-06' }, 'AP');
    expect(() => accounting.addInvoice({ co: 1, mth: '2026-06' }, batch, invoice)).toThrow(
      'Month 2026-06 is closed for AP',
    );
  });

  test('a batch in use belongs to whoever has it open; inactive vendors get no invoices', () => {
    const batch = accounting.createBatch(JULY, 'Lee Park');
    accounting.useBatch(JULY, batch, 'Dana Reyes');
    expect(() => accounting.addInvoice(JULY, batch, invoice)).toThrow('is in use by Dana Reyes.');
    accounting.useBatch(JULY, batch, null);
    accounting.addInvoice(JULY, batch, invoice);
    expect(() => accounting.addInvoice(JULY, batch, { ...invoice, vendor: 10017 })).toThrow(
      'Vendor 10017 is inactive.',
    );
  });
});

describe('jobs and phases', () => {
  test.each([' 1024-002', '    7-001', '12345-999'])('"%s" follows the job mask', (job) => {
    accounting.addJob(1, job, 'A job');
    expect(accounting.db.prepare('SELECT Description FROM JCJM WHERE Job = ?').pluck().get(job)).toBe(
      'A job',
    );
  });

  test.each(['1024-002', ' 1024-2  ', '1 024-002', ' 1024 002', 'A1024-002'])('"%s" does not', (job) => {
    expect(() => accounting.addJob(1, job, 'A job')).toThrow(
      `JCJM: Job "${job}" does not follow the job mask 5R-3R.`,
    );
  });

  test('phases are blank padded, and closed jobs take none', () => {
    accounting.addPhase(1, ' 1024-001', '16-  5-1 ', 'Padded');
    expect(() => accounting.addPhase(1, ' 1024-001', '16-005', 'No')).toThrow(
      'does not follow the phase mask',
    );
    expect(() => accounting.addPhase(1, ' 1024-001', '16-005- 1', 'No')).toThrow(
      'does not follow the phase mask',
    );
    accounting.closeJob(1, ' 1024-001');
    expect(() => accounting.addPhase(1, ' 1024-001', '17-005-  ', 'No')).toThrow(
      'Job 1024-001 is closed; phases cannot be added.',
    );
  });
});
