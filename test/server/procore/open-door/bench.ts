/** The open door on the simulator, which checks every call against the documentation. */
import { ProcoreSimulator } from '../../../../sandbox/procore-simulator/simulator';
import type { OpenDoorSettings } from '../../../../src/domain/request/open-door';
import type { ProcoreApp } from '../../../../src/procore/app';
import { createProcoreApp } from '../../../../src/procore/app';
import type { Discovered, DiscoveryScan, ProcoreCompany } from '../../../../src/procore/port';
import { procoreSettings } from '../../../../src/procore/client/settings';
import { COMPANY } from '../../../support/procore/client';
import { SkippingTime } from '../../../support/procore/fake-time';

export const SETTINGS: OpenDoorSettings = {
  vendors: 'needed',
  projects: 'active',
  commitments: { statuses: ['Approved', 'Complete'] },
  syncEveryMinutes: 60,
};

export class OpenBench {
  readonly time = new SkippingTime();
  readonly sim = new ProcoreSimulator({
    clock: { now: this.time.now },
    rateLimit: false,
    webhooks: { delivery: 'manual' },
  });
  private app!: ProcoreApp;

  async start(): Promise<this> {
    const settings = procoreSettings({
      ...(await this.sim.start()),
      clientId: 'tieback-demo',
      clientSecret: 'demo-secret',
    });
    this.app = createProcoreApp(settings, { now: this.time.now, sleep: this.time.sleep });
    return this;
  }

  company(settings: Partial<OpenDoorSettings> = {}): ProcoreCompany {
    return this.app.company(COMPANY, { openDoor: { ...SETTINGS, ...settings } });
  }

  async stop(): Promise<void> {
    this.app.close();
    await this.sim.stop();
  }

  /** One whole scan, its steps one after the other. */
  async discover(
    scan: Partial<DiscoveryScan> = {},
    settings: Partial<OpenDoorSettings> = {},
  ): Promise<Discovered[]> {
    const steps: Discovered[] = [];
    const all: DiscoveryScan = {
      since: null,
      afterProject: null,
      kinds: new Set(['vendor', 'project', 'commitment'] as const),
      open: new Set(),
      waitedFor: new Set(),
      again: new Set(),
      againIn: new Set(),
      ...scan,
    };
    for await (const step of this.company(settings).discovery?.discover(all) ?? []) steps.push(step);
    return steps;
  }

  /** A project with codes and cost types, a company, and an approved commitment with a line for each amount. */
  site(more: { status?: string; type?: string; originId?: string } = {}) {
    const types = this.sim.seedCostTypes([
      { code: 'S', name: 'Subcontract', origin_id: 'line_item_type|1|3' },
      { code: 'M', name: 'Material' },
    ]);
    const [vendor] = this.sim.seedVendors([{ name: 'Cobalt Mechanical LLC', prequalified: true }]);
    const project = this.sim.seedProject({
      name: 'Eastgate',
      project_number: 'P-2417',
      accounting_project_number: '2417-',
      ...(more.originId === undefined ? {} : { origin_id: more.originId }),
    });
    const codes = this.sim.seedCostCodes(project.id, [
      { code: '23', name: 'HVAC' },
      { code: '23-050', name: 'HVAC systems', types: ['S', 'M'] },
    ]);
    const commitment = this.sim.seedCommitment(project.id, {
      number: 'SC-8',
      title: 'HVAC',
      status: more.status ?? 'Approved',
      vendor_id: vendor?.id ?? 0,
      lines: [
        { code: '23-050', type: 'S', amount: '150000.00' },
        { code: '23-050', type: 'M', amount: '34500.00' },
      ],
      ...(more.type === undefined ? {} : { type: more.type }),
    });
    return { types, vendorId: vendor?.id ?? 0, project, codes, commitment };
  }
}

/** `create_vendor vendor/5` of every find. */
export const finds = (steps: readonly Discovered[]): string[] =>
  steps.flatMap((step) => step.finds).map(({ key, body }) => `${String(body['request_name'])} ${key}`);
