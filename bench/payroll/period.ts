/**
 * One pay period from gathering to its end, in a process of its own so that its memory is its own: `node period.js <employees> <entries> <turn>`. Of an odd
 * turn the plain script (`plain-batch.ts`) runs before Tieback, of an even one after it. Prints a `PeriodCost` as JSON on its last line.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { RequestState } from '../../src/domain/request/flow';
import { RELEASE_SIGNAL, REQUEST_STATE_QUERY } from '../../src/domain/request/flow';
import { payRequestIdOf, workflowIdOf } from '../../src/domain/request/id';
import { openSqlite } from '../../src/sqlite';
import { BenchInstallation, stopShared } from '../installation';
import { memoryOf } from '../process-tree';
import type { Crew, CrewSize, Week } from './crew';
import { cutOff, enterCrew, GROUP, lastWeek } from './crew';
import type { Spent, Step } from './meter';
import { Meter } from './meter';

const DAY_MS = 86_400_000;
const HALF_AN_HOUR = 1_800_000;

/** What one pay period cost. */
export interface PeriodCost {
  readonly lines: number;
  /** Of the request of the period, gathering to end, with one approval. */
  readonly events: number;
  readonly historyBytes: number;
  readonly biggestPayloadBytes: number;
  /** The first look at timecards; the same when nothing moved, as the whole workflow, with its events. */
  readonly firstLook: Step;
  readonly idleLook: Spent & { readonly events: number };
  /** A look right after the entries were closed: all of them changed. */
  readonly lookAfter: Spent;
  /** The look of the request when nothing moved: both sides are read, and it is planned. */
  readonly quietLook: Spent;
  readonly quietPlan: Step;
  /** The plan when all of it is posted. */
  readonly postedPlan: Step;
  /** The plan that finance is asked about. */
  readonly plan: Step;
  readonly write: Step;
  readonly complete: Step;
  /** From the first look to the ERP's commit: all that happens for it. */
  readonly paid: Spent;
  readonly peakMb: number;
  readonly script: { readonly cpuSeconds: number; readonly peakMb: number };
}

const [employees = 800, entries = 10_000, turn = 0] = process.argv.slice(2).map(Number);

async function main(): Promise<void> {
  const meter = new Meter();
  const on = await BenchInstallation.create(meter.metered, { clock: 'manual' });
  const shelf = mkdtempSync(join(tmpdir(), 'tieback-bench-plain-'));
  try {
    process.stdout.write(`${JSON.stringify(await measure(on, meter, shelf, { employees, entries }))}\n`);
  } finally {
    rmSync(shelf, { recursive: true, force: true });
    await on.stop();
    await stopShared();
  }
}

async function measure(
  on: BenchInstallation,
  meter: Meter,
  shelf: string,
  size: CrewSize,
): Promise<PeriodCost> {
  const week = lastWeek(Date.now());
  // Entered before the cut-off, and long before the first look.
  await on.procore.advanceClock(Date.now() - 3 * DAY_MS - (await on.procore.clock()).now);
  const crew = await enterCrew(on.erp, on.procore, week, size);
  await on.procore.advanceClock(3 * DAY_MS);
  await on.store.transaction('seed', on.id, (t) =>
    t.links.advance(on.id, crew.links, new Date().toISOString()),
  );
  on.workPayroll(crew.settings);
  const plain = plainOn(on, shelf, week, crew);
  const before = turn % 2 === 1 ? await plain.run() : null;
  meter.attach(on);
  const period = new BenchPeriod(on, meter, payRequestIdOf('1', { group: GROUP, end: week.end, run: 1 }));
  const gathering = await meter.during(async () => {
    await period.look();
    await period.rests('gathers');
  });
  const firstLook = meter.last('lookTimecards');
  let idleEvents = 0;
  const idleLook = await meter.during(async () => (idleEvents = await period.look()));
  cutOff(on.erp, week);
  let plan!: Step;
  const paying = await meter.during(async () => {
    await period.look();
    await on.approve(period.id);
    plan = meter.last('planPage');
    while (meter.count('writePayBatches') === 0) await delay(50);
  });
  const write = meter.last('writePayBatches');
  await period.rests('waits to be posted');
  const complete = meter.last('completeEntries');
  const lookAfter = await meter.during(() => period.look());
  // The first look after a while still asks for what it may have missed.
  await on.later(HALF_AN_HOUR);
  await period.look();
  const quietLook = await meter.during(() => period.released('waits to be posted'));
  const quietPlan = meter.last('planPage');
  for (const { Mth, BatchId } of on.erp.payBatches())
    on.erp.postPayBatch({ co: 1, mth: String(Mth) }, Number(BatchId));
  await period.released('Everything is posted');
  const postedPlan = meter.last('planPage');
  on.erp.closePayPeriod({ co: 1, group: Number(GROUP), end: week.end });
  await period.look();
  await period.handle.result();
  const script = before ?? (await plain.run());
  const { lines, hours } = paidIn(on.erp.file, 'PRTH');
  if (lines !== script.lines || hours !== script.hours)
    throw new Error(`Tieback paid ${lines} lines, ${hours} h; the script ${script.lines}, ${script.hours} h`);
  const history = await period.handle.fetchHistory();
  return {
    ...{ lines, firstLook, plan, write, complete, quietLook, quietPlan, postedPlan, lookAfter, script },
    paid: together(gathering, paying),
    events: history.events?.length ?? 0,
    historyBytes: historyToJSON(history).length,
    biggestPayloadBytes: biggestIn(history),
    idleLook: { ...idleLook, events: idleEvents },
    peakMb: memoryOf(process.pid).most,
  };
}

