/** Rows that somebody wrote into our store past Tieback are no authority: only what the audit chain vouches for is acted on. */
import { join } from 'node:path';
import type { RequestState } from '../../../src/domain/request/flow';
import { REQUEST_STATE_QUERY } from '../../../src/domain/request/flow';
import { openSqlite } from '../../../src/sqlite';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { COMPANY, MARIA, POLICY, vendorFields, World } from '../../support/world';

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

/** A vendor that only finance may let through: it waits. */
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

/** What somebody with a database tool does. */
function forge(sql: string, ...values: unknown[]): void {
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(sql).run(...values);
  db.close();
}

const rename = (column: 'body' | 'reading', table: string, requestId: number): void =>
  forge(
    `UPDATE ${table} SET ${column} = replace(${column}, 'Cobalt Mechanical LLC', 'Cobalt Mechanicals LLC') WHERE request_id = ?`,
    `erp/${requestId}`,
  );

/** As after a Temporal server that was emptied: every open request is looked at again from what is stored. */
async function lookAgain(requestId: number): Promise<void> {
  const workflow = world.client.workflow.getHandle(world.workflowId(requestId));
  await workflow.terminate('emptied');
  await world.restart({});
  // A query answers for a run that has ended, too.
  const isAsking = async (): Promise<boolean> =>
    (await workflow.describe()).status.name === 'RUNNING' &&
    ((await workflow.query<RequestState>(REQUEST_STATE_QUERY).catch(() => null))?.planHash ?? null) !== null;
  while (!(await isAsking())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const names = (): string[] => world.erp.vendors().map(({ Name }) => Name);
const incidents = async (requestId: number): Promise<unknown[]> =>
  (await world.trail(requestId))
    .filter(({ action }) => action === 'incident.found')
    .map(({ detail }) => detail['reason']);

test('an approval that lies in the store, but that nobody gave, lets nothing through', async () => {
  const requestId = await waiting();
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(requestId), page: 0 }));
  forge(
    `INSERT INTO approval (connection_id, request_id, plan_hash, decision, decided_by, comment, channel, at)
     VALUES (?, ?, ?, 'approved', ?, '', 'cli', ?)`,
    ...[world.connectionId, `erp/${requestId}`, plan?.hash, MARIA, new Date().toISOString()],
  );
  await lookAgain(requestId);
  await world.until(requestId, 'waiting_for_finance');
  expect(names()).toEqual([]);
  await world.approve(requestId);
  await world.result(requestId);
  expect(names()).toEqual(['Cobalt Mechanical LLC']);
});

test('an entry of the audit log without its link is no approval either', async () => {
  const requestId = await waiting();
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(requestId), page: 0 }));
  const { seq } = await world.read((t) => t.audit.head(world.connectionId));
  forge(
    `INSERT INTO audit_entry (connection_id, seq, idx, at, actor, action, subject, request_id, plan_hash, workflow_id, detail)
     VALUES (?, ?, 7, ?, ?, 'approval.granted', ?, ?, ?, null, '{}')`,
    ...[world.connectionId, seq, new Date().toISOString(), MARIA],
    ...[`erp/${requestId}`, `erp/${requestId}`, plan?.hash],
  );
  await lookAgain(requestId);
  await world.until(requestId, 'waiting_for_finance');
  expect(names()).toEqual([]);
});

test('an approval in a log that was continued by hand is none: nobody signed it', async () => {
  const requestId = await waiting();
  const row = await world.request(requestId);
  const plan = await world.read((t) => t.plans.latest({ ...world.ref(requestId), page: 0 }));
  // Whoever may write to our tables can build links too, where no audit key keeps them from it.
  const at = new Date().toISOString();
  const about = {
    subject: row.id,
    requestId: row.id,
    planHash: plan?.hash ?? '',
    workflowId: row.workflowId,
  };
  const detail = { comment: '', channel: 'cli', signedAt: at, signatures: [{ keyId: 'first', value: '00' }] };
  await world.store((store) =>
    store.transaction('forged', world.connectionId, (t) =>
      t.audit.append(world.connectionId, [
        { at, actor: MARIA, action: 'approval.granted', ...about, detail },
      ]),
    ),
  );
  await lookAgain(requestId);
  await world.until(requestId, 'waiting_for_finance');
  expect(names()).toEqual([]);
  expect((await world.auditFindings()).map(({ what }) => what)).toContain(
    `"${MARIA}" answered (approval.granted), but the daemon did not sign it`,
  );
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
});

test('who asked is what the webhook said, not what the row says now: nobody approves a request of their own', async () => {
  const [vendor] = world.procore.seedVendors([vendorFields({ prequalified: false })]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  const answered = await fetch(world.webhookUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer hook-secret-1', 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ ulid: 'TOM-ASKED', resource_name: 'ERP Requests', event_type: 'create', user_id: 7710 },
      ...{ company_id: COMPANY, resource_id: requestId },
    }),
  });
  expect(answered.status).toBe(204);
  await world.until(requestId, 'waiting_for_finance');
  expect(await world.request(requestId)).toMatchObject({ requestedBy: 7710 });
  forge('UPDATE sync_request SET requested_by = null WHERE id = ?', `erp/${requestId}`);
  await world.correct(requestId, {});
  await world.until(requestId, 'waiting_for_finance');
  await expect(askedAgain(() => world.approve(requestId, { by: 'tom@acme.example' }))).rejects.toMatchObject({
    cause: {
      message: expect.stringMatching(/asked for this in Procore; somebody else must approve/) as string,
    },
  });
  expect(names()).toEqual([]);
});

