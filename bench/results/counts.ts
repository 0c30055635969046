import type { JsonObject } from '../../sandbox/procore-simulator/json';
import { originIdOf } from '../../src/domain/base/identity';
import type { ReconcileResult } from '../../src/domain/request/flow';
import type { ReconciledKind } from '../../src/domain/request/id';
import { RECONCILED_KINDS, reconcileIdOf } from '../../src/domain/request/id';
import { startReconcile } from '../../src/temporal/starter';
import { erpTrips } from '../erp-trips';
import { BenchInstallation } from '../installation';
import { enterVendors, vendorNumbers } from '../vendors';
import type { Figure, Section } from './report';

/** What one run of a reconcile cost. */
interface Run {
  readonly reads: number;
  readonly writes: number;
  readonly events: number;
  readonly storeTrips: number;
  readonly erpCommits: number;
  readonly moved: number;
  /** What its requests say they did. */
  readonly summary: string;
}

const PROCORE_PAGE = 2_000;
const SYNC_ACTION = 1_000;
const PAGE = 1_000;
const PROJECTS = 300;

/**
 * Sections a to e, in one installation: `records` vendors that are the same on both sides are adopted, left alone, changed and joined by new ones. Where a
 * figure is per 1,000 records, it is what one page more costs: two runs of different size, so that what every run costs once does not count.
 */
export async function countEverything(records: number): Promise<readonly Section[]> {
  // What Procore has is months old: what was changed a moment ago is read twice, so that nothing is missed.
  const on = await BenchInstallation.create(undefined, { clock: 'manual' });
  try {
    enterVendors(on.erp, records);
    await seedInProcore(on);
    await seedProjects(on);
    await on.procore.advanceClock(Date.now() - (await on.procore.clock()).now);
    await reconcile(on, 'vendor', true);
    const idle = await reconcile(on, 'vendor', false);
    const unchanged = await reconcile(on, 'vendor', true);
    const cycle = await idleCycle(on);
    const changedPage = await changed(on, PAGE);
    const changedAll = await changed(on, records);
    const newPage = await added(on, records, PAGE);
    const newAll = await added(on, records + PAGE, records);
    const steady = perPage(changedPage, changedAll, records);
    const first = perPage(newPage, newAll, records);
    const trips = await erpTrips(on, PAGE);
    return [
      callsSection(records, { unchanged, changedAll, newAll }),
      cycle,
      eventsSection(records, { steady, first, changedAll, newAll }),
      tripsSection(records, { unchanged, steady, first, erp: trips }),
      quietSection({ idle, unchanged }),
    ];
  } finally {
    await on.stop();
  }
}

type PerPage = Pick<Run, 'events' | 'storeTrips' | 'writes'>;

function perPage(one: Run, all: Run, records: number): PerPage {
  const more = (records - PAGE) / PAGE;
  const slope = (of: (run: Run) => number): number => (of(all) - of(one)) / more;
  return {
    events: slope(({ events }) => events),
    storeTrips: slope(({ storeTrips }) => storeTrips),
    writes: slope(({ writes }) => writes),
  };
}

function callsSection(
  records: number,
  { unchanged, changedAll, newAll }: Readonly<Record<'unchanged' | 'changedAll' | 'newAll', Run>>,
): Section {
  const read = Math.ceil(records / PROCORE_PAGE);
  const write = Math.ceil(records / SYNC_ACTION);
  const count = records.toLocaleString('en-US');
  return {
    title: 'a. Procore calls',
    about: `Counted by the simulator, for ${count} vendors. A page of a list has ${PROCORE_PAGE.toLocaleString('en-US')} rows at most, a sync action takes ${SYNC_ACTION.toLocaleString('en-US')} records at most. A whole list is followed by a look at what was switched on meanwhile, and each page is looked at before it is written.`,
    figures: [
      // Inactive companies are a list of their own, which has a page even when it is empty.
      figure(
        `${count} read, active and inactive list`,
        unchanged.reads,
        read + 1,
        `ceil(n / 2,000) + 1 = ${read + 1}`,
      ),
      figure(
        `${count} linked ones that the ERP changed, read`,
        changedAll.reads,
        read + 1,
        `ceil(c / 2,000) + 1 = ${read + 1}`,
      ),
      figure(`${count} linked ones written`, changedAll.writes, write, `ceil(c / 1,000) = ${write}`),
      figure(`${count} new ones written`, newAll.writes, write, `ceil(c / 1,000) = ${write}`),
    ],
  };
}

