/**
 * The story of `test/support/story.ts`, told on Vista: its people post what Tieback leaves for them. Scenes about what Vista keeps none of (sub jobs,
 * prime contracts and what hangs on them, payments of Procore Pay) are told apart. Where a SQL Server is named, our store is there.
 */
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { SqliteModel } from '../../../sandbox/vista-model/database';
import type { Office } from '../../../sandbox/vista-model/office';
import { officeOf } from '../../../sandbox/vista-model/office';
import { vistaAdapter } from '../../../src/erp-adapters/vista';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';
import type { Scene, Stage } from '../../support/story';
import { documentedName, story } from '../../support/story';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vistaStage } from '../../support/vista-stage';
import { ANY, World } from '../../support/world';

/** Events about records that Vista keeps none of. */
const NOT_KEPT = [
  'create_sub_job',
  'sync_sub_jobs',
  'create_sub_job_in_procore',
  'create_contract_payment',
  'sync_prime_contracts',
  'create_prime_contract_change_order',
  'unlink_prime_contract_change_order',
  'reset_prime_contract_change_order',
  'create_payment_application',
  'unlink_payment_application',
  'reset_sub_job',
  // Phases and cost types that had cost stay: people make them inactive.
  'delete_cost_type_assignments',
  'delete_cost_codes',
];

/** What differs: phases have no parents, change orders no titles, nobody asks about sub jobs, and there is cost from the start. */
const DIFFERS: Readonly<Record<string, Partial<Scene>>> = {
  'a change order to the subcontract': { says: /Commitment change order 1 was created in the ERP/ },
  'the ERP codes come to Procore': {
    sends: ['lineItemTypes.sync', 'standardCostCodes.sync', 'requestDetail.update'],
  },
  // The seed has a posted subcontract there.
  'one is imported and gets its codes, cost types and costs': {
    sends: ['costCodes.sync', 'costCodeLineItemTypes.sync', 'jobCosts.sync'],
  },
  'Procore asks on its own clock, after a phase and its cost were added in the ERP': {
    events: ['sync_single_job'],
  },
};

let temporal: TestTemporal;
let world: World;
const server = testServer();
if (server === null) skippedOnSqlServer('the store behind the story on Vista');
let database: FreshDatabase | null = null;
let model: SqliteModel;
let office: Office;
const folder = mkdtempSync(join(tmpdir(), 'tieback-vista-story-'));
const settings = {
  file: join(folder, 'vista.db'),
  company: 1,
  currency: 'USD',
  newJobs: { department: '100' },
};
const stage: Stage = {
  get procore() {
    return world.procore;
  },
  get erp() {
    return vistaStage(office);
  },
  links: () => world.links(),
};
const whole = story(stage);
const scenes = whole
  .filter(({ events }) => !events.some((event) => NOT_KEPT.includes(event)))
  .map((scene) => ({ ...scene, ...DIFFERS[scene.when] }));

beforeAll(async () => {
  temporal = await testTemporal();
  model = SqliteModel.create(settings.file);
  office = officeOf(model);
  office.seedCompany();
  model.db.exec(vistaAdapter.create({ connectionId: 'x', settings }).grantScript());
  const rules = [{ name: 'everything', decision: 'approve' as const, when: ANY }];
  database = server && (await freshDatabase(server));
  const store = database === null ? {} : { store: database.settings };
  world = await World.create(temporal, { policy: { rules }, erp: { adapter: 'vista', settings }, ...store });
  await world.tie();
}, 300_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
  await database?.drop();
  model.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the story on Vista', () => {
  test.each(scenes)('$events: $when', async (scene) => {
    world.procore.clearLog();
    const raised = [scene.act()].flat();
    await world.poll();
    for (const { requestId } of raised) {
      const { status, summary } = await world.result(requestId);
      expect(`${status}: ${summary}`).toMatch(scene.says);
      expect(status).toBe(scene.status ?? 'applied');
    }
    const sent = world.writes().map(documentedName);
    expect(raised.length > 1 ? [...sent].sort() : sent).toEqual(
      raised.length > 1 ? [...scene.sends].sort() : scene.sends,
    );
    expect(world.procore.violations()).toEqual([]);
    await scene.then?.();
  });

  test('what Vista keeps none of, Procore does not offer', () => {
    const [subJob] = whole.filter(({ events }) => events.includes('create_sub_job'));
    expect(() => subJob?.act()).toThrow('does not export sub jobs');
  });

  test('the audit chain is whole, and nothing is left open', async () => {
    expect(await world.auditFindings()).toEqual([]);
    expect(await world.openExceptions()).toEqual([]);
  });

  test('every batch of ours was posted by people, or waits for them', () => {
    const ours = office.batches().filter(({ CreatedBy }) => CreatedBy === 'tieback');
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.every(({ InUseBy }) => InUseBy === null)).toBe(true);
    expect(ours.every(({ Status, DatePosted }) => (Status === 5) === (DatePosted !== null))).toBe(true);
  });
});
