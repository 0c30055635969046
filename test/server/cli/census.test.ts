import { join } from 'node:path';
import { ProcoreSimulator } from '../../../sandbox/procore-simulator/simulator';
import { createCompany } from '../../../sandbox/sample-erp/company';
import type { Accounting } from '../../../sandbox/sample-erp/company';
import type { OriginCount } from '../../../src/domain/kinds/census';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { Store } from '../../../src/store/store';
import { Desk, ENV } from './seed';

/** `tieback census` on the Procore simulator and the sample ERP. */
let procore: ProcoreSimulator;
let desk: Desk;
let erp: Accounting;
let urls: { apiUrl: string; loginUrl: string };
const env = { ...ENV, PROCORE_SECRET: 'demo-secret' };

beforeEach(async () => {
  procore = new ProcoreSimulator();
  urls = await procore.start({ rateLimit: false });
  desk = new Desk();
  const file = join(desk.folder, 'erp.db');
  const script = ERP_ADAPTERS['sample']?.create({ connectionId: 'x', settings: { file } }).grantScript();
  erp = createCompany(file, script === undefined ? {} : { ledgerScript: script });
  configure();
  const store = await Store.open({ type: 'better-sqlite3', file: desk.storeFile });
  await store.transaction('seed', 'acme', (t) =>
    t.connections.add({
      id: 'acme',
      companyId: 4264807,
      erpAdapter: 'sample',
      erpCompany: '1',
      createdAt: '2026-03-09T15:00:00.000Z',
    }),
  );
  await store.close();
});
afterEach(async () => {
  const violations = procore.violations();
  await procore.stop();
  erp.db.close();
  desk.remove();
  expect(violations).toEqual([]);
});

function configure(more: Record<string, unknown> = {}): void {
  desk.configure([], {
    procoreApps: {
      main: { ...urls, clientId: 'tieback-demo', clientSecret: { env: 'PROCORE_SECRET' } },
    },
    connections: {
      acme: {
        procore: { app: 'main', companyId: 4264807 },
        erp: { adapter: 'sample', settings: { file: join(desk.folder, 'erp.db') } },
        ...more,
      },
    },
  });
}

interface Report {
  readonly connections: readonly {
    readonly connection: string;
    readonly accepted: boolean;
    readonly refused: boolean;
    readonly counts: readonly OriginCount[];
  }[];
}

const census = async (): Promise<{ code: number; report: Report }> => {
  const { code, out } = await desk.tieback(['census', '--json'], { env });
  return { code, report: JSON.parse(out) as Report };
};

test('vendors of ours, without a link, and of another integration are told apart', async () => {
  erp.addVendor({ Vendor: 10001, Name: 'Known to the ERP', SortName: 'KNOWN' });
  procore.seedVendors([
    { name: 'Known to the ERP', origin_id: 'vendor|1|10001' },
    { name: 'Not in the ERP', origin_id: 'vendor|1|99999' },
    { name: 'Sage Electric', origin_id: 'S100-7' },
    { name: 'Free' },
    { name: 'Sleeping', origin_id: 'S100-8', is_active: false },
  ]);
  const { code, report } = await census();
  expect(code).toBe(1);
  expect(report.connections).toMatchObject([{ connection: 'acme', accepted: false, refused: true }]);
  expect(report.connections[0]?.counts[0]).toEqual({
    kind: 'vendor',
    total: 5,
    without: 1,
    ours: 1,
    foreign: 3,
    examples: [
      { originId: 'vendor|1|99999', label: 'Not in the ERP' },
      { originId: 'S100-7', label: 'Sage Electric' },
      { originId: 'S100-8', label: 'Sleeping' },
    ],
  });
  const { code: again, out } = await desk.tieback(['census'], { env });
  expect(again).toBe(1);
  expect(out).toMatch(/vendors +5 +1 +1 +3 +"vendor\|1\|99999" of Not in the ERP/);
  expect(out).toMatch(/3 origin_ids of another integration: Tieback writes nothing to Procore/);
  const doctor = await desk.tieback(['doctor'], { env });
  expect(doctor.out).toMatch(/origin_ids of acme .*another integration owns 3 of the vendors/);
});

test('records of projects that an integration owns are counted too', async () => {
  const project = procore.seedProject({ name: 'Eastgate', project_number: '1', origin_id: 'SAGE-1' });
  procore.seedProject({ name: 'Free', project_number: '2' });
  procore.seedCostTypes([{ code: 'S', name: 'Subcontract', origin_id: 'SAGE-S' }]);
  procore.seedCostCodes(project.id, [{ code: '23', name: 'HVAC', origin_id: 'SAGE-23' }]);
  procore.seedSubJob(project.id, { name: 'Tower', code: '01' });
  procore.seedCommitment(project.id, { number: 'SC-8', title: 'HVAC', origin_id: 'SAGE-8', lines: [] });
  const { report } = await census();
  const found = report.connections[0]?.counts.map(
    ({ kind, total, without, foreign, examples }) =>
      `${kind} ${total} ${without} ${foreign} ${examples.map(({ label }) => label).join()}`,
  );
  expect(found).toEqual(
    expect.arrayContaining([
      'project 2 1 1 1 Eastgate',
      'line_item_type 1 0 1 S Subcontract',
      'cost_code 1 0 1 23 HVAC',
      'sub_job 1 1 0 ',
      'commitment 1 0 1 SC-8 HVAC',
    ]),
  );
});

test('what is accepted is counted and told, and nothing foreign is well', async () => {
  const clean = await census();
  expect(clean).toMatchObject({ code: 0, report: { connections: [{ accepted: false, refused: false }] } });
  const { out } = await desk.tieback(['census'], { env });
  expect(out).toMatch(/No origin_id of another integration\./);
  procore.seedVendors([{ name: 'Sage Electric', origin_id: 'S100-7' }]);
  configure({ acceptForeignOrigins: true });
  expect(await census()).toMatchObject({ code: 0, report: { connections: [{ accepted: true }] } });
});

test('a connection that is not there is told, with those that are', async () => {
  const { code, err } = await desk.tieback(['census', '--connection', 'acne'], { env });
  expect(code).toBe(2);
  expect(err).toMatch(/There is no connection "acne".*\n.*Connections: acme\./);
});
