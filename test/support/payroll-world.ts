/**
 * An installation that works payroll without a Temporal server: the real steps in the order in which the workflows call them, on a real store, the simulator
 * over HTTP and the sample ERP. Every call that leaves the process can fail, lose its answer, or kill the process.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../sandbox/procore-simulator/clock';
import { ProcoreSimulator } from '../../sandbox/procore-simulator/simulator';
import type { Accounting } from '../../sandbox/sample-erp/company';
import { createCompany, openCompany } from '../../sandbox/sample-erp/company';
import type { ActivityDeps, ConnectionParts } from '../../src/activities';
import { payPeriods, tieOutPeriod } from '../../src/activities';
import { completeEntriesActivities } from '../../src/activities/payroll/complete';
import { lookPeriodsActivities, lookTimecardsActivities } from '../../src/activities/payroll/round';
import { payrollOf } from '../../src/activities/payroll/sides';
import type { TiedPeriod } from '../../src/activities/payroll/tie-out';
import { writeBatchActivities } from '../../src/activities/payroll/write-batch';
import { closeActivities } from '../../src/activities/request/close';
import { decisionActivities } from '../../src/activities/request/decisions';
import { openActivities } from '../../src/activities/request/open';
import { waitingActivities } from '../../src/activities/request/waiting';
import { planActivities } from '../../src/activities/steps/plan';
import { readErpActivities, readProcoreActivities } from '../../src/activities/steps/read';
import { verifyAudit } from '../../src/desk/audit/verify';
import type { AuditFinding } from '../../src/domain/audit/chain';
import { AuditKeys } from '../../src/domain/audit/keys';
import type { PayrollSettings } from '../../src/domain/payroll/settings';
import type { Plan } from '../../src/domain/plan/plan';
import type { RequestResult } from '../../src/domain/request/flow';
import type { ErpAdapter } from '../../src/erp-adapters/contract/adapter';
import { sampleAdapter } from '../../src/erp-adapters/sample';
import type { ProcoreApp } from '../../src/procore/app';
import { createProcoreApp } from '../../src/procore/app';
import { procoreSettings } from '../../src/procore/client/settings';
import type { Repositories } from '../../src/store/repositories';
import { Store } from '../../src/store/store';
import { linkOf } from '../unit/domain/records';
import { gated } from './gated-procore';
import { signedBy, TEST_KEYS } from './people';
import type { Trouble } from './troubles';
import { Troubles } from './troubles';
import { COMPANY, MARIA, POLICY } from './world';

interface Incarnation {
  readonly store: Store;
  readonly erp: ErpAdapter;
  readonly app: ProcoreApp;
  readonly parts: ConnectionParts;
  dead: boolean;
}

/** How the request of a pay period stands. */
export type PayStanding =
  | { readonly kind: 'rest'; readonly reason: string }
  | { readonly kind: 'asks'; readonly planHash: string }
  | { readonly kind: 'busy'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'closed'; readonly result: RequestResult };

/** Hours that somebody enters. */
export interface Hours {
  readonly person: number;
  readonly date: string;
  readonly hours: string;
  readonly type?: string;
  readonly place?: number;
  readonly status?: string;
}

/** Employees of the sample ERP in its weekly group, whom Procore has too. */
export const CREW = [501, 502, 506] as const;
/** The weekly period that the sample ERP has open first. */
export const WEEK = { co: 1, group: 1, end: '2026-07-18' } as const;
export const NEXT_WEEK = { co: 1, group: 1, end: '2026-07-25' } as const;
/** A job of the sample ERP, and phases of it. */
const JOB = '1024-001';
const PHASES = ['23-050', '26-050'] as const;
const AT = '2026-07-01T00:00:00.000Z';

