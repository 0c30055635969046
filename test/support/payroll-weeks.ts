/** Two weeks of payroll on a world with the real Temporal server: one that is about to be cut off, and the next. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { addDays, weekdayOf } from '../../src/domain/base/local-date';
import type { PayrollSettings } from '../../src/domain/payroll/settings';
import type { PayrollLooked } from '../../src/domain/request/flow';
import { payrollIdOf } from '../../src/domain/request/id';
import { Store } from '../../src/store/store';
import { linkOf } from '../unit/domain/records';
import { uniqueName } from './temporal';
import type { World } from './world';

const CREW = [501, 502];

/** An ERP with the sample company (`seedErp`), around the day on which the test runs. */
export class PayrollWeeks {
  readonly today = new Date().toISOString().slice(0, 10);
  readonly end = addDays(this.today, -(weekdayOf(this.today) + 1));
  readonly nextEnd = addDays(this.end, 7);
  /** The requests of both weeks. */
  readonly period = `payroll/1-1-${this.end}`;
  readonly later = `payroll/1-1-${this.nextEnd}`;
  /** Workflows of looks, oldest first. */
  readonly looks: string[] = [];
  /** Entries, oldest first. */
  readonly entered: number[] = [];
  private readonly people = new Map<number, number>();
  private project = 0;
  private costCode = 0;
  private regular = 0;

  private constructor(readonly world: World) {}

  static async on(world: World): Promise<PayrollWeeks> {
    const weeks = new PayrollWeeks(world);
    weeks.regular = world.procore.addTimeType('Regular', 'R').id;
    for (const number of CREW)
      weeks.people.set(
        number,
        world.procore.addPerson({ first_name: 'P', last_name: String(number), employee_id: String(number) })
          .id,
      );
    world.erp.db.exec('DELETE FROM PRPC WHERE PRGroup = 1');
    for (const [end, days] of [
      [weeks.end, 1],
      [weeks.nextEnd, 9],
    ] as const)
      world.erp.addPayPeriod({ co: 1, group: 1, end }, addDays(end, -6), {
        cutOff: addDays(weeks.today, days),
      });
    await weeks.link();
    await world.restart({ payroll: weeks.settings() });
    return weeks;
  }

  private settings(): PayrollSettings {
    return {
      payable: ['approved', 'completed'],
      rounding: 'off',
      workweeks: { '*': 0 },
      overtimeOwners: { '*': 'field' },
      overtime: null,
      timeZone: 'Etc/UTC',
      lookBackDays: 30,
      cutOffDays: 2,
      everySeconds: 3_600,
      groups: ['1'],
      completes: true,
      mapping: {
        timeTypes: { [String(this.regular)]: { earnCode: '1', family: 'worked' } },
        ...{ workClassifications: {}, costTypes: {}, departments: {}, certifiedProjects: [], equipment: {} },
      },
    };
  }

  /** The job and one of its phases, as a reconcile leaves them. */
  private async link(): Promise<void> {
    const { world } = this;
    this.project = world.procore.seedProject({ name: 'Harbor View' }).id;
    this.costCode = world.procore.seedCostCodes(this.project, [{ code: '23-050', name: 'HVAC' }])[0]?.id ?? 0;
    const phase = {
      ...{ kind: 'cost_code' as const, number: '23-050', procoreId: this.costCode },
      erpKey: `1|${world.erp.phaseKey(1, '1024-001', '23-050')}`,
      fields: { name: 'HVAC', isActive: true },
    };
    const record = { fields: { code: '1024-001', name: 'Harbor View', isActive: true }, lines: [phase] };
    const store = await Store.open(world.config.store, { migrate: false });
    await store.transaction('seed', world.connectionId, async (t) => {
      const project = linkOf('project', this.project, '1|1', { procore: record, erp: record });
      await t.links.advance(world.connectionId, [project], new Date().toISOString());
    });
    await store.close();
  }

  /** Somebody of the crew, whom Procore has without a number. */
  join(number: number, first: string, last: string): number {
    const { id } = this.world.procore.addPerson({ first_name: first, last_name: last });
    this.people.set(number, id);
    return id;
  }

