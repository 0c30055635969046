import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkAnswer, LinkOutcome } from '../../../../src/desk/links/decide';
import { assertMayLink, decideLinks, MOST_ANSWERS } from '../../../../src/desk/links/decide';
import { listLinks } from '../../../../src/desk/links/list';
import { namedRecord, showLinks } from '../../../../src/desk/links/show';
import type { SidesIn } from '../../../../src/store/sides';
import type { SuggestedPairs } from '../../../../src/desk/links/suggestions';
import { suggestPairs } from '../../../../src/desk/links/suggestions';
import { verifyAudit } from '../../../../src/desk/audit/verify';
import type { AuditEntry } from '../../../../src/domain/audit/chain';
import type { Kind } from '../../../../src/domain/kinds';
import type { Fields } from '../../../../src/domain/kinds/record';
import type { RecordLink } from '../../../../src/domain/kinds/record-link';
import type { SideName, SideRecord } from '../../../../src/domain/reconcile/side-record';
import { newRequest } from '../../../../src/store/new-request';
import { Store } from '../../../../src/store/store';
import { linkOf, recordOf } from '../../domain/records';

const NOW = '2026-11-30T12:00:00.000Z';
const MARIA = { by: 'maria@acme.example', account: null, channel: 'cli' };
const folder = mkdtempSync(join(tmpdir(), 'tieback-links-'));
let store: Store;
let files = 0;
beforeEach(async () => {
  files += 1;
  store = await Store.open({ type: 'better-sqlite3', file: join(folder, `${files}.db`) });
  await store.transaction('register', 'acme', (t) =>
    t.connections.add({ id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW }),
  );
});
afterEach(() => store.close());
afterAll(() => rmSync(folder, { recursive: true }));

const sideOf = (side: SideName, key: string, fields: Fields, more: Partial<SideRecord> = {}): SideRecord => ({
  kind: 'vendor',
  side,
  key,
  originId: null,
  record: recordOf(fields),
  state: 'active',
  changedAt: null,
  ...more,
});
const ERP = [
  sideOf('erp', '1|1', { name: 'Heron Glass Inc' }),
  sideOf('erp', '1|2', { name: 'Ibis Paving' }),
  sideOf('erp', '1|3', { name: 'Kestrel Electric' }),
];
const PROCORE = [
  sideOf('procore', '901', { name: 'Heron Glass' }),
  sideOf('procore', '902', { name: 'Ibis Paveing' }),
  sideOf('procore', '903', { name: 'Ibis Paving' }, { originId: 'other|7' }),
];

/** Sides that were read, as rows of a test. */
const sidesOf =
  (erp: readonly SideRecord[] = ERP, procore: readonly SideRecord[] = PROCORE): SidesIn =>
  () => ({
    all: () => Promise.resolve({ erp, procore }),
    some: (_connectionId, _kind, keys) =>
      Promise.resolve({
        erp: erp.filter(({ key }) => keys.erp.includes(key)),
        procore: procore.filter(({ key }) => keys.procore.includes(key)),
      }),
  });

const add = (...links: readonly RecordLink[]): Promise<unknown> =>
  store.transaction('seed', 'acme', (t) => t.links.advance('acme', links, NOW));
const linked = async (): Promise<readonly string[]> =>
  (await store.read('links', (t) => t.links.list('acme', { states: ['linked'] }))).map(
    ({ erpKey, procoreId }) => `${erpKey}=${String(procoreId)}`,
  );
const entries = async (action: AuditEntry['action']): Promise<readonly AuditEntry[]> => {
  const found: AuditEntry[] = [];
  await store.read('audit', async (t) => {
    for await (const link of t.audit.chain('acme')) found.push(...link.entries.map(({ entry }) => entry));
  });
  return found.filter((entry) => entry.action === action);
};
const suggested = (sides: SidesIn = sidesOf()): Promise<SuggestedPairs> =>
  suggestPairs(store, sides, 'acme', 'vendor');
