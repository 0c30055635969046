/** An accounting office on an ordinary day: something of everything that the pages of the Desk show. */
import { SystemClock } from '../../sandbox/procore-simulator/clock';
import type { Grant } from '../../src/domain/people/access';
import { PayrollWeeks } from './payroll-weeks';
import type { TestTemporal } from './temporal';
import { ANY, MARIA, vendorFields, World } from './world';
import type { WorldOptions } from './world';

/** Two who may change rules, and one who only looks. */
export const ADA = 'ada@acme.example';
export const BEA = 'bea@acme.example';
export const VIC = 'vic@acme.example';
/** Who approves as Maria does. */
export const KIM = 'kim@acme.example';

const granted = (person: string, ...roles: readonly Grant['role'][]) =>
  roles.map((role) => ({ person, role, connections: null, projects: null }));

export const GRANTS = [
  ...granted(ADA, 'admin', 'auditor'),
  ...granted(BEA, 'admin'),
  ...granted(VIC, 'viewer'),
  ...granted(MARIA, 'auditor'),
];

const PREQUALIFIED = { events: ['create_vendor'], facts: { prequalified: true } };

/** Neither of them is who sends things to the ERP. */
const APPROVERS = [
  { id: MARIA, procoreUserId: 7711 },
  { id: KIM, procoreUserId: 7799 },
];

/** Vendors and commitments are asked about; what they stand on is let through. */
const RULES = [
  { name: 'prequalified-vendors', decision: 'approve' as const, when: PREQUALIFIED },
  {
    name: 'new-vendors-and-commitments',
    decision: 'ask_finance' as const,
    when: { events: ['create_vendor', 'create_commitment'] },
  },
  { name: 'everything-else', decision: 'approve' as const, when: ANY },
];

const IN_TIME_MS = 3 * 86_400_000;

export class Office {
  private made = 0;
  project = 0;

  private constructor(
    readonly world: World,
    /** That of Procore. */
    private readonly clock: SystemClock,
  ) {}

  static async create(temporal: TestTemporal, options: WorldOptions = {}): Promise<Office> {
    const clock = new SystemClock();
    const world = await World.create(temporal, {
      seedErp: true,
      ...options,
      simulator: { clock, ...options.simulator },
      policy: { rules: RULES, approvers: APPROVERS, ...options.policy },
      desk: { grants: GRANTS, ...options.desk },
    });
    return new Office(world, clock);
  }

  /** A job with a phase, which commitments of the office belong to. */
  async openJob(): Promise<void> {
    const { world } = this;
    await world.tie();
    const codes = world.procore.refresh('standard_cost_codes');
    await world.poll();
    for (const { requestId } of codes) await world.result(requestId);
    this.project = world.procore.seedProject({ name: 'Eastgate', project_number: 'P-2417' }).id;
    world.procore.seedCostCodes(this.project, [
      { code: '23', name: 'HVAC' },
      { code: '23-050', name: 'HVAC systems', types: ['3'] },
    ]);
    const { requestId } = world.procore.exportJob(this.project, { code: '2417-001' });
    await world.poll();
    await world.result(requestId);
  }

  /** Somebody enters a vendor in Procore's directory. */
  company(name: string, more: Readonly<Record<string, unknown>> = {}): number {
    this.made += 1;
    const short = name.replace(/[^A-Za-z]/g, '').toUpperCase();
    const [vendor] = this.world.procore.seedVendors([
      vendorFields({
        name,
        prequalified: false,
        abbreviated_name: short.slice(0, 15),
        business_phone: String(5095551000 + this.made),
        address: `${this.made} Kelp Way`,
        email_address: `${short.toLowerCase()}@sender.example`,
        ...more,
      }),
    ]);
    if (!vendor) throw new Error('unreachable');
    return vendor.id;
  }

  /** Somebody sends it to the ERP; the request. */
  send(vendorId: number): number {
    return this.world.procore.exportVendor(vendorId, {
      customFields: { vendor_type_origin_id: '1|SUB' },
    }).requestId;
  }

