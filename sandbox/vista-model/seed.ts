import { SEED_CODES, SEED_COST_TYPES, SEED_VENDORS } from '../sample-erp/seed-data';
import { BATCHES } from './batches';
import type { Work } from './database';
import { MASTERS, place, rawJob } from './masters';
import { PAYABLES } from './payables';
import { TIMECARDS } from './timecards';
import { insert, update } from './work';

const STATES: Readonly<Record<string, string>> = {
  US: 'AK AZ BC CA CO FL ID MT NM NV NY OR TX UT WA WY',
  CA: 'AB BC ON QC',
};
const JULY = { co: 1, mth: '2026-07-01' };
const HARBOR = '1024-001';
const RIDGELINE = '1031-001';

const table = (text: string): readonly string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('|'));

/** An invented construction company, comparable to that of the sample ERP. */
export const SEED = {
  /** What no company can do without: companies, groups, code tables, masks; June 2026 is closed, July to September are open. */
  *seedCodes(): Work<void> {
    for (const [HQCo, Name] of [
      [1, 'Larkspur Builders Inc.'],
      [2, 'Larkspur Civil LLC'],
    ] as const) {
      const groups = ['Vendor', 'Matl', 'Phase', 'Cust', 'Tax', 'EM'].map(
        (name) => [`${name}Group`, 1] as const,
      );
      yield* insert('HQCO', { HQCo, Name, ...Object.fromEntries(groups) });
      const closed = ['Sub', 'AP', 'AR', 'GL'].map((name) => [`LastMth${name}Clsd`, '2026-06-01'] as const);
      yield* insert('GLCO', { GLCo: HQCo, ...Object.fromEntries(closed) });
      yield* insert('GLAC', { GLCo: HQCo, GLAcct: '5000', Description: 'Job cost' });
      yield* insert('APCO', { APCo: HQCo, GLCo: HQCo, JCCo: HQCo, CMCo: HQCo, CMAcct: 1 });
      yield* insert('JCCO', { JCCo: HQCo, GLCo: HQCo });
      yield* insert('SLCO', { SLCo: HQCo });
      yield* insert('POCO', { POCo: HQCo });
      yield* insert('JCDM', { JCCo: HQCo, Department: '100', Description: 'Buildings' });
    }
    for (const [Country, CountryName] of [
      ['US', 'United States'],
      ['CA', 'Canada'],
      ['DE', 'Germany'],
    ] as const)
      yield* insert('HQCountry', { Country, CountryName });
    for (const [Country, states] of Object.entries(STATES))
      for (const State of states.split(' ')) yield* insert('HQST', { Country, State, Name: State });
    for (const UM of ['LS', 'EA', 'LF', 'SF', 'CY', 'HRS', 'DY', 'FT', 'TON'])
      yield* insert('HQUM', { UM, Description: UM });
    yield* insert('HQTX', { TaxGroup: 1, TaxCode: 'WA', Description: 'Washington' });
    yield* insert('HQPT', { PayTerms: 'NET30', Description: 'Net 30' });
    for (const HoldCode of ['LIEN', 'INSUR', 'RET'])
      yield* insert('HQHC', { HoldCode, Description: HoldCode });
    for (const [Datatype, InputMask, InputLength] of [
      ['bJob', '5R-3R', 9],
      ['bContract', '5R-3R', 9],
      ['bPhase', '2R-3R-2L', 9],
    ] as const)
      yield* insert('DDDTShared', { Datatype, InputType: 5, InputMask, InputLength });
  },

  *seedVendors(): Work<void> {
    for (const cells of table(SEED_VENDORS)) {
      const [
        number,
        sort = '',
        name = '',
        Address,
        City,
        State,
        Zip,
        Country,
        Phone,
        EMail,
        type,
        ,
        status,
        hold,
        Contact,
      ] = cells.map((cell) => (cell === '' ? undefined : cell));
      yield* MASTERS.addVendor({
        Vendor: Number(number),
        SortName: sort,
        Name: name,
        Type: type === 'SUP' ? 'S' : 'R',
        Address,
        City,
        State,
        Zip,
        Country,
        Phone,
        EMail,
        Contact,
        ActiveYN: status === 'I' ? 'N' : 'Y',
        HoldCode: hold,
        PayTerms: 'NET30',
        // Invented; nobody but the ERP may see them.
        TaxId: `99-${String(number).padStart(7, '0')}`,
        RoutingId: '000000000',
        BankAcct: `ACCT-${number ?? ''}`,
      });
    }
  },

  *seedJobs(): Work<void> {
    const categories = ['L', 'M', 'S', 'E', 'O'];
    for (const [code = '', description = ''] of table(SEED_COST_TYPES))
      yield* MASTERS.addCostType(Number(code), description, categories[Number(code) - 1] ?? null);
    for (const [code = '', description = ''] of table(SEED_CODES))
      yield* MASTERS.addStandardPhase(code, description, ...(code.includes('-') ? [1, 2, 3] : []));
    yield* MASTERS.addJob(1, HARBOR, 'Harbor Street Apartments', {
      address: '1200 Harbor St',
      city: 'Seattle',
      state: 'WA',
      zip: '98134',
    });
    yield* MASTERS.addJob(1, RIDGELINE, 'Ridgeline Middle School', { city: 'Spokane', state: 'WA' });
    yield* MASTERS.addJob(1, '998-002', 'Warehouse Retrofit Phase 2', { lockPhases: 'Y' });
    yield* MASTERS.addJob(1, '990-001', 'Finished Library', { status: 3 });
    for (const [job, phase, description, ...types] of [
      [HARBOR, '3-100', 'Concrete forming', 1, 2, 3],
      [HARBOR, '3-300-10', 'Slab on grade', 1, 2, 3],
      [HARBOR, '23-050', 'HVAC basic materials', 1, 2, 3],
      [HARBOR, '26-050', 'Electrical rough-in', 1, 2, 3],
      [RIDGELINE, '9-290', 'Gypsum board', 2, 3],
      [RIDGELINE, '31-200', 'Earth moving', 3, 4],
      ['998-002', '1-310', 'Project management', 1, 5],
    ] as const) {
      yield* MASTERS.addPhase(1, job, phase, description);
      yield* MASTERS.assignCostType(1, job, phase, ...types);
    }
  },

  *seedContracts(): Work<void> {
    yield* MASTERS.addContractItem(1, HARBOR, '2', {
      Description: 'Structure',
      OrigContractAmt: '1850000.00',
    });
    yield* MASTERS.addContractItem(1, HARBOR, '3', {
      Description: 'Electrical',
      OrigContractAmt: '610000.00',
    });
    yield* update(
      'JCCM',
      { JCCo: 1, Contract: rawJob(HARBOR) },
      { OrigContractAmt: '2460000.00', ContractAmt: '2460000.00' },
    );
    const subcontracts = yield* BATCHES.openBatch(JULY, 'SL Entry', 'SLHB');
    const harbor = { JCCo: 1, Job: rawJob(HARBOR) };
    yield* PAYABLES.enterOrder(
      'SL',
      JULY,
      subcontracts,
      { ...harbor, SL: 'SC-1024-01', Description: 'Electrical', Vendor: 10006, OrigDate: '2026-07-01' },
      [
        {
          phase: '26-050',
          costType: 3,
          description: 'Rough-in, all floors',
          amount: '184500.00',
          place: place(1, HARBOR, '26-050'),
        },
      ],
    );
    yield* BATCHES.postBatch(JULY, subcontracts);
    const orders = yield* BATCHES.openBatch(JULY, 'PO Entry', 'POHB');
    yield* PAYABLES.enterOrder(
      'PO',
      JULY,
      orders,
      {
        JCCo: 1,
        Job: rawJob(RIDGELINE),
        PO: 'PO-1031-01',
        Description: 'Gypsum board',
        Vendor: 10003,
        OrderDate: '2026-07-02',
      },
      [
        {
          phase: '9-290',
          costType: 2,
          description: 'Board 5/8 type X',
          units: '12000.000',
          um: 'SF',
          unitCost: '0.61500',
          amount: '7380.00',
          place: place(1, RIDGELINE, '9-290'),
        },
      ],
    );
    yield* BATCHES.postBatch(JULY, orders);
  },

  *seedInvoices(): Work<void> {
    const posted = yield* BATCHES.openBatch(JULY, 'AP Entry', 'APHB');
    yield* BATCHES.enterInvoice(JULY, posted, { vendor: 10001, reference: 'INV-4411', amount: '12840.00' });
    yield* BATCHES.enterInvoice(JULY, posted, { vendor: 10011, reference: 'CE-1009', amount: '48210.55' });
    yield* BATCHES.postBatch(JULY, posted);
    const open = yield* BATCHES.openBatch(JULY, 'AP Entry', 'APHB');
    yield* BATCHES.enterInvoice(JULY, open, { vendor: 10006, reference: 'B-20871', amount: '7312.90' });
  },

  /** Payroll of an invented crew, with what nobody outside may see. */
  *seedPayroll(): Work<void> {
    yield* insert('PRGR', { PRCo: 1, PRGroup: 1, Description: 'Field, weekly' });
    yield* insert('PRGR', { PRCo: 1, PRGroup: 2, Description: 'Office, semi-monthly', PayFreq: 'S' });
    yield* insert('PRDP', { PRCo: 1, PRDept: '10', Description: 'Field' });
    yield* insert('PRDP', { PRCo: 1, PRDept: '20', Description: 'Office' });
    for (const [Craft, Description] of [
      ['CARP', 'Carpenters'],
      ['ELEC', 'Electricians'],
    ] as const) {
      yield* insert('PRCM', { PRCo: 1, Craft, Description });
      yield* insert('PRCC', { PRCo: 1, Craft, Class: 'JRNY', Description: 'Journeyman' });
    }
    yield* insert('PRCC', { PRCo: 1, Craft: 'CARP', Class: 'APPR', Description: 'Apprentice' });
    for (const [EarnCode, Description, Factor, JCCostType] of [
      [1, 'Regular', '1.000000', 1],
      [2, 'Overtime', '1.500000', 1],
      [3, 'Double time', '2.000000', 1],
      [5, 'Per diem', '0.000000', 5],
    ] as const)
      yield* insert('PREC', { PRCo: 1, EarnCode, Description, Factor, JCCostType });
    for (const [end, begin, status] of [
      ['2026-07-11', '2026-07-05', 1],
      ['2026-07-18', '2026-07-12', 0],
      ['2026-07-25', '2026-07-19', 0],
    ] as const)
      yield* TIMECARDS.addPayPeriod({ co: 1, group: 1, end }, begin, { Status: status });
    yield* TIMECARDS.addPayPeriod({ co: 1, group: 2, end: '2026-07-31' }, '2026-07-16');
    for (const [PaySeq, Description] of [
      [2, 'Extra run'],
      [9, 'Corrections'],
    ] as const)
      yield* insert('PRPS', { PRCo: 1, PRGroup: 1, PREndDate: '2026-07-18', PaySeq, Description });
    for (const [Employee, FirstName, LastName, PRGroup, PRDept, Class, TermDate] of [
      [501, 'Ada', 'Quimby', 1, '10', 'JRNY', undefined],
      [502, 'Bo', 'Tumbledown', 1, '10', 'JRNY', undefined],
      [504, 'Dov', 'Pennywhistle', 1, '10', 'APPR', '2026-07-15'],
      [505, 'Edda', 'Butterworth-Ñuñez', 2, '20', undefined, undefined],
    ] as const)
      yield* insert('PREH', {
        PRCo: 1,
        Employee,
        LastName,
        FirstName,
        SortName: `${LastName}${FirstName}`.toUpperCase().slice(0, 15),
        PRGroup,
        PRDept,
        Craft: Class === undefined ? undefined : 'CARP',
        Class,
        EarnCode: 1,
        HireDate: '2020-01-06',
        TermDate,
        ActiveYN: TermDate === undefined ? 'Y' : 'N',
        // Invented; nobody but the ERP may see them.
        SSN: `000-00-0${Employee}`,
        BirthDate: '1980-01-01',
        HrlyRate: '41.50000',
      });
  },

  /** All of it. */
  *seedCompany(): Work<void> {
    yield* SEED.seedCodes();
    yield* SEED.seedVendors();
    yield* SEED.seedJobs();
    yield* SEED.seedContracts();
    yield* SEED.seedInvoices();
    yield* SEED.seedPayroll();
  },
};