const decide = (
  answers: readonly LinkAnswer[],
  {
    comment = 'why',
    sides = sidesOf(),
    kind = 'vendor',
  }: { readonly comment?: string; readonly sides?: SidesIn; readonly kind?: Kind } = {},
): Promise<readonly LinkOutcome[]> =>
  decideLinks(
    { store, sidesIn: sides, now: () => NOW },
    { connectionId: 'acme', kind, answers, comment },
    MARIA,
  );
const seen = async (how: 'accept' | 'reject', at = 0): Promise<LinkAnswer> => {
  const pair = (await suggested()).pairs[at];
  if (pair === undefined) throw new Error('there is no such suggestion');
  const { erpKey, procoreId, erpRevision, procoreRevision } = pair;
  return { how, erpKey, procoreId, erpRevision, procoreRevision };
};

test('suggested is what has no partner, and what another integration owns is only counted', async () => {
  expect(await suggested()).toMatchObject({
    pairs: [
      { erpKey: '1|1', procoreId: 901, verdict: 'match' },
      { erpKey: '1|2', procoreId: 902, verdict: 'ask' },
    ],
    unpaired: { erp: 3, procore: 2 },
    alone: { erp: 1, procore: 0 },
    claimed: 1,
  });
  await add(linkOf('vendor', 901, '1|1'));
  expect((await suggested()).pairs).toMatchObject([{ erpKey: '1|2', procoreId: 902 }]);
});

test.each<[string, SidesIn, RegExp]>([
  ['neither side', sidesOf([], []), /No vendors of the ERP and Procore were read yet/],
  ['one side', sidesOf(ERP, []), /No vendors of Procore were read yet/],
])('%s was read: nobody is told that nothing resembles anything', async (_what, sides, message) => {
  await expect(suggested(sides)).rejects.toMatchObject({
    code: 'SIDES_UNREAD',
    message: expect.stringMatching(message) as string,
  });
});

test('what is accepted is linked and never compared, the log names the person, and it holds', async () => {
  const answer = await seen('accept');
  expect(await decide([answer], { comment: '' })).toEqual([{ answer, refused: null }]);
  const [link] = await store.read('link', (t) => t.links.byErpKeys('acme', 'vendor', ['1|1']));
  expect(link).toMatchObject({ procoreId: 901, state: 'linked', generation: 1, erp: null, procore: null });
  expect(await entries('link.decided')).toMatchObject([
    { actor: MARIA.by, subject: 'vendor/901', detail: { decision: 'accept', erpKey: '1|1', channel: 'cli' } },
  ]);
  expect(await entries('link.changed')).toMatchObject([
    { actor: MARIA.by, detail: { link: link?.id, state: 'linked' } },
  ]);
  expect((await verifyAudit(store, { connectionId: 'acme', ledger: 'not asked' })).findings).toEqual([]);
});

test('a pair that changed since it was looked at is asked about again', async () => {
  const answer = await seen('accept');
  const renamed = [sideOf('procore', '901', { name: 'Heron Masonry' }), ...PROCORE.slice(1)];
  expect(await decide([answer], { sides: sidesOf(ERP, renamed) })).toMatchObject([
    { refused: { code: 'PAIR_CHANGED', message: 'Vendor 1|1 or vendor/901 changed since you looked.' } },
  ]);
  expect(await linked()).toEqual([]);
  expect(await entries('link.decided')).toEqual([]);
});

test('a refused pair is remembered until either record changes, and forgotten when it is linked after all', async () => {
  await decide([await seen('reject')], { comment: 'sisters' });
  const keys = async (sides?: SidesIn): Promise<readonly string[]> =>
    (await suggested(sides)).pairs.map(({ erpKey }) => erpKey);
  expect(await keys()).toEqual(['1|2']);
  const moved = [sideOf('erp', '1|1', { name: 'Heron Glass Inc', city: 'Kent' }), ...ERP.slice(1)];
  expect(await keys(sidesOf(moved))).toEqual(['1|1', '1|2']);
  expect(await entries('link.decided')).toMatchObject([
    { detail: { decision: 'reject', comment: 'sisters' } },
  ]);
  await decide([{ how: 'link', erpKey: '1|1', procoreId: 901 }]);
  expect(await store.read('rejections', (t) => t.linkRejections.ofKind('acme', 'vendor'))).toEqual([]);
});

