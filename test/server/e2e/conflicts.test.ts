/** A field that both sides changed waits for a person, who is known by their token; what they chose is written, and what nobody chose is not. */
import { join } from 'node:path';
import { issueToken } from '../../../src/desk/people';
import type { ReconcileResult } from '../../../src/domain/request/flow';
import { tokenFrom } from '../../../src/domain/people/token';
import { openSqlite } from '../../../src/sqlite';
import type { ConflictRow } from '../../../src/store/rows';
import { startReconcile } from '../../../src/temporal/starter';
import { commandIn } from '../../support/command';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, World } from '../../support/world';

let temporal: TestTemporal;
let world: World;
let number: number;
let vendorId: number;
let TIEBACK_TOKEN: string;

const UPDATES = { events: ['reconcile'], erpActions: ['update' as const] };

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, {
    policy: { rules: [{ name: 'vendor-updates', decision: 'approve', when: UPDATES }] },
  });
  number = world.erp.addVendor({
    Name: 'Cobalt Mechanical LLC',
    SortName: 'COBALT',
    City: 'Seattle',
    Phone: '206-555-0134',
    EMail: 'ap@cobalt.example',
    VendorType: 'SUB',
  });
  await reconcile();
  const imported = world.procore.importVendor(world.staged()[0]?.id ?? 0);
  vendorId = imported.vendorId;
  await world.poll();
  expect(await world.result(imported.requestId)).toMatchObject({ status: 'applied' });
  await reconcile();
  TIEBACK_TOKEN = await tokenFor(MARIA, 1);
}, 60_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
});

async function tokenFor(person: string, seed: number): Promise<string> {
  const token = tokenFrom(Buffer.alloc(32, seed));
  const given = { id: `t${seed}`, person, token, expiresAt: '2099-01-01T00:00:00.000Z', by: 'uid 0 (root)' };
  const { keys, connectionId } = world;
  const now = (): string => new Date().toISOString();
  await world.store((store) => issueToken({ store, keys, connectionIds: [connectionId], now }, given));
  return token;
}

/** Until nothing runs any more, and once more after that: a choice starts a run of its own. */
async function reconcile(full = false): Promise<ReconcileResult> {
  const { connectionId, config, client } = world;
  const procoreQueue = `procore-${config.apps[0]?.name ?? ''}`;
  const given = {
    connectionId,
    kind: 'vendor' as const,
    procoreQueue,
    erpQueue: `erp-${connectionId}`,
    full,
  };
  let result: ReconcileResult | null = null;
  for (let round = 0; round < 2; round += 1) {
    const handle = await startReconcile(client, config.temporal.taskQueue, given);
    result = (await handle.result()) as ReconcileResult;
    expect(result.problem).toBeNull();
  }
  if (result === null) throw new Error('unreachable');
  return result;
}

const inProcore = (): Record<string, unknown> => world.procore.record('vendor', vendorId);
const inErp = (): object => world.erp.vendor(number) ?? {};
const open = (): Promise<readonly ConflictRow[]> => world.read((t) => t.conflicts.open(world.connectionId));
const closed = (field: string): Promise<ConflictRow | null> =>
  world.read((t) => t.conflicts.find(world.connectionId, `vendor/${vendorId}#${field}`));
const tieback = (...args: string[]): ReturnType<typeof commandIn> =>
  commandIn(world, args, { env: { TIEBACK_TOKEN } });
const actions = (action: string): Record<string, unknown>[] =>
  world.rows(`SELECT actor, subject, detail FROM audit_entry WHERE action = '${action}'`);

/** Both sides change these fields, each to something else. */
async function collide(erp: Record<string, string>, procore: Record<string, string>): Promise<void> {
  world.erp.changeVendor(number, erp);
  world.procore.editRecord('vendor', vendorId, procore);
  await reconcile();
}

async function quiet(): Promise<void> {
  world.procore.clearLog();
  const entries = actions('operation.written').length;
  expect(await reconcile()).toMatchObject({ moved: { erp: 0, procore: 0 }, requests: [] });
  expect(world.writes()).toEqual([]);
  expect(actions('operation.written')).toHaveLength(entries);
}

const post = async (
  token: string | null,
  body: object,
): Promise<{ status: number; code: string | undefined }> => {
  const answer = await fetch(`${world.daemon.url}/api/conflicts`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ connection: world.connectionId, ...body }),
  });
  const { error } = (await answer.json()) as { error?: { code: string } };
  return { status: answer.status, code: error?.code };
};

test('it is listed with both values and what each choice leads to, and nobody else may settle it', async () => {
  await collide(
    { Phone: '206-555-0177', City: 'Tacoma' },
    { business_phone: '206-555-0199', city: 'Olympia' },
  );
  const list = await tieback('conflicts', 'cobalt');
  expect(list.out).toMatch(/vendor\/\d+ +.*Cobalt.* +phone +206-555-0199 +206-555-0177 +ask/);
  const show = await tieback('conflicts', 'show', `vendor/${vendorId}`);
  expect(show.out).toMatch(/agreed last +206-555-0134 +settled /);
  expect(show.out).toMatch(/phone=procore +the ERP gets 206-555-0199/);
  expect(show.out).toMatch(/phone=erp +Procore gets 206-555-0177/);

  const settle = {
    action: 'settle',
    answers: [
      {
        id: `vendor/${vendorId}#phone`,
        choice: { take: 'erp' },
        pair: { procore: '206-555-0199', erp: '206-555-0177' },
      },
    ],
  };
  expect(await post(null, settle)).toEqual({ status: 401, code: 'NOT_LOGGED_IN' });
  expect(await post(await tokenFor('joe@acme.example', 2), settle)).toEqual({
    status: 403,
    code: 'NotAllowed',
  });
  const old = [{ ...settle.answers[0], pair: { procore: '206-555-0199', erp: '206-555-0134' } }];
  expect(await post(TIEBACK_TOKEN, { ...settle, answers: old })).toEqual({
    status: 409,
    code: 'CONFLICT_CHANGED',
  });
  expect(await post(TIEBACK_TOKEN, { action: 'settle', answers: [] })).toEqual({
    status: 400,
    code: 'BAD_INPUT',
  });
  expect(actions('conflict.decided')).toEqual([]);
});