/** The store may say "waiting" a moment before the workflow asks. */
async function askedAgain<T>(decide: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await decide();
    } catch (error) {
      if ((error as { cause?: { type?: string } }).cause?.type !== 'NothingToDecide') throw error;
    }
  }
}

test('an end in Procore that nobody saw closes nothing and ties nothing', async () => {
  const requestId = await waiting();
  const { recordId } = await world.request(requestId);
  const end = { status: 'success', messages: ['All fine.'], origins: [{ recordId, originId: '10442' }] };
  forge('UPDATE sync_request SET procore_end = ? WHERE id = ?', JSON.stringify(end), `erp/${requestId}`);
  await world.poll();
  expect(await incidents(requestId)).toEqual([expect.stringMatching(/does not know that anybody saw it/)]);
  expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance', procoreEnd: null });
  expect(await world.links()).toEqual([]);
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(names()).toEqual(['Cobalt Mechanical LLC']);
});

test('a plan changed before the decision: the decision is void, the plan is made again, and finance is asked again', async () => {
  const requestId = await waiting();
  rename('body', 'plan', requestId);
  await world.approve(requestId);
  const row = await world.until(requestId, 'waiting_for_finance');
  expect(row.reason).toMatch(/Nothing is written: the stored plan does not have the hash/);
  expect(await incidents(requestId)).toEqual([row.reason]);
  expect(names()).toEqual([]);
  await world.approve(requestId);
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(names()).toEqual(['Cobalt Mechanical LLC']);
});

test('a part of the plan that nobody is shown cannot be changed either', async () => {
  const requestId = await waiting();
  forge(
    `UPDATE plan SET body = replace(body, '"generation":1', '"generation":7') WHERE request_id = ?`,
    `erp/${requestId}`,
  );
  await world.approve(requestId);
  const row = await world.until(requestId, 'waiting_for_finance');
  expect(row.reason).toMatch(/the stored plan was changed after it was built/);
  expect(names()).toEqual([]);
});

test.each([
  ['the body as it arrived', 'body', /the stored body is not the one that arrived/],
  ['what it was read as', 'reading', /what the body was read as was changed/],
] as const)(
  '%s, changed while the request waits: it is not planned, and a person is told',
  async (_what, column, reason) => {
    const requestId = await waiting();
    rename(column, 'request_body', requestId);
    await world.correct(requestId, {});
    const row = await world.until(requestId, 'parked');
    expect(row.reason).toMatch(reason);
    expect(await incidents(requestId)).toEqual([row.reason]);
    await world.reject(requestId, 'looked into');
    expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
    expect(names()).toEqual([]);
  },
);

test('a body that was taken away: the request is not planned, and a person is told', async () => {
  const requestId = await waiting();
  forge('DELETE FROM request_body WHERE request_id = ?', `erp/${requestId}`);
  await world.correct(requestId, {});
  expect((await world.until(requestId, 'parked')).reason).toMatch(/its stored body is gone/);
  await world.reject(requestId, 'looked into');
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
});

test('an event that somebody wrote into the row of a request gets it past no rule', async () => {
  const rule = {
    name: 'all-codes',
    decision: 'approve',
    when: { events: ['create_standard_cost_codes'] },
  } as const;
  await world.restart({ policy: { ...POLICY, rules: [rule] } });
  const requestId = await waiting();
  forge("UPDATE sync_request SET event_name = 'create_standard_cost_codes' WHERE id = ?", `erp/${requestId}`);
  await world.correct(requestId, { city: 'Tacoma' });
  await world.until(requestId, 'waiting_for_finance');
  expect((await world.trail(requestId)).map(({ action }) => action)).not.toContain('approval.granted');
  expect(names()).toEqual([]);
});

test('corrections that nobody entered are not planned', async () => {
  const requestId = await waiting();
  forge(
    `UPDATE sync_request SET corrections = '{"name":"Cobalt Mechanicals LLC"}' WHERE id = ?`,
    `erp/${requestId}`,
  );
  await world.correct(requestId, { city: 'Tacoma' });
  expect((await world.until(requestId, 'parked')).reason).toMatch(/the stored corrections are not those/);
});

test('who may approve is asked again when the approval is acted on', async () => {
  const requestId = await waiting();
  world.erp.lockVendorFile('Dana');
  await world.approve(requestId);
  await world.until(requestId, 'busy');
  await world.restart({ policy: { ...POLICY, approvers: [{ id: 'tom@acme.example' }] } });
  world.erp.unlockVendorFile();
  // It would go on by itself; a person in a hurry says so.
  await world.correct(requestId, {}, 'tom@acme.example');
  const row = await world.until(requestId, 'waiting_for_finance');
  expect(row.reason).toMatch(/"maria@acme.example" is no approver of this connection/);
  expect(names()).toEqual([]);
  await expect(world.approve(requestId)).rejects.toThrow();
  await world.approve(requestId, { by: 'tom@acme.example' });
  await world.result(requestId);
  expect(names()).toEqual(['Cobalt Mechanical LLC']);
});
