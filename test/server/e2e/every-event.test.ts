/**
 * Every event of Procore's dictionary is closed out as documented: the story of `test/support/story.ts`, told on the real server. Where a SQL Server is
 * named, our store is there.
 */
import { loadEvents } from '../../../sandbox/procore-simulator/data';
import { ALL_EVENTS } from '../../../src/procore/erp-tool/events';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { runSweep } from '../../../src/temporal/starter';
import type { Stage } from '../../support/story';
import { documentedName, story } from '../../support/story';
import { ANY, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
const server = testServer();
if (server === null) skippedOnSqlServer('the store behind the story of every event');
let database: FreshDatabase | null = null;
const told = new Set<string>();
/** The world is made later than the table of tests. */
const stage: Stage = {
  get procore() {
    return world.procore;
  },
  get erp() {
    return world.erp;
  },
  links: () => world.links(),
};
const scenes = story(stage);

const RULES = [{ name: 'everything', decision: 'approve' as const, when: ANY }];

beforeAll(async () => {
  temporal = await testTemporal();
  database = server && (await freshDatabase(server));
  const store = database === null ? {} : { store: database.settings };
  world = await World.create(temporal, { policy: { rules: RULES }, seedErp: true, ...store });
  await world.tie();
}, 60_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
  await database?.drop();
});

describe('every event of the dictionary, in one story', () => {
  test.each(scenes)('$events: $when', async (scene) => {
    world.procore.clearLog();
    const raised = [scene.act()].flat();
    await world.poll();
    for (const { requestId } of raised) {
      const result = await world.result(requestId);
      expect(`${result.status}: ${result.summary}`).toMatch(scene.says);
      expect(result.status).toBe(scene.status ?? 'applied');
      const statuses = world.details(requestId).map(({ status }) => status);
      const wanted = scene.status === 'failed' ? 'failed' : 'success';
      expect(statuses).toEqual(scene.details ?? statuses.map(() => wanted));
    }
    // Requests of one button run side by side.
    const sent = world.writes().map(documentedName);
    expect(raised.length > 1 ? [...sent].sort() : sent).toEqual(
      raised.length > 1 ? [...scene.sends].sort() : scene.sends,
    );
    const names = raised.map(({ body }) => (body as { request_name: string }).request_name);
    expect([...new Set(names)].sort()).toEqual([...scene.events].sort());
    expect(world.procore.violations()).toEqual([]);
    for (const name of names) told.add(name);
    await scene.then?.();
  });

  test('no event is missing', () => {
    const names = Object.keys(ALL_EVENTS).map((name) =>
      name === 'create_payment' ? 'create_contract_payment' : name,
    );
    expect([...told].sort()).toEqual(names.sort());
  });

  test.each(scenes)('$events: $when: only documented calls, in the documented order', ({ events, sends }) => {
    const documented = loadEvents().filter(({ requestName }) => events.includes(requestName));
    for (const { closeOut, optionalCalls } of documented) {
      const order = [...optionalCalls, ...closeOut].map(({ op }) => op);
      const places = sends
        .map((operation) => order.indexOf(SAME[operation] ?? operation))
        .filter((at) => at >= 0);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    const all = documented.flatMap(({ closeOut, optionalCalls }) =>
      [...closeOut, ...optionalCalls].map(({ op }) => op),
    );
    for (const operation of sends) expect(all).toContain(SAME[operation] ?? operation);
  });

  test('a sweep finds nothing of all this missing or untold', async () => {
    const { connectionId } = world;
    const input = { connectionId, erpQueue: `erp-${connectionId}` };
    const { kinds, problems } = await runSweep(world.client, world.config.temporal.taskQueue, input);
    expect(problems).toEqual([]);
    expect(kinds.filter(({ linked }) => linked > 0).length).toBeGreaterThan(5);
    expect(kinds.filter(({ missing, missed }) => missing + missed > 0)).toEqual([]);
  });

  test('the audit chain is whole, and nothing is left open', async () => {
    expect(await world.auditFindings()).toEqual([]);
    expect(await world.openExceptions()).toEqual([]);
  });

  test('every call was as Procore documents it', () => {
    expect(world.procore.violations()).toEqual([]);
  });
});

/** A sync action by id does what the documented update of one record does. */
const SAME: Readonly<Record<string, string>> = {
  'projects.sync': 'projects.update',
  'subJobs.sync': 'subJobs.update',
};
