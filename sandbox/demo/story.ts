import type { Installation } from './installation';
import type { PayrollStory } from './payroll';

/** The requests of the demo, by what becomes of them. */
export interface Story {
  /** Approved by the policy rule. */
  readonly byRule: number;
  /** Waits for finance, and will be approved. */
  readonly forFinance: number;
  /** Waits for finance, and will be rejected. */
  readonly toReject: number;
  /** Parked: the ERP has no place for its address. */
  readonly parked: number;
  /** A sync of which Procore's own validation refuses one vendor. */
  readonly refusedByProcore: number;
  readonly payroll: PayrollStory;
}

interface NewVendor {
  readonly name: string;
  readonly [field: string]: string | boolean;
}

const COMMON = { country_code: 'US', state_code: 'WA', is_active: true };

/** A project user sends vendors to the ERP and somebody refreshes the list: what a morning in Procore looks like. */
export async function feed(
  { procore, erp }: Installation,
  settled: (requestId: number) => Promise<void>,
): Promise<Omit<Story, 'payroll'>> {
  const send = (
    vendor: NewVendor,
    form: { code?: string; customFields?: Record<string, string> },
  ): number => {
    const [seeded] = procore.seedVendors([{ ...COMMON, ...vendor }]);
    if (!seeded) throw new Error('the simulator took no vendor');
    return procore.exportVendor(seeded.id, { customFields: { vendor_type_origin_id: '1|SUB' }, ...form })
      .requestId;
  };
  const byRule = send(
    {
      name: 'Harborline Electric LLC',
      abbreviated_name: 'HARBORLINE',
      address: '410 Pier Way',
      city: 'Seattle',
      zip: '98104',
      business_phone: '206-555-0181',
      email_address: 'ap@harborline.example',
      prequalified: true,
    },
    { code: '10501' },
  );
  const forFinance = send(
    {
      name: 'Summit Glazing Inc.',
      abbreviated_name: 'SUMMITGLAZING',
      address: '77 Ridge Rd',
      city: 'Tacoma',
      zip: '98402',
      business_phone: '253-555-0182',
      email_address: 'billing@summitglazing.example',
      prequalified: false,
    },
    { customFields: { vendor_type_origin_id: '1|SUB', retainage_percent: '7.5' } },
  );
  const toReject = send(
    {
      name: 'Quickfix Handyman',
      abbreviated_name: 'QUICKFIX',
      address: '3 Elm St',
      city: 'Kent',
      zip: '98030',
      business_phone: '253-555-0183',
      email_address: 'joe@quickfix.example',
      prequalified: false,
    },
    {},
  );
  const parked = send(
    {
      name: 'Pacific Formwork Partnership',
      abbreviated_name: 'PACIFICFORM',
      address: 'Suite 200, 14 Dock St',
      city: 'Everett',
      zip: '98201',
      business_phone: '425-555-0184',
      email_address: 'office@pacificform.example',
      prequalified: true,
    },
    { code: '10502' },
  );

  // The ERP's vendor list is refreshed, one of its vendors is linked to a company that Procore has, and the list is refreshed again.
  erp.addVendor({
    Vendor: 10601,
    Name: 'Thames Steelwork Ltd',
    SortName: 'THAMES',
    City: 'London',
    Country: 'UK',
    VendorType: 'SUP',
  });
  const first = procore.refreshVendors();
  await settled(first.requestId);
  const [thames] = procore.seedVendors([{ name: 'Thames Steelwork Ltd', is_active: true }]);
  const staged = procore
    .state()
    .companies[0]?.stagedRecords.find(({ origin_id }) => origin_id === 'vendor|1|10601');
  if (!thames || !staged) throw new Error('Thames Steelwork was not staged by the first sync');
  await settled(procore.linkVendor(staged.id, thames.id).requestId);
  erp.changeVendor(10601, { Phone: '+44 20 5550 0185' });
  const { requestId: refusedByProcore } = procore.refreshVendors();
  await settled(refusedByProcore);
  return { byRule, forFinance, toReject, parked, refusedByProcore };
}