export class PayrollWorld {
  readonly connectionId = 'acme';
  readonly clock = new ManualClock(Date.parse('2026-07-13T16:00:00Z'));
  readonly procore = new ProcoreSimulator({ clock: this.clock });
  erp!: Accounting;
  /** Clerks approve whatever they are asked, at once. */
  approves = true;
  settings!: PayrollSettings;
  private folder!: string;
  private apiUrl = '';
  private current!: Incarnation;
  readonly troubles = new Troubles();
  private ticks = 0;
  private project = 0;
  /** Procore cost codes, by the phases of the job. */
  private costCodes: readonly number[] = [];
  readonly types: Record<string, number> = {};
  readonly people = new Map<number, number>();
  private readonly deps: ActivityDeps;

  private constructor() {
    const current = (): Incarnation => this.current;
    this.deps = {
      get store() {
        return current().store;
      },
      get connections() {
        return new Map([[current().parts.id, current().parts]]);
      },
      now: () => this.nowIso(),
      people: { keys: TEST_KEYS, breakGlass: false },
      searchNames: true,
      anchoring: { everyMs: 86_400_000, keys: new AuditKeys(), places: [] },
      startRequest: () => Promise.resolve(),
      workflows: {
        running: async function* () {},
        standing: () => Promise.resolve({ kind: 'working' }),
        restart: () => Promise.reject(new Error('nothing is repaired here')),
      },
    };
  }

  static async create(more: Partial<PayrollSettings> = {}): Promise<PayrollWorld> {
    const world = new PayrollWorld();
    world.folder = mkdtempSync(join(tmpdir(), 'tieback-payroll-'));
    world.apiUrl = (await world.procore.start({ rateLimit: false })).apiUrl;
    cpSync(await template(), world.folder, { recursive: true });
    world.erp = openCompany(world.erpFile);
    for (const name of ['Regular', 'Overtime', 'Vacation', 'Night'])
      world.types[name] = world.procore.addTimeType(name, name.slice(0, 2)).id;
    for (const number of CREW)
      world.people.set(
        number,
        world.procore.addPerson({ first_name: 'P', last_name: String(number), employee_id: String(number) })
          .id,
      );
    world.settings = {
      payable: ['approved', 'completed'],
      rounding: 'off',
      workweeks: { '*': 0 },
      overtimeOwners: { '*': 'field' },
      overtime: null,
      timeZone: 'America/Denver',
      lookBackDays: 60,
      cutOffDays: 2,
      everySeconds: 300,
      groups: ['1'],
      completes: true,
      mapping: {
        timeTypes: {
          [String(world.types['Regular'])]: { earnCode: '1', family: 'worked' },
          [String(world.types['Overtime'])]: { earnCode: '2', family: 'worked' },
          [String(world.types['Vacation'])]: { earnCode: '4', family: 'leave' },
        },
        workClassifications: {},
        costTypes: {},
        departments: {},
        certifiedProjects: [],
        equipment: {},
      },
      ...more,
    };
    world.current = await world.build();
    await world.link();
    return world;
  }

  async close(): Promise<void> {
    await shut(this.current);
    await this.procore.stop();
    this.erp.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  setTrouble(trouble: Trouble): void {
    this.troubles.set(trouble);
  }

  private step<T>(call: () => Promise<T>): Promise<T> {
    return this.troubles.untilThrough(call, async () => {
      if (this.current.dead) await this.restart();
    });
  }

  /** Somebody more comes to work, whom the ERP has as this employee. */
  join(employee: number): void {
    const seed = { first_name: 'P', last_name: String(employee), employee_id: String(employee) };
    this.people.set(employee, this.procore.addPerson(seed).id);
  }

  /** Ends the process and starts it again. `meanwhile`: what is done to its files. */
  async restart(meanwhile: () => void = () => undefined): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await shut(this.current);
    meanwhile();
    this.current = await this.build();
  }

