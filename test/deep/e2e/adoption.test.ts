/**
 * Our store is empty or older, Procore and the ERP's ledger are not: what they show as done is adopted. Finance is asked only about what is
 * really open, and nothing is written twice.
 */
import { openSqlite } from '../../../src/sqlite';
import { join } from 'node:path';
import { copyFileSync } from 'node:fs';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { COMPANY, vendorFields, World } from '../../support/world';

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

let counter = 10_600;

/** Somebody sends a company to the ERP. Prequalified: a rule lets it through. */
function send(
  prequalified: boolean,
  name = `Company ${counter + 1}`,
): { requestId: number; vendorId: number } {
  counter += 1;
  const [vendor] = world.procore.seedVendors([
    vendorFields({
      name,
      prequalified,
      abbreviated_name: `C${counter}`,
      email_address: `c${counter}@companies.example`,
      business_phone: `2065${counter}`,
    }),
  ]);
  const vendorId = vendor?.id ?? 0;
  const form = { code: String(counter), customFields: { vendor_type_origin_id: '1|SUB' } };
  return { vendorId, requestId: world.procore.exportVendor(vendorId, form).requestId };
}

interface Day {
  readonly applied: readonly number[];
  readonly failed: readonly number[];
  readonly open: readonly number[];
}

/** A day's work: let through by a rule, approved, adopted as it was there, rejected, refreshed, and three that wait. */
async function day(): Promise<Day> {
  const byRule = Array.from({ length: 4 }, () => send(true).requestId);
  const approved = Array.from({ length: 3 }, () => send(false).requestId);
  const rejected = Array.from({ length: 3 }, () => send(false).requestId);
  world.erp.addVendor({ Vendor: counter + 1, Name: 'Old Friend', SortName: 'OLDFRIEND' });
  const twin = send(false, 'Old Friend').requestId;
  const open = Array.from({ length: 3 }, () => send(false).requestId);
  await world.poll();
  for (const id of [...approved, ...rejected, twin, ...open]) await world.until(id, 'waiting_for_finance');
  for (const id of [...approved, twin]) await world.approve(id);
  for (const id of rejected) await world.reject(id, 'not this year');
  const { requestId: refreshed } = await world.refreshVendors();
  const applied = [...byRule, ...approved, twin, refreshed];
  for (const id of [...applied, ...rejected]) await world.result(id);
  expect((await Promise.all(applied.map((id) => world.request(id)))).map(({ status }) => status)).toEqual(
    applied.map(() => 'applied'),
  );
  return { applied, failed: rejected, open };
}

/** What must not change: the ERP's vendors and ledger, and what Procore holds of ties and details. */
function bothSides() {
  return {
    erp: world.erp.vendors(),
    ledger: world.erp.db.prepare('SELECT * FROM tieback_ledger ORDER BY rowid').all(),
    procore: JSON.stringify(world.procore.state().companies),
  };
}

const ties = async (): Promise<string[]> =>
  (await world.links())
    .filter(({ state }) => state === 'linked')
    .map(({ kind, erpKey, procoreId }) => `${kind} ${erpKey}=${procoreId}`)
    .sort();

async function statusOf(ids: readonly number[]): Promise<string[]> {
  const rows = await Promise.all(ids.map((id) => world.request(id)));
  return rows.map(({ status }) => status);
}

/** Who closed is told in Procore alone: a rejection is a failure there. */
async function expectAdopted({ applied, failed, open }: Day): Promise<void> {
  for (const id of applied) await world.until(id, 'applied');
  for (const id of failed) expect((await world.until(id, 'failed')).reason).toMatch(/not this year/);
  for (const id of open) await world.until(id, 'waiting_for_finance');
  const asked = world
    .rows<{ id: string }>(`SELECT DISTINCT request_id AS id FROM "plan"`)
    .map(({ id }) => id);
  expect(asked.sort()).toEqual(open.map((id) => `erp/${id}`).sort());
  expect(world.writes()).toEqual([]);
}

/** Everything agrees, but for the heads of the log that is gone: that they are anchored in the ERP is told. */
async function expectTruth(lostHeads: number): Promise<void> {
  const findings = await world.auditFindings();
  expect(findings.filter(({ about }) => about?.includes('anchor') !== true)).toEqual([]);
  expect(findings).toHaveLength(lostHeads);
}

async function forgetWorkflows(ids: readonly number[]): Promise<void> {
  const { namespace } = world.config.temporal;
  for (const id of ids) {
    const workflowId = world.workflowId(id);
    await world.client.workflow
      .getHandle(workflowId)
      .terminate('lost')
      .catch(() => undefined);
    await temporal.connection.workflowService.deleteWorkflowExecution({
      namespace,
      workflowExecution: { workflowId },
    });
  }
}