test('what a person chose is written to the other side, once, and the log names them', async () => {
  world.procore.clearLog();
  const settled = await tieback(
    ...['conflicts', 'settle', `vendor/${vendorId}`, 'phone=erp', 'city=ignore', '--comment', 'asked them'],
  );
  expect(settled).toMatchObject({ code: 0, err: '' });
  expect(settled.out).toMatch(/2 fields settled\. They are compared now/);
  await reconcile();
  expect(inProcore()).toMatchObject({ business_phone: '206-555-0177', city: 'Olympia' });
  expect(inErp()).toMatchObject({ Phone: '206-555-0177', City: 'Tacoma' });
  expect(world.writes()).toHaveLength(1);
  expect(await closed('phone')).toMatchObject({ closedBecause: 'decided' });
  expect(actions('conflict.decided')).toMatchObject([
    { actor: MARIA, subject: `vendor/${vendorId}`, detail: expect.stringContaining('asked them') as string },
    { actor: MARIA },
  ]);
  await quiet();
  expect(await world.auditFindings()).toEqual([]);
});

test('what is ignored stays out of the list until one value changes; equal values close it', async () => {
  expect((await tieback('conflicts')).out).toMatch(/nobody has to choose/);
  expect((await tieback('conflicts', '--ignored')).out).toMatch(/city +Olympia +Tacoma/);
  world.erp.changeVendor(number, { Phone: '206-555-0111' });
  await reconcile();
  expect(inProcore()).toMatchObject({ business_phone: '206-555-0111', city: 'Olympia' });
  expect((await tieback('conflicts')).out).toMatch(/nobody has to choose/);

  world.erp.changeVendor(number, { City: 'Everett' });
  await reconcile();
  expect((await tieback('conflicts')).out).toMatch(/city +Olympia +Everett/);
  expect(inProcore()).toMatchObject({ city: 'Olympia' });
  world.procore.editRecord('vendor', vendorId, { city: 'Everett' });
  await reconcile();
  expect(await closed('city')).toMatchObject({ closedBecause: 'settled outside' });
  expect(await open()).toEqual([]);
  await quiet();
});

test('a choice that nobody made is not written, and is an incident', async () => {
  await collide({ EMail: 'office@cobalt.example' }, { email_address: 'billing@cobalt.example' });
  const [conflict] = await open();
  const { procore, erp } = conflict ?? {};
  expect({ procore, erp }).toEqual({ procore: 'billing@cobalt.example', erp: 'office@cobalt.example' });
  const decision = {
    choice: { take: 'erp' },
    pair: { procore, erp },
    by: MARIA,
    comment: '',
    at: conflict?.openedAt,
  };
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare('UPDATE conflict SET decision = ? WHERE closed_at IS NULL').run(JSON.stringify(decision));
  db.close();
  world.erp.changeVendor(number, { Phone: '206-555-0122' });
  await reconcile();
  expect(inProcore()).toMatchObject({
    email_address: 'billing@cobalt.example',
    business_phone: '206-555-0122',
  });
  expect(inErp()).toMatchObject({ EMail: 'office@cobalt.example' });
  expect(await open()).toMatchObject([{ field: 'email', decision: null }]);
  expect(actions('incident.found')).toMatchObject([
    { detail: expect.stringContaining('the audit log does not know it') as string },
  ]);
});

test('all at once, and somebody looks after what is left', async () => {
  const given = await tieback('conflicts', 'assign', `vendor/${vendorId}`, 'nobody@acme.example');
  expect(given.err).toMatch(/"nobody@acme.example" is not known here\.\nKnown are: .*joe@acme.example/);
  await tieback('conflicts', 'assign', `vendor/${vendorId}`, 'joe@acme.example');
  expect((await tieback('conflicts', '--owner', 'joe@acme.example')).out).toMatch(/email/);
  const all = await tieback('conflicts', 'settle', '--all', '--kind', 'vendor', '--take', 'procore');
  expect(all).toMatchObject({ code: 0, err: '' });
  await reconcile();
  expect(inErp()).toMatchObject({ EMail: 'billing@cobalt.example' });
  expect(await closed('email')).toMatchObject({ closedBecause: 'decided', owner: 'joe@acme.example' });
  await quiet();
});

test('a rule that changed settles what is open, with a full run', async () => {
  await collide({ Fax: '206-555-0188' }, { fax_number: '206-555-0187' });
  expect(await open()).toMatchObject([{ field: 'fax' }]);
  const vendor = { all: 'ask' as const, fields: { fax: 'erp' as const } };
  await world.restart({ reconcile: { kinds: {}, ownership: { vendor } } });
  await reconcile();
  expect(await open()).toHaveLength(1);
  await reconcile(true);
  expect(inProcore()).toMatchObject({ fax_number: '206-555-0188' });
  expect(await closed('fax')).toMatchObject({ closedBecause: 'rule changed' });
  await quiet();
});