test('what was unlinked by hand is not suggested as it was', async () => {
  await add(linkOf('vendor', 901, '1|1'));
  await decide([{ how: 'unlink', erpKey: '1|1' }]);
  expect(await linked()).toEqual([]);
  expect((await suggested()).pairs.map(({ erpKey }) => erpKey)).toEqual(['1|2']);
});

test('what was taken apart by hand is remembered, whether it was compared or not, and its company is looked at again', async () => {
  await add(linkOf('vendor', 901, '1|1'));
  await add(linkOf('vendor', 977, '1|77'));
  await decide([
    { how: 'relink', erpKey: '1|1', procoreId: 902 },
    { how: 'unlink', erpKey: '1|77' },
  ]);
  const { rejected, again } = await store.read('apart', async (t) => ({
    rejected: await t.linkRejections.ofKind('acme', 'vendor'),
    again: await t.sideRecords.again('acme', 'vendor', 'procore'),
  }));
  expect(rejected.map(({ erpKey, procoreId }) => `${erpKey} ${procoreId}`).sort()).toEqual([
    '1|1 901',
    '1|77 977',
  ]);
  expect([...again].sort()).toEqual(['901', '977']);
});

test('a refusal names the link that is in the way, and the others are done', async () => {
  await add(linkOf('vendor', 901, '1|3'));
  const outcomes = await decide([
    { how: 'link', erpKey: '1|1', procoreId: 901 },
    { how: 'link', erpKey: '1|2', procoreId: 902 },
    { how: 'link', erpKey: '1|1', procoreId: 902 },
    { how: 'link', erpKey: '1|9', procoreId: 901 },
    { how: 'link', erpKey: '1|1', procoreId: 903 },
  ]);
  expect(outcomes.map(({ refused }) => refused && `${refused.code}: ${refused.message}`)).toEqual([
    'LINK_IN_THE_WAY: vendor/901 in Procore is linked to Vendor 1|3 of the ERP.',
    null,
    'LINK_IN_THE_WAY: vendor/902 in Procore is linked to Vendor 1|2 of the ERP.',
    'RECORD_UNKNOWN: There was no vendor 1|9 in the ERP when both sides were read last.',
    'ORIGIN_ID_TAKEN: vendor/903 carries the origin_id "other|7".',
  ]);
  expect(await linked()).toEqual(['1|2=902', '1|3=901']);
});

test('who waits for a record that is linked now is told, and nobody else', async () => {
  await store.transaction('wait', 'acme', async (t) => {
    for (const [at, recordId] of ['vendor/901', 'vendor/902'].entries()) {
      const request = newRequest('acme', 'erp', 7 + at, NOW);
      await t.requests.add(request);
      await t.waits.begin(request, [{ recordId, reason: 'not linked', hint: null }], NOW);
    }
  });
  const told: unknown[] = [];
  const answers: readonly LinkAnswer[] = [{ how: 'link', erpKey: '1|1', procoreId: 901 }];
  await decideLinks(
    {
      store,
      sidesIn: sidesOf(),
      now: () => NOW,
      release: (requests) => Promise.resolve(void told.push(...requests)),
    },
    { connectionId: 'acme', kind: 'vendor', answers, comment: 'why' },
    MARIA,
  );
  expect(told).toEqual([{ connectionId: 'acme', id: 'erp/7' }]);
});

