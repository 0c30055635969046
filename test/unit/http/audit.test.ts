import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import type { TimelinePage } from '../../../src/desk/audit/timeline';
import { timeline } from '../../../src/desk/audit/timeline';
import type { AuditHead } from '../../../src/desk/audit/head';
import type { VerifyJob } from '../../../src/desk/audit/room';
import { AuditRoom } from '../../../src/desk/audit/room';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import { AUDIT_ACTIONS } from '../../../src/domain/audit/chain';
import { sentenceOf } from '../../../src/domain/audit/sentence';
import type { ErpLedger } from '../../../src/desk/audit/erp-ledger';
import { Store } from '../../../src/store/store';
import { doorWith } from './door';
import type { Refused } from './visitors';
import { grant, visitorsWith } from './visitors';

const NOW = '2026-11-30T12:00:00.000Z';
let store: Store;
let app: FastifyInstance;
let room: AuditRoom;
let ledger: ErpLedger | string = 'not asked in this test';

beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  ledger = 'not asked in this test';
  for (const id of ['acme', 'birch'])
    await store.transaction('register', id, (t) =>
      t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
    );
  room = new AuditRoom({
    store,
    connectionIds: ['acme', 'birch'],
    now: () => NOW,
    outside: () => ({ ledger, anchors: [], keys: [], signing: undefined }),
  });
  app = await doorWith({
    audit: room,
    visitor: visitorsWith({
      ada: [grant('auditor')],
      bob: [grant('auditor', ['birch'])],
      pia: [grant('auditor', ['acme'], [7]), grant('viewer', ['acme'])],
      vic: [grant('viewer')],
    }),
  });
});
afterEach(async () => {
  await app.close();
  await room.stop();
  await store.close();
});

const entry = (subject: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: NOW,
  actor: 'tieback',
  action: 'intake.ignored',
  subject,
  requestId: null,
  planHash: null,
  workflowId: null,
  detail: {},
  ...more,
});
const log = (connectionId: string, ...entries: readonly AuditEntry[]): Promise<void> =>
  store.transaction('log', connectionId, (t) => t.audit.append(connectionId, entries));
const at = (minute: number): string => new Date(Date.parse(NOW) + minute * 60_000).toISOString();

type Verification = { readonly connectionId: string; readonly job: VerifyJob | null };
/** Whatever of it an answer has. */
type Body = TimelinePage &
  Refused & { readonly heads: readonly AuditHead[]; readonly verifications: readonly Verification[] };

async function ask(url: string, as = 'ada') {
  return app.inject({ url: `/api${url}`, headers: { authorization: `Bearer ${as}` } });
}

async function get(url: string, as = 'ada'): Promise<{ readonly status: number; readonly body: Body }> {
  const answer = await ask(url, as);
  return { status: answer.statusCode, body: answer.json<Body>() };
}

const post = (as: string, connection: string) =>
  app.inject({
    method: 'POST',
    url: '/api/audit/verify',
    headers: { authorization: `Bearer ${as}` },
    payload: { connection },
  });

test('the newest comes first, logs of several connections by time, each entry with its sentence', async () => {
  await log(
    'acme',
    entry('erp/1', {
      at: at(1),
      requestId: 'erp/1',
      actor: 'maria@acme.example',
      action: 'approval.granted',
      detail: { comment: 'as agreed' },
    }),
  );
  await log('birch', entry('webhook/2', { at: at(2) }));
  await log('acme', entry('webhook/3', { at: at(3) }), entry('webhook/4', { at: at(3) }));
  const { body } = await get('/audit');
  expect(body.entries.map((one) => `${one.connectionId} ${one.subject}`)).toEqual([
    'acme webhook/4',
    'acme webhook/3',
    'birch webhook/2',
    'acme erp/1',
  ]);
  expect(body.entries.at(-1)?.sentence).toBe('maria@acme.example approved ERP request 1: as agreed');
  expect(body).toMatchObject({ after: null, stopped: false });
});

test('filters hold together, and words are found wherever they stand', async () => {
  await log(
    'acme',
    entry('erp/1', { requestId: 'erp/1', actor: 'maria', detail: { reason: 'Cobalt is late' } }),
  );
  await log('acme', entry('erp/2', { requestId: 'erp/2', actor: 'maria', at: at(5) }));
  await log('acme', entry('erp/3', { actor: 'tom', action: 'plan.built', at: at(9) }));
  const subjects = async (query: string): Promise<readonly string[]> =>
    (await get(`/audit?${query}`)).body.entries.map((one) => one.subject);
  expect(await subjects('actor=maria')).toEqual(['erp/2', 'erp/1']);
  expect(await subjects('actor=maria&request=erp/1')).toEqual(['erp/1']);
  expect(await subjects('q=cobalt+LATE')).toEqual(['erp/1']);
  expect(await subjects('action=plan.built')).toEqual(['erp/3']);
  expect(await subjects(`from=${at(4)}&to=${at(6)}`)).toEqual(['erp/2']);
  expect(await subjects('subject=erp/3&actor=maria')).toEqual([]);
});

