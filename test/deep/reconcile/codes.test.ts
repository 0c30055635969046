/** Jobs of the sample ERP and projects of Procore have the same cost codes and cost types; a run that finds them so writes nothing. */
import { rawJob, rawPhase } from '../../../sandbox/sample-erp/job-desk';
import type { ReconcileResult } from '../../../src/domain/request/flow';
import type { ReconciledKind } from '../../../src/domain/request/id';
import { RECONCILED_KINDS } from '../../../src/domain/request/id';
import { lookAtProjects } from '../../../src/desk/look-at-projects';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import type { WorldOptions } from '../../support/world';
import { World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(async () => {
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
});

const POLICY = {
  rules: [
    { name: 'codes', decision: 'approve', when: { events: ['reconcile'], erpActions: ['update'] } } as const,
  ],
};
const begin = async (options: WorldOptions = {}): Promise<void> => {
  world = await World.create(temporal, { policy: POLICY, ...options });
};

const JOB = rawJob('2417-001');
const PART = rawJob('2417-002');
const phase = (code: string, name: string): void => void world.erp.addPhase(1, JOB, rawPhase(code), name);
const reconcile = (kind: ReconciledKind, full = false): Promise<ReconcileResult> =>
  world.reconcile(kind, full);

/** Runs that find both sides equal, also where they look at everything. */
async function quiet(...kinds: readonly ReconciledKind[]): Promise<void> {
  world.procore.clearLog();
  for (const kind of kinds) {
    expect([kind, await reconcile(kind)]).toMatchObject([
      kind,
      { moved: { erp: 0, procore: 0 }, requests: [] },
    ]);
    expect([kind, await reconcile(kind, true)]).toMatchObject([
      kind,
      { moved: { erp: 0, procore: 0 }, requests: [] },
    ]);
  }
  expect(world.writes()).toEqual([]);
}

const records = (kind: 'cost_code' | 'standard_cost_code' | 'line_item_type' | 'project') =>
  world.procore.state().companies[0]?.records[kind] ?? [];
const pairs = (): number => world.procore.state().companies[0]?.records.cost_code_line_item_type.length ?? 0;

/** Codes of the project as `number name`, those of the ERP with a star. */
function codes(): string[] {
  const rows = new Map(records('cost_code').map((row) => [row.id, row]));
  const full = (row: Record<string, unknown>): string => {
    const parent = rows.get(Number(row['parent_id']));
    return `${parent === undefined ? '' : `${full(parent)}-`}${String(row['code'])}`;
  };
  return [...rows.values()]
    .map((row) => `${full(row)} ${String(row['name'])}${row.origin_id ? ' *' : ''}`)
    .sort();
}
const codeId = (name: string): number => records('cost_code').find((row) => row['name'] === name)?.id ?? 0;

/** The standard codes, the cost types and a job with two phases, in the ERP. */
function job(): void {
  world.erp.addStandardCode('23', 'HVAC');
  world.erp.addStandardCode('23-050', 'Ductwork');
  world.erp.addCostType('77', 'Rigging');
  world.erp.addJob(1, JOB, 'Eastgate');
  phase('23', 'HVAC');
  phase('23-050', 'Ductwork');
  world.erp.assignCostType(1, JOB, '23-050', '77');
}

const all = async (): Promise<void> => {
  for (const kind of RECONCILED_KINDS) await reconcile(kind);
};

test('a new job comes to Procore with its codes, which follow the ERP; what is entered in Procore is put back or held', async () => {
  await begin();
  await world.tie();
  job();
  await reconcile('standard_cost_code');
  await reconcile('standard_cost_code');
  await reconcile('project');
  const { id, event } = world.procore.importStaged(world.staged()[0]?.id ?? 0);
  await world.poll();
  expect(await world.result(event?.requestId ?? 0)).toMatchObject({ status: 'failed' });
  // The cost type was not there yet.
  expect([codes(), pairs()]).toEqual([['23 HVAC *', '23-050 Ductwork *'], 0]);
  await reconcile('project');
  await reconcile('line_item_type');
  await reconcile('project');
  expect(pairs()).toBe(1);
  expect(await world.openExceptions()).toEqual([]);
  await quiet('project', 'line_item_type', 'standard_cost_code');

  world.erp.changePhase(1, JOB, '23-050', { Description: 'Sheet metal' });
  phase('26-050', 'Wiring');
  world.erp.assignCostType(1, JOB, '26-050', '77');
  await reconcile('project');
  expect([codes(), pairs()]).toEqual([['23 HVAC *', '23-050 Sheet metal *', '26-050 Wiring *'], 2]);
  await quiet('project');

  world.procore.editRecord('cost_code', codeId('Wiring'), { name: 'Cables' });
  await reconcile('project', true);
  expect(codes()).toContain('26-050 Wiring *');
  await quiet('project');

  world.procore.seedCostCodes(id, [{ code: '31-100', name: 'Trench' }]);
  await reconcile('project', true);
  expect((await world.openExceptions()).map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/Cost code 31-100 is in Procore alone/),
  ]);
  await quiet('project');
  phase('31-100', 'Trench');
  await reconcile('project');
  expect(codes()).toContain('31-100 Trench *');
  expect(records('cost_code')).toHaveLength(4);
  expect(await world.openExceptions()).toEqual([]);

  // A part of the job has codes of its own.
  world.erp.addSubJob(1, JOB, PART, 'Tower');
  world.erp.addPhase(1, PART, rawPhase('23-050'), 'Ductwork');
  await reconcile('sub_job');
  const part = world.staged().find(({ item_type }) => item_type === 'sub_job');
  const imported = world.procore.importStaged(part?.id ?? 0);
  await world.poll();
  await world.result(imported.event?.requestId ?? 0);
  world.erp.changePhase(1, PART, '23-050', { Description: 'Risers' });
  world.erp.changeJob(1, PART, { Description: 'Tower A' });
  await reconcile('sub_job');
  expect(records('cost_code').map(({ name }) => name)).toContain('Risers');
  expect(world.procore.record('sub_job', imported.id)).toMatchObject({ name: 'Tower A' });
  await quiet('sub_job');

  // Everything is told: the ERP tool's own refresh finds nothing to do.
  world.procore.clearLog();
  const [refreshed] = world.procore.runPeriodicSync();
  await world.poll();
  expect(await world.result(refreshed?.requestId ?? 0)).toMatchObject({ status: 'applied' });
  expect(world.writes().filter((name) => /ync/.test(name))).toEqual([]);
  await quiet('project');

  world.erp.changeStandardCode('23-050', { Description: 'Sheet metal' });
  world.erp.addStandardCode('24', 'Plumbing');
  await reconcile('standard_cost_code');
  const [parent] = world.erp.standardCodes().filter(({ Description }) => Description === 'Plumbing');
  world.erp.changeStandardCode('23-050', { ParentID: parent?.KeyID ?? null });
  world.erp.changeCostType('77', { Description: 'Lifting' });
  await reconcile('standard_cost_code');
  await reconcile('line_item_type');
  const ofCode = (name: string) => records('standard_cost_code').find((row) => row['name'] === name);
  expect(ofCode('Sheet metal')).toMatchObject({ parent_id: ofCode('Plumbing')?.id });
  expect(records('line_item_type').map((row) => row['name'])).toContain('Lifting');
  // Procore puts the code above in front of a code, so it keeps another one than the ERP: it is tried once, and told.
  await reconcile('standard_cost_code');
  await quiet('standard_cost_code', 'line_item_type');
}, 300_000);