  /** A vendor whose plan waits for finance. */
  async waiting(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const requestId = this.send(this.company(name, more));
    await this.world.poll();
    await this.world.until(requestId, 'waiting_for_finance');
    return requestId;
  }

  /** A commitment of the job is sent to the ERP; the request. */
  commit(vendorId: number, number: string, title: string, amount: string): number {
    const { procore } = this.world;
    const { id } = procore.seedCommitment(this.project, {
      number,
      title,
      vendor_id: vendorId,
      contract_date: '2026-07-01',
      lines: [{ code: '23-050', type: '3', amount, description: title }],
    });
    return procore.exportCommitment(id, {
      code: number,
      accountingDate: '2026-07-31',
      allowUnsyncedVendor: true,
    }).requestId;
  }

  /** A linked vendor whose phone both sides changed. */
  async conflict(vendorId: number, name: string): Promise<void> {
    const { world } = this;
    await world.reconcile();
    const { Vendor = 0 } = world.erp.vendors().find(({ Name }) => Name === name) ?? {};
    world.erp.changeVendor(Number(Vendor), { Phone: '206-555-0177' });
    world.procore.editRecord('vendor', vendorId, { business_phone: '206-555-0199' });
    await world.reconcile();
  }

  /** A week of payroll that waits for the clerk. */
  async payroll(): Promise<PayrollWeeks> {
    const weeks = await PayrollWeeks.on(this.world);
    // In time, as the field does it.
    this.clock.advance(-IN_TIME_MS);
    weeks.enter(501, '8.00');
    weeks.enter(502, '7.50');
    this.clock.advance(IN_TIME_MS);
    weeks.cutOffInErp();
    await weeks.look();
    await this.world.until(weeks.period, 'waiting_for_finance');
    return weeks;
  }

  /** Something of everything. */
  async ordinaryDay(): Promise<OrdinaryDay> {
    const { world } = this;
    const weeks = await this.payroll();
    // Before the ERP tool knows what the ERP takes: it would refuse it by itself.
    const parked = this.send(
      this.company('Pacific Formwork and Concrete Placement Partnership of Washington and Oregon'),
    );
    await this.openJob();
    const cobalt = this.company('Cobalt Mechanical LLC', { prequalified: true });
    const byRule = this.send(cobalt);
    await world.poll();
    await world.result(byRule);
    const tern = this.company('Tern Concrete Inc');
    const order = this.commit(cobalt, 'PO-1234', 'Ducts and dampers', '12400.00');
    const held = this.commit(tern, 'SC-77', 'Footings', '88150.50');
    const plain = ['Alder Roofing LLC', 'Birch Paving Inc', '662E41 Holdings'].map((name) =>
      this.send(this.company(name)),
    );
    const twin = this.send(this.company('Tidewater Roofing L.L.C.', { city: 'Olympia' }));
    const rejected = this.send(this.company('Quickfix Handyman'));
    await world.poll();
    for (const request of [order, ...plain, twin, rejected])
      await world.until(request, 'waiting_for_finance');
    await world.until(held, 'held');
    await world.until(parked, 'parked');
    await world.reject(rejected, 'We have a contract with somebody else for this');
    await world.result(rejected);
    await this.conflict(cobalt, 'Cobalt Mechanical LLC');
    return { weeks, byRule, order, held, plain, twin, rejected, parked, vendor: cobalt };
  }

  close(): Promise<void> {
    return this.world.close();
  }
}

/** Requests by what became of them. */
export interface OrdinaryDay {
  readonly weeks: PayrollWeeks;
  readonly byRule: number;
  readonly order: number;
  readonly held: number;
  readonly plain: readonly number[];
  readonly twin: number;
  readonly rejected: number;
  readonly parked: number;
  /** In Procore, of what was approved by rule. */
  readonly vendor: number;
}
