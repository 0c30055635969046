import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import { createCompany } from '../../../sandbox/sample-erp/company';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { newNamespace, testTemporal, uniqueName } from '../../support/temporal';
import type { TestTemporal } from '../../support/temporal';
import { Desk, ENV } from './seed';

/** `provision` and `doctor` on real parts: Temporal, the Procore simulator and the sample ERP. */
let temporal: TestTemporal;
let procore: ProcoreSimulator;
let desk: Desk;
let connection: string;
let taskQueue: string;
let standard: { readonly apiUrl: string; readonly loginUrl: string };
const env = { ...ENV, PROCORE_SECRET: 'demo-secret', HOOK: 'Bearer 6f1c9a07d2b84e35a9c1' };

let namespace: string;

beforeAll(async () => {
  temporal = await testTemporal();
  namespace = await newNamespace(temporal);
});
afterAll(() => temporal.close());

beforeEach(async () => {
  procore = new ProcoreSimulator();
  const addresses = await procore.start({ rateLimit: false });
  standard = addresses;
  connection = uniqueName('cli');
  taskQueue = uniqueName('tieback');
  desk = new Desk();
  configure();
});

function configure(more: Record<string, unknown> = {}, addresses = standard): void {
  const { apiUrl, loginUrl } = addresses;
  desk.configure([], {
    temporal: { address: temporal.address, namespace, taskQueue },
    procoreApps: {
      main: { apiUrl, loginUrl, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } },
    },
    connections: {
      [connection]: {
        procore: { app: 'main', companyId: 4264807 },
        // The suite plays both sides of a lock in one process: waiting for the other would be waiting for itself.
        erp: { adapter: 'sample', settings: { file: join(desk.folder, 'erp.db'), busyTimeoutMs: 0 } },
        // Nothing may run: the test ends before the first round.
        poll: { everySeconds: 86_400 },
        reconcile: { kinds: ['vendor'], everySeconds: 86_400 },
        webhook: { publicUrl: 'https://tieback.acme.example', authorization: { env: 'HOOK' } },
        ...more,
      },
    },
  });
}

afterEach(async () => {
  const { schedule } = new Client({ connection: temporal.connection, namespace });
  for (const id of [`intake/${connection}`, `reconcile/${connection}/vendor`, `sweep/${connection}`])
    await schedule
      .getHandle(id)
      .delete()
      .catch(() => undefined);
  await procore.stop();
  desk.remove();
});

function makeErp(name?: string): void {
  const file = join(desk.folder, 'erp.db');
  const ledgerScript = ERP_ADAPTERS['sample']
    ?.create({ connectionId: 'x', settings: { file } })
    .grantScript();
  const options = {
    ...(name === undefined ? {} : { name }),
    ...(ledgerScript === undefined ? {} : { ledgerScript }),
  };
  createCompany(file, { ...options, seed: true }).close();
}

test('provision creates everything once, and --dry-run nothing', async () => {
  const dry = await desk.tieback(['provision', '--dry-run'], { env });
  expect(dry.code).toBe(0);
  expect(dry.out).toMatch(new RegExp(`store .*tieback.db\\n.*signing key .*\\n.*connection +${connection}`));
  expect(dry.out).toMatch(/Nothing was changed/);
  expect(existsSync(desk.storeFile)).toBe(false);

  makeErp();
  const first = await desk.tieback(['provision'], { env });
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toMatch(/migration +Tables\d+ +created/);
  expect(first.out).toMatch(new RegExp(`schedule +intake/${connection} +created`));
  expect(first.out).toMatch(/Procore hook +https:\/\/tieback.acme.example\/webhooks\/.* +created/);
  expect(first.out).toMatch(/Procore trigger +ERP Requests create +created/);
  expect(first.out).toMatch(/ERP connection +https:\/\/tieback.acme.example +created/);
  expect(first.out).toMatch(/ERP metadata .* +created/);
  const listId = /standard cost code list +(\d+) +created/.exec(first.out)?.[1];
  const kept = await desk.store((store) => store.read('test', (t) => t.connections.find(connection)));
  expect(kept).toMatchObject({
    standardCostCodeListId: Number(listId),
    metadataRevision: expect.any(String) as unknown,
  });

  const second = await desk.tieback(['provision'], { env });
  expect(second).toMatchObject({ code: 0, err: '' });
  expect(second.out).not.toMatch(/ created|updated/);
  expect(second.out).toMatch(/Everything was there already: nothing to do\./);
});

