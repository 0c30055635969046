/**
 * ASVS 8.2.2, 8.2.3: what somebody's grants do not reach is not there for them. Each route that names a connection, a request or a record is asked by somebody
 * about one that they may not see, and about one that nobody has: the answers are the same, to the letter. A real daemon, before it found Temporal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '../../../sandbox/sample-erp/company';
import type { Config } from '../../../src/config/load';
import { readSigningKeys } from '../../../src/config/load';
import type { Daemon } from '../../../src/daemon';
import { startDaemon } from '../../../src/daemon';
import { issueToken } from '../../../src/desk/people';
import { SigningKeys } from '../../../src/domain/people/signing-keys';
import type { PersonGrant } from '../../../src/domain/people/grants';
import { NO_FACTS, sealPlan } from '../../../src/domain/plan/plan';
import { ERP_ADAPTERS } from '../../../src/erp-adapters/registry';
import { Store } from '../../../src/store/store';
import { silentLogger } from '../../../src/telemetry/logger';
import { requestOf } from '../../support/listed-requests';
import { NO_DESK } from '../../support/people';
import { linkOf, recordOf } from '../../unit/domain/records';
import { operation } from '../../unit/domain/plans';

const NOW = '2026-11-27T09:00:00.000Z';
const HASH = 'a'.repeat(64);
/** What nobody without the right may read. */
const CANARIES = ['777.77', 'Secretive', 'Geheimnis'];
/** Approves all of `acme`, reads its log and administers it; knows nothing of `hidden`. */
const INSIDE = 'ada@acme.example';
/** The same within project 7 of `acme` alone. */
const LIMITED = 'leo@acme.example';
/** Looks at all of it, and has nothing to do with pay. */
const LOOKS = 'vic@acme.example';

let folder: string;
let daemon: Daemon;
let store: Store;
const tokens = new Map<string, string>();
/** Ids of the links of two sub jobs of `acme`: of project 7, and of project 8. */
let links: readonly [string, string];
let planOfSecret: string;

const grants = (person: string, projects: readonly number[] | null): readonly PersonGrant[] =>
  (['viewer', 'admin', 'auditor'] as const).map((role) => ({
    person,
    role,
    connections: ['acme'],
    projects,
  }));