function eventsSection(
  records: number,
  {
    steady,
    first,
    changedAll,
    newAll,
  }: Readonly<Record<'steady' | 'first', PerPage> & Record<'changedAll' | 'newAll', Run>>,
): Section {
  const count = records.toLocaleString('en-US');
  return {
    title: 'c. Temporal events',
    about:
      'Events of all histories that a run makes (`historyLength`). A run has a fixed number of them; what a page more adds is what grows with the records.',
    figures: [
      figure('steady, for 1,000 records more', steady.events, 12, 0),
      figure(`steady, a whole run with ${count} records`, changedAll.events, null, null),
      figure('first import, for 1,000 records more', first.events, 1, 0),
      figure(`first import, a whole run with ${count} records`, newAll.events, null, null),
    ],
  };
}

interface Trips {
  readonly unchanged: Run;
  readonly steady: PerPage;
  readonly first: PerPage;
  readonly erp: Awaited<ReturnType<typeof erpTrips>>;
}

function tripsSection(records: number, { unchanged, steady, first, erp }: Trips): Section {
  return {
    title: 'd. SQL round trips',
    about:
      'For a page of 1,000 records, BEGIN and COMMIT counted; of the store on SQLite, where the same statements travel together as on SQL Server.',
    figures: [
      figure('ERP: written as new, with numbers and ledger', erp.created, 6, 3),
      figure('ERP: changed', erp.changed, 6, 3),
      figure('ERP: sent once more, the ledger knows them', erp.again, 6, 1),
      figure('ERP: read', erp.read, 6, 1),
      figure('our store: 1,000 changed records more', steady.storeTrips, 20, 2),
      figure('our store: 1,000 new records more', first.storeTrips, 20, 2),
      figure('our store: a page in which nothing changed', unchanged.storeTrips / (records / PAGE), 10, 1),
    ],
  };
}

const quietSection = ({ idle, unchanged }: Readonly<Record<'idle' | 'unchanged', Run>>): Section => ({
  title: 'e. Writes of a run in which nothing changed',
  about: 'Calls to Procore that are no GET, transactions of the ERP, and records that were taken for moved.',
  figures: [
    figure('usual run: written to Procore', idle.writes, 0, 0),
    figure('usual run: committed in the ERP', idle.erpCommits, 0, 0),
    figure('usual run: moved in our store', idle.moved, 0, 0),
    figure('full run: written to Procore', unchanged.writes, 0, 0),
    figure('full run: committed in the ERP', unchanged.erpCommits, 0, 0),
    figure('full run: moved in our store', unchanged.moved, 0, 0),
  ],
});