interface Provisioned {
  readonly items: readonly { readonly kind: string; readonly name: string; readonly outcome: string }[];
  readonly failures: readonly { readonly part: string; readonly reason: string }[];
}

test('a second installation in the namespace is refused, until it takes the place of the first', async () => {
  await procore.stop();
  const provision = async (from: Desk, ...args: string[]): Promise<Provisioned> =>
    JSON.parse((await from.tieback(['provision', ...args, '--json'], { env })).out) as Provisioned;
  await provision(desk, 'store');
  const own = await provision(desk, 'temporal');
  expect(own.items.filter(({ kind }) => kind === 'schedule')).toMatchObject([
    { name: `intake/${connection}`, outcome: 'created' },
    { name: `reconcile/${connection}/vendor`, outcome: 'created' },
    { name: `sweep/${connection}`, outcome: 'created' },
  ]);

  // The same configuration with another, empty store.
  const other = new Desk();
  writeFileSync(other.configFile, readFileSync(desk.configFile));
  await provision(other, 'store');
  const refused = await provision(other, 'temporal');
  expect(refused.items.map(({ kind }) => kind)).not.toContain('schedule');
  expect(refused.failures).toMatchObject([
    {
      part: 'Schedules',
      reason: expect.stringMatching(
        new RegExp(
          `namespace "${namespace}": this one is [0-9a-f-]{36}, and these schedules are not its own: intake/${connection} \\([0-9a-f-]{36}\\)`,
        ),
      ) as unknown,
    },
  ]);
  const { areas } = JSON.parse((await other.tieback(['doctor', '--json'], { env })).out) as Report;
  const findings = areas.flatMap((area) => area.findings);
  expect(findings.find(({ name }) => name === 'installation')).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('run `tieback provision --take-over`') as unknown,
  });

  const misplaced = await other.tieback(['provision', 'procore', '--take-over'], { env });
  expect(misplaced).toMatchObject({
    code: 2,
    err: expect.stringContaining('the part "temporal"') as unknown,
  });
  const taken = await provision(other, 'temporal', '--take-over');
  expect(taken).toMatchObject({ failures: [] });
  expect(taken.items.slice(-3)).toMatchObject([
    { name: `intake/${connection}`, outcome: 'updated' },
    { name: `reconcile/${connection}/vendor`, outcome: 'updated' },
    { name: `sweep/${connection}`, outcome: 'updated' },
  ]);
  expect((await provision(other, 'temporal')).items.at(-1)).toMatchObject({ outcome: 'already there' });
  expect((await provision(desk, 'temporal')).failures).toMatchObject([{ part: 'Schedules' }]);
  other.remove();
}, 60_000);

test('a store that is gone is not made again unasked; a new one is another installation, a restored one the same', async () => {
  await procore.stop();
  await desk.tieback(['provision'], { env });
  const backup = join(desk.folder, 'backup.db');
  renameSync(desk.storeFile, backup);
  for (const command of [['provision', 'store'], ['requests'], ['daemon']]) {
    const refused = await desk.tieback(command, { env });
    expect(refused.code).toBe(1);
    expect(refused.out + refused.err).toMatch(
      /There was a store at .*tieback\.db, and now there is no file\.[\s\S]*provision store --new-store/,
    );
  }
  expect(existsSync(desk.storeFile)).toBe(false);
  const misplaced = await desk.tieback(['provision', 'temporal', '--new-store'], { env });
  expect(misplaced.err).toMatch(/--new-store is about the part "store"/);
  const emptied = await desk.tieback(['provision', '--new-store'], { env });
  expect(emptied.out).toMatch(/Another installation of Tieback works in the Temporal namespace/);
  renameSync(backup, desk.storeFile);
  const restored = await desk.tieback(['provision', 'temporal'], { env });
  expect(restored).toMatchObject({ code: 0 });
  expect(restored.out).toMatch(new RegExp(`schedule +intake/${connection} +already there`));
}, 60_000);

