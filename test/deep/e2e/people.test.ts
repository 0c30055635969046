/** Who decides is known to the daemon: tokens at its door, signatures to the workflow, both in the log. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { issueToken, revoke, whoIs } from '../../../src/desk/people';
import type { Register } from '../../../src/desk/people';
import type { ActivityDeps } from '../../../src/activities/deps';
import { approvedPlan } from '../../../src/activities/in-hand';
import { decisionActivities } from '../../../src/activities/request/decisions';
import type { Correction, Decision } from '../../../src/domain/request/flow';
import { SigningKeys } from '../../../src/domain/people/signing-keys';
import { tokenFrom } from '../../../src/domain/people/token';
import { openSqlite } from '../../../src/sqlite';
import type { Store } from '../../../src/store/store';
import { commandIn } from '../../support/command';
import { signedBy } from '../../support/people';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, POLICY, vendorFields, World } from '../../support/world';

const TOM = 'tom@acme.example';
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

let counter = 0;

/** A vendor that only finance may let through: it waits. `by`: who caused it in Procore. */
async function waiting(): Promise<number> {
  counter += 1;
  const [vendor] = world.procore.seedVendors([
    vendorFields({ name: `Cobalt ${counter}`, abbreviated_name: `COBALT${counter}`, prequalified: false }),
  ]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

const registerOf = (store: Store): Register => ({
  store,
  keys: world.keys,
  connectionIds: [world.connectionId],
  now: () => new Date().toISOString(),
});

/** Makes a token as IT does. */
async function tokenFor(person: string, expiresAt = '2099-01-01T00:00:00.000Z'): Promise<string> {
  counter += 1;
  const token = tokenFrom(Buffer.alloc(32, counter));
  await world.store((store) =>
    issueToken(registerOf(store), { id: `t${counter}`, person, token, expiresAt, by: 'uid 0 (root)' }),
  );
  return token;
}

interface Answered {
  readonly status: number;
  readonly body: { error?: { code: string; message: string }; [key: string]: unknown };
}

async function call(method: string, path: string, token: string | null, body?: unknown): Promise<Answered> {
  const answer = await fetch(`${world.daemon.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
}

const decide = (token: string | null, body: unknown): Promise<Answered> =>
  call('POST', '/api/decisions', token, body);

const planOf = async (requestId: number): Promise<string> =>
  (
    await world.store((store) =>
      store.read('test', (t) => t.plans.latest({ ...world.ref(requestId), page: 0 })),
    )
  )?.hash ?? '';

const approval = async (requestId: number): Promise<object> => ({
  request: String(requestId),
  answer: 'approve',
  plan: await planOf(requestId),
});

/** What somebody with a database tool does. */
function forge(sql: string, ...values: unknown[]): void {
  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare(sql).run(...values);
  db.close();
}

test('a person with a token approves; the log has person, channel and signature', async () => {
  const requestId = await waiting();
  const token = await tokenFor(MARIA);
  expect(await call('GET', '/api/me', token)).toMatchObject({
    status: 200,
    body: { person: MARIA, mayApprove: [world.connectionId] },
  });
  const answered = await decide(token, {
    ...(await approval(requestId)),
    comment: 'checked W-9',
    channel: 'cli',
  });
  expect(answered).toMatchObject({
    status: 200,
    body: { id: `erp/${requestId}`, receipt: { status: 'applying' } },
  });
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  const [granted] = (await world.trail(requestId)).filter(({ action }) => action === 'approval.granted');
  expect(granted).toMatchObject({
    actor: MARIA,
    detail: { comment: 'checked W-9', channel: 'cli', signatures: [{ keyId: 'first' }] },
  });

  // The link that this made is in the same hands.
  const [link] = await world.links();
  const unlink = {
    connection: world.connectionId,
    kind: 'vendor',
    answers: [{ how: 'unlink', erpKey: link?.erpKey }],
    comment: 'the wrong company',
  };
  expect(await call('POST', '/api/links', await tokenFor('nobody'), unlink)).toMatchObject({
    status: 403,
    body: { error: { code: 'NotAllowed' } },
  });
  expect(await call('POST', '/api/links', token, unlink)).toMatchObject({
    status: 200,
    body: { outcomes: [{ refused: null }] },
  });
  expect(await world.links()).toMatchObject([{ id: link?.id, state: 'unlinked' }]);
  expect(await world.auditFindings()).toEqual([]);
});

test('without a token that holds nobody decides, and nothing is read of what they send', async () => {
  const requestId = await waiting();
  const asked = await approval(requestId);
  const expired = await tokenFor(MARIA, '2026-01-01T00:00:00.000Z');
  const taken = await tokenFor(MARIA);
  await world.store((store) => revoke(registerOf(store), { name: `t${counter}`, by: 'uid 0 (root)' }));
  for (const [token, message] of [
    [null, /show a personal token/],
    ['tbk_short', /not known here/],
    [tokenFrom(Buffer.alloc(32, 250)), /not known here/],
    [expired, /ended at 2026-01-01/],
    [taken, /taken back at/],
  ] as const) {
    const answered = await decide(token, asked);
    expect(answered).toMatchObject({ status: 401, body: { error: { code: 'NOT_LOGGED_IN' } } });
    expect(answered.body.error?.message).toMatch(message);
  }
  expect(await decide('tbk_short', '{"broken')).toMatchObject({ status: 401 });
  expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
});

test('a token row that somebody wrote, changed or brought back opens nothing', async () => {
  const requestId = await waiting();
  const asked = await approval(requestId);
  const toms = await tokenFor(TOM);
  forge('UPDATE person_token SET person = ? WHERE person = ?', MARIA, TOM);
  expect((await decide(toms, asked)).body.error?.message).toMatch(/did not issue this token/);

  const ended = await tokenFor(MARIA, '2026-01-01T00:00:00.000Z');
  forge("UPDATE person_token SET expires_at = '2099-01-01T00:00:00.000Z'");
  expect((await decide(ended, asked)).body.error?.message).toMatch(/did not issue this token/);

  const marias = await tokenFor(MARIA);
  await world.store((store) => revoke(registerOf(store), { name: MARIA, by: 'uid 0 (root)' }));
  forge('UPDATE person_token SET revoked_at = NULL');
  expect((await decide(marias, asked)).body.error?.message).toMatch(/taken back at/);
  // The connection that was there when it was taken back is not in the configuration any more.
  await expect(
    world.store((store) => whoIs({ ...registerOf(store), connectionIds: [] }, marias)),
  ).rejects.toThrow(/taken back at/);
  expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
});

test('what is refused is said with a code: person, plan, comment, request, nonsense', async () => {
  const requestId = await waiting();
  const asked = await approval(requestId);
  const maria = await tokenFor(MARIA);
  const eve = await tokenFor('eve@acme.example');
  const refused = async (token: string, more: object): Promise<[number, string | undefined]> => {
    const { status, body } = await decide(token, { ...asked, ...more });
    return [status, body.error?.code];
  };
  expect(await refused(eve, {})).toEqual([403, 'NotAllowed']);
  expect(await refused(maria, { plan: '000000000000' })).toEqual([409, 'PLAN_CHANGED']);
  expect(await refused(maria, { plan: undefined })).toEqual([400, 'PLAN_HASH']);
  // So few characters another plan can be made to have.
  expect(await refused(maria, { plan: (await planOf(requestId)).slice(0, 8) })).toEqual([400, 'PLAN_HASH']);
  expect(await refused(maria, { answer: 'reject' })).toEqual([400, 'NO_COMMENT']);
  expect(await refused(maria, { request: '1' })).toEqual([404, 'REQUEST_UNKNOWN']);
  expect(await refused(maria, { answer: 'correct', values: { colour: 'red' } })).toEqual([
    400,
    'UnknownField',
  ]);
  expect(await refused(maria, { by: TOM })).toEqual([400, 'BAD_INPUT']);
  expect(await refused(maria, { channel: 'break-glass' })).toEqual([400, 'BAD_INPUT']);
  expect(await decide(maria, '{"broken')).toMatchObject({ status: 400 });
  expect(await refused(maria, { answer: 'reject', comment: 'we do not buy there' })).toEqual([
    200,
    undefined,
  ]);
  expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
});

describe('an update that does not come from the daemon', () => {
  const written = ({ signatures }: Decision, as: (value: string) => string): Decision['signatures'] =>
    signatures.map(({ keyId, value }) => ({ keyId, value: as(value) }));
  const send = async (requestId: number, update: string, input: unknown): Promise<string> => {
    const handle = world.client.workflow.getHandle(world.workflowId(requestId));
    return handle.executeUpdate(update, { args: [input] }).then(
      () => 'taken',
      (error: { message: string; cause?: { type?: string } }) => error.cause?.type ?? error.message,
    );
  };
  const bare = async (requestId: number): Promise<Omit<Decision, 'at' | 'account' | 'signatures'>> => ({
    planHash: await planOf(requestId),
    by: MARIA,
    comment: '',
    channel: 'desk',
  });

  /** Records a decision as a worker does that dies before it can tell. */
  const record = (
    store: Store,
    keys: SigningKeys,
    input: Parameters<ReturnType<typeof decisionActivities>['recordDecision']>[0],
  ): Promise<unknown> => {
    const connections = new Map([[world.connectionId, { policy: POLICY }]]);
    const deps = {
      store,
      people: { keys, breakGlass: false },
      connections,
      now: () => new Date().toISOString(),
    };
    return decisionActivities(deps as unknown as ActivityDeps).recordDecision(input);
  };

  test('is refused by the workflow: unsigned, nonsense, of another key, about something else, kept', async () => {
    const [requestId, other] = [await waiting(), await waiting()];
    const input = await bare(requestId);
    const ref = world.ref(requestId);
    const signed = signedBy<Decision>(world.keys, ref, 'approve', input);
    const another = new SigningKeys([{ id: 'first', key: Buffer.alloc(32, 1).toString('base64') }]);
    const old = new Date(Date.now() - 20 * 60_000).toISOString();
    const tries: readonly (readonly [string, unknown])[] = [
      ['NotSigned', input],
      ['NotSigned', null],
      ['NotSigned', { ...input, signatures: 'all' }],
      ['NotSigned', { ...input, signatures: [null, { keyId: 'first', value: 'zz' }] }],
      ['NotSigned', { ...signed, signatures: written(signed, (value) => value.toUpperCase()) }],
      // A thousand wrong ones would keep the workflow busy for seconds: the first is looked at.
      ['NotSigned', { ...signed, signatures: [...written(signed, () => '0'), ...signed.signatures] }],
      ['NotSigned', signedBy<Decision>(another, ref, 'approve', input)],
      ['NotSigned', signedBy<Decision>(world.keys, world.ref(other), 'approve', input)],
      ['NotSigned', signedBy<Decision>(world.keys, ref, 'reject', input)],
      ['NotSigned', { ...signed, by: TOM }],
      ['NotSigned', { ...signed, comment: 'agreed with Dana' }],
      ['NotSigned', { ...signed, planHash: await planOf(other) }],
      [
        'PlanChanged',
        signedBy<Decision>(world.keys, ref, 'approve', { ...input, planHash: await planOf(other) }),
      ],
      ['SignedAtAnotherTime', signedBy<Decision>(world.keys, ref, 'approve', { ...input, at: old })],
      ['SignedAtAnotherTime', signedBy<Decision>(world.keys, ref, 'approve', { ...input, at: 'today' })],
      ['NotAllowed', signedBy<Decision>(world.keys, ref, 'approve', { ...input, by: 'eve@acme.example' })],
    ];
    for (const [type, given] of tries) expect(await send(requestId, 'approve', given)).toBe(type);
    expect(await send(requestId, 'correct', { values: {}, by: MARIA, comment: '', channel: 'desk' })).toBe(
      'NotSigned',
    );
    expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
    expect(await send(requestId, 'approve', signed)).toBe('taken');
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  });

  test('counts once: not written otherwise, not after an incident, not when the workflow began again', async () => {
    const requestId = await waiting();
    const [ref, handle] = [
      world.ref(requestId),
      world.client.workflow.getHandle(world.workflowId(requestId)),
    ];
    const sendWhenAsked = async (update: string, input: unknown): Promise<string> => {
      for (;;) {
        const result = await send(requestId, update, input);
        if (result !== 'NothingToDecide' && !/not found/i.test(result)) return result;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const retry = { values: {}, by: MARIA, comment: '', channel: 'desk' };
    const corrected = signedBy<Correction>(world.keys, ref, 'correct', retry);
    expect(await send(requestId, 'correct', corrected)).toBe('taken');
    expect(await sendWhenAsked('correct', corrected)).toBe('AlreadyDecided');

    forge(`UPDATE plan SET body = replace(body, 'COBALT', 'KOBALT') WHERE request_id = ?`, ref.id);
    const approved = signedBy<Decision>(world.keys, ref, 'approve', await bare(requestId));
    expect(await sendWhenAsked('approve', approved)).toBe('taken');
    expect(await sendWhenAsked('approve', approved)).toBe('AlreadyDecided');

    await handle.terminate('as after a server that was emptied');
    await world.restart({});
    expect(await sendWhenAsked('approve', approved)).toBe('AlreadyDecided');
    expect(await send(requestId, 'correct', corrected)).toBe('AlreadyDecided');
    expect(await world.request(requestId)).toMatchObject({ status: 'waiting_for_finance' });
    expect(world.erp.vendors()).toEqual([]);
  });

  test('a plan that somebody rejected is not approved, though the workflow has not heard of it', async () => {
    const requestId = await waiting();
    const page = { ...world.ref(requestId), page: 0 };
    const given = { ...(await bare(requestId)), by: TOM, comment: 'no' };
    const by = signedBy<Decision>(world.keys, world.ref(requestId), 'reject', given);
    await world.store((store) => record(store, world.keys, { ...page, decision: 'rejected', by }));
    const approved = signedBy<Decision>(world.keys, world.ref(requestId), 'approve', await bare(requestId));
    expect(await send(requestId, 'approve', approved)).toBe('AlreadyDecided');
    expect((await world.trail(requestId)).map(({ action }) => action)).not.toContain('approval.granted');
    expect(await world.reject(requestId, 'no')).toMatchObject({ status: 'rejected' });
    expect(await world.result(requestId)).toMatchObject({ status: 'rejected' });
  });

  test('signed with a key that was taken out: it is asked for again, and nobody is accused', async () => {
    const requestId = await waiting();
    const ref = world.ref(requestId);
    const before = world.keys;
    const row = () => world.request(requestId);
    await world.correct(requestId, { city: 'Tacoma' });
    const firstPlan = await planOf(requestId);
    while ((await row()).status !== 'waiting_for_finance' || (await planOf(requestId)) === firstPlan)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const input = { ...ref, page: 0, planHash: await planOf(requestId) };
    const by = signedBy<Decision>(before, ref, 'approve', await bare(requestId));
    const handle = world.client.workflow.getHandle(world.workflowId(requestId));
    await handle.terminate('as after a server that was emptied');
    await world.daemon.stop();
    const key = join(world.folder, 'second.key');
    writeFileSync(key, Buffer.alloc(32, 5).toString('base64'));
    const signingKeys = [{ id: 'second', key: { file: key } }];
    world.config = { ...world.config, people: { ...world.config.people, signingKeys } };
    await world.store((store) => record(store, before, { ...input, decision: 'approved', by }));
    await expect(world.read((t) => approvedPlan(t, input, 'export', world.keys))).rejects.toMatchObject({
      code: 'POLICY_APPROVAL_NEEDED',
    });
    await world.start();
    await world.until(requestId, 'parked');
    expect((await row()).reason).toMatch(/signed with a key that people.signingKeys does not have now/);
    expect(await world.correct(requestId, { city: 'Tacoma' })).toMatchObject({ status: 'planning' });
    await world.until(requestId, 'waiting_for_finance');
    expect((await world.trail(requestId)).map(({ action }) => action)).not.toContain('incident.found');
    expect(await world.approve(requestId)).toMatchObject({ status: 'applying' });
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(await world.auditFindings()).toEqual([]);
  });

  test('break-glass is refused by the step that records, unless it is switched on', async () => {
    const requestId = await waiting();
    const more = { ...(await bare(requestId)), account: 'uid 0 (root)', channel: 'break-glass' };
    const signed = signedBy<Decision>(world.keys, world.ref(requestId), 'approve', more);
    expect(await send(requestId, 'approve', signed)).toBe('NotAllowed');
    world.config = { ...world.config, people: { ...world.config.people, breakGlass: true } };
    await world.restart({});
    const again = signedBy<Decision>(world.keys, world.ref(requestId), 'approve', more);
    expect(await send(requestId, 'approve', again)).toBe('taken');
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    const [granted] = (await world.trail(requestId)).filter(({ action }) => action === 'approval.granted');
    expect(granted).toMatchObject({
      actor: `uid 0 (root) acting as ${MARIA}`,
      detail: { person: MARIA, account: 'uid 0 (root)', channel: 'break-glass' },
    });
  });
});

describe('at the command line', () => {
  const tieback = (args: readonly string[], more: Parameters<typeof commandIn>[2] = {}) =>
    commandIn(world, args, more);
  const jsonOf = (out: string): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>;

  test('IT makes a token, maria logs in once and decides as herself until it is taken back', async () => {
    const requestId = await waiting();
    expect((await tieback(['approve', String(requestId)])).err).toMatch(
      /You are not logged in.*\n`tieback login`/,
    );
    expect((await tieback(['people'])).out).toMatch(/Nobody has a token yet/);
    expect((await tieback(['people', 'add', 'eve'])).err).toMatch(
      /Nothing is granted to "eve".*\nKnown are: maria@/,
    );

    expect((await tieback(['people', 'add', MARIA, '--days', '3651'])).err).toMatch(/at most 3650 days/);

    const added = await tieback(['people', 'add', MARIA, '--days', '30']);
    expect(added).toMatchObject({ code: 0, err: '' });
    const token = /tbk_[\w-]{43}/.exec(added.out)?.[0] ?? '';
    const file = join(world.folder, 'home', 'credentials.json');
    const wrong = await tieback(['login'], { askSecret: async () => tokenFrom(Buffer.alloc(32, 9)) });
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toMatch(/not known here.\nAsk IT for another token/);
    expect(existsSync(file)).toBe(false);
    // Somebody else may write into that folder, and waits for a file to be written through.
    const elsewhere = join(world.folder, 'elsewhere');
    mkdirSync(join(world.folder, 'home'));
    symlinkSync(elsewhere, `${file}.${process.pid}`);
    const login = await tieback(['login'], { askSecret: async () => ` ${token} ` });
    expect(login).toMatchObject({ code: 0, err: '' });
    expect(login.out).toMatch(/You are maria@acme.example at http.* for \w+ \w+\.\nYou may approve on /);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(elsewhere)).toBe(false);
    expect(login.out + login.err).not.toContain(token);

    const approved = await tieback(['approve', String(requestId), '--comment', 'checked', '--json']);
    expect(approved).toMatchObject({ code: 0, err: '' });
    expect(jsonOf(approved.out)).toMatchObject({ receipt: { status: 'applying' } });
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    const [granted] = (await world.trail(requestId)).filter(({ action }) => action === 'approval.granted');
    expect(granted).toMatchObject({ actor: MARIA, detail: { channel: 'cli', comment: 'checked' } });

    const other = await waiting();
    chmodSync(file, 0o644);
    expect((await tieback(['retry', String(other)])).err).toMatch(/Others may read .*\nchmod 600/);
    chmodSync(file, 0o600);
    expect((await tieback(['people', 'revoke', MARIA])).out).toMatch(
      /Token \w+ of maria@acme.example is taken back/,
    );
    expect((await tieback(['people', 'revoke', MARIA])).err).toMatch(
      /There is no token, session or passkey of or with the id/,
    );
    expect((await tieback(['people'])).out).toMatch(/taken back at.*\n\n0 tokens that hold/);
    const refused = await tieback(['approve', String(other), '--yes']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/This token was taken back at/);
    expect((await tieback(['logout'])).out).toMatch(/not logged in at http.* any more/);
    const entries = await world.read((t) =>
      t.audit.sealedAbout(world.connectionId, {
        subject: `token/${jsonId(added.out)}`,
        action: 'token.issued',
      }),
    );
    expect(entries).toMatchObject([{ actor: 'uid 1000 (ops)', detail: { person: MARIA } }]);
    expect(await world.auditFindings()).toEqual([]);
  });

  const jsonId = (out: string): string => /Token (\w+) of/.exec(out)?.[1] ?? '';

  test('break-glass: with the signing key and leave of the configuration, past the daemon’s door', async () => {
    const requestId = await waiting();
    const args = ['approve', String(requestId), '--yes', '--as', MARIA];
    expect((await tieback(args)).err).toMatch(/Nobody decides in the name of somebody else here/);
    const people = { breakGlass: true };
    // The daemon has the last word.
    expect((await tieback(args, { people })).err).toMatch(/break-glass is off/);
    world.config = { ...world.config, people: { ...world.config.people, ...people } };
    await world.restart({});
    const away = { TIEBACK_URL: 'http://127.0.0.1:1' };
    expect(await tieback(args, { people, env: away })).toMatchObject({ code: 0, err: '' });
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    const [granted] = (await world.trail(requestId)).filter(({ action }) => action === 'approval.granted');
    expect(granted?.actor).toBe(`uid 1000 (ops) acting as ${MARIA}`);
    const used = (await world.trail(requestId)).filter(({ action }) => action === 'breakglass.used');
    expect(used).toMatchObject([
      {
        ...{ actor: granted?.actor, planHash: granted?.planHash },
        detail: { account: 'uid 1000 (ops)', person: MARIA, did: ['approval.granted'] },
      },
    ]);
    expect(await world.auditFindings()).toEqual([]);
  });

  test('a signing key that is gone is not made anew in silence', async () => {
    await tieback(['people', 'add', MARIA]);
    await world.daemon.stop();
    const key = join(world.folder, 'signing.key');
    const kept = readFileSync(key);
    rmSync(key);
    await expect(world.start()).rejects.toThrow(
      /signing key "first" is gone, and the tokens of maria@acme.example/,
    );
    const provision = await tieback(['provision', 'store', '--new-signing-key'], {
      env: { TIEBACK_URL: 'http://127.0.0.1:1' },
    });
    expect(provision.out).toMatch(/signing key .*created/);
    await world.start();
    expect((await tieback(['people'])).out).toMatch(/did not issue this token, or its signing key is gone/);
    expect(readFileSync(key)).not.toEqual(kept);
  });
});

describe('a request whose workflow cannot go on', () => {
  const workflowOf = (requestId: number) => world.client.workflow.getHandle(world.workflowId(requestId));

  /** Its tasks fail over and over, before any step: it was started with nothing. */
  async function stuck(): Promise<number> {
    const requestId = await waiting();
    const row = await world.request(requestId);
    const handle = workflowOf(requestId);
    await world.client.workflow.start('syncRequest', {
      workflowId: row.workflowId,
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      taskQueue: world.config.temporal.taskQueue,
      args: [],
    });
    for (let attempt = 0; attempt < 2;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      attempt = (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0;
    }
    return requestId;
  }

  test('is rejected where nobody has worked on it, and not by somebody who may not', async () => {
    const requestId = await stuck();
    const no = { request: String(requestId), answer: 'reject', comment: 'not this way' };
    const refused = await decide(await tokenFor('eve@acme.example'), no);
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'NotAllowed' } } });
    await world.until(requestId, 'waiting_for_finance');

    const other = await stuck();
    forge("UPDATE sync_request SET status = 'received' WHERE id = ?", world.ref(other).id);
    expect(await decide(await tokenFor(MARIA), { ...no, request: String(other) })).toMatchObject({
      status: 200,
      body: { receipt: { status: 'rejected' } },
    });
    await world.until(other, 'rejected');
    expect(world.details(other)).toMatchObject([{ status: 'failed' }]);
  });

  test('is rejected all the same, and approved only after it began again', async () => {
    const [rejected, retried] = [await stuck(), await stuck()];
    const token = await tokenFor(MARIA);
    const refused = await decide(token, await approval(retried));
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'WORKFLOW_STUCK' } } });
    expect(refused.body.error?.message).toMatch(/cannot go on: .*\w/);

    const no = { request: String(rejected), answer: 'reject', comment: 'not this way' };
    expect(await decide(token, no)).toMatchObject({ status: 200, body: { receipt: { status: 'rejected' } } });
    await world.until(rejected, 'rejected');
    expect(world.details(rejected)).toMatchObject([{ status: 'failed' }]);

    const again = { request: String(retried), answer: 'correct', values: {} };
    expect(await decide(token, again)).toMatchObject({
      status: 200,
      body: { receipt: { status: 'planning' } },
    });
    await world.until(retried, 'waiting_for_finance');
    while ((await workflowOf(retried).query<{ planHash: unknown }>('state')).planHash === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await decide(token, await approval(retried))).toMatchObject({ status: 200 });
    await world.until(retried, 'applied');
    expect(await world.auditFindings()).toEqual([]);
  });
});