  /** The clerk adds hours to the first batch by hand; the number of the row. */
  addByHand(employee: number, hours: string, daysBefore: number): number {
    const { erp } = this.world;
    const [{ Mth, BatchId } = {}] = erp.payBatches();
    return erp.addCard({ co: 1, mth: String(Mth) }, Number(BatchId), {
      ...{ employee, hours, date: addDays(this.end, -daysBefore) },
      ...{ job: '1024-001', phase: '23-050' },
    });
  }

  /** Somebody enters hours of the first week, approved. */
  enter(person: number, hours: string, daysBefore = 3): number {
    const { id } = this.world.procore.enterTime(
      this.project,
      {
        ...{ party_id: this.people.get(person) ?? 0, date: addDays(this.end, -daysBefore), hours },
        ...{ timecard_time_type_id: this.regular, cost_code_id: this.costCode, approval_status: 'approved' },
      },
      { side: 'company' },
    );
    this.entered.push(id);
    return id;
  }

  /** Somebody edits hours; what is closed for payroll is opened first. */
  edit(entry: number, hours: string): void {
    const { procore } = this.world;
    if (procore.timecardEntry(entry).approval_status === 'completed')
      procore.reopenEntries([entry], 'approved');
    procore.editTime(entry, { hours }, { side: 'company' });
  }

  /** The cut-off of the first week is over. */
  cutOff(): void {
    this.world.skipMinutes(3 * 1440);
  }

  /** The office has closed the first week for more hours, yesterday. */
  cutOffInErp(): void {
    const day = addDays(this.today, -1);
    this.world.erp.db
      .prepare('UPDATE PRPC SET CutoffDate = ? WHERE PRGroup = 1 AND PREndDate = ?')
      .run(day, this.end);
  }

  /** One look for pay periods and timecards, as the schedule starts it. */
  async look(): Promise<PayrollLooked> {
    const { client, config, connectionId } = this.world;
    const workflowId = uniqueName(payrollIdOf(connectionId));
    this.looks.push(workflowId);
    const procoreQueue = `procore-${config.apps[0]?.name ?? ''}`;
    return (await client.workflow.execute('payroll', {
      taskQueue: config.temporal.taskQueue,
      workflowId,
      args: [{ connectionId, procoreQueue, erpQueue: `erp-${connectionId}` }],
    })) as PayrollLooked;
  }

  /** The clerk approves what is asked; while the plan is being made again, they look again. */
  async approve(request: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      await this.world.until(request, 'waiting_for_finance');
      try {
        await this.world.approve(request);
        return;
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError) || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }

  /** Waits until an open exception says this. */
  async untilTold(what: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const open = await this.world.read((t) => t.exceptions.listOpen(this.world.connectionId));
      if (open.some(({ reason }) => what.test(reason))) return;
      if (Date.now() > deadline)
        throw new Error(`Nothing says ${what}: ${open.map(({ reason }) => reason).join('; ')}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Waits until a period rests for a reason that says this. */
  async untilRests(request: string, because: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { status, reason } = await this.world.until(request, 'held');
      if (because.test(reason ?? '')) return;
      if (Date.now() > deadline) throw new Error(`${request} is ${status}: ${reason ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Employee and hours of every card of the ERP. */
  hours(): string[] {
    const { erp } = this.world;
    return [...erp.cards(), ...erp.postedCards()]
      .map(({ Employee, Hours }) => `${String(Employee)} ${String(Hours)}`)
      .sort();
  }

  /** The clerk posts every batch and closes the first week. */
  postAndClose(): void {
    const { erp } = this.world;
    for (const { Mth, BatchId, Status } of erp.payBatches())
      if (Number(Status) < 5) erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
    erp.closePayPeriod({ co: 1, group: 1, end: this.end });
  }

  /** Mary has the first batch open, or nobody has. */
  use(by: string | null): void {
    const [{ Mth, BatchId } = {}] = this.world.erp.payBatches();
    this.world.erp.useBatch({ co: 1, mth: String(Mth) }, Number(BatchId), by);
  }
}