test('what cannot be reached is told with what to do; the other parts still run', async () => {
  await procore.stop();
  const { code, out } = await desk.tieback(['provision', '--json'], { env });
  expect(code).toBe(1);
  const { items, failures } = JSON.parse(out) as {
    items: { kind: string; outcome: string }[];
    failures: { part: string; reason: string; hint: string }[];
  };
  expect(items.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['connection', 'Temporal namespace', 'schedule']),
  );
  expect(failures).toMatchObject([
    { part: `Procore ERP tool of ${connection}`, hint: expect.any(String) as unknown },
    { part: `Procore hook of ${connection}`, hint: expect.any(String) as unknown },
  ]);
  expect(failures[1]?.reason).toMatch(/Procore could not be reached/);
}, 60_000);

/** An approved subcontract, ready to be exported but for its title. */
function subcontract(title: string): number {
  procore.seedCostTypes([{ code: 'S', name: 'Subcontract', origin_id: 'line_item_type|1|3' }]);
  const project = procore.seedProject({ name: 'Eastgate', origin_id: 'project|1|7' });
  procore.seedCostCodes(project.id, [
    { code: '23-050', name: 'HVAC systems', types: ['S'], origin_id: 'cost_code|1|9' },
  ]);
  const [vendor] = procore.seedVendors([{ name: 'Cobalt Mechanical LLC', origin_id: 'vendor|1|10442' }]);
  return procore.seedCommitment(project.id, {
    number: 'SC-2417-008',
    title,
    vendor_id: vendor?.id ?? 0,
    lines: [{ code: '23-050', type: 'S', amount: '150000.00', description: 'Rough-in' }],
  }).id;
}

test('a name that the ERP cannot hold is stopped in Procore, once the metadata is there', async () => {
  makeErp();
  const longTitled = subcontract('HVAC '.repeat(40).trim());
  const only = await desk.tieback(['provision', 'procore'], { env });
  // The store is another part: without it nobody remembers the list of codes.
  expect(only.code).toBe(1);
  await desk.tieback(['provision'], { env });
  const [vendor] = procore.seedVendors([{ name: 'x'.repeat(61) }]);
  expect(() => procore.exportVendor(vendor?.id ?? 0)).toThrow(/60 characters/);
  expect(() => procore.exportRecord('commitment', longTitled, { code: 'SC-2417-008' })).toThrow(
    /Title \(commitment\): sample takes at most \d+ characters\./,
  );
  const again = await desk.tieback(['provision', 'procore'], { env });
  expect(again.out).toMatch(/Everything was there already/);
  expect((await desk.tieback(['provision', 'roof'], { env })).err).toMatch(/There is no part "roof"/);
}, 60_000);

test('what changed in the ERP or in the labels is sent, by provision only', async () => {
  makeErp();
  await desk.tieback(['provision'], { env });
  const labels = (): unknown =>
    (procore.state().companies[0]?.connection?.metadata['settings'] as { labels: unknown }).labels;
  expect(labels()).toMatchObject({ name: 'sample', id_name: 'sample ID' });

  configure({ erpTool: { label: 'Groundwork', idName: 'Groundwork no.' } });
  const { find } = await doctor();
  expect(find('ERP metadata')).toMatchObject({ status: 'failed', hint: 'Run `tieback provision procore`.' });
  expect(labels()).toMatchObject({ name: 'sample' });

  const again = await desk.tieback(['provision', 'procore'], { env });
  expect(again.out).toMatch(/ERP connection .* already there/);
  expect(again.out).toMatch(/ERP metadata .* updated/);
  expect(labels()).toEqual({ name: 'Groundwork', id_name: 'Groundwork no.', short_name: 'Groundwork' });
  expect((await doctor()).find('ERP metadata')).toMatchObject({ status: 'ok' });
});

test('a company that lost it gets everything again, when it is asked for', async () => {
  makeErp();
  await desk.tieback(['provision'], { env });
  await procore.stop();
  procore = new ProcoreSimulator();
  const addresses = await procore.start({ rateLimit: false });
  configure({}, addresses);
  expect(procore.state().companies[0]?.connection ?? null).toBeNull();
  const { code, out } = await desk.tieback(['provision', 'procore', '--again'], { env });
  expect(code).toBe(0);
  expect(out).toMatch(/ERP connection .* updated/);
  expect(procore.state().companies[0]?.connection).toMatchObject({
    service_url: 'https://tieback.acme.example',
  });
});

