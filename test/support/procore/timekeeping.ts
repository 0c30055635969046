import { ManualClock } from '../../../sandbox/procore-simulator/clock';
import type { EntryState } from '../../../sandbox/procore-simulator/people/timekeeping';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import type { SimulatorOptions } from '../../../sandbox/procore-simulator/types';
import type { TimecardEntry } from '../../../src/domain/payroll/entry';
import type { ProcoreApp } from '../../../src/procore/app';
import { createProcoreApp } from '../../../src/procore/app';
import type { ProcoreSettingsInput } from '../../../src/procore/client/settings';
import { procoreSettings } from '../../../src/procore/client/settings';
import type { EntryPage, ProcorePayroll, UnreadableEntry } from '../../../src/procore/payroll/port';
import { COMPANY } from './client';

/** Wednesday of the week that the tests pay. */
export const WORK_DAY = '2026-11-18';
export const WEEK = { begin: '2026-11-16', end: '2026-11-22' };

/** Two workers on one job, and a client that reads what the simulator knows of them. */
export class TimeBench {
  readonly clock = new ManualClock(Date.UTC(2026, 10, 18, 23, 0, 0));
  readonly sim: ProcoreSimulator;
  payroll!: ProcorePayroll;
  apiUrl = '';
  project = 0;
  costCode = 0;
  costType = 0;
  maya = 0;
  leo = 0;
  private app!: ProcoreApp;

  constructor(options: SimulatorOptions = {}) {
    this.sim = new ProcoreSimulator({ clock: this.clock, rateLimit: false, ...options });
  }

  async start(changes: Partial<ProcoreSettingsInput> = {}): Promise<this> {
    const { apiUrl, loginUrl } = await this.sim.start();
    this.apiUrl = apiUrl;
    const credentials = { clientId: 'tieback-demo', clientSecret: 'demo-secret' };
    this.app = createProcoreApp(procoreSettings({ apiUrl, loginUrl, ...credentials, ...changes }), {
      now: () => this.clock.now(),
      sleep: async () => undefined,
    });
    this.payroll = this.app.company(COMPANY).payroll;
    this.costType = this.sim.seedCostTypes([{ code: 'L', name: 'Labor' }])[0]?.id ?? 0;
    this.project = this.sim.seedProject({ name: 'Eastgate' }).id;
    this.costCode =
      this.sim.seedCostCodes(this.project, [{ code: '03', name: 'Concrete', types: ['L'] }])[0]?.id ?? 0;
    this.maya = this.sim.addPerson({ first_name: 'Maya', last_name: 'Ortiz', employee_id: '2207' }).id;
    this.leo = this.sim.addPerson({ first_name: 'Leo', last_name: 'Brandt', employee_id: '2208' }).id;
    return this;
  }

  async stop(): Promise<void> {
    this.app.close();
    await this.sim.stop();
  }

  /** Eight hours of Maya on the work day, unless told otherwise. */
  enter(more: Parameters<ProcoreSimulator['enterTime']>[1] | object = {}): EntryState {
    return this.sim.enterTime(this.project, {
      party_id: this.maya,
      date: WORK_DAY,
      hours: '8.0',
      cost_code_id: this.costCode,
      line_item_type_id: this.costType,
      ...more,
    });
  }

  /** Calls of the company's list of entries. */
  listCalls(): readonly Record<string, string[]>[] {
    return this.sim
      .requestLog()
      .filter(({ operationId }) => operationId === 'RestV10CompaniesCompanyIdTimecardEntriesGet')
      .map(({ query }) => query);
  }
}

/** All pages in one. */
export async function together(pages: AsyncIterable<EntryPage>): Promise<EntryPage> {
  const entries: TimecardEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for await (const page of pages) {
    entries.push(...page.entries);
    unreadable.push(...page.unreadable);
  }
  return { entries, unreadable };
}

export const idsOf = ({ entries }: EntryPage): readonly number[] => entries.map(({ id }) => id);
