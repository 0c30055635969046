import type { ActivityDeps } from '../../../src/activities';
import {
  BODY_ACTIONS,
  changedBody,
  keepBody,
  readBody,
  tamperedRequest,
} from '../../../src/activities/in-hand';
import { lookAgainActivities } from '../../../src/activities/request/look-again';
import { TiebackError } from '../../../src/domain/base/errors';
import type { Answers, ReadRequest, StoredBody } from '../../../src/domain/request/intent';
import { newRequest } from '../../../src/store/new-request';
import type { RequestBodyRow } from '../../../src/store/rows';
import { Store } from '../../../src/store/store';
import { SigningKeys } from '../../../src/domain/people/signing-keys';
import { TEST_KEY, TEST_KEYS } from '../../support/people';
import { exportOf } from '../domain/records';
import { vendorDraft } from '../domain/vendors';

const NOW = '2026-03-09T15:30:00.000Z';
const REF = { connectionId: 'acme', id: 'erp/640018' };

const notShown = (): Promise<unknown> =>
  Promise.reject(new TiebackError('PROCORE_NOT_FOUND', { operation: 'show' }));

/** A reader that asks for a zone once, and takes the name as it stands there. */
const procore = {
  readerVersion: '1',
  readRequest: (received: unknown, _id: unknown, answers: Answers = {}): ReadRequest => ({
    eventName: 'create_vendor',
    subject: 'Vendor',
    questions: Object.keys(answers).length > 0 ? [] : [{ what: 'time_zone', id: 9 }],
    intent: exportOf(vendorDraft({ name: String((received as { name: string }).name), code: null })),
  }),
  answer: () => Promise.resolve({ 'time_zone:9': 'America/Denver' }),
  requests: { show: (): Promise<unknown> => notShown() },
  kinds: {},
};
const connection = { id: 'acme', procore } as unknown as Parameters<typeof changedBody>[1]['connection'];

let store: Store;
beforeEach(async () => {
  procore.requests.show = notShown;
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  const row = newRequest('acme', 'erp', 640018, NOW);
  await store.transaction('seed', 'acme', async (t) => {
    const acme = { id: 'acme', companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
    await t.connections.add(acme);
    await t.requests.add(row);
    const body = readBody(connection, row, { name: 'Cobalt Mechanical' });
    await t.audit.append('acme', [await keepBody(t, row, body, NOW)]);
  });
});
afterEach(() => store.close());

const lookAgain = (hasWaited: boolean, now = NOW) =>
  lookAgainActivities({
    store,
    connections: new Map([['acme', connection]]),
    people: { keys: TEST_KEYS },
    now: () => now,
  } as unknown as ActivityDeps).lookAgain({ ...REF, hasWaited });

const stored = async (): Promise<RequestBodyRow> => {
  const body = await store.read('body', (t) => t.requests.body(REF));
  if (body === null) throw new Error('unreachable');
  return body;
};

const whyTampered = (): Promise<string | null> =>
  store.read('tampered', async (t) => {
    const row = await t.requests.get(REF);
    const sealed = await t.audit.sealed(row, { actions: BODY_ACTIONS });
    return changedBody(t, { connection, row }, sealed, TEST_KEYS);
  });

const forge = async (received: StoredBody['received']): Promise<void> => {
  const { body } = await stored();
  const row = newRequest('acme', 'erp', 640018, NOW);
  const { answers, changes } = body;
  await store.transaction('forged', 'acme', (t) =>
    t.requests.keepBody(readBody(connection, row, received, { answers, changes })),
  );
};

test('what Procore answered is part of the body, and vouched for', async () => {
  expect(await lookAgain(false)).toEqual({ kind: 'looked', changes: 0 });
  expect((await stored()).body.answers).toEqual({ 'time_zone:9': 'America/Denver' });
  expect(await whyTampered()).toBeNull();
});

test.each([false, true])(
  'a body that somebody changed is not vouched for by being read again (%s)',
  async (hasWaited) => {
    await forge({ name: 'Kobalt Mechanical' });
    await lookAgain(hasWaited);
    expect(await whyTampered()).toBe('the stored body is not the one that arrived');
  },
);

test('the latest reading is vouched for; a copy of an earlier one is not', async () => {
  const shows = (name: string, at: string) => {
    procore.requests.show = () => Promise.resolve({ name });
    return lookAgain(true, at);
  };
  await shows('Cobalt Mechanical', '2026-03-09T15:31:00.000Z');
  const before = await stored();
  await shows('Cobalt Mechanical Inc', '2026-03-09T15:32:00.000Z');
  expect(await whyTampered()).toBeNull();

  await store.transaction('forged', 'acme', async (t) => {
    const [copy] = await t.audit.sealed(REF, { actions: ['request.reread'] });
    if (copy === undefined) throw new Error('unreachable');
    await t.requests.keepBody(before);
    await t.audit.append('acme', [copy]);
  });
  expect(await whyTampered()).toBe('the stored body is not the one that arrived');
});

test('what Procore shows as it was at first is vouched for once more', async () => {
  for (const [minute, name] of ['Cobalt', 'Cobalt Inc', 'Cobalt'].entries()) {
    procore.requests.show = () => Promise.resolve({ name });
    await lookAgain(true, `2026-03-09T15:4${minute}:00.000Z`);
    expect((await stored()).body.received).toEqual({ name });
    expect(await whyTampered()).toBeNull();
  }
});

test('after a change of the signing key nobody is accused, and nothing is planned', async () => {
  await lookAgain(false);
  const second = { id: 'second', key: Buffer.alloc(32, 1).toString('base64') };
  const [others, both] = [
    new SigningKeys([second]),
    new SigningKeys([second, { id: 'test', key: TEST_KEY }]),
  ];
  const why = (keys: SigningKeys) =>
    store.read('tampered', async (t) => {
      const row = await t.requests.get(REF);
      return (await tamperedRequest(t, { connection, row }, keys))?.code ?? null;
    });
  expect(await why(others)).toBe('BODY_UNPROVEN');
  expect(await why(both)).toBeNull();
  await forge({ name: 'Kobalt Mechanical' });
  expect(await why(both)).toBe('REQUEST_TAMPERED');
});