test('links change hands within one decision', async () => {
  await add(linkOf('vendor', 901, '1|1', { generation: 5 }), linkOf('vendor', 902, '1|2'));
  const outcomes = await decide([
    { how: 'unlink', erpKey: '1|2' },
    { how: 'relink', erpKey: '1|1', procoreId: 902 },
    { how: 'link', erpKey: '1|2', procoreId: 901 },
    { how: 'merge', procoreId: 901, into: 902 },
  ]);
  expect(outcomes.map(({ refused }) => refused)).toEqual([null, null, null, null]);
  expect(await linked()).toEqual(['1|1=902']);
  expect((await verifyAudit(store, { connectionId: 'acme', ledger: 'not asked' })).findings).toEqual([]);
});

test('without a reason nothing is done by hand, and what is not paired by hand is said', async () => {
  const link: LinkAnswer = { how: 'link', erpKey: '1|1', procoreId: 901 };
  await expect(decide([link], { comment: ' ' })).rejects.toMatchObject({ code: 'NO_COMMENT' });
  await expect(decide([link], { kind: 'commitment' })).rejects.toMatchObject({ code: 'KIND_NOT_MATCHED' });
  const many = Array.from({ length: MOST_ANSWERS + 1 }, () => link);
  await expect(decide(many)).rejects.toMatchObject({ code: 'TOO_MANY' });
  await add(linkOf('commitment', 55, '1|C'));
  expect(await decide([{ how: 'unlink', erpKey: '1|C' }], { kind: 'commitment' })).toMatchObject([
    { refused: null },
  ]);
});

test('only approvers of the connection decide', () => {
  const acme = { policy: { approvers: [{ id: MARIA.by }] } };
  expect(() => assertMayLink(acme, 'acme', MARIA.by)).not.toThrow();
  expect(() => assertMayLink(acme, 'acme', 'bob')).toThrow('"bob" is no approver of this connection.');
  expect(() => assertMayLink(undefined, 'other', MARIA.by)).toThrow('There is no connection "other".');
});

test('links are found by words, kind and state', async () => {
  await add(
    linkOf('vendor', 901, '1|1', { erp: recordOf({ code: '10442', name: 'Heron Glass' }) }),
    linkOf('vendor', null, '1|2', { state: 'staged', erp: recordOf({ name: 'Ibis' }) }),
    linkOf('project', 77, '1|P', { state: 'merged' }),
  );
  const found = async (more: object): Promise<readonly string[]> =>
    (await listLinks(store, { connectionIds: ['acme'], ...more })).map(({ link }) => link.erpKey);
  expect(await found({})).toEqual(['1|P', '1|1', '1|2']);
  expect(await found({ search: 'GLASS 10442' })).toEqual(['1|1']);
  expect(await found({ search: 'glass ibis' })).toEqual([]);
  expect(await found({ kind: 'vendor', state: 'staged' })).toEqual(['1|2']);
  expect(await found({ state: 'unlinked' })).toEqual(['1|P']);
});

test('a link is shown with both records and with what people decided', async () => {
  await decide([await seen('accept')], { comment: 'checked' });
  for (const typed of ['vendor/901', 'vendor/1|1', '1|1'])
    expect(await showLinks(store, sidesOf(), ['acme'], typed)).toMatchObject([
      {
        link: { erpKey: '1|1', procoreId: 901 },
        read: { erp: { key: '1|1' }, procore: { key: '901' } },
        decisions: [{ actor: MARIA.by, detail: { comment: 'checked' } }],
      },
    ]);
  await expect(showLinks(store, sidesOf(), ['acme'], 'vendor/999')).rejects.toMatchObject({
    code: 'LINK_UNKNOWN',
  });
});

test.each<[string, RegExp]>([
  ['901', /"901" is no record/],
  ['supplier/901', /There is no kind "supplier"/],
  ['vendor/', /"vendor\/" is no record/],
])('"%s" names no record', (typed, message) => {
  let told = '';
  try {
    namedRecord(typed);
  } catch (error) {
    const { message: words, hint } = error as { message: string; hint: string };
    told = `${words} ${hint}`;
  }
  expect(told).toMatch(message);
});