  private async build(): Promise<Incarnation> {
    const mine = { dead: false };
    const store = await Store.open(
      { type: 'better-sqlite3', file: this.storeFile },
      { migrate: false, io: (name, call) => this.troubles.io(mine, name, call) },
    );
    const settings = {
      apiUrl: this.apiUrl,
      loginUrl: this.apiUrl,
      clientId: 'tieback-demo',
      clientSecret: 'demo-secret',
      retry: { retries: 1, baseDelayMs: 1 },
      limiter: { backoffMs: 5, jitterMs: 1 },
    };
    const app = createProcoreApp(procoreSettings(settings), { now: () => this.clock.now() });
    const erp = sampleAdapter.create({
      connectionId: this.connectionId,
      settings: { file: this.erpFile, company: 1, busyTimeoutMs: 0 },
      io: (name, call) => this.troubles.ioNow(mine, name, call),
    });
    const parts: ConnectionParts = {
      id: this.connectionId,
      policy: { ...POLICY, rules: [] },
      procore: gated(app.company(COMPANY, { openDoor: null }), () => ({
        io: (name, call) => this.troubles.io(mine, name, call),
      })),
      erp,
      procoreQueue: 'procore-main',
      erpQueue: 'erp-acme',
      pageSize: 100,
      pollOverlap: 50,
      openDoor: null,
      acceptForeignOrigins: true,
      reconcile: { kinds: {}, ownership: {}, mapping: {} },
      payroll: this.settings,
    };
    return Object.assign(mine, { store, erp, app, parts });
  }

  /** The job with two phases, as a reconcile leaves them. */
  private async link(): Promise<void> {
    this.project = this.procore.seedProject({ name: 'Harbor View' }).id;
    const codes = this.procore.seedCostCodes(
      this.project,
      PHASES.map((code) => ({ code, name: `Phase ${code}` })),
    );
    this.costCodes = codes.map(({ id }) => id);
    const lines = PHASES.map((phase, index) => ({
      kind: 'cost_code' as const,
      number: phase,
      fields: { name: `Phase ${index}`, isActive: true },
      erpKey: `1|${this.erp.phaseKey(1, JOB, phase)}`,
      procoreId: this.costCodes[index] ?? 0,
    }));
    const record = { fields: { code: '1024-001', name: 'Harbor View', isActive: true }, lines };
    await this.current.store.transaction('seed', this.connectionId, (t) =>
      t.links.advance(
        this.connectionId,
        [linkOf('project', this.project, '1|1', { procore: record, erp: record })],
        AT,
      ),
    );
  }

  // ---- the field -------------------------------------------------------------------------------

  /** Somebody enters hours; answers the entry. */
  enter({ person, date, hours, type = 'Regular', place = 0, status = 'approved' }: Hours): number {
    this.clock.advance(1_000);
    return this.procore.enterTime(
      this.project,
      {
        party_id: this.people.get(person) ?? person,
        date,
        hours,
        timecard_time_type_id: this.types[type],
        cost_code_id: this.costCodes[place],
        approval_status: status,
      },
      { side: 'company' },
    ).id;
  }

  edit(entry: number, changes: Partial<Hours>): void {
    this.clock.advance(1_000);
    this.reopen(entry);
    const { person, type, place, status, hours, date } = changes;
    this.procore.editTime(
      entry,
      {
        ...(hours === undefined ? {} : { hours }),
        ...(date === undefined ? {} : { date }),
        ...(person === undefined ? {} : { party_id: this.people.get(person) ?? person }),
        ...(type === undefined ? {} : { timecard_time_type_id: this.types[type] }),
        ...(place === undefined ? {} : { cost_code_id: this.costCodes[place] }),
        ...(status === undefined ? {} : { approval_status: status }),
      },
      { side: 'company' },
    );
  }

  remove(entry: number): void {
    this.clock.advance(1_000);
    this.procore.reopenEntries([entry], 'pending');
    this.procore.deleteTime(entry, { side: 'company' });
  }

  /** What is closed for payroll is opened before somebody edits it. */
  private reopen(entry: number): void {
    const found = this.procore.timecardEntry(entry);
    if (found.approval_status === 'completed') this.procore.reopenEntries([entry], 'approved');
  }

  // ---- the workflows, step by step ---------------------------------------------------------------

