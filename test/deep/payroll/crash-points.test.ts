/**
 * One life of two pay periods that has everything in it dies at every call that leaves the process, before and after it, or loses the answer. Once the step
 * was tried again, the end is the same: what the entries say is paid, once, and nothing else is.
 */
import { CREW, dropPayrollTemplate, NEXT_WEEK, PayrollWorld, WEEK } from '../../support/payroll-world';
import type { FaultKind } from '../../support/troubles';

const tried = new Map<string, number>();
afterAll(async () => {
  await dropPayrollTemplate();
  const all = [...tried.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`\nPayroll, points tried: ${all}\n`);
  for (const [name, count] of [...tried].sort())
    process.stdout.write(`  ${String(count).padStart(4)}  ${name}\n`);
});

const THIS = 'payroll/1-1-2026-07-18';
const [ADA, BO, FINN] = CREW;
/** Paid semi-monthly, with group 2. */
const EDDA = 505;

const batches = (world: PayrollWorld): readonly (readonly [{ co: number; mth: string }, number])[] =>
  world.erp
    .payBatches()
    .filter(({ Status }) => Number(Status) < 5)
    .map(({ Mth, BatchId }) => [{ co: 1, mth: String(Mth) }, Number(BatchId)] as const);
function post(world: PayrollWorld): void {
  for (const [month, batch] of batches(world)) world.erp.postPayBatch(month, batch);
}

/** What the entries say at the end: employee, date, phase and earn code. */
const PAID = [
  ['501 2026-07-13 4 1', 7.5],
  ['501 2026-07-14 3 1', 8],
  ['502 2026-07-16 3 1', 5],
  ['502 2026-07-17 3 1', 3],
  ['505 2026-07-17 3 1', 6],
  ['506 2026-07-15 3 1', 8],
  ['506 2026-07-16 3 1', 4],
];

/** Rounds until nothing more is written. */
async function rest(world: PayrollWorld): Promise<void> {
  for (let round = 0; round < 3; round += 1) await world.round();
}

/** Two periods from the first entry to their end. */
async function life(world: PayrollWorld): Promise<void> {
  const monday = world.enter({ person: ADA, date: '2026-07-13', hours: '8.00' });
  const tuesday = world.enter({ person: ADA, date: '2026-07-14', hours: '7.50', place: 1 });
  const bo = world.enter({ person: BO, date: '2026-07-14', hours: '10.00' });
  const gap = world.enter({ person: FINN, date: '2026-07-15', hours: '8.00', type: 'Night' });
  const finn = world.enter({ person: FINN, date: '2026-07-16', hours: '4.00' });
  const tooMany = world.enter({ person: BO, date: '2026-07-16', hours: '25.00' });
  const edda = world.enter({ person: ADA, date: '2026-07-17', hours: '6.00' });
  world.today('2026-07-21');
  // Approved, and edited before it is written; the ERP refuses 25 hours of a day, and all others are written.
  world.approves = false;
  const asked = (await world.round())[THIS];
  if (asked?.kind === 'asks') await world.decide(THIS, asked.planHash, 'approved');
  world.edit(monday, { hours: '9.00' });
  world.approves = true;
  await world.round();
  // Mary has the batch open while the gap and the refusal are mended.
  for (const [month, batch] of batches(world)) world.erp.useBatch(month, batch, 'Mary');
  world.edit(gap, { type: 'Regular' });
  world.edit(tooMany, { hours: '5.00' });
  await world.round();
  for (const [month, batch] of batches(world)) world.erp.useBatch(month, batch, null);
  await world.round();
  // A clerk changes a line of ours and adds one; what is not hers moves and goes.
  const card = world.erp
    .cards()
    .find(({ Employee, PostDate }) => Employee === FINN && PostDate === '2026-07-16');
  world.erp.changeCard(Number(card?.Card), { Hours: '4.25' });
  world.edit(tuesday, { place: 0, hours: '8.00' });
  world.remove(bo);
  await world.round();
  // From A to B and back, before and after somebody looked.
  world.edit(monday, { hours: '8.00' });
  await world.round();
  world.edit(monday, { hours: '9.00' });
  await world.round();
  post(world);
  await world.round();
  // What the clerk changed is corrected because somebody says so.
  await world.correct(THIS, { [`timecard_entry[${finn}].decision`]: 'correct' });
  await world.round();
  post(world);
  world.erp.closePayPeriod(WEEK);
  await world.round();
  // A late card; edits of what is posted: to another pay group, hours, and the same once more.
  world.enter({ person: BO, date: '2026-07-17', hours: '3.00' });
  world.edit(edda, { person: EDDA });
  world.edit(monday, { hours: '7.00' });
  await world.round();
  post(world);
  world.edit(monday, { hours: '7.50', place: 1 });
  await world.round();
  world.today('2026-07-28');
  await world.round();
  post(world);
  await rest(world);
  world.erp.closePayPeriod(NEXT_WEEK);
  await rest(world);
}

