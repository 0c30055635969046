import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PeriodCost } from '../payroll/period';
import type { Figure, Section } from './report';
import { medianOf } from './report';

export interface PayrollOptions {
  /** Timecard entries of the period; a small period is measured too, to tell what grows. */
  readonly entries: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

const EMPLOYEES_PER_ENTRY = 0.08;
const SMALL = 1_000;
const PAGE = 2_000;
const IDS_A_CALL = 100;
const THOUSAND = 1_000;
const TITLE = 'g. A pay period';

/** Section g: a pay period of many entries, each round in a process of its own and beside a run of the plain script. */
export async function payrollSection({ entries, rounds, say }: PayrollOptions): Promise<Section> {
  if (process.platform !== 'linux')
    return { title: TITLE, about: '', figures: [], notMeasured: ['memory is read from /proc of Linux'] };
  const small = await periodOf(SMALL, 1);
  const costs: PeriodCost[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const cost = await periodOf(entries, n);
    costs.push(cost);
    say(
      `pay period, round ${n + 1} of ${rounds}: tieback ${cost.paid.cpuSeconds.toFixed(2)} s, script ${cost.script.cpuSeconds.toFixed(2)} s CPU`,
    );
  }
  const count = entries.toLocaleString('en-US');
  const employees = Math.round(entries * EMPLOYEES_PER_ENTRY);
  return {
    title: TITLE,
    about: [
      `One weekly period of ${employees} employees with ${count} timecard entries, each a line of its own; days are rounded to the quarter hour.`,
      'It gathers, its cut-off comes, finance is asked and approves, it is looked at once more, written, closed in Procore, posted by the clerk, and its period closed.',
      "An idle look is the whole of the scheduled workflow when nothing moved; a look of the request reads both sides again and plans. A first look has no earlier one: the list is read whole, and a look after it asks for what was changed or deleted since. Procore's pages have 2,000 entries, and 100 are closed with a call.",
      `CPU is that of Tieback's process and the bench in it, from the first look to the ERP's commit, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, median with lowest and highest; ratios are taken within a round.`,
      'The plain script (`bench/payroll/plain-batch.ts`) reads the same people and entries once, rounds and groups them, and enters one batch in one transaction of the same ERP, without books, approval or audit; both must pay the same lines and hours.',
    ].join(' '),
    figures: [
      ...temporal(small, costs, entries),
      ...trips(costs, entries),
      ...calls(costs, entries),
      ...seconds(costs),
    ],
  };
}

type Value = (cost: PeriodCost) => number;
type More = Partial<Pick<Figure, 'goal' | 'minimum' | 'unit'>>;

const figureOf =
  (costs: readonly PeriodCost[]) =>
  (name: string, value: Value, { goal = null, minimum = null, unit }: More = {}): Figure => ({
    name,
    ...medianOf(costs.map(value)),
    ...{ goal, minimum },
    ...(unit === undefined ? {} : { unit }),
  });

function temporal(small: PeriodCost, costs: readonly PeriodCost[], entries: number): readonly Figure[] {
  const figure = figureOf(costs);
  const more = (entries - SMALL) / THOUSAND;
  return [
    figure('Temporal: events of the request, whole life', ({ events }) => events),
    figure('Temporal: events for 1,000 entries more', ({ events }) => (events - small.events) / more, {
      goal: 1,
      minimum: 0,
    }),
    figure('Temporal: biggest payload', ({ biggestPayloadBytes }) => biggestPayloadBytes, {
      ...{ goal: 2_048, unit: 'bytes' },
    }),
    figure('Temporal: history of the request', ({ historyBytes }) => historyBytes / 1024, { unit: 'KB' }),
    figure(
      'Temporal: history for 1,000 entries more',
      ({ historyBytes }) => (historyBytes - small.historyBytes) / 1024 / more,
      { goal: 1, minimum: 0, unit: 'KB' },
    ),
    figure('idle look: Temporal events', ({ idleLook }) => idleLook.events, { goal: 25 }),
  ];
}

function trips(costs: readonly PeriodCost[], entries: number): readonly Figure[] {
  const figure = figureOf(costs);
  const perThousand: Value = ({ write }) => (write.erpTrips / entries) * THOUSAND;
  return [
    figure('ERP round trips: the batch written, per 1,000 lines', perThousand, { goal: 6, minimum: 0.3 }),
    figure('ERP round trips: the batch written', ({ write }) => write.erpTrips, { minimum: 3 }),
    figure('ERP round trips: a look of the request', ({ quietLook }) => quietLook.erpTrips, { minimum: 1 }),
    figure('ERP round trips: an idle look', ({ idleLook }) => idleLook.erpTrips, { goal: 3, minimum: 1 }),
    figure('our store, round trips: the batch written', ({ write }) => write.storeTrips, {
      ...{ goal: 20, minimum: 2 },
    }),
    figure('our store, round trips: entries closed', ({ complete }) => complete.storeTrips, {
      ...{ goal: 20, minimum: 2 },
    }),
    figure('our store, round trips: a look of the request', ({ quietLook }) => quietLook.storeTrips),
    figure('our store, round trips: an idle look', ({ idleLook }) => idleLook.storeTrips, { goal: 10 }),
  ];
}

function calls(costs: readonly PeriodCost[], entries: number): readonly Figure[] {
  const figure = figureOf(costs);
  const [pages, closings] = [Math.ceil(entries / PAGE), Math.ceil(entries / IDS_A_CALL)];
  return [
    // A list that ends with a full page shows only by the next one that it is over.
    figure('Procore calls: the first look', ({ firstLook }) => firstLook.procore, {
      goal: pages + 1,
      minimum: `ceil(n / 2,000) = ${pages}`,
    }),
    figure('Procore calls: an idle look', ({ idleLook }) => idleLook.procore, { goal: 2, minimum: 2 }),
    figure('Procore calls: a look of the request', ({ quietLook }) => quietLook.procore, { minimum: 3 }),
    figure('Procore calls: entries closed', ({ complete }) => complete.procore, {
      goal: closings + 2,
      minimum: `ceil(n / 100) = ${closings}`,
    }),
    figure('Procore calls: a look just after they were closed', ({ lookAfter }) => lookAfter.procore, {
      minimum: `ceil(n / 2,000) + 1 = ${pages + 1}`,
    }),
  ];
}

function seconds(costs: readonly PeriodCost[]): readonly Figure[] {
  const figure = figureOf(costs);
  const unit = 's';
  return [
    figure('CPU, Tieback ÷ plain script', ({ paid, script }) => paid.cpuSeconds / script.cpuSeconds, {
      ...{ goal: 1.2, minimum: 1, unit: '×' },
    }),
    figure(
      'CPU, plan and write alone ÷ plain script',
      ({ plan, write, script }) => (plan.cpuSeconds + write.cpuSeconds) / script.cpuSeconds,
      { unit: '×' },
    ),
    figure('CPU, Tieback', ({ paid }) => paid.cpuSeconds, { unit }),
    figure('CPU, plain script', ({ script }) => script.cpuSeconds, { unit }),
    figure('CPU, a look of the request, nothing moved', ({ quietLook }) => quietLook.cpuSeconds, {
      ...{ goal: 2, unit },
    }),
    figure('CPU, an idle look', ({ idleLook }) => idleLook.cpuSeconds, { unit }),
    figure('the plan, by the clock', ({ plan }) => plan.seconds, { goal: 3, unit }),
    figure('the plan when all is posted, by the clock', ({ postedPlan }) => postedPlan.seconds, {
      ...{ goal: 3, unit },
    }),
    figure('peak memory, Tieback', ({ peakMb }) => peakMb, { goal: 500, unit: 'MB' }),
    figure('peak memory, plain script', ({ script }) => script.peakMb, { unit: 'MB' }),
  ];
}

/** As the operator guide says: without it Node collects its garbage late on a machine with much memory. */
const NODE_OPTIONS = '--max-old-space-size=256';

async function periodOf(entries: number, turn: number): Promise<PeriodCost> {
  const program = join(__dirname, '..', 'payroll', 'period.js');
  const args = [program, Math.round(entries * EMPLOYEES_PER_ENTRY), entries, turn].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NODE_OPTIONS },
    maxBuffer: 1 << 25,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeriodCost;
}