  /** As the workflow `payroll`, then every request that is open until it rests. Answers how each stands. */
  async round(): Promise<Readonly<Record<string, PayStanding>>> {
    const { connectionId, deps } = this;
    await this.step(() => lookTimecardsActivities(deps).lookTimecards({ connectionId }));
    await this.step(() => lookPeriodsActivities(deps).lookPayPeriods({ connectionId }));
    const open = await this.read((t) => t.requests.openOf(connectionId, 'payroll'));
    const standings: Record<string, PayStanding> = {};
    for (const { id } of open) standings[id] = await this.work(id);
    return standings;
  }

  /** As the workflow `payPeriod`, until it rests. */
  async work(id: string): Promise<PayStanding> {
    const { deps } = this;
    const ref = this.ref(id);
    const here = { ...ref, page: 0, way: 'payroll' as const };
    const view = await this.step(() => openActivities(deps).openRequest(ref));
    if (view.next.kind === 'closed') return { kind: 'closed', result: view.next.as };
    // It rested until now.
    await this.step(() => waitingActivities(deps).noteStatus({ ...ref, status: 'planning', reason: null }));
    for (let look = 0; ; look += 1) {
      if (look > 12) throw new Error(`${id} does not come to rest`);
      for (const read of [
        () => readErpActivities(deps).readErp(here),
        () => readProcoreActivities(deps).readProcore(here),
      ]) {
        const done = await this.step<{ readonly kind: string }>(read);
        if (done.kind !== 'read') return stopped(done);
      }
      const plan = await this.step(() => planActivities(deps).planPage({ ...here, askFinance: null }));
      if (plan.kind === 'closed') return { kind: 'closed', result: plan.result };
      if (plan.kind === 'held') {
        const reason = plan.waits.map((wait) => wait.reason).join(' ');
        await this.step(() => waitingActivities(deps).noteStatus({ ...ref, status: 'held', reason }));
        return { kind: 'rest', reason };
      }
      if (plan.kind !== 'plan') return stopped(plan);
      if (plan.decision === 'rejected') return { kind: 'rest', reason: `rejected by ${plan.by}` };
      if (plan.decision === 'ask_finance') {
        if (!this.approves) return { kind: 'asks', planHash: plan.hash };
        await this.decide(id, plan.hash, 'approved');
        continue;
      }
      const approved = { ...ref, page: 0, planHash: plan.hash };
      const written = await this.step(() => writeBatchActivities(deps).writePayBatches(approved));
      if (written.kind === 'moved') continue;
      if (written.kind !== 'written') return stopped(written);
      const completed = await this.step(() => completeEntriesActivities(deps).completeEntries(approved));
      if (completed.kind !== 'completed') return stopped(completed);
    }
  }

  async decide(id: string, planHash: string, decision: 'approved' | 'rejected'): Promise<void> {
    const ref = this.ref(id);
    const update = decision === 'approved' ? 'approve' : 'reject';
    const by = signedBy(TEST_KEYS, ref, update, {
      planHash,
      by: MARIA,
      comment: 'so be it',
      channel: 'test',
    });
    await this.step(() =>
      decisionActivities(this.deps).recordDecision({ ...ref, page: 0, decision, by: by as never }),
    );
  }

  /** What a person answers: `pay_row[17].decision` → `adopt`; nothing: look again. */
  async correct(id: string, values: Readonly<Record<string, string>>): Promise<void> {
    const ref = this.ref(id);
    const given = { values, by: MARIA, comment: '', channel: 'test' };
    const correction = signedBy(TEST_KEYS, ref, 'correct', given as never);
    await this.step(() =>
      decisionActivities(this.deps).recordCorrection({ ...ref, correction: correction as never }),
    );
  }

  /** Gives the period up. */
  async giveUp(id: string): Promise<void> {
    const result = { status: 'rejected' as const, summary: 'Given up' };
    const closing = { ...this.ref(id), result, messages: ['Given up'], expired: false };
    await this.step(() => closeActivities(this.deps).closeRequest(closing));
  }

