/** Our store and the workflows may know different things after crashes and restores: the next intake round brings them together. */
import { join } from 'node:path';
import { requestWorkflows } from '../../../src/temporal/request-workflows';
import { openSqlite } from '../../../src/sqlite';
import type { Decision } from '../../../src/domain/request/flow';
import { commandIn } from '../../support/command';
import { signedBy } from '../../support/people';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, vendorFields, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal);
});
afterEach(() => world.close());

async function waiting(): Promise<number> {
  const [vendor] = world.procore.seedVendors([vendorFields({ prequalified: false })]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
    code: '10442',
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

const workflow = (requestId: number) => world.client.workflow.getHandle(world.workflowId(requestId));
const reasons = async (requestId: number): Promise<unknown[]> =>
  (await world.trail(requestId))
    .filter(({ action }) => action === 'request.restarted')
    .map(({ detail }) => detail['reason']);

test.each([
  ['terminated', (requestId: number) => workflow(requestId).terminate('by mistake')],
  ['cancelled', (requestId: number) => workflow(requestId).cancel()],
])('a workflow that somebody %s in the Web UI is started again', async (how, end) => {
  const requestId = await waiting();
  await end(requestId);
  await workflow(requestId)
    .result()
    .catch(() => undefined);
  await world.poll();
  expect(await reasons(requestId)).toEqual([
    expect.stringMatching(new RegExp(`"waiting_for_finance", but its workflow was ${how}`)),
  ]);
  await world.until(requestId, 'waiting_for_finance');
  while ((await workflow(requestId).query<{ planHash: unknown }>('state')).planHash === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('a decision that was recorded while its workflow never heard of it is carried out', async () => {
  const requestId = await waiting();
  // What a crash of daemon and Temporal leaves behind: our transaction is there, the history has no trace of it.
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(requestId), page: 0 }));
  const row = await world.request(requestId);
  const given = { planHash: plan?.hash ?? '', by: MARIA, comment: '', channel: 'cli' };
  const { comment, channel, at, signatures } = signedBy<Decision>(world.keys, row, 'approve', given);
  await world.store((store) =>
    store.transaction('crash', world.connectionId, async (t) => {
      await t.requests.setStatus(row, 'applying', null, at);
      await t.audit.append(world.connectionId, [
        {
          at,
          actor: MARIA,
          action: 'approval.granted',
          subject: row.id,
          requestId: row.id,
          planHash: plan?.hash ?? null,
          workflowId: row.workflowId,
          detail: { comment, channel, signedAt: at, signatures },
        },
      ]);
    }),
  );
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(await reasons(requestId)).toEqual([
    'The request is "applying", but its workflow rests at "waiting_for_finance".',
  ]);
  expect(world.erp.vendors()).toHaveLength(1);
});

test('whoever would begin again a run that is over leaves the one that took its place alone', async () => {
  const requestId = await waiting();
  const dead = await workflow(requestId).describe();
  await workflow(requestId).terminate('by mistake');
  await world.poll();
  const next = await workflow(requestId).describe();
  expect(next.runId).not.toBe(dead.runId);
  const input = { ...world.ref(requestId), procoreQueue: '-', erpQueue: '-', fetched: true };
  await requestWorkflows(world.client, world.config.temporal.taskQueue).restart(input, dead.runId);
  const { runId, status } = await workflow(requestId).describe();
  expect({ runId, status: status.name }).toEqual({ runId: next.runId, status: 'RUNNING' });
});

test('a request that a restored store calls new is worked again', async () => {
  const requestId = await waiting();
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(`UPDATE sync_request SET status = 'received' WHERE id = ?`).run(`erp/${requestId}`);
  db.close();
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  expect(await reasons(requestId)).toHaveLength(1);
});

test.each([
  [
    'what was read for it',
    `DELETE FROM snapshot WHERE request_id = ?`,
    /does not know what was read for page 0/,
  ],
  [
    'that it was opened',
    `UPDATE sync_request SET status = 'received', event_name = NULL WHERE id = ?`,
    /does not know that it was opened/,
  ],
  [
    'what arrived',
    `UPDATE sync_request SET status = 'received', event_name = NULL, fetched = 0 WHERE id = ?`,
    /does not know that it was opened/,
  ],
])(
  'a workflow at work that finds that a restored store does not know %s begins again',
  async (_what, sql, reason) => {
    // Taken away between the reading and the plan: what a store that is put back does to a workflow at work.
    const forget = (requestId: string): void => {
      const db = openSqlite(join(world.folder, 'tieback.db'));
      db.prepare(sql).run(requestId);
      db.close();
    };
    await world.close();
    let forgotten = false;
    const store = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
      const result = await call();
      const [row] = name === 'store.export.snapshot' && !forgotten ? world.rows<{ id: string }>(OPEN) : [];
      if (row) {
        forgotten = true;
        forget(row.id);
      }
      return result;
    };
    world = await World.create(temporal, { hooks: { store } });
    const requestId = await waiting();
    expect(await reasons(requestId)).toEqual([expect.stringMatching(reason)]);
    await world.approve(requestId);
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(world.erp.vendors()).toHaveLength(1);
  },
);

const OPEN = `SELECT id FROM sync_request WHERE status = 'planning'`;

test('a request that is closed here is not asked about any more', async () => {
  const requestId = await waiting();
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(`UPDATE sync_request SET status = 'failed', reason = 'closed' WHERE id = ?`).run(
    `erp/${requestId}`,
  );
  db.close();
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'failed' });
});

