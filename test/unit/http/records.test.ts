import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { FoundRecords } from '../../../src/desk/records/find';
import { RecordRoom } from '../../../src/desk/records/room';
import type { ShownRecord } from '../../../src/desk/records/show';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import type { SideRecordRow } from '../../../src/store/rows';
import { newRequest } from '../../../src/store/new-request';
import { Store } from '../../../src/store/store';
import { linkOf, recordOf } from '../domain/records';
import { doorWith } from './door';
import type { Refused } from './visitors';
import { grant, visitorsWith } from './visitors';

const NOW = '2026-11-30T12:00:00.000Z';
const VERIFIER = join(__dirname, '..', '..', '..', 'docs', 'verify', 'verify-tieback-audit.mjs');
let store: Store;
let app: FastifyInstance;

beforeEach(async () => {
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  await store.transaction('seed', 'acme', async (t) => {
    await t.connections.add({
      id: 'acme',
      companyId: 1,
      erpAdapter: 'sample',
      erpCompany: '1',
      createdAt: NOW,
    });
    const cobalt = recordOf({ code: '10442', name: 'Cobalt Mechanical', city: 'Denver' });
    await t.links.advance(
      'acme',
      [
        linkOf('vendor', 901, '1|10442', { procore: cobalt, erp: cobalt }),
        linkOf('vendor', 902, '1|10443', { erp: recordOf({ name: 'Heron Glass' }) }),
        linkOf('sub_job', 77, '1|A', { projectId: 7, erp: recordOf({ code: 'A', name: 'Annex' }) }),
        linkOf('sub_job', 78, '1|B', { projectId: 8, erp: recordOf({ code: 'B', name: 'Barn' }) }),
      ],
      NOW,
    );
    t.sideRecords.put([
      side({
        side: 'procore',
        recordKey: '901',
        why: 'again',
        record: recordOf({ code: '10442', name: 'Cobalt Mechanical', city: 'Golden' }),
      }),
      side({
        side: 'procore',
        recordKey: '950',
        originId: 'vendor|1|99',
        record: recordOf({ name: 'Ibis Paving' }),
      }),
    ]);
  });
  app = await doorWith({
    records: new RecordRoom({
      store,
      connectionIds: ['acme'],
      now: () => NOW,
      verifier: () => Promise.resolve(readFileSync(VERIFIER, 'utf8')),
    }),
    visitor: visitorsWith({
      ada: [grant('viewer')],
      pia: [grant('approver', ['acme'], [7])],
      bob: [grant('viewer', ['birch'])],
    }),
  });
});
afterEach(async () => {
  await app.close();
  await store.close();
});

const side = (more: Partial<SideRecordRow>): SideRecordRow => ({
  connectionId: 'acme',
  kind: 'vendor',
  side: 'procore',
  recordKey: '1',
  why: 'unpaired',
  originId: null,
  record: null,
  state: 'active',
  revision: null,
  changedAt: null,
  seenAt: NOW,
  ...more,
});

/** Whatever of it an answer has. */
type Body = Pick<FoundRecords, 'exact' | 'records' | 'after'> & ShownRecord & Refused;

async function get(url: string, as = 'ada'): Promise<{ status: number; body: Body }> {
  const answer = await app.inject({ url: `/api${url}`, headers: { authorization: `Bearer ${as}` } });
  return { status: answer.statusCode, body: answer.json<Body>() };
}
const idOf = async (q: string): Promise<string> => (await get(`/records?q=${q}`)).body.exact[0]?.id ?? '';
const namesOf = (rows: readonly { readonly name: string }[]): readonly string[] =>
  rows.map(({ name }) => name);

test.each(['10442', '1|10442', '901', 'vendor|1|10442', 'vendor/901'])(
  '%s finds the record that it names',
  async (q) => {
    const { body } = await get(`/records?q=${encodeURIComponent(q)}`);
    expect(body.exact).toMatchObject([
      {
        kind: 'vendor',
        state: 'linked',
        erpKey: '1|10442',
        procoreId: 901,
        code: '10442',
        name: 'Cobalt Mechanical',
      },
    ]);
    expect(body.records).toEqual([]);
  },
);

test('words of a name find linked and unpaired records, an origin_id what has no partner', async () => {
  expect(namesOf((await get('/records?q=mechanical+cobalt')).body.records)).toEqual(['Cobalt Mechanical']);
  expect((await get('/records?q=ibis')).body.records).toMatchObject([
    { id: 'procore:950', state: 'unpaired' },
  ]);
  expect((await get('/records?q=vendor%7C1%7C99')).body.exact).toMatchObject([{ id: 'procore:950' }]);
  expect((await get('/records?q=nobody')).body).toMatchObject({
    exact: [],
    records: [],
    requests: [],
    after: null,
  });
});

test('a long list comes in pages, each record once', async () => {
  await store.transaction('more', 'acme', (t) =>
    t.links.advance(
      'acme',
      Array.from({ length: 120 }, (_, n) => linkOf('vendor', 2000 + n, `1|M${n}`)),
      NOW,
    ),
  );
  const keys: string[] = [];
  for (let after = ''; ;) {
    const { body } = await get(`/records?q=1%7Cm${after === '' ? '' : `&after=${after}`}`);
    expect(body.records.length).toBeLessThanOrEqual(50);
    keys.push(...body.records.map(({ erpKey }) => erpKey ?? ''));
    if (body.after === null) break;
    after = body.after;
  }
  expect(new Set(keys).size).toBe(120);
  expect(keys).toHaveLength(120);
});

