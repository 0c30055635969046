import type { Accounting, VendorEntry } from './accounting';
import { seedPayroll } from './seed-payroll';
import { SEED_CODES, SEED_COST_TYPES, SEED_VENDORS } from './seed-data';

const HARBOR = ' 1024-001';
const RIDGELINE = ' 1031-001';

/** Fills a new company with what a contractor's books look like: vendors of all kinds, posted
 * invoices and an open batch, jobs with phases and cost types, a prime contract and two commitments,
 * employees with their pay periods. */
export function seedCompany(accounting: Accounting): Accounting {
  accounting.db
    .transaction(() => {
      for (const line of SEED_VENDORS.trim().split('\n')) accounting.addVendor(vendorOf(line));
      accounting.db.prepare('UPDATE HQVG SET NextVendor = 10043 WHERE VendorGroup = 1').run();
      seedInvoices(accounting);
      seedJobCost(accounting);
      seedContracts(accounting);
      seedPayroll(accounting);
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
    Contact,
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
    Contact: Contact ?? null,
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

function seedJobCost(accounting: Accounting): void {
  for (const [code = '', description = ''] of table(SEED_CODES)) {
    accounting.addStandardCode(code, description, code.includes('-') ? { expense: '5000-000' } : {});
  }
  for (const [code = '', description = '', base = null] of table(SEED_COST_TYPES)) {
    accounting.addCostType(code, description, base);
  }
  accounting.addJob(1, HARBOR, 'Harbor Street Apartments', {
    address: '1200 Harbor St',
    city: 'Seattle',
    state: 'WA',
    zip: '98134',
  });
  accounting.addJob(1, RIDGELINE, 'Ridgeline Middle School', { city: 'Spokane', state: 'WA' });
  accounting.addJob(1, '  998-002', 'Warehouse Retrofit Phase 2');
  accounting.addPhase(1, HARBOR, ' 3-100-  ', 'Concrete forming');
  accounting.addPhase(1, HARBOR, ' 3-300-10', 'Slab on grade');
  accounting.addPhase(1, HARBOR, '23-050-  ', 'HVAC basic materials');
  accounting.addPhase(1, HARBOR, '26-050-  ', 'Electrical rough-in');
  accounting.addPhase(1, RIDGELINE, ' 9-290-  ', 'Gypsum board');
  accounting.addPhase(1, RIDGELINE, '31-200-  ', 'Earth moving');
  accounting.addPhase(1, '998-002', ' 1-310-  ', 'Project management');
  for (const phase of ['3-100', '3-300-10', '23-050', '26-050']) {
    accounting.assignCostType(1, HARBOR, phase, '1', '2', '3');
  }
  accounting.assignCostType(1, RIDGELINE, '9-290', '2', '3');
  accounting.assignCostType(1, RIDGELINE, '31-200', '3', '4');
  accounting.assignCostType(1, '998-002', '1-310', '1', '5');
}

function seedContracts(accounting: Accounting): void {
  accounting.addPrimeContract(1, {
    number: 'PC-1024',
    title: 'Harbor Street Apartments GMP',
    job: HARBOR,
    date: '2026-05-04',
    lines: [
      { phase: '3-100', costType: '3', description: 'Structure', amount: '1850000.00' },
      { phase: '23-050', costType: '3', description: 'Mechanical', amount: '720000.00' },
      { phase: '26-050', costType: '3', description: 'Electrical', amount: '610000.00' },
    ],
  });
  accounting.addCommitment(1, {
    number: 'SC-1024-01',
    title: 'Electrical',
    job: HARBOR,
    vendor: 10006,
    retainage: '10.00',
    date: '2026-05-18',
    lines: [{ phase: '26-050', costType: '3', description: 'Rough-in, all floors', amount: '184500.00' }],
  });
  accounting.addCommitment(1, {
    number: 'PO-1031-01',
    title: 'Gypsum board',
    type: 'P',
    job: RIDGELINE,
    vendor: 10003,
    date: '2026-06-02',
    lines: [
      {
        phase: '9-290',
        costType: '2',
        description: 'Board 5/8 type X',
        units: '12000.0000',
        um: 'SF',
        unitCost: '0.61500',
        amount: '7380.00',
      },
    ],
  });
}

const table = (text: string): readonly string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('|'));