function configOf(file: string): Config {
  const connection = (id: string, approvers: Config['connections'][number]['policy']['approvers']) => ({
    ...{
      id,
      app: 'main',
      companyId: 1,
      adapter: 'sample',
      adapterSettings: { file, company: 1 },
      erpSlots: 1,
    },
    policy: { rules: [], approvers, requireSecondPerson: false, openDetailHours: 0 },
    ...{ pollEveryMs: 86_400_000, sweepAt: null, reconcile: { kinds: {}, ownership: {} }, pollOverlap: 50 },
    ...{ erpTool: { serviceUrl: null, labels: {} }, openDoor: null, acceptForeignOrigins: true },
    ...{ timeZone: 'Etc/UTC', customFields: {}, webhook: null, pageSize: 1000 },
  });
  return {
    ...{ file: join(folder, 'tieback.yaml'), dataDir: folder, secretFiles: [] },
    store: { type: 'better-sqlite3', file: join(folder, 'tieback.db') },
    temporal: {
      ...{
        address: '127.0.0.1:1',
        namespace: 'default',
        retentionDays: 1,
        taskQueue: 'tieback',
        webUi: null,
      },
      ...{ searchNames: true, payloadKeys: [], payloadKeysToMake: [] },
    },
    audit: { keys: [], keysToMake: [], anchorEveryMs: 3_600_000, anchorFile: null, anchorUrl: null },
    people: {
      signingKeys: [{ id: 'first', key: { file: join(folder, 'signing.key') } }],
      ...{ tokenDays: 90, breakGlass: false, credentialsFile: join(folder, 'credentials.json') },
    },
    desk: {
      ...NO_DESK,
      grants: [
        ...grants(INSIDE, null),
        ...grants(LIMITED, [7]),
        { person: LOOKS, role: 'viewer', connections: ['acme'], projects: null },
      ],
    },
    http: { host: '127.0.0.1', port: 0 },
    log: { level: 'error', format: 'json' },
    apps: [
      {
        ...{ name: 'main', apiUrl: 'http://127.0.0.1:1', loginUrl: 'http://127.0.0.1:1', clientId: 'x' },
        ...{ clientSecret: 'x', paths: {}, webUrl: null, webPaths: {}, invoicePaymentFields: {} },
        ...{ detailCloseMethod: 'PATCH', unlinkBy: 'external_data', concurrency: 1, maxInlineWaitMs: 1 },
      },
    ],
    connections: [
      connection('acme', [
        { id: INSIDE, procoreUserId: 1 },
        { id: LIMITED, procoreUserId: 2, projects: [7] },
      ]),
      connection('hidden', [{ id: 'boss@acme.example' }]),
    ],
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tieback-reach-'));
  const file = join(folder, 'erp.db');
  const ledgerScript =
    ERP_ADAPTERS['sample']?.create({ connectionId: 'x', settings: { file } }).grantScript() ?? '';
  createCompany(file, { ledgerScript }).close();
  const config = configOf(file);
  daemon = await startDaemon(config, silentLogger, { bundle: { codePath: join(folder, 'none.js') } });
  daemon.working.catch(() => undefined);
  store = await Store.open(config.store);
  const keys = new SigningKeys(readSigningKeys(config));
  const register = { store, keys, now: () => new Date().toISOString(), connectionIds: ['acme', 'hidden'] };
  for (const [index, person] of [INSIDE, LIMITED, LOOKS].entries()) {
    const token = `tbk_${String(index).repeat(43)}`;
    const given = { id: `t${index}`, person, expiresAt: '2099-01-01T00:00:00.000Z', token, by: 'it' };
    await issueToken(register, given);
    tokens.set(person, token);
  }
  await seed('acme', 1, 7, false);
  await seed('acme', 8, 8, true);
  await seed('hidden', 5, 7, true);
  const found = await store.read('test', (t) => t.links.byErpKeys('acme', 'sub_job', ['1|S1', '1|S8']));
  const idOf = (key: string): string => found.find(({ erpKey }) => erpKey === key)?.id ?? '';
  links = [idOf('1|S1'), idOf('1|S8')];
});
afterAll(async () => {
  await daemon.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A request that waits, its plan, a record, an exception, and a pay period. */
async function seed(
  connectionId: string,
  position: number,
  projectId: number,
  secret: boolean,
): Promise<void> {
  const name = secret ? 'Secretive Works' : 'Cobalt Mechanical';
  const plan = sealPlan({
    ...{ subject: name, warnings: [], notes: [], leftOut: [], unchanged: 0 },
    operations: [
      operation({
        recordId: `vendor/${position}`,
        changes: [{ field: 'name', label: 'Name', old: null, new: name }],
      }),
    ],
    facts: { ...NO_FACTS, kinds: ['vendor'], amount: secret ? '777.77' : '1.00' },
  });
  if (connectionId === 'hidden') planOfSecret = plan.hash;
  const waiting = {
    ...requestOf(
      position,
      {
        ...{
          status: 'waiting_for_finance',
          way: 'export',
          kind: 'vendor',
          subject: name,
          planHash: plan.hash,
        },
        ...{
          recordId: `vendor/${position}`,
          searchText: `erp/${position}\n${name.toLowerCase()}`,
          reason: name,
        },
        about: {
          ...{ title: name, project: name, vendor: name, amount: secret ? '777.77' : '1.00' },
          place: { itemType: 'project', id: projectId, projectId },
        },
      },
      connectionId,
    ),
    started: true,
  };
  const paid = {
    ...requestOf(
      position,
      { status: 'waiting_for_finance', way: 'payroll', reason: 'Geheimnis' },
      connectionId,
      'payroll',
    ),
    started: true,
  };
  await store.transaction('seed', connectionId, async (t) => {
    t.requests.addAll([waiting, paid], [], []);
    for (const request of [waiting, paid]) {
      const { seal } = await t.plans.add({ ...request, page: 0 }, plan, NOW);
      await t.audit.append(connectionId, [
        {
          ...{ at: NOW, actor: 'tieback', action: 'plan.built', subject: request.id, requestId: request.id },
          ...{ planHash: plan.hash, workflowId: null, detail: { seal, page: 0, about: name } },
        },
      ]);
    }
    const erp = recordOf({ code: `S${position}`, name });
    await t.links.advance(
      connectionId,
      [linkOf('sub_job', 900 + position, `1|S${position}`, { projectId, erp, procore: erp })],
      NOW,
    );
    await t.exceptions.open([
      {
        ...{ connectionId, recordId: `sub_job/${900 + position}`, requestId: waiting.id, reason: name },
        ...{ cause: 'data', hint: null, erpKey: `1|S${position}`, openedAt: NOW },
      },
    ]);
  });
}

async function ask(person: string, route: string, body?: object): Promise<{ status: number; text: string }> {
  const [method = '', url = ''] = route.split(' ');
  const answer = await fetch(`${daemon.url}${url}`, {
    method,
    headers: {
      authorization: `Bearer ${tokens.get(person) ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** One question: how it is asked about something by its name. */
interface Question {
  /** As the API's own document names it. */
  readonly route: string;
  readonly status: number;
  readonly url?: (name: string) => string;
  readonly body?: (name: string) => object;
}
const ids = ['vendor/1'];
const PERIOD_LISTS = [
  ...['', '/employees', '/jobs', '/earnCodes', '/lines', '/leftOut', '/corrections', '/byHand'],
  ...['/withoutHours', '/questions', '/againstLast'],
];
const inQuery = (route: string, status: number, more = ''): Question => ({
  ...{ route, status },
  url: (name) => `${route.split(' ')[1] ?? ''}?connection=${name}${more}`,
});
const posted = (route: string, body: (name: string) => object): Question => ({ route, status: 404, body });
const ofRequest = (route: string, more = '', body?: object): Question => ({
  ...{ route, status: 404 },
  url: (name) =>
    `${route.split(' ')[1]?.replace('{connection}/{source}/{name}', `${name}/erp/5`) ?? ''}${more}`,
  ...(body === undefined ? {} : { body: () => body }),
});
const ofRecord = (route: string, more = ''): Question => ({
  ...{ route, status: 404 },
  url: (name) =>
    `${route.split(' ')[1]?.replace('{connection}/{kind}/{id}', `${name}/sub_job/erp:1%7CS5`) ?? ''}${more}`,
});
const ofConnection = (route: string, body?: object): Question => ({
  ...{ route, status: 404 },
  url: (name) =>
    route
      .split(' ')[1]
      ?.replace('{connection}', name)
      .replace('{version}', '1')
      .replace('{id}', 'payroll%2F1-W-5') ?? '',
  ...(body === undefined ? {} : { body: () => body }),
});
const RULES = { rules: [], requireSecondPerson: false };

/** By connection: about `hidden`, which is there, and about one that is not. */
const QUESTIONS: readonly Question[] = [
  inQuery('GET /api/requests', 200),
  inQuery('GET /api/requests/summary', 200),
  inQuery('GET /api/stuck', 200),
  inQuery('GET /api/conflicts', 200),
  inQuery('GET /api/exceptions', 200),
  inQuery('GET /api/links/suggestions', 404, '&kind=vendor'),
  inQuery('GET /api/audit', 404),
  inQuery('GET /api/audit/verify', 404),
  inQuery('GET /api/audit/export', 404),
  inQuery('GET /api/records', 404, '&q=S5'),
  inQuery('GET /api/payroll/periods', 404),
  inQuery('GET /api/payroll/people', 404),
  inQuery('GET /api/payroll/tie-out', 404, '&group=W'),
  inQuery('GET /api/payroll/labor', 404, '&from=2026-11-01&to=2026-11-07'),
  ofRequest('GET /api/requests/{connection}/{source}/{name}'),
  ofRequest('GET /api/requests/{connection}/{source}/{name}/correctable'),
  ofRequest('GET /api/requests/{connection}/{source}/{name}/evidence.zip'),
  ofRequest('GET /api/requests/{connection}/{source}/{name}/operations', `?plan=${HASH}&from=1`),
  ofRequest('POST /api/requests/{connection}/{source}/{name}/attention', '', {
    say: 'comment',
    comment: 'x',
  }),
  ofRecord('GET /api/records/{connection}/{kind}/{id}'),
  ofRecord('GET /api/records/{connection}/{kind}/{id}/requests', `?after=${encodeURIComponent('W251bGxd')}`),
  ofRecord('GET /api/records/{connection}/{kind}/{id}/writes', `?after=${encodeURIComponent('W251bGxd')}`),
  ofRecord('GET /api/records/{connection}/{kind}/{id}/evidence.zip'),
  posted('POST /api/decisions', (connection) => ({
    connection,
    request: 'erp/5',
    answer: 'reject',
    comment: 'no',
  })),
  posted('POST /api/decisions/bulk', (connectionId) => ({
    ...{ key: '7f0f2c3e-2f5b-4c1e-9a53-6d2f6c1f3c55', count: 1, sums: [] },
    requests: [{ connectionId, request: 'erp/5', plan: planOfSecret }],
  })),
  posted('POST /api/links', (connection) => ({
    ...{ connection, kind: 'sub_job', comment: 'so' },
    answers: [{ how: 'unlink', erpKey: '1|S5' }],
  })),
  posted('POST /api/conflicts', (connection) => ({ connection, action: 'assign', ids, owner: null })),
  posted('POST /api/exceptions', (connection) => ({ connection, action: 'assign', ids, owner: null })),
  posted('POST /api/payroll/people', (connection) => ({
    connection,
    answer: {
      ...{ how: 'accept', personId: 1, employeeKey: '1' },
      ...{ personRevision: HASH, employeeRevision: HASH },
    },
  })),
  posted('POST /api/stuck/retry', (connection) => ({ connection, cause: 'person' })),
  posted('POST /api/audit/verify', (connection) => ({ connection })),
  ofConnection('GET /api/rules/{connection}'),
  ofConnection('POST /api/rules/{connection}/try', { body: RULES }),
  ofConnection('POST /api/rules/{connection}/proposals', { body: RULES, basedOn: 0, comment: 'x' }),
  ofConnection('POST /api/rules/{connection}/proposals/{version}', {
    answer: 'approve',
    hash: HASH,
    comment: 'x',
  }),
  ofConnection('POST /api/connections/{connection}/reconcile', {
    kind: 'vendor',
    action: 'now',
    comment: '',
  }),
  ...PERIOD_LISTS.map((list) => ofConnection(`GET /api/payroll/periods/{connection}/{id}${list}`)),
];

const answered = async (
  person: string,
  question: Question,
  name: string,
  again: (text: string) => string,
) => {
  const [method = ''] = question.route.split(' ');
  const url = question.url?.(name) ?? question.route.split(' ')[1] ?? '';
  const { status, text } = await ask(person, `${method} ${url}`, question.body?.(name));
  for (const canary of CANARIES)
    expect([question.route, text]).not.toEqual([question.route, expect.stringContaining(canary)]);
  return [question.route, status, again(text)];
};

test('each route that names a connection, a request or a record has a question', async () => {
  const { text } = await ask(INSIDE, 'GET /api/openapi.json');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, object>> };
  const named = Object.entries(paths).flatMap(([path, ways]) =>
    Object.entries(ways).flatMap(([way, described]) => {
      const { parameters = [], requestBody = {} } = described as {
        parameters?: object[];
        requestBody?: object;
      };
      return /"connection(Id)?"/.test(JSON.stringify([parameters, requestBody]))
        ? [`${way.toUpperCase()} ${path}`]
        : [];
    }),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(QUESTIONS.map(({ route }) => route).sort()).toEqual(named.sort());
});

test.each(QUESTIONS.map((question) => [question.route, question] as const))(
  'a connection that one does not reach is one that is not there: %s',
  async (route, question) => {
    const hidden = await answered(INSIDE, question, 'hidden', (text) => text.replaceAll('hidden', '?'));
    const absent = await answered(INSIDE, question, 'absent', (text) => text.replaceAll('absent', '?'));
    expect(hidden).toEqual(absent);
    expect(hidden.slice(0, 2)).toEqual([route, question.status]);
  },
);

describe('a project that one does not reach', () => {
  const about = (way: string, of: (name: string) => string, body?: (name: string) => object): Question => ({
    ...{ route: `${way} ${of('…')}`, status: 404 },
    url: of,
    ...(body === undefined ? {} : { body }),
  });
  const request =
    (more = ''): ((name: string) => string) =>
    (name) =>
      `/api/requests/acme/erp/${name}${more}`;
  const REQUESTS: readonly Question[] = [
    about('GET', request()),
    about('GET', request('/correctable')),
    about('GET', request('/evidence.zip')),
    about('GET', request(`/operations?plan=${HASH}&from=1`)),
    about('POST', request('/attention'), () => ({ say: 'comment', comment: 'x' })),
    about(
      'POST',
      () => '/api/decisions',
      (name) => ({ request: `erp/${name}`, answer: 'reject', comment: 'no' }),
    ),
    about(
      'POST',
      () => '/api/decisions',
      (name) => ({
        ...{ request: `acme/erp/${name}`, answer: 'approve', plan: HASH.slice(0, 12) },
      }),
    ),
    about(
      'POST',
      () => '/api/decisions/bulk',
      (name) => ({
        ...{ key: `7f0f2c3e-2f5b-4c1e-9a53-6d2f6c1f3c${name}${name}`, count: 1, sums: [] },
        requests: [{ connectionId: 'acme', request: `erp/${name}`, plan: HASH }],
      }),
    ),
  ];
  test.each(REQUESTS.map((question) => [question.route, question] as const))(
    'has no requests: %s',
    async (_route, question) => {
      const digit = (text: string, name: string): string =>
        text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), '?');
      const hidden = await answered(LIMITED, question, '8', (text) => digit(text, '8'));
      const absent = await answered(LIMITED, question, '9', (text) => digit(text, '9'));
      expect(hidden).toEqual(absent);
      expect(hidden[1]).toBe(404);
    },
  );

  test.each(['', '/evidence.zip', '/requests?after=W251bGxd', '/writes?after=W251bGxd'])(
    'has no records: %s',
    async (more) => {
      const one = (id: string) => ask(LIMITED, `GET /api/records/acme/sub_job/${id}${more}`);
      const absent = '00000000-0000-7000-8000-000000000000';
      const hidden = await one(links[1]);
      expect({ ...hidden, text: hidden.text.replaceAll(links[1], '?') }).toEqual({
        ...(await one(absent).then((answer) => ({ ...answer, text: answer.text.replaceAll(absent, '?') }))),
      });
      expect(hidden.status).toBe(404);
      expect((await one(links[0])).status).not.toBe(404);
    },
  );

  test('words find nothing of it, and no hint tells of it', async () => {
    for (const typed of ['Secretive', 'secretive works', '8', '777.77', 'erp/80']) {
      const { status, text } = await ask(LIMITED, 'POST /api/decisions', {
        request: typed,
        answer: 'reject',
        comment: 'n',
      });
      expect([typed, [400, 404].includes(status)]).toEqual([typed, true]);
      expect(text).not.toMatch(/erp\/[58]\b|secretive works \(|hidden/);
    }
    // What one may see is hinted at.
    const { text } = await ask(LIMITED, 'POST /api/decisions', {
      request: 'cobalt',
      answer: 'reject',
      comment: 'n',
    });
    expect(text).toContain('erp/1');
  });

  test('no list shows an amount, a name or a count of it', async () => {
    const urls = [
      ...['requests?stage=needs_me', 'requests?stage=waiting', 'requests?stage=stuck', 'requests?stage=done'],
      ...['requests?q=secretive', 'requests?amountFrom=700', 'requests/summary', 'stuck', 'conflicts'],
      ...['exceptions', 'records?q=secretive', 'records?q=S8', 'connections', 'views'],
    ];
    for (const url of urls) {
      const { text } = await ask(LIMITED, `GET /api/${url}`);
      for (const canary of CANARIES) expect([url, text.includes(canary)]).toEqual([url, false]);
    }
    const counted = JSON.parse((await ask(LIMITED, 'GET /api/requests/summary')).text) as Record<
      string,
      { count: number }
    >;
    expect(Object.values(counted).reduce((all, { count }) => all + count, 0)).toBe(1);
    const exceptions = JSON.parse((await ask(LIMITED, 'GET /api/exceptions')).text) as {
      exceptions: unknown[];
    };
    expect(exceptions.exceptions.length).toBe(1);
  });

  test("what is of one's own project is there", async () => {
    const { status, text } = await ask(LIMITED, 'GET /api/requests/acme/erp/1');
    expect([status, text]).toEqual([200, expect.stringContaining('Cobalt')]);
    const { text: list } = await ask(LIMITED, 'GET /api/requests?stage=needs_me');
    expect((JSON.parse(list) as { rows: { id: string }[] }).rows.map(({ id }) => id)).toEqual(['erp/1']);
  });
});

describe('the hours of people', () => {
  test('who looks only sees that there is a pay period, and neither its plan nor why it waits', async () => {
    const { status, text } = await ask(LOOKS, 'GET /api/requests/acme/payroll/1-W-8');
    expect(status).toBe(200);
    for (const canary of CANARIES) expect(text).not.toContain(canary);
    expect(JSON.parse(text)).toMatchObject({
      plan: null,
      trail: [],
      exceptions: [],
      request: { reason: null },
    });
    const { text: list } = await ask(LOOKS, 'GET /api/requests?stage=waiting&source=payroll');
    expect(list).toContain('payroll/1-W-8');
    expect(list).not.toContain('Geheimnis');
    expect((await ask(LOOKS, 'GET /api/requests/acme/payroll/1-W-8/evidence.zip')).status).toBe(404);
  });

  test('who decides about pay sees all of it', async () => {
    const { text } = await ask(INSIDE, 'GET /api/requests/acme/payroll/1-W-8');
    for (const canary of ['Secretive', 'Geheimnis']) expect(text).toContain(canary);
  });
});