const together = (one: Spent, two: Spent): Spent => ({
  cpuSeconds: one.cpuSeconds + two.cpuSeconds,
  seconds: one.seconds + two.seconds,
  procore: one.procore + two.procore,
  erpTrips: one.erpTrips + two.erpTrips,
  storeTrips: one.storeTrips + two.storeTrips,
});

/** The request of the period, as the schedule and people move it. */
class BenchPeriod {
  private looks = 0;

  constructor(
    private readonly on: BenchInstallation,
    private readonly meter: Meter,
    readonly id: string,
  ) {}

  get handle() {
    return this.on.client.workflow.getHandle(workflowIdOf({ connectionId: this.on.id, id: this.id }));
  }

  /** As the schedule starts it; answers the events of its history. */
  async look(): Promise<number> {
    const { on } = this;
    this.looks += 1;
    const queues = { procoreQueue: `procore-${on.id}`, erpQueue: `erp-${on.id}` };
    const handle = await on.client.workflow.start('payroll', {
      taskQueue: on.queue,
      workflowId: `payroll/${on.id}-${this.looks}`,
      args: [{ connectionId: on.id, ...queues }],
    });
    const { problems } = (await handle.result()) as { problems: readonly string[] };
    if (problems.length > 0) throw new Error(problems.join(' '));
    return (await handle.describe()).historyLength;
  }

  async rests(reason: string): Promise<void> {
    for (;;) {
      const state = await this.handle.query<RequestState>(REQUEST_STATE_QUERY).catch(() => null);
      if (state?.status === 'held' && state.reason?.includes(reason) === true) return;
      if (state?.status === 'parked') throw new Error(`the period is parked: ${state.reason ?? ''}`);
      await delay(100);
    }
  }

  /** It is told to look again, and has looked. */
  async released(reason: string): Promise<void> {
    const plans = this.meter.count('planPage');
    await this.handle.signal(RELEASE_SIGNAL);
    while (this.meter.count('planPage') === plans) await delay(50);
    await this.rests(reason);
  }
}

type ScriptCost = PeriodCost['script'] & { readonly lines: number; readonly hours: string };

/** The script, on a copy of the ERP as it is now. */
function plainOn(
  on: BenchInstallation,
  shelf: string,
  week: Week,
  { links }: Crew,
): { run(): Promise<ScriptCost> } {
  const erpFile = join(shelf, 'erp.db');
  on.erp.db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(on.erp.file, erpFile);
  const keyOf = (erpKey: string | null): number => Number(erpKey?.split('|').at(-1));
  const keysOf = (
    of: readonly { readonly procoreId: number | null; readonly erpKey: string | null }[],
  ): Readonly<Record<string, number>> =>
    Object.fromEntries(of.map(({ procoreId, erpKey }) => [String(procoreId), keyOf(erpKey)]));
  const phases = links.flatMap(({ procore }) => procore?.lines ?? []);
  const places = join(shelf, 'places.json');
  writeFileSync(places, JSON.stringify({ jobs: keysOf(links), phases: keysOf(phases) }));
  const env = {
    ...process.env,
    ...{ ERP_FILE: erpFile, PROCORE_URL: on.apiUrl, PLACES: places },
    ...{ BEGIN: week.begin, END: week.end, PAY_GROUP: GROUP },
  };
  return {
    async run() {
      const program = join(__dirname, 'plain-batch.js');
      const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
      const cost = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ScriptCost;
      const there = paidIn(erpFile, 'PRTB');
      if (there.lines !== cost.lines)
        throw new Error(`the script left ${there.lines} of ${cost.lines} lines`);
      return { ...cost, hours: there.hours };
    },
  };
}

function paidIn(file: string, table: 'PRTB' | 'PRTH'): { readonly lines: number; readonly hours: string } {
  const db = openSqlite(file, { readonly: true });
  try {
    const row = db
      .prepare<[], { lines: number; hours: number }>(
        `SELECT count(*) AS lines, sum(round(CAST(Hours AS REAL) * 100)) / 100 AS hours FROM ${table}`,
      )
      .get();
    return { lines: row?.lines ?? 0, hours: (row?.hours ?? 0).toFixed(2) };
  } finally {
    db.close();
  }
}

/** Bytes of the biggest payload, wherever it stands. */
function biggestIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((most, one) => Math.max(most, biggestIn(one)), 0);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
);
