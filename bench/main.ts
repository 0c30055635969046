/**
 * `npm run bench`: counts and ratios; the one absolute figure is how soon a webhook is answered, because Procore waits for it.
 *
 * 1. Temporal events per ERP request, with and without an approval. 2. I/O calls per request. 3. Requests per second against the same
 * workflow with empty activities on the same server, in alternating pairs. 4. CPU a request under load. 5. From the webhook to the ERP's commit
 * under light load. 6. Time until a webhook is answered, stored and audited. `npm run bench -- cpu` measures one part alone: events, calls, roundtrips,
 * throughput, cpu, requests or webhooks. `npm run bench -- backlog` measures, only when it is named, a daemon in which 10,000 requests wait for
 * finance (`BENCH_BACKLOG=3000`: so many); it takes a quarter of an hour. `npm run bench -- lists` measures the Desk's lists among 100,000 requests (`BENCH_LISTED`). `npm run bench -- results` makes the page bench/RESULTS.md; `-- results --help` tells its
 * options.
 */
import Table from 'cli-table3';
import type { SimulatorControl } from '../sandbox/procore-simulator/control-client';
import type { Activities } from '../src/activities';
import { requestIdOf } from '../src/domain/request/id';
import type { RequestView } from '../src/domain/request/flow';
import { storeWebhook } from '../src/activities/intake/store-webhook';
import { startHttp } from '../src/http/server';
import { silentLogger } from '../src/telemetry/logger';
import type { Backlog } from './backlog';
import { measureBacklog } from './backlog';
import { measureLists } from './lists';
import { measureLatency } from './latency';
import { erpTrips } from './erp-trips';
import { APPROVER, BenchInstallation, COMPANY, stopShared } from './installation';
import { results, UsageError } from './results/command';

