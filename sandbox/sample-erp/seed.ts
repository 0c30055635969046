import type { Accounting, VendorEntry } from './accounting';
import { SEED_VENDORS } from './seed-data';

/** Fills a new company with what a contractor's books look like: vendors of all kinds, posted invoices, jobs, an open batch. */
export function seedCompany(accounting: Accounting): Accounting {
  accounting.db
    .transaction(() => {
      for (const line of SEED_VENDORS.trim().split('\n')) accounting.addVendor(vendorOf(line));
      accounting.db.prepare('UPDATE HQVG SET NextVendor = 10043 WHERE VendorGroup = 1').run();
      seedInvoices(accounting);
      seedJobs(accounting);
    })
    .immediate();
  return accounting;
}

function vendorOf(line: string): VendorEntry & { readonly Name: string } {
  const cells = line.split('|').map((cell) => (cell === '' ? null : cell));
  const [
    number,
    sortName,
    name,
    Address,
    City,
    State,
    Zip,
    country,
    Phone,
    EMail,
    type,
    retainage,
    status,
    hold,
  ] = cells;
  return {
    Vendor: Number(number),
    SortName: sortName ?? '',
    Name: name ?? '',
    Address: Address ?? null,
    // Some cities are blank padded, as rows from an older system often are.
    City: City === 'Tacoma' ? 'Tacoma    ' : (City ?? null),
    State: State ?? null,
    Zip: Zip ?? null,
    Country: country ?? 'US',
    Phone: Phone ?? null,
    EMail: EMail ?? null,
    VendorType: type ?? 'REG',
    Retainage: retainage ?? '0.00',
    Status: status === 'I' ? 'I' : 'A',
    HoldCode: hold ?? null,
  };
}

function seedInvoices(accounting: Accounting): void {
  const july = { co: 1, mth: '2026-07' };
  const posted = accounting.createBatch(july, 'Dana Reyes');
  const invoices = [
    { vendor: 10001, reference: 'INV-4411', amount: '12840.00' },
    { vendor: 10011, reference: 'CE-1009', amount: '48210.55' },
    { vendor: 10012, reference: '2026-077', amount: '101000.00' },
  ];
  for (const invoice of invoices) accounting.addInvoice(july, posted, { ...invoice, by: 'Dana Reyes' });
  accounting.validateBatch(july, posted);
  accounting.postBatch(july, posted);
  const open = accounting.createBatch(july, 'Dana Reyes');
  accounting.addInvoice(july, open, {
    vendor: 10006,
    reference: 'B-20871',
    amount: '7312.90',
    by: 'Dana Reyes',
  });
}

function seedJobs(accounting: Accounting): void {
  accounting.addJob(1, ' 1024-001', 'Harbor Street Apartments');
  accounting.addJob(1, ' 1031-001', 'Ridgeline Middle School');
  accounting.addJob(1, '  998-002', 'Warehouse Retrofit Phase 2');
  accounting.addPhase(1, ' 1024-001', ' 3-100-  ', 'Concrete forming');
  accounting.addPhase(1, ' 1024-001', ' 3-300-10', 'Slab on grade');
  accounting.addPhase(1, ' 1024-001', '26-050-  ', 'Electrical rough-in');
}