/** Section b: all kinds, twice; the second time nothing has changed. */
async function idleCycle(on: BenchInstallation): Promise<Section> {
  const notMeasured: string[] = [];
  const kinds: ReconciledKind[] = [];
  for (const kind of RECONCILED_KINDS) {
    try {
      // What is read only the first time is behind it: sub jobs of all projects, codes of those that were just linked, what changed with many others.
      for (const full of [true, false, false]) await reconcile(on, kind, full);
      kinds.push(kind);
    } catch (error) {
      notMeasured.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const figures: Figure[] = [];
  for (const kind of kinds) {
    const { reads, writes } = await reconcile(on, kind, false);
    figures.push(figure(`calls to look at ${kind}`, reads + writes, null, 1));
  }
  const all = figures.reduce((sum, { value }) => sum + value, 0);
  const linked = (await on.store.read('bench', (t) => t.links.linked(on.id, 'project'))).length;
  return {
    title: 'b. An idle cycle',
    about: `One round over all kinds, of a company with ${PROJECTS} projects (${linked} of them linked), in which nothing changed since. Inactive companies are a list of their own. Sub jobs and the codes of a project are listed by project alone: each has its turn once a day, and at once where a webhook or the ERP tells of it.`,
    figures: [figure(`calls to look at ${kinds.length} kinds`, all, kinds.length, kinds.length), ...figures],
    notMeasured,
  };
}

const figure = (
  name: string,
  value: number,
  goal: number | null,
  minimum: number | string | null,
): Figure => ({ name, value, goal, minimum });

async function reconcile(on: BenchInstallation, kind: ReconciledKind, full: boolean): Promise<Run> {
  const before = { ...on.io, ...(await rest(on)) };
  const queues = { procoreQueue: `procore-${on.id}`, erpQueue: `erp-${on.id}` };
  const handle = await startReconcile(on.client, on.queue, { connectionId: on.id, kind, ...queues, full });
  const { problem, requests, moved } = (await handle.result()) as ReconcileResult;
  if (problem !== null) throw new Error(problem);
  const histories = [reconcileIdOf(on.id, kind), ...requests.map((id) => `${on.id}/${id}`)].map((id) =>
    on.client.workflow.getHandle(id),
  );
  const summaries: string[] = [];
  for (const request of histories.slice(1)) {
    const { status, summary } = (await request.result()) as { status: string; summary: string };
    if (status !== 'applied') throw new Error(`the reconcile of ${kind} is ${status}: ${summary}`);
    summaries.push(summary);
  }
  const lengths = await Promise.all(histories.map((one) => one.describe()));
  const now = await rest(on);
  return {
    reads: now.reads - before.reads,
    writes: now.writes - before.writes,
    events: lengths.reduce((sum, { historyLength }) => sum + historyLength, 0),
    storeTrips: on.io.storeTrips - before.storeTrips,
    erpCommits: on.io.erpCommits - before.erpCommits,
    moved: moved.erp + moved.procore,
    summary: summaries.join(' '),
  };
}

async function rest({ procore }: BenchInstallation): Promise<Pick<Run, 'reads' | 'writes'>> {
  const all = await procore.requestCount({ path: '^/rest/' });
  const reads = await procore.requestCount({ path: '^/rest/', method: 'GET' });
  return { reads, writes: all - reads };
}

/** Somebody in accounting changes so many vendors, which Procore has. */
async function changed(on: BenchInstallation, count: number): Promise<Run> {
  counter += 1;
  const change = on.erp.db.prepare('UPDATE APVM SET City = ? WHERE VendorGroup = 1 AND Vendor = ?');
  on.erp.db.transaction(() => {
    for (const number of vendorNumbers(count)) change.run(`Town ${counter}`, number);
  })();
  return carried(on, count);
}

/** A run that must carry so many records to Procore: one that leaves some behind is no measurement. */
async function carried(on: BenchInstallation, count: number): Promise<Run> {
  const run = await reconcile(on, 'vendor', false);
  if (run.moved !== count || run.writes < count / SYNC_ACTION)
    throw new Error(`of ${count} vendors ${run.moved} moved, in ${run.writes} writes: ${run.summary}`);
  return run;
}

let counter = 0;

async function added(on: BenchInstallation, from: number, count: number): Promise<Run> {
  enterVendors(on.erp, count, from, from);
  return carried(on, count);
}

const SEEDED_AT_A_TIME = 500;

/** The ERP's vendors as Procore has them that were brought there before, each with its origin_id. */
async function seedInProcore({ erp, procore }: BenchInstallation): Promise<void> {
  const vendors = erp.vendors().map((row): JsonObject => ({
    name: row.Name,
    origin_id: originIdOf('vendor', `${row.VendorGroup}|${row.Vendor}`),
    origin_code: String(row.Vendor),
    abbreviated_name: row.SortName,
    address: row.Address,
    city: row.City,
    state_code: row.State,
    zip: row.Zip,
    country_code: row.Country,
    business_phone: row.Phone,
    fax_number: row.Fax,
    email_address: row.EMail,
    is_active: true,
  }));
  for (let start = 0; start < vendors.length; start += SEEDED_AT_A_TIME)
    await procore.seedVendors(vendors.slice(start, start + SEEDED_AT_A_TIME));
}

/** Open jobs of the ERP that are projects of Procore. */
async function seedProjects(on: BenchInstallation): Promise<void> {
  const { project } = on.adapter.kinds;
  if (project === undefined) throw new Error('the ERP keeps no jobs');
  for (let n = 0; n < PROJECTS; n += 1)
    on.erp.addJob(1, `${1_000 + n}-001`.padStart(9), `Bench job ${n}`, { status: 1 });
  for await (const { records } of project.readChanged(null, PAGE))
    for (const { key, record } of records)
      await on.procore.seedProject({
        name: record.fields['name'],
        project_number: record.fields['code'],
        origin_id: originIdOf('project', key),
      });
}