describe.each([
  ['the store is gone', false],
  ['the store and all workflows are gone', true],
])('%s', (_, everything) => {
  test('what is done is adopted, what is open is asked about, nothing is written twice', async () => {
    const told = await day();
    const before = bothSides();
    const tied = await ties();
    world.procore.clearLog();
    const all = [...told.applied, ...told.failed, ...told.open];
    await world.loseStore(() => (everything ? forgetWorkflows(all) : Promise.resolve()));
    await world.poll();
    await world.poll();
    await expectAdopted(told);
    expect(bothSides()).toEqual(before);
    // The twin of a record that was in the ERP has no ledger entry: Procore alone tells of its tie.
    expect(await ties()).toEqual(tied);
    await expectTruth(1);
    const looks = world.procore
      .requestLog()
      .filter(({ operationId }) => operationId === 'requestDetail.list');
    expect(looks).toHaveLength(1);

    const [first = 0] = told.open;
    await world.approve(first);
    await world.until(first, 'applied');
    expect(world.erp.vendors()).toHaveLength(before.erp.length + 1);
    await expectTruth(1);
  });
});

test('an adoption tells in the log what was taken over, and from whom', async () => {
  const { requestId, vendorId } = send(true);
  await world.poll();
  await world.result(requestId);
  await world.loseStore();
  await world.poll();
  await world.until(requestId, 'applied');
  const trail = await world.trail(requestId);
  expect(trail.map(({ action }) => action)).toEqual([
    'intake.received',
    'request.fetched',
    'request.ended',
    'operation.adopted',
    'request.adopted',
    'link.changed',
    'request.closed',
  ]);
  expect(trail[3]).toMatchObject({
    subject: `vendor/${vendorId}`,
    detail: { erpKey: `1|${counter}`, replayed: true },
  });
  expect(trail[4]?.detail).toEqual({
    procore: 'success',
    messages: [],
    origins: [{ recordId: `vendor/${vendorId}`, originId: `vendor|1|${counter}` }],
  });
});

test('what Procore ties to a record that the ERP does not have is not linked: the ERP may give its key to another', async () => {
  const { requestId } = send(true);
  await world.poll();
  await world.result(requestId);
  await world.loseStore(async () => {
    world.erp.db.exec('DELETE FROM APVM');
  });
  await world.poll();
  const { reason } = await world.until(requestId, 'applied');
  expect(reason).toMatch(/Procore ties it to vendor 1\|\d+, which the ERP does not have: unlink it there\.$/);
  expect(await ties()).toEqual([]);
});

/** A webhook tells of a request; it says that it was made just now by the clock of Procore. */
async function announce(requestId: number): Promise<void> {
  const answer = await fetch(world.webhookUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer hook-secret-1', 'content-type': 'application/json' },
    body: JSON.stringify({
      ulid: `again-${requestId}`,
      timestamp: new Date().toISOString(),
      company_id: COMPANY,
      event_type: 'create',
      resource_name: 'ERP Requests',
      resource_id: requestId,
    }),
  });
  expect(answer.status).toBeLessThan(300);
}

test('a request that was made just now is not looked at: the common path costs no call more', async () => {
  const { requestId } = send(true);
  await announce(requestId);
  await world.until(requestId, 'applied');
  const calls = world.procore.requestLog().filter(({ path }) => !path.startsWith('/oauth/'));
  expect(calls.map(({ operationId }) => operationId)).toEqual([
    'request.show',
    'externalData.sync',
    'requestDetail.update',
  ]);
});

test('a webhook that comes again tells of nothing new', async () => {
  const done = send(true).requestId;
  const refused = send(false).requestId;
  const open = send(false).requestId;
  await world.poll();
  await world.result(done);
  await world.until(refused, 'waiting_for_finance');
  await world.reject(refused, 'not this year');
  await world.result(refused);
  await world.until(open, 'waiting_for_finance');
  world.procore.clearLog();
  await world.loseStore();
  world.skipMinutes(30);
  for (const id of [done, refused, open]) await announce(id);
  await world.until(done, 'applied');
  await world.until(refused, 'failed');
  await world.poll();
  await world.until(open, 'waiting_for_finance');
  expect(world.writes()).toEqual([]);
  await expectTruth(1);
});

test('a look that fails comes again before anybody is asked', async () => {
  const { requestId } = send(false);
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  await world.approve(requestId);
  await world.result(requestId);
  await world.loseStore();
  // More often than the client tries by itself.
  const details = { operationId: 'requestDetail.list' };
  world.procore.addFault({ kind: 'status', status: 502, times: 7, match: details });
  await world.poll();
  await world.until(requestId, 'applied');
  expect(world.procore.faults()).toMatchObject([{ remaining: 0 }]);
  expect(world.rows('SELECT * FROM "plan"')).toEqual([]);
});

test('an older store learns what happened since its backup', async () => {
  const first = send(true).requestId;
  await world.poll();
  await world.result(first);
  const file = join(world.folder, 'tieback.db');
  const db = openSqlite(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  copyFileSync(file, `${file}.backup`);
  const second = send(true).requestId;
  const third = send(false).requestId;
  await world.poll();
  await world.result(second);
  await world.until(third, 'waiting_for_finance');
  await world.reject(third, 'not this year');
  await world.result(third);
  const before = bothSides();
  const tied = await ties();
  world.procore.clearLog();
  await world.daemon.stop();
  copyFileSync(`${file}.backup`, file);
  await world.start();
  await world.poll();
  await world.until(second, 'applied');
  await world.until(third, 'failed');
  expect(await statusOf([first])).toEqual(['applied']);
  expect(world.writes()).toEqual([]);
  expect(bothSides()).toEqual(before);
  expect(await ties()).toEqual(tied);
  await expectTruth(0);
});