test('who sees some projects only finds what lives there, and nothing else is there', async () => {
  expect(namesOf((await get('/records', 'pia')).body.records)).toEqual(['Annex']);
  expect((await get('/records?q=10442', 'pia')).body).toMatchObject({ exact: [], records: [] });
  const [barn, annex] = [await idOf('78'), await idOf('77')];
  expect((await get(`/records/acme/sub_job/${annex}`, 'pia')).status).toBe(200);
  const [theirs, none] = [
    await get(`/records/acme/sub_job/${barn}`, 'pia'),
    await get(`/records/acme/sub_job/none`, 'pia'),
  ];
  expect([theirs.status, none.status]).toEqual([404, 404]);
  expect(theirs.body.error.message.replace(barn, 'none')).toBe(none.body.error.message);
  expect((await get(`/records/acme/vendor/${await idOf('901')}`, 'bob')).status).toBe(404);
  expect((await get('/records', 'bob')).body.records).toEqual([]);
});

test('both sides stand beside each other, and what moved since they agreed is told', async () => {
  const { body } = await get(`/records/acme/vendor/${await idOf('901')}`);
  const city = body.fields.find(({ field }) => field === 'city');
  expect(city).toMatchObject({
    differs: true,
    procore: { held: 'Golden', agreed: 'Denver', moved: true },
    erp: { held: 'Denver', agreed: 'Denver', moved: false },
  });
  expect(body.sides).toMatchObject({ procore: { moved: true, isToRead: true }, erp: { moved: false } });
  expect(body).toMatchObject({ generation: 1, recordIds: ['vendor/901', 'vendor/erp:1|10442'] });
  const byKey = await get(`/records/acme/vendor/${encodeURIComponent('erp:1|10442')}`);
  expect(byKey.body.id).toBe(body.id);
});

/** A request that wrote the vendor and another record, and what the log has of it. */
async function written(): Promise<void> {
  const row = { ...newRequest('acme', 'erp', 5, NOW), recordId: null };
  const entry = (subject: string, action: AuditEntry['action'], detail: object = {}): AuditEntry => ({
    at: NOW,
    actor: 'tieback',
    action,
    subject,
    requestId: row.id,
    planHash: null,
    workflowId: row.workflowId,
    detail: { ...detail },
  });
  await store.transaction('write', 'acme', async (t) => {
    await t.requests.add(row);
    await t.plans.putOperations(
      ['vendor/901', 'vendor/902'].map((recordId) => ({
        connectionId: 'acme',
        requestId: row.id,
        operationKey: `acme:${recordId}:1:x`,
        planHash: 'a'.repeat(64),
        side: 'procore' as const,
        action: 'set_external_data' as const,
        recordId,
        erpKey: null,
        state: 'confirmed' as const,
        reason: null,
        record: recordOf({ name: 'Read back' }),
        at: NOW,
      })),
    );
    await t.audit.append('acme', [
      entry(row.id, 'intake.received'),
      entry('vendor/901', 'operation.written', { operation: 'acme:vendor/901:1:x' }),
      entry('vendor/902', 'operation.written', { operation: 'acme:vendor/902:1:x' }),
    ]);
  });
}

test('requests and writes of a record are told, with what was read back', async () => {
  await written();
  const { body } = await get(`/records/acme/vendor/${await idOf('901')}`);
  expect(body.requests).toMatchObject({ rows: [{ id: 'erp/5' }], after: null });
  expect(body.writes.rows).toMatchObject([
    { requestId: 'erp/5', state: 'confirmed', readBack: [{ label: 'Name', value: 'Read back' }] },
  ]);
});

/** The files of a ZIP whose sizes stand behind its entries. */
function unzip(zip: Buffer): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(name, inflateRawSync(zip.subarray(begin, begin + packed)).toString('utf8'));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

test('the evidence of a record tells of it alone, and verifies without us', async () => {
  await written();
  const answer = await app.inject({
    url: `/api/records/acme/vendor/${await idOf('901')}/evidence.zip`,
    headers: { authorization: 'Bearer ada' },
  });
  expect(answer.headers['content-type']).toBe('application/zip');
  const files = unzip(answer.rawPayload);
  expect([...files.keys()]).toEqual([
    'README.txt',
    'evidence.txt',
    'evidence.jsonl',
    'verify-tieback-audit.mjs',
    'record.json',
  ]);
  expect(files.get('evidence.jsonl')).not.toContain('vendor/902');
  expect(files.get('evidence.txt')).toContain('Tieback took in ERP request 5.');
  const folder = mkdtempSync(join(tmpdir(), 'tieback-evidence-'));
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    const verify = (): string =>
      execFileSync('node', ['verify-tieback-audit.mjs', 'evidence.jsonl'], {
        cwd: folder,
        stdio: 'pipe',
      }).toString();
    expect(verify).not.toThrow();
    const changed = (files.get('evidence.jsonl') ?? '').replace('intake.received', 'intake.ignored');
    writeFileSync(join(folder, 'evidence.jsonl'), changed);
    expect(verify).toThrow();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the evidence of a request is for those who see it', async () => {
  await written();
  const status = async (as: string, id = 'erp/5'): Promise<number> =>
    (
      await app.inject({
        url: `/api/requests/acme/${id}/evidence.zip`,
        headers: { authorization: `Bearer ${as}` },
      })
    ).statusCode;
  expect(await status('ada')).toBe(200);
  expect([
    await status('pia'),
    await status('bob'),
    await status('ada', 'erp/6'),
    await status('none'),
  ]).toEqual([404, 404, 404, 401]);
});