/** What both sides and our store come to, without ids and times. */
async function endOf(world: PayrollWorld): Promise<unknown> {
  const sums = new Map<string, number>();
  const cards = [...world.erp.postedCards(), ...world.erp.cards()];
  for (const { Employee, PostDate, PhaseID, EarnCode, Hours } of cards) {
    const cell = `${Employee} ${PostDate} ${PhaseID} ${EarnCode}`;
    sums.set(cell, (sums.get(cell) ?? 0) + Number(Hours));
  }
  const memos = cards.map(({ Memo }) => Memo);
  const { exceptions, requests, entries } = await world.read(async (t) => ({
    exceptions: await t.exceptions.listOpen(world.connectionId),
    requests: await t.requests.ofSource(world.connectionId, 'payroll', 100),
    entries: await t.payroll.entries(world.connectionId, { begin: '2026-01-01', end: '2026-12-31' }),
  }));
  return {
    paid: [...sums].filter(([, hours]) => hours !== 0).sort(),
    cards: cards
      .map(({ Employee, PostDate, EarnCode, Hours }) => `${Employee} ${PostDate} ${EarnCode} ${Hours}`)
      .sort(),
    unposted: world.erp.cards().length,
    twice: memos.length - new Set(memos).size,
    entries: entries.map(({ entry, writtenIn, hours }) => ({
      of: `${entry.person?.name ?? ''} ${entry.date} ${entry.hours}`,
      status: entry.status,
      writtenIn,
      hours,
    })),
    exceptions: exceptions.map(({ recordId }) => recordId).sort(),
    requests: requests.map(({ id, status }) => `${id} ${status}`).sort(),
  };
}

interface Played {
  readonly end: unknown;
  readonly calls: readonly string[];
  /** It cannot fail after a call that failed by itself: the ERP refused what it was told. */
  readonly hasFailed: boolean;
}

async function played(at: number, kind: FaultKind): Promise<Played> {
  const world = await PayrollWorld.create({ groups: ['1', '2'] });
  world.join(EDDA);
  world.erp.closePayPeriod({ co: 1, group: 2, end: '2026-07-15' });
  try {
    world.setTrouble({ faults: new Map([[at, kind]]) });
    await life(world);
    const calls = [...world.troubles.calls];
    const hasFailed = world.troubles.injected > 0;
    world.setTrouble({});
    const end = await endOf(world);
    expect(await world.auditFindings()).toEqual([]);
    return { end, calls, hasFailed };
  } finally {
    await world.close();
  }
}

/** Calls that change something, here or there. */
const WRITES =
  /commit$|payroll\.complete$|store\.(request\.open|payroll\.(periods|plan|written|refused|completed)|decision\.\w+|timecards\.(keep|looked))$/;

/** So many of the calls of one name are tried, spread over the life; `PAYROLL_POINTS` for more. */
const EACH = Number(process.env['PAYROLL_POINTS'] ?? 2);

/** Places of calls to be tried, by name: some of each, the first and the last among them. */
function points(calls: readonly string[], where: RegExp): readonly (readonly [string, number])[] {
  const places = new Map<string, number[]>();
  for (const [index, name] of calls.entries())
    if (where.test(name)) places.set(name, [...(places.get(name) ?? []), index + 1]);
  return [...places].flatMap(([name, all]) => {
    const step = Math.max(1, (all.length - 1) / (EACH - 1));
    const some = new Set(
      Array.from({ length: Math.min(EACH, all.length) }, (_, n) => all[Math.round(n * step)] ?? 0),
    );
    return [...some].map((at) => [name, at] as const);
  });
}

test.each<[FaultKind, string, RegExp]>([
  ['crash-after', 'the process dies after a call', /./],
  ['crash-before', 'the process dies before a write', WRITES],
  ['error-after', 'the answer to a write is lost', WRITES],
])(
  '%s: when %s, what is paid at the end is the same',
  async (kind, _, where) => {
    const { end: wanted, calls } = await played(0, kind);
    expect(wanted).toMatchObject({ paid: PAID, twice: 0, unposted: 0, exceptions: [] });
    for (const [name, at] of points(calls, where)) {
      const { end, hasFailed } = await played(at, kind).catch((error: unknown) => {
        throw new Error(`${kind} at call ${at} (${name}): ${(error as Error).message}`, { cause: error });
      });
      expect({ at, name, end }).toEqual({ at, name, end: wanted });
      if (hasFailed) tried.set(`${kind} ${name}`, (tried.get(`${kind} ${name}`) ?? 0) + 1);
    }
  },
  3_600_000,
);