test('an app that Procore did not let into the ERP tool is told what to do', async () => {
  makeErp();
  const refusing = await fakeProcore((path) => (path.endsWith('/erp_connections') ? 403 : 404));
  configure({}, { apiUrl: refusing.url, loginUrl: refusing.url });
  const { code, out } = await desk.tieback(['provision'], { env });
  refusing.close();
  expect(code).toBe(1);
  expect(out).toMatch(/does not let app "main" use the ERP tool of company 4264807/);
  expect(out).toMatch(/partner onboarding/);
  expect(out).toMatch(new RegExp(`connections.${connection}.door to "open"`));
});

interface Report {
  readonly ok: boolean;
  readonly areas: readonly {
    readonly name: string;
    readonly findings: readonly {
      readonly name: string;
      readonly status: string;
      readonly detail: string;
      readonly hint: string | null;
    }[];
  }[];
}

const doctor = async (
  ...args: string[]
): Promise<{ code: number; report: Report; find: (name: string) => unknown }> => {
  const { code, out } = await desk.tieback(['doctor', '--json', ...args], { env, now: () => new Date() });
  const report = JSON.parse(out) as Report;
  const find = (name: string): unknown =>
    report.areas.flatMap(({ findings }) => findings).find((finding) => finding.name === name);
  return { code, report, find };
};

test('doctor before anything is there: every fault comes with what to do', async () => {
  const { code, report, find } = await doctor();
  expect(code).toBe(1);
  expect(report.ok).toBe(false);
  expect(report.areas.map(({ name }) => name)).toEqual([
    'Configuration',
    'Store',
    'Network',
    'Temporal',
    'Daemon',
    `Procore of ${connection}`,
    `ERP of ${connection}`,
  ]);
  const bad = report.areas.flatMap(({ findings }) => findings).filter(({ status }) => status === 'failed');
  expect(bad.every(({ hint }) => hint !== null)).toBe(true);
  expect(find(`schedule intake/${connection}`)).toMatchObject({
    status: 'failed',
    hint: 'Run `tieback provision`.',
  });
  expect(find('webhook')).toMatchObject({ status: 'failed', hint: 'Run `tieback provision`.' });
  expect(existsSync(desk.storeFile)).toBe(false);
});

test('doctor after provisioning: all is well in a line for each area, and the adapter keeps its promises', async () => {
  makeErp();
  await desk.tieback(['provision'], { env });
  const now = (): Date => new Date();
  const short = (await desk.tieback(['doctor'], { env, now })).out.split('\n');
  expect(short.slice(0, 5)).toEqual([
    expect.stringMatching(/^✓ {2}Configuration +.*tieback\.yaml, 1 connection; 2 checks$/),
    expect.stringMatching(/^✓ {2}Store +.*tieback\.db; \d+ checks, 1 skipped$/),
    expect.stringMatching(/^✓ {2}Network +127.0.0.1:\d+ is reached directly; 2 checks, 1 skipped$/),
    expect.stringMatching(/^✓ {2}Temporal +/),
    expect.stringMatching(/^– {2}Daemon +none was started yet; start `tieback daemon`; 1 check, 1 skipped$/),
  ]);
  expect(short.slice(7)).toEqual([
    '',
    expect.stringMatching(/^All is well\. `tieback --config \S+ doctor --verbose` tells everything\.$/),
    '',
  ]);
  const { code, out } = await desk.tieback(['doctor', '--verbose'], { env, now });
  expect(out).not.toMatch(/✗/);
  expect(code).toBe(0);
  for (const name of [
    'credentials',
    'clock',
    'open requests',
    'request.list',
    'ERP connection',
    'ERP metadata',
    'webhook',
    'ledger',
    'vendors',
  ]) {
    expect(out).toMatch(new RegExp(`✓ +${name} `));
  }
  expect(out).toMatch(/– +daemon +none was started yet/);
  expect(out).toMatch(/✓ +finds-number:vendor /);
  expect(out).toMatch(/All is well\.\n$/);
  const unknown = await desk.tieback(['doctor', '--connection', 'x'], { env });
  expect(unknown.code).toBe(2);
});