const PAIRS = 7;
const REQUESTS = 60;
let counter = 0;

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  if (wanted[0] === 'results') {
    await results(wanted.slice(1));
    return;
  }
  if (wanted.length === 1 && wanted[0] === 'lists') {
    print(await measureManyListed());
    return;
  }
  if (wanted.length === 1 && wanted[0] === 'backlog') {
    print(await measureManyOpen().finally(stopShared));
    return;
  }
  const real = await BenchInstallation.create();
  const empty = await BenchInstallation.create(emptied);
  const parts: Readonly<Record<string, () => Promise<string>>> = {
    events: () => countEvents(real),
    calls: () => countCalls(real),
    roundtrips: () => countRoundTrips(real),
    throughput: () => compareThroughput(real, empty),
    cpu: () => countCpu(real, empty),
    requests: timeRequests,
    webhooks: () => timeWebhooks(real),
  };
  const unknown = wanted.filter((name) => !(name in parts));
  try {
    if (unknown.length > 0)
      throw new Error(
        `no part "${unknown.join(', ')}"; there are ${Object.keys(parts).join(', ')}; and alone: backlog, lists, results`,
      );
    for (const [name, measure] of Object.entries(parts)) {
      if (wanted.length === 0 || wanted.includes(name)) print(await measure());
    }
  } finally {
    await empty.stop();
    await real.stop();
    await stopShared();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n\n`);

const send = (to: BenchInstallation, prequalified: boolean): Promise<number> =>
  exportVendor(to.procore, prequalified);

async function exportVendor(procore: SimulatorControl, prequalified: boolean): Promise<number> {
  counter += 1;
  const [vendor] = await procore.seedVendors([
    {
      name: `Bench Builders ${counter}`,
      abbreviated_name: `BENCH${counter}`,
      country_code: 'US',
      state_code: 'WA',
      business_phone: `206555${100000 + counter}`,
      email_address: `ap${counter}@bench.example`,
      prequalified,
    },
  ]);
  if (!vendor) throw new Error('unreachable');
  const { requestId } = await procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  return requestId;
}

async function run(on: BenchInstallation, requestId: number): Promise<void> {
  await on.begin(requestId);
  const { status } = (await on.handle(requestId).result()) as { status: string };
  if (status !== 'applied') throw new Error(`request ${requestId} ended as ${status}`);
}

async function approve(on: BenchInstallation, requestId: number, { isStarted = false } = {}): Promise<void> {
  if (!isStarted) await on.begin(requestId);
  await on.approve(requestIdOf('erp', requestId));
  await on.handle(requestId).result();
}

async function countEvents(on: BenchInstallation): Promise<string> {
  const events = async (requestId: number): Promise<number> =>
    (await on.handle(requestId).describe()).historyLength;
  const byRule = await send(on, true);
  await run(on, byRule);
  const byFinance = await send(on, false);
  await approve(on, byFinance);
  const table = new Table({
    head: ['Temporal events per ERP request', 'events', 'goal'],
    style: { head: [], border: [] },
  });
  table.push(['approved by a rule', await events(byRule), '≤ 30']);
  table.push(['approved by finance', await events(byFinance), '≤ 40']);
  return table.toString();
}

async function countCalls(on: BenchInstallation): Promise<string> {
  const before = await on.calls();
  for (let n = 0; n < 10; n += 1) await run(on, await send(on, true));
  const after = await on.calls();
  const table = new Table({
    head: ['I/O calls per request (vendor export by rule)', 'calls', 'minimum'],
    style: { head: [], border: [] },
  });
  const each = (key: keyof typeof before): string => ((after[key] - before[key]) / 10).toFixed(1);
  table.push(['Procore (HTTP requests)', each('procore'), '3']);
  table.push(['ERP statements', each('erp'), '–']);
  table.push(['ERP transactions committed', each('erpCommits'), '1']);
  table.push(['own store (transactions and reads, with 1 of the bench)', each('store'), '–']);
  return table.toString();
}

const PAGE = 1_000;
const FOREIGN_LINKS = 5_000;

/** How often each job goes to our store: on SQL Server that is what it waits for. Counted on SQLite, where the same statements travel together. */
async function countRoundTrips(on: BenchInstallation): Promise<string> {
  const trips = async (job: () => Promise<unknown>): Promise<number> => {
    const before = on.io.storeTrips;
    await job();
    return on.io.storeTrips - before;
  };
  const ended = async (requestId: number): Promise<void> => {
    await on.poll();
    await on
      .handle(requestId)
      .result()
      .catch(() => undefined);
  };
  const sync = async (): Promise<number> => {
    const { requestId } = await on.procore.refreshVendors({ force: true });
    return trips(() => ended(requestId));
  };
  // What a daemon does once in its life, or once an hour, is no part of a job.
  await ended(await send(on, true));
  const byPoll = await send(on, true);
  const polled = await trips(() => ended(byPoll));
  const byWebhook = await send(on, false);
  const announced = await trips(async () => {
    await on.announce(byWebhook);
    await approve(on, byWebhook, { isStarted: true });
  });
  await sync();
  addVendors(on, PAGE - 1);
  const page = await sync();
  const unchanged = await sync();
  const linking = await on.procore.emitRaw(foreignLinks(), { envelope: true });
  const links = await trips(() => ended(linking.requestId));
  const table = new Table({
    head: ['Round trips to our store (BEGIN and COMMIT counted)', 'now', 'goal', 'once'],
    style: { head: [], border: [] },
  });
  table.push(
    ['export found by the poll, approved by a rule', polled, '≤ 40', '96'],
    ['export by webhook, approved by finance', announced, '≤ 45', '105'],
    [`sync with a page of ${PAGE} new vendors, with poll and closing`, page, '20 of them', '3,108'],
    ['sync in which nothing changed, with poll and closing', unchanged, '10 of them', '55'],
    [`link_all_vendors with ${FOREIGN_LINKS} foreign ids`, links, '≤ 40', '15,052'],
  );
  return `${table.toString()}\n\n${await countErpTrips(on)}`;
}

async function countErpTrips(on: BenchInstallation): Promise<string> {
  const { created, changed, again, read } = await erpTrips(on, PAGE);
  const table = new Table({
    head: [`Round trips to the ERP (BEGIN and COMMIT counted), ${PAGE} vendors`, 'now', 'goal'],
    style: { head: [], border: [] },
  });
  table.push(
    ['written as new, with numbers and ledger', created, '≤ 6'],
    ['changed', changed, '≤ 6'],
    ['sent once more: the ledger knows them', again, '≤ 6'],
    ['read', read, '≤ 6'],
  );
  return table.toString();
}

function addVendors(on: BenchInstallation, count: number): void {
  on.erp.db.transaction(() => {
    for (let n = 0; n < count; n += 1)
      on.erp.addVendor({ Vendor: 30_000 + n, SortName: `PAGE${n}`, Name: `Page Builders ${n}` });
  })();
}

const foreignLinks = (): object => ({
  request_name: 'link_all_vendors',
  request_data: {
    company_id: COMPANY,
    vendors: Array.from({ length: FOREIGN_LINKS }, (_, n) => ({ id: 700_000 + n, origin_id: `other-${n}` })),
  },
});

async function compareThroughput(real: BenchInstallation, empty: BenchInstallation): Promise<string> {
  const rate = async (on: BenchInstallation): Promise<number> => {
    const ids: number[] = [];
    for (let n = 0; n < REQUESTS; n += 1) ids.push(await send(on, true));
    const start = process.hrtime.bigint();
    await Promise.all(ids.map((requestId) => run(on, requestId)));
    return REQUESTS / (Number(process.hrtime.bigint() - start) / 1e9);
  };
  await rate(real);
  await rate(empty);
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // A B, then B A: neither side always has the warmer machine.
    const [first, second] = pair % 2 === 0 ? [real, empty] : [empty, real];
    const a = await rate(first);
    const b = await rate(second);
    ratios.push(pair % 2 === 0 ? a / b : b / a);
  }
  ratios.sort((a, b) => a - b);
  const at = (index: number): string => (ratios[index] ?? NaN).toFixed(2);
  const table = new Table({
    head: [`Requests/s, real ÷ empty activities (${PAIRS} pairs of ${REQUESTS})`, 'ratio', 'goal'],
    style: { head: [], border: [] },
  });
  table.push(['median', at(Math.floor(PAIRS / 2)), '≥ 0.85']);
  table.push(['lowest and highest', `${at(0)} – ${at(PAIRS - 1)}`, '']);
  return table.toString();
}

const LOAD = 200;

/** Simulator and Temporal server are other processes; what is counted here is ours, and the bench's own client. */
async function countCpu(real: BenchInstallation, empty: BenchInstallation): Promise<string> {
  const load = async (on: BenchInstallation): Promise<{ cpuMs: number; perSecond: number }> => {
    const ids: number[] = [];
    for (let n = 0; n < LOAD; n += 1) ids.push(await send(on, true));
    const [before, start] = [process.cpuUsage(), process.hrtime.bigint()];
    await Promise.all(ids.map((requestId) => run(on, requestId)));
    const { user, system } = process.cpuUsage(before);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    return { cpuMs: (user + system) / 1000 / LOAD, perSecond: LOAD / seconds };
  };
  const whole = await load(real);
  const floor = await load(empty);
  const table = new Table({
    head: [`Under load (${LOAD} vendor exports at once)`, 'measured', 'goal'],
    style: { head: [], border: [] },
  });
  table.push(['CPU of our process a request (ms)', whole.cpuMs.toFixed(1), '≤ 26']);
  table.push(['of it with empty activities: the Temporal SDK (ms)', floor.cpuMs.toFixed(1), '']);
  table.push(['requests a second', whole.perSecond.toFixed(1), '']);
  return table.toString();
}

const LIGHT = 150;

async function timeRequests(): Promise<string> {
  const { commit, closed } = await measureLatency(LIGHT, (procore) => exportVendor(procore, true));
  const table = new Table({
    head: [`From the webhook, light load, of ${LIGHT} (ms)`, 'median', '99 of 100', 'goal'],
    style: { head: [], border: [] },
  });
  const at = (times: readonly number[], share: number): string =>
    ([...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? NaN).toFixed(0);
  table.push(['committed in the ERP', at(commit, 0.5), at(commit, 0.99), '≤ 200']);
  table.push(['closed in Procore', at(closed, 0.5), at(closed, 0.99), '']);
  return table.toString();
}

const LISTED = Number(process.env['BENCH_LISTED'] ?? 100_000);

async function measureManyListed(): Promise<string> {
  const table = new Table({
    head: [`${LISTED} requests`, 'statements', 'ms', 'others waited at most (ms)'],
    style: { head: [], border: [] },
  });
  for (const { what, statements, ms, blockedMs } of await measureLists(LISTED))
    table.push([what, String(statements), ms.toFixed(1), blockedMs.toFixed(1)]);
  return table.toString();
}

const BACKLOG = Number(process.env['BENCH_BACKLOG'] ?? 10_000);

async function measureManyOpen(): Promise<string> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { empty, openedInSeconds, full, restarted } = await measureBacklog(BACKLOG, say);
  const table = new Table({
    head: [`${BACKLOG} requests wait for finance`, 'none', 'open', 'after a restart', 'goal'],
    style: { head: [], border: [] },
  });
  const row = (name: string, of: (backlog: Backlog) => string, goal = ''): void =>
    void table.push([name, of(empty), of(full), of(restarted.after), goal]);
  row('requests that wait', ({ open }) => String(open));
  row('new plan: webhook to ERP commit, median (ms)', ({ newPlans }) => middle(newPlans));
  row('... the longest of them (ms)', ({ newPlans }) => (newPlans.at(-1) ?? NaN).toFixed(0), '< 5,000');
  row('the first page of the list (ms)', ({ list }) => list.toFixed(0), '< 1,000');
  row('`tieback requests` as a process (ms)', ({ command }) => command.toFixed(0));
  row('a round of intake (ms)', ({ round }) => round.toFixed(0));
  row('memory of the daemon, now (MB)', ({ memory }) => memory.now.toFixed(0));
  row('... and at most (MB)', ({ memory }) => memory.most.toFixed(0), '< 500');
  table.push(['from a start to ready (ms)', '', '', restarted.ready.toFixed(0), '']);
  table.push([
    '... and to the commit of a new plan (ms)',
    '',
    '',
    restarted.firstPlan.toFixed(0),
    '< 10,000',
  ]);
  const each = ((openedInSeconds * 1000) / BACKLOG).toFixed(0);
  return `${table.toString()}\nOpened in ${openedInSeconds.toFixed(0)} s (${each} ms each), found by the poll.`;
}

const middle = (sorted: readonly number[]): string =>
  (sorted[Math.floor(sorted.length / 2)] ?? NaN).toFixed(0);

const WEBHOOKS = 300;

async function timeWebhooks(on: BenchInstallation): Promise<string> {
  const connection = { id: on.id, companyId: COMPANY };
  const http = await startHttp(
    { host: '127.0.0.1', port: 0 },
    {
      logger: silentLogger,
      webhooks: {
        authorizations: () => ['Bearer bench'],
        receive: async (webhook) =>
          void (await storeWebhook(on.store, connection, webhook, new Date().toISOString())),
      },
      health: { live: () => [], ready: async () => [] },
    },
  );
  const times: number[] = [];
  for (let n = 0; n < WEBHOOKS; n += 1) {
    const event = {
      ulid: `BENCH${n}`,
      resource_name: 'ERP Requests',
      event_type: 'create',
      resource_id: 900_000_000 + n,
    };
    const start = process.hrtime.bigint();
    const answer = await fetch(`${http.url}/webhooks/${on.id}`, {
      method: 'POST',
      headers: { authorization: 'Bearer bench' },
      body: JSON.stringify(event),
    });
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    if (answer.status !== 204) throw new Error(`a webhook was answered ${answer.status}`);
  }
  await http.close();
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? NaN).toFixed(1);
  const table = new Table({
    head: [`Webhook answered, of ${WEBHOOKS} (ms)`, 'time', 'goal'],
    style: { head: [], border: [] },
  });
  table.push(['median', at(0.5), '']);
  table.push(['99 of 100', at(0.99), '< 100']);
  return table.toString();
}

/** The same steps with the same answers, doing nothing: what Temporal alone costs. */
function emptied(real: Activities): Activities {
  const view: RequestView = {
    eventName: 'create_vendor',
    subject: 'empty',
    next: { kind: 'work', way: 'export', mustAsk: false },
    findable: { numbers: [], text: '' },
    recordId: 'vendor/1',
    publicKeys: [],
    openDetailHours: 24,
    approvers: [APPROVER],
    fields: [],
    noun: { one: 'record', many: 'records' },
  };
  return {
    main: {
      ...real.main,
      openRequest: async () => view,
      planPage: async () => ({
        kind: 'plan',
        hash: 'x',
        decision: 'approve',
        comment: '',
        by: 'rule:empty',
        operations: 2,
        warnings: 0,
        approvers: [],
        mustCount: false,
      }),
    },
    procore: {
      ...real.procore,
      fetchRequest: async () => ({ kind: 'view', view }),
      writeProcore: async () => ({
        kind: 'closed',
        result: { status: 'applied', summary: 'empty' },
        released: [],
      }),
    },
    erp: {
      ...real.erp,
      readErp: async () => ({ kind: 'read', last: true, mustAsk: false }),
      writeErp: async () => ({ kind: 'written', summary: 'empty' }),
    },
  };
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    const isUsage =
      error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    process.stderr.write(`${isUsage ? error.message : (error.stack ?? error.message)}\n`);
    process.exit(1);
  },
);
