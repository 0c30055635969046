/** Everything that Procore can ask for was done, and our store is lost: nothing is done again. */
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { story } from '../../support/story';
import { ANY, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
afterEach(() => world.close());

/** Everything in the ERP but the anchors. */
function erpRows(): Record<string, unknown[]> {
  const { db } = world.erp;
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as {
    name: string;
  }[];
  return Object.fromEntries(
    tables
      .filter(({ name }) => name !== 'tieback_anchor' && !name.startsWith('sqlite_'))
      .map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]),
  );
}

const ties = async (): Promise<string[]> =>
  (await world.links())
    .filter(({ state }) => state === 'linked')
    .map(({ kind, erpKey, procoreId }) => `${kind} ${erpKey}=${procoreId}`)
    .sort();

test('every event of the dictionary: the ERP is not touched, and finance is not asked', async () => {
  const everything = [{ name: 'everything', decision: 'approve' as const, when: ANY }];
  world = await World.create(temporal, { policy: { rules: everything }, seedErp: true });
  await world.tie();
  const ended = new Map<number, string>();
  for (const scene of story(world)) {
    const raised = [scene.act()].flat();
    await world.poll();
    for (const { requestId } of raised) ended.set(requestId, (await world.result(requestId)).status);
    await scene.then?.();
  }
  const erp = erpRows();
  // From now on finance would be asked about everything that is written to the ERP.
  const [connection] = world.config.connections;
  if (!connection) throw new Error('unreachable');
  const policy = { ...connection.policy, rules: [] };
  world.config = { ...world.config, connections: [{ ...connection, policy }] };
  world.skipMinutes(60);
  await world.loseStore();
  await world.tie();
  world.procore.clearLog();
  await world.poll();
  const other = new Map<string, string>();
  for (const [id, status] of ended) {
    const row = await world.untilOneOf(id, ['applied', 'failed', 'parked', 'waiting_for_finance', 'held']);
    if (row.status !== status) other.set(row.eventName ?? '', `${row.status} ${row.reason ?? ''}`);
  }
  // Its event names no record, and the record is gone by now.
  expect([...other]).toEqual([
    ['create_commitment_in_procore', expect.stringMatching(/^failed .* Procore does not say which record/)],
  ]);
  expect(erpRows()).toEqual(erp);
  const tied = (await ties()).filter((tie) => !/^(line_item_type|standard_cost_code) /.test(tie));
  const external = world.procore.state().companies[0]?.externalData ?? [];
  const shown = external.flatMap(({ item_type: type, item_id: id, origin_id: origin }) =>
    ['vendor', 'project', 'sub_job'].includes(type)
      ? [`${type} ${origin?.slice(type.length + 1)}=${id}`]
      : [],
  );
  expect(tied).toEqual(shown.sort());
  // Cost types and metadata, which Procore asks for without a detail, are sent once more: that sets what is there already.
  expect([...new Set(world.writes())].sort()).toEqual(['RestV10LineItemTypesSyncPatch', 'metadata.update']);
  expect(world.procore.violations()).toEqual([]);
  // That the head of the log that is gone is anchored in the ERP is told.
  expect(await world.auditFindings()).toEqual([
    expect.objectContaining({ about: expect.stringContaining('anchor') as string }),
  ]);
}, 300_000);