test('without the ERP tool a new job is made with its codes, and a code that Procore owns is born in the ERP and tied', async () => {
  await begin({
    openDoor: { vendors: 'none', syncEveryMinutes: 10_080 },
    reconcile: { kinds: {}, ownership: { project: { all: 'ask', fields: { cost_code: 'ask' } } } },
  });
  world.erp.addCostType('77', 'Rigging');
  world.erp.addJob(1, JOB, 'Eastgate');
  phase('23-050', 'Ductwork');
  await all();
  await reconcile('project');
  await reconcile('project');
  expect(codes()).toEqual(['23-050 Ductwork *']);
  await quiet('project');

  const [project] = records('project');
  world.procore.seedCostCodes(project?.id ?? 0, [{ code: '31-100', name: 'Trench' }]);
  world.procore.editRecord('cost_code', codeId('Ductwork'), { name: 'Sheet metal' });
  await reconcile('project', true);
  expect(world.erp.phases(1, JOB).map(({ Description }) => Description)).toEqual(['Sheet metal', 'Trench']);
  await reconcile('project');
  expect(codes()).toEqual(['23-050 Sheet metal *', '31-100 Trench *']);
  await quiet('project');
}, 300_000);

test('codes of projects are read in turn; projects that somebody names are read at once, with what is in them', async () => {
  await begin({
    openDoor: { vendors: 'none', syncEveryMinutes: 10_080 },
    reconcile: { kinds: {}, ownership: { project: { all: 'ask', fields: { cost_code: 'ask' } } } },
  });
  const jobs = [JOB, rawJob('2418-001'), rawJob('2419-001')];
  for (const [at, one] of jobs.entries()) {
    world.erp.addJob(1, one, `Eastgate ${at}`);
    world.erp.addPhase(1, one, rawPhase('23-050'), `Ductwork ${at}`);
  }
  await all();
  await reconcile('project');
  await reconcile('project');
  await quiet('project');
  for (const at of jobs.keys())
    world.procore.editRecord('cost_code', codeId(`Ductwork ${at}`), { name: `Risers ${at}` });
  const projects = ['2417-001', String(records('project')[1]?.id), '2419-001'];
  const kinds = ['project'] as const;
  const look = (names: readonly string[]): Promise<void> =>
    world.store((store) =>
      lookAtProjects(store, { connectionId: world.connectionId, kinds, projects: names }, new Date()),
    );
  await expect(look(['2417-001', '9999'])).rejects.toThrow(/No linked project .* "9999"/);
  await look(projects);
  expect(await reconcile('project')).toMatchObject({ moved: { procore: 3 } });
  expect(jobs.flatMap((one) => world.erp.phases(1, one).map(({ Description }) => Description))).toEqual([
    'Risers 0',
    'Risers 1',
    'Risers 2',
  ]);
  await reconcile('project');
  await quiet('project');
}, 300_000);