test('doctor compares our clock with Procore’s and the ERP’s, warns, and says which one to set', async () => {
  const at = (minutes: number) => ({ env, now: () => new Date(Date.now() + minutes * 60_000) });
  makeErp();
  await desk.tieback(['provision'], { env });
  const late = await desk.tieback(['doctor'], at(-2));
  expect(late.out).not.toMatch(/✗/);
  expect(late.code).toBe(0);
  expect(late.out).toMatch(
    /! +Procore of \S+: clock +Procore's clock is (2 min|1 min 59 s) .*ahead of ours\n +→ Let this machine take its time/,
  );
  expect(late.out).toMatch(
    /! +ERP of \S+: clock +the ERP's clock is .* ahead of ours; the ERP's agrees with Procore's, so ours is wrong/,
  );
  expect(late.out).toMatch(/All is well\. 2 warnings\./);
  const early = await desk.tieback(['doctor'], at(61));
  expect(early.code).toBe(1);
  expect(early.out).toMatch(/^✗ +Procore of \S+: clock +Procore's clock is 1 h [01] min behind ours/m);
});

test('doctor tells of a store that others may read, and changes nothing about it', async () => {
  await desk.tieback(['provision', 'store'], { env });
  chmodSync(desk.storeFile, 0o644);
  const { find } = await doctor();
  expect(find('readable by')).toMatchObject({
    status: 'failed',
    detail: expect.stringMatching(/tieback\.db is 644\. Vendors, amounts and decisions/) as unknown,
    hint: `As its owner: chmod 600 ${desk.storeFile}`,
  });
  expect(statSync(desk.storeFile).mode & 0o777).toBe(0o644);
  await desk.tieback(['provision', 'store'], { env });
  expect((await doctor()).find('readable by')).toMatchObject({ status: 'ok' });
  const key = join(desk.folder, 'data', 'signing.key');
  chmodSync(key, 0o640);
  expect((await desk.tieback(['doctor'], { env })).out).toMatch(
    /signing\.key is 640\. With it they decide as anybody/,
  );
}, 60_000);

test('doctor writes to the ERP only where it is a test company', async () => {
  makeErp('Larkspur Builders Inc.');
  await desk.tieback(['provision'], { env });
  const { code, err } = await desk.tieback(['doctor', '--writing'], { env });
  expect(code).toBe(2);
  expect(err).toMatch(/"Larkspur Builders Inc." does not say that it is a test company/);
});

test('doctor --writing asks everything in a test company', async () => {
  makeErp('Larkspur Test Company');
  await desk.tieback(['provision'], { env });
  const { code, report } = await doctor('--writing');
  const failed = report.areas.flatMap(({ findings }) => findings).filter(({ status }) => status === 'failed');
  expect(failed).toEqual([]);
  expect(code).toBe(0);
  expect(report.areas.at(-1)?.findings.length).toBeGreaterThan(30);
}, 60_000);

/** A Procore that signs in, has an empty directory, and answers everything else with the status it is told. */
async function fakeProcore(statusOf: (path: string) => number): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const body = path.includes('/oauth/token')
      ? { access_token: 't', token_type: 'bearer', expires_in: 5400 }
      : path.includes('/me')
        ? { id: 9001, name: 'Service Account', login: 's' }
        : path.includes('/vendors')
          ? []
          : null;
    response.writeHead(body === null ? statusOf(path) : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { errors: 'not for you' }));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => void server.close() };
}

test('a path that Procore has elsewhere is told with the key that changes it', async () => {
  const missing = await fakeProcore(() => 404);
  const { url } = missing;
  desk.configure([connection], {
    temporal: { address: temporal.address, namespace },
    procoreApps: {
      main: { apiUrl: url, loginUrl: url, clientId: 'x', clientSecret: { env: 'PROCORE_SECRET' } },
    },
  });
  const { find } = await doctor();
  missing.close();
  expect(find('request.list')).toMatchObject({
    status: 'failed',
    hint: expect.stringContaining('procoreApps.main.paths."request.list" in ') as unknown,
  });
  expect(find('request.show')).toMatchObject({ status: 'skipped' });
});

test('Temporal out of reach: one finding, the rest is examined', async () => {
  desk.configure([connection]);
  const { code, find, report } = await doctor();
  expect(code).toBe(1);
  expect(report.areas.find(({ name }) => name === 'Temporal')?.findings).toMatchObject([
    { name: 'reachable', status: 'failed', detail: expect.stringContaining('127.0.0.1:1') as unknown },
  ]);
  expect(find('credentials')).toMatchObject({ status: 'failed' });
}, 60_000);