describe('a request that Procore shows as closed', () => {
  const rows = (requestId: number, sql: string): void => {
    const db = openSqlite(join(world.folder, 'tieback.db'));
    db.prepare(`UPDATE sync_request SET ${sql} WHERE id = ?`).run(`erp/${requestId}`);
    db.close();
  };

  test('is not asked about any more, and is closed as Procore did', async () => {
    const requestId = await waiting();
    await world.closeInProcore(requestId, 'failed', ['Given up by the sender.']);
    expect((await tieback(['doctor', '--json'])).out).toContain(
      `Procore shows 1 of 1 open request as closed: erp/${requestId} (waiting_for_finance here, failed there)`,
    );
    // It was looked at a moment ago, when it was open.
    world.skipMinutes(11);
    await world.poll();
    expect(await world.result(requestId)).toMatchObject({ status: 'failed' });
    expect(await world.request(requestId)).toMatchObject({
      status: 'failed',
      reason: 'Closed before, Procore shows it as failed: Given up by the sender.',
    });
    expect(await reasons(requestId)).toEqual([
      'The request is "waiting_for_finance", but Procore shows it as closed (failed).',
    ]);
    expect((await world.trail(requestId)).slice(-2)).toMatchObject([
      { action: 'request.adopted', detail: { procore: 'failed', messages: ['Given up by the sender.'] } },
      { action: 'request.closed', detail: { status: 'failed' } },
    ]);
    expect(world.erp.vendors()).toEqual([]);
    expect(await world.auditFindings()).toEqual([]);
  });

  test('is seen at the start, whoever waits for it', async () => {
    const requestId = await waiting();
    await world.closeInProcore(requestId, 'success', []);
    await world.restart({});
    // The round that the start asks for may be one that runs already. It looked at the request a moment ago, and does not look again.
    await world.poll();
    expect((await world.until(requestId, 'applied')).reason).toBe('Done before, as Procore shows it.');
  });

  test('moves again in a store that was restored from a backup', async () => {
    const requestId = await waiting();
    await world.approve(requestId);
    await world.result(requestId);
    rows(requestId, `status = 'received', reason = NULL, closed_at = NULL`);
    world.skipMinutes(11);
    await world.poll();
    await world.until(requestId, 'applied');
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(world.erp.vendors()).toHaveLength(1);
    expect((await world.links()).map(({ state }) => state)).toEqual(['linked']);
  });

  test('lets those that waited for it go on', async () => {
    const requestId = await waiting();
    const { item_id: vendorId } = world.details(requestId)[0] ?? {};
    await world.closeInProcore(requestId, 'failed', ['Sent again.']);
    const form = { code: '10442', customFields: { vendor_type_origin_id: '1|SUB' } };
    const second = world.procore.exportVendor(Number(vendorId), form).requestId;
    await world.poll();
    await world.until(second, 'held');
    world.skipMinutes(11);
    await world.poll();
    await world.until(second, 'waiting_for_finance');
    expect(await world.request(requestId)).toMatchObject({ status: 'failed' });
  });

  test('what is open costs one call a turn, however many wait', async () => {
    const requestId = await waiting();
    world.procore.clearLog();
    await world.poll();
    await world.poll();
    const looks = () =>
      world.procore.requestLog().filter(({ operationId }) => operationId === 'requestDetail.list');
    expect(looks()).toHaveLength(0);
    world.skipMinutes(11);
    await world.poll();
    await world.poll();
    expect(looks()).toHaveLength(1);
    expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
  });
});

test('what agrees is left alone', async () => {
  const requestId = await waiting();
  const { runId } = (await workflow(requestId).describe()) as { runId: string };
  await world.poll();
  await world.poll();
  expect((await workflow(requestId).describe()).runId).toBe(runId);
  expect(await reasons(requestId)).toEqual([]);
});