test('every entry comes once, whatever the logs look like and whatever is appended meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('acme', 'birch'), fc.integer({ min: 1, max: 40 }), fc.nat(3)), {
        maxLength: 12,
      }),
      async (links) => {
        const own = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
        try {
          for (const id of ['acme', 'birch'])
            await own.transaction('register', id, (t) =>
              t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
            );
          const wanted: string[] = [];
          for (const [index, [id, count, minute]] of links.entries()) {
            const entries = Array.from({ length: count }, (_, n) =>
              entry(`x/${index}-${n}`, { at: at(minute) }),
            );
            wanted.push(...entries.map(({ subject }) => subject));
            await own.transaction('log', id, (t) => t.audit.append(id, entries));
          }
          const seen: string[] = [];
          for (let after: string | undefined = undefined, isFirst = true; isFirst || after !== undefined;) {
            const page: Awaited<ReturnType<typeof timeline>> = await timeline(own, {
              connectionIds: ['acme', 'birch'],
              filter: {},
              after,
            });
            seen.push(...page.entries.map(({ subject }) => subject));
            await own.transaction('later', 'acme', (t) => t.audit.append('acme', [entry('later')]));
            after = page.after ?? undefined;
            isFirst = false;
          }
          expect(seen.sort()).toEqual(wanted.sort());
        } finally {
          await own.close();
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('a log is for those who read it as a whole, and what they may not see is not there', async () => {
  await log('acme', entry('webhook/1'));
  expect((await get('/audit', 'vic')).status).toBe(403);
  expect((await get('/audit', 'nobody')).status).toBe(401);
  expect((await get('/audit', 'pia')).body.entries).toEqual([]);
  expect((await get('/audit', 'bob')).body.entries).toEqual([]);
  const [theirs, none] = [
    await get('/audit?connection=acme', 'bob'),
    await get('/audit?connection=zed', 'bob'),
  ];
  expect([theirs.status, none.status]).toEqual([404, 404]);
  expect(theirs.body.error.message.replace('acme', 'zed')).toBe(none.body.error.message);
  for (const url of ['/audit/export?connection=acme', '/audit/verify?connection=acme'])
    expect((await get(url, 'bob')).status).toBe(404);
  expect((await post('bob', 'acme')).statusCode).toBe(404);
  expect((await get('/audit/head', 'bob')).body.heads.map((one) => one.connectionId)).toEqual(['birch']);
});

test('a check runs as a job: one at a time, its verdict is kept, and what was changed is named', async () => {
  await log('acme', entry('webhook/1'));
  let answer: (() => void) | undefined;
  ledger = {
    find: () => Promise.resolve([]),
    entries: () =>
      new Promise((resolve) => {
        answer = () => resolve({ entries: [], cursor: null });
      }),
  };
  const begun = await post('ada', 'acme');
  expect([begun.statusCode, begun.json()]).toMatchObject([202, { state: 'running', by: 'ada' }]);
  expect((await post('ada', 'acme')).json<Refused>().error.code).toBe('JOB_RUNNING');
  while (answer === undefined) await turn();
  answer();
  let job: VerifyJob | null | undefined;
  do {
    await turn();
    job = (await get('/audit/verify?connection=acme')).body.verifications[0]?.job;
  } while (job?.state === 'running');
  expect(job).toMatchObject({
    state: 'done',
    endedAt: NOW,
    result: { findings: [], links: 1, erp: { compared: true } },
  });
  expect(job?.progress).toMatchObject({ links: 1, of: 1 });
  expect((await get('/audit/verify?connection=birch')).body.verifications).toEqual([
    { connectionId: 'birch', job: null },
  ]);
});

test('a check ends when the daemon stops, and none begins then', async () => {
  await log('acme', ...Array.from({ length: 3 }, (_, n) => entry(`webhook/${n}`)));
  room.verify(
    { id: 'ada', name: null, identity: null, via: 'token', expiresAt: NOW, grants: [grant('auditor')] },
    'acme',
  );
  await room.stop();
  expect((await get('/audit/verify?connection=acme')).body.verifications[0]?.job?.state).toBe('cancelled');
  expect((await post('ada', 'acme')).statusCode).toBe(503);
});

test('the export is what the command line exports, as a file that has a name', async () => {
  await log('acme', entry('webhook/1'), entry('=cmd', { detail: { reason: 'a,b' } }));
  const { headers, body: text } = await ask('/audit/export?connection=acme');
  expect(headers['content-disposition']).toBe(
    `attachment; filename="audit-acme.jsonl"; filename*=UTF-8''audit-acme.jsonl`,
  );
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect(lines.map(({ type }) => type)).toEqual(['head', 'link', 'entry', 'entry']);
  expect(lines[0]).toMatchObject({ connection: 'acme', head: { seq: 1 }, request: null });
  expect((await ask('/audit/export?connection=acme&format=csv')).body).toContain(`'=cmd`);
});

test('every action has a sentence that names what it is about', () => {
  for (const action of AUDIT_ACTIONS) {
    const sentence = sentenceOf(entry('vendor/7', { action, actor: 'maria' }));
    expect(sentence).toMatch(/^maria .*\.$/);
    expect(sentence).not.toContain('{}');
  }
});

test.each(['x', cursorText({ acme: [1] }), cursorText('x')])(
  'a place that is none is refused: %s',
  async (after) => {
    expect(await get(`/audit?after=${encodeURIComponent(after)}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'CURSOR' } },
    });
  },
);

function cursorText(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