  // ---- looking in --------------------------------------------------------------------------------

  readonly ref = (id: string) => ({ connectionId: this.connectionId, id });

  async read<T>(work: (t: Repositories) => Promise<T>): Promise<T> {
    const store = await Store.open({ type: 'better-sqlite3', file: this.storeFile }, { migrate: false });
    try {
      return await store.read('look', work);
    } finally {
      await store.close();
    }
  }

  async latestPlan(id: string): Promise<Plan> {
    const stored = await this.read((t) => t.plans.latest({ ...this.ref(id), page: 0 }));
    if (stored === null) throw new Error(`${id} has no plan`);
    return { ...stored.body, hash: stored.hash };
  }

  /** The tie-out of a week of the weekly group, as `tieback payroll tie-out` makes it. */
  async tieOut(end: string): Promise<TiedPeriod> {
    const parts = payrollOf(this.current.parts);
    const around = await payPeriods(parts, this.nowIso());
    const period = around.periods.find((one) => one.group === '1' && one.end === end && one.run === 1);
    if (period === undefined) throw new Error(`there is no period to ${end}`);
    return tieOutPeriod({ store: this.deps.store }, parts, { ...around, period });
  }

  async auditFindings(): Promise<readonly AuditFinding[]> {
    const { connectionId } = this;
    const erp = sampleAdapter.create({ connectionId, settings: { file: this.erpFile } });
    try {
      return (
        await this.read(async () => {
          const store = await Store.open(
            { type: 'better-sqlite3', file: this.storeFile },
            { migrate: false },
          );
          try {
            return await verifyAudit(store, { connectionId, ledger: erp.ledger, signing: TEST_KEYS });
          } finally {
            await store.close();
          }
        })
      ).findings;
    } finally {
      await erp.close();
    }
  }

  /** Of the process that runs now. */
  get store(): Store {
    return this.current.store;
  }
  get parts(): ConnectionParts {
    return this.current.parts;
  }

  nowIso(): string {
    this.ticks += 1;
    return new Date(this.clock.now() + (this.ticks % 1000)).toISOString();
  }

  /** It is this day in the payroll office. */
  today(date: string): void {
    this.clock.advance(Math.max(0, Date.parse(`${date}T16:00:00Z`) - this.clock.now()));
  }

  get storeFile(): string {
    return join(this.folder, 'tieback.db');
  }

  get erpFile(): string {
    return join(this.folder, 'erp.db');
  }
}

const stopped = (done: { readonly kind: string }): PayStanding => {
  if ('reason' in done) return { kind: 'busy', reason: String(done.reason) };
  if ('error' in done) return { kind: 'stopped', reason: (done.error as { message: string }).message };
  throw new Error(`did not expect ${JSON.stringify(done)}`);
};

const shut = async ({ store, erp, app }: Incarnation): Promise<void> => {
  await erp.close();
  app.close();
  await store.close();
};

let made: Promise<string> | null = null;

function template(): Promise<string> {
  made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tieback-template-'));
    const file = join(folder, 'erp.db');
    const ledgerScript = sampleAdapter.create({ connectionId: 'x', settings: { file } }).grantScript();
    const erp = createCompany(file, { seed: true, ledgerScript });
    // Weeks to come open when their time comes.
    erp.db.exec("UPDATE PRPC SET Status = 0 WHERE PRGroup = 1 AND PREndDate > '2026-07-25'");
    erp.db.pragma('wal_checkpoint(TRUNCATE)');
    erp.db.close();
    const store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'tieback.db') });
    await store.transaction('seed', 'acme', (t) =>
      t.connections.add({
        ...{ id: 'acme', companyId: COMPANY, erpAdapter: 'sample', erpCompany: '1', createdAt: AT },
      }),
    );
    await store.close();
    return folder;
  })();
  return made;
}

/** To be called when a suite is over. */
export async function dropPayrollTemplate(): Promise<void> {
  if (made !== null) rmSync(await made, { recursive: true, force: true });
  made = null;
}