test('a clock that is wrong when a request arrives closes nothing', async () => {
  await world.close();
  world = await World.create(temporal, { policy: { openDetailHours: 24 } });
  world.skipMinutes(-30 * 60);
  const requestId = await waiting();
  world.skipMinutes(30 * 60);
  await world.poll();
  expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

/** Her token, for the environment of a command. */
async function asMaria(): Promise<Record<string, string>> {
  const { out } = await tieback(['people', 'add', MARIA, '--json']);
  return { TIEBACK_TOKEN: (JSON.parse(out) as { token: string }).token };
}

const tieback = (args: readonly string[], env: Record<string, string> = {}) =>
  commandIn(world, args, { env });

describe('an ERP that was restored from an older backup', () => {
  const vendor = (name: string, code: string): number => {
    const [one] = world.procore.seedVendors([
      vendorFields({
        name,
        abbreviated_name: name.toUpperCase().slice(0, 15),
        email_address: null,
        business_phone: null,
      }),
    ]);
    return world.procore.exportVendor(one?.id ?? 0, {
      code,
      customFields: { vendor_type_origin_id: '1|SUB' },
    }).requestId;
  };

  /** What was written after the backup is gone, and its number goes to somebody else. */
  function restore(): void {
    const { db } = world.erp;
    db.exec(
      'DROP TRIGGER tieback_ledger_keep_rows; DELETE FROM tieback_ledger; DELETE FROM APVM WHERE Vendor = 10442',
    );
    world.erp.addVendor({ Vendor: 10442, Name: 'Juniper Paving', SortName: 'JUNIPER' });
  }

  test('nothing more is written to it until somebody accepts what is missing', async () => {
    const first = vendor('Cobalt Mechanical LLC', '10442');
    await world.poll();
    expect(await world.result(first)).toMatchObject({ status: 'applied' });
    restore();
    const second = vendor('Harborline Electric', '10501');
    await world.poll();
    const row = await world.until(second, 'parked');
    expect(row.reason).toMatch(
      /^The ERP does not know what Tieback wrote to it: vendor\/\d+ as 1\|10442 .*restored/,
    );
    expect(world.erp.vendors().map(({ Name }) => Name)).toEqual(['Juniper Paving']);

    const listed = await tieback(['restored']);
    expect(listed).toMatchObject({ code: 1, err: '' });
    expect(listed.out).toMatch(/1 write of ours, 1 of them is not known to the ERP/);
    const accept = ['restored', '--accept', '--comment', 'backup of Sunday, 078-05-1120'];
    expect((await tieback([...accept, '--as', MARIA])).err).toMatch(
      /Nobody decides in the name of somebody else/,
    );
    expect((await tieback(accept)).err).toMatch(/You are not logged in/);
    const maria = await asMaria();
    expect((await tieback(['restored', '--accept'], maria)).err).toMatch(/Say why/);
    expect(await tieback(accept, maria)).toMatchObject({ code: 0, err: '' });
    await world.correct(second, {});
    expect(await world.result(second)).toMatchObject({ status: 'applied' });
    expect((await world.links()).map(({ erpKey, state }) => `${erpKey} ${state}`).sort()).toEqual([
      '1|10442 unlinked',
      '1|10501 linked',
    ]);
    expect((await world.trail(first)).slice(-2)).toMatchObject([
      { action: 'erp.restored', actor: MARIA, detail: { comment: 'backup of Sunday, [masked]' } },
      { action: 'link.changed', actor: MARIA },
    ]);
    expect(await tieback(['restored'])).toMatchObject({ code: 0 });
  });

  test('what was lost is let go in Procore too, and can be sent again from there', async () => {
    const first = vendor('Cobalt Mechanical LLC', '10442');
    await world.poll();
    await world.result(first);
    const [linked] = await world.links();
    const procoreId = linked?.procoreId ?? 0;
    restore();
    const accepting = ['restored', '--accept', '--comment', 'backup of Sunday'];
    expect(await tieback(accepting, await asMaria())).toMatchObject({ code: 0 });
    // The number belongs to another vendor now: Procore must not say that it is this one's.
    expect(world.procore.record('vendor', procoreId)).toMatchObject({ linked: false, origin_id: null });
    const again = world.procore.exportVendor(procoreId, {
      code: '10443',
      customFields: { vendor_type_origin_id: '1|SUB' },
    });
    await world.poll();
    expect(await world.result(again.requestId)).toMatchObject({ status: 'applied' });
    expect(world.erp.vendors().map(({ Name }) => Name)).toEqual(['Juniper Paving', 'Cobalt Mechanical LLC']);
    expect(await world.auditFindings()).toEqual([]);
  });

  test('a write that was lost before Procore heard of it is planned again', async () => {
    const first = vendor('Cobalt Mechanical LLC', '10442');
    world.procore.addFault({
      kind: 'status',
      status: 503,
      match: { operationId: 'externalData.sync' },
      times: 1000,
    });
    await world.poll();
    await world.until(first, 'applying');
    while (world.erp.vendors().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await untilWritten(first);
    restore();
    const accepting = ['restored', '--accept', '--comment', 'backup of Sunday'];
    expect(await tieback(accepting, await asMaria())).toMatchObject({ code: 0 });
    world.procore.clearFaults();
    // Procore is told nothing of it; the plan is made again, and it says that the number is taken now.
    while ((await world.request(first)).status === 'applying')
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await world.until(first, 'parked')).reason).toMatch(/10442 is already used by .*Juniper Paving/);
    expect(world.details(first).map(({ status }) => status)).not.toContain('success');
    expect(world.erp.vendors().map(({ Name }) => Name)).toEqual(['Juniper Paving']);
  }, 300_000);
});

/** Our store says that the ERP has it. */
async function untilWritten(requestId: number): Promise<void> {
  const written = `SELECT 1 FROM operation WHERE request_id = 'erp/${requestId}' AND side = 'erp' AND state = 'written'`;
  while (world.rows(written).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
