import type { ActivityDeps, ConnectionParts } from '../../../src/activities';
import { outcomeActivities } from '../../../src/activities/intake/outcomes';
import { verifyAudit } from '../../../src/desk/audit/verify';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import type { Plan } from '../../../src/domain/plan/plan';
import type { RequestStatus } from '../../../src/domain/request/status';
import type { RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import { newRequest } from '../../../src/store/new-request';
import type { Repositories } from '../../../src/store/repositories';
import type { OperationRow } from '../../../src/store/rows';
import { Store } from '../../../src/store/store';
import { Pickup } from '../../support/pickup';
import { recordOf } from '../erp-adapters/record-samples';
import { kindOf } from '../erp-adapters/sample-kit';

const CONNECTION = 'demo';
const NOW = '2026-03-09T15:30:00.000Z';
const RECORD = 'vendor/7';

let pickup: Pickup;
let store: Store;
beforeEach(async () => {
  pickup = new Pickup();
  store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  await change((t) =>
    t.connections.add({
      id: CONNECTION,
      companyId: 1,
      erpAdapter: 'file-drop',
      erpCompany: 'WEST',
      createdAt: NOW,
    }),
  );
});
afterEach(async () => {
  await store.close();
  pickup.remove();
});

const change = <T>(work: (t: Repositories) => Promise<T>): Promise<T> =>
  store.transaction('test', CONNECTION, work);
const look = <T>(work: (t: Repositories) => Promise<T>): Promise<T> => store.read('test', work);

/** One round, in a daemon that was started just now. */
async function learn(through: Pick<Store, 'read' | 'transaction'> = store): Promise<number> {
  const connection = { id: CONNECTION, erp: pickup.open() } as unknown as ConnectionParts;
  const connections = new Map([[CONNECTION, connection]]);
  const deps = { store: through, connections, now: () => NOW } as unknown as ActivityDeps;
  return (await outcomeActivities(deps).learnOutcomes({ connectionId: CONNECTION })).learned;
}

interface Handing {
  readonly generation?: number;
  readonly action?: 'create' | 'update';
  readonly status?: RequestStatus;
  /** Our store knows of it; false: it was restored. */
  readonly isKnown?: boolean;
}

let requests = 0;
beforeEach(() => {
  requests = 0;
});

/** Hands a vendor over, as an export of its own that was told to Procore. Answers the reference of its document. */
async function handOver(name: string, given: Handing = {}): Promise<string> {
  const { generation = 1, action = 'create', status = 'applied', isKnown = true } = given;
  const isNew = action === 'create';
  const operation: RecordWrite = {
    operationKey: `${CONNECTION}:${RECORD}:${generation}:${name}`,
    recordId: RECORD,
    generation,
    targetRevision: 'r',
    planHash: 'p',
    action,
    erpKey: isNew ? null : 'WEST|V300',
    record: recordOf(isNew ? { code: 'V300', name, isActive: true } : { name }),
    expected: null,
  };
  const [result] = await kindOf(pickup.open(), 'vendor').write([operation]);
  if (result?.status !== 'accepted') throw new Error(`it was answered ${JSON.stringify(result)}`);
  if (isKnown) await noteWritten(operation, result, status);
  return [...pickup.takeAll().keys()][0] ?? '';
}

async function noteWritten(
  { operationKey, generation, action }: RecordWrite,
  { erpKey, record }: Pick<OperationRow, 'record'> & { readonly erpKey: string },
  status: RequestStatus,
): Promise<void> {
  const row = newRequest(CONNECTION, 'erp', (requests += 1), NOW);
  const of = { connectionId: CONNECTION, requestId: row.id };
  const state = status === 'applied' ? 'confirmed' : 'written';
  const entry = (name: AuditEntry['action'], detail: AuditEntry['detail']): AuditEntry => ({
    ...{ at: NOW, actor: 'tieback', action: name, subject: RECORD, requestId: row.id, planHash: 'p' },
    ...{ workflowId: row.workflowId, detail },
  });
  await change(async (t) => {
    const closed = status === 'applied' ? { reason: 'done', closedAt: NOW } : {};
    await t.requests.add({ ...row, way: 'export', recordId: RECORD, status, ...closed });
    await t.plans.putOperations([
      {
        ...of,
        operationKey,
        planHash: 'p',
        side: 'erp',
        action,
        recordId: RECORD,
        erpKey,
        state,
        reason: null,
        record,
        at: NOW,
      },
    ]);
    const link = {
      kind: 'vendor',
      erpKey,
      procoreId: 7,
      state: 'linked',
      generation,
      procore: record,
    } as const;
    const [known] = await t.links.byErpKeys(CONNECTION, 'vendor', [erpKey]);
    await t.links.advance(CONNECTION, [{ ...known, ...link, erp: record, erpRevision: 'new' }], NOW);
    await t.audit.append(CONNECTION, [
      entry('operation.written', { operation: operationKey, erpKey }),
      ...(status === 'applied' ? [entry('request.closed', { status, summary: 'done' })] : []),
    ]);
  });
}

const exceptions = () => look((t) => t.exceptions.listOpen(CONNECTION));
const trail = async (id: string): Promise<string[]> =>
  (await look((t) => t.audit.forRequest({ connectionId: CONNECTION, id }))).map(({ action }) => action);
const states = async (): Promise<string[]> =>
  (
    await look((t) => t.plans.erpOperations(CONNECTION, [1, 2].map((generation) => keyOf(generation)).flat()))
  ).map(({ state }) => state);
const keyOf = (generation: number) =>
  ['Cedar', 'Cedar Two'].map((name) => ({
    operationKey: `${CONNECTION}:${RECORD}:${generation}:${name}`,
    recordId: RECORD,
  }));

async function findings(): Promise<readonly string[]> {
  const { findings: found } = await verifyAudit(store, {
    connectionId: CONNECTION,
    ledger: pickup.open().ledger,
  });
  return found.map(({ about, what }) => `${about ?? ''}: ${what}`);
}

/** The place of the reader is lost, as with a crash between two stores; the next round reads everything again. */
const loseThePlace = (): Promise<void> =>
  change(async (t) => {
    const { cursor = '' } = (await t.checkpoints.get(CONNECTION, 'outcomes')) ?? {};
    await t.checkpoints.move(CONNECTION, 'outcomes', { from: cursor, to: '0 0' }, NOW);
  });

test('a rejected creation: the record is not in the ERP, and a person reads what to do', async () => {
  pickup.reject(await handOver('Cedar'), 'Terms code missing');
  expect(await learn()).toBe(1);
  expect(await exceptions()).toMatchObject([
    {
      recordId: RECORD,
      requestId: 'erp/1',
      cause: 'rejected',
      erpKey: null,
      reason:
        'The ERP accepted it, and rejected it when it imported it: "Terms code missing". It is not in the ERP; Procore shows it as linked to WEST|V300.',
      hint: 'Put right what the ERP names, unlink it in Procore, and send it again.',
    },
  ]);
  expect(await states()).toEqual(['rejected']);
  expect(await findings()).toEqual([]);
});

test('a rejected change: the ERP keeps its values, which no sync takes for a change of its own', async () => {
  pickup.acknowledge(await handOver('Cedar'));
  await learn();
  pickup.exportVendors(['V300,Cedar,,,,,A']);
  pickup.reject(await handOver('Cedar Two', { generation: 2, action: 'update' }), 'Vendor is on hold');
  expect(await learn()).toBe(1);
  const [exception] = await exceptions();
  expect(exception?.reason).toMatch(/"Vendor is on hold"\. The ERP keeps the values that it had/);
  const [link] = await look((t) => t.links.byErpKeys(CONNECTION, 'vendor', ['WEST|V300']));
  expect(link).toMatchObject({ state: 'linked', procore: { fields: { name: 'Cedar Two' } } });
  expect(link?.erp?.fields['name']).toBe('Cedar');
  expect(await states()).toEqual(['confirmed', 'rejected']);
  expect(await findings()).toEqual([]);
});

test.each([
  ['A rejection', (reference: string) => pickup.reject(reference, 'Terms code missing')],
  ['An acknowledgement', (reference: string) => pickup.acknowledge(reference)],
])('%s that is read again changes nothing', async (_what, answer) => {
  answer(await handOver('Cedar'));
  await learn();
  const [before, open] = [await trail('erp/1'), await exceptions()];
  await loseThePlace();
  expect(await learn()).toBe(1);
  expect(await trail('erp/1')).toEqual(before);
  expect(await exceptions()).toEqual(open);
  expect(await learn()).toBe(0);
});

test('a crash before the transaction commits leaves nothing behind, and the next round does all of it once', async () => {
  pickup.reject(await handOver('Cedar'), 'Terms code missing');
  const before = await trail('erp/1');
  const dying: Pick<Store, 'read' | 'transaction'> = {
    read: (name, work) => store.read(name, work),
    transaction: (name, about, work) =>
      store.transaction(name, about, async (t) => {
        await work(t);
        throw new Error('killed');
      }),
  };
  await expect(learn(dying)).rejects.toThrow('killed');
  expect(await trail('erp/1')).toEqual(before);
  expect(await exceptions()).toEqual([]);
  expect(await learn()).toBe(1);
  expect(await trail('erp/1')).toEqual([...before, 'operation.refused', 'exception.opened']);
  expect(await exceptions()).toHaveLength(1);
});

test('what was rejected and has been written again since is a note, not an exception', async () => {
  const first = await handOver('Cedar');
  const second = await handOver('Cedar Two', { generation: 2, action: 'update' });
  pickup.acknowledge(first);
  await learn();
  pickup.exportVendors(['V300,Cedar,,,,,A']);
  await handOver('Cedar', { generation: 3, action: 'update' });
  pickup.reject(second, 'Vendor is on hold');
  expect(await learn()).toBe(1);
  expect(await exceptions()).toEqual([]);
  expect((await trail('erp/2')).at(-1)).toBe('operation.refused');
  expect(await states()).toEqual(['confirmed', 'rejected']);
});

test('an operation that a restored store does not know is named by an exception, once', async () => {
  pickup.reject(await handOver('Cedar', { isKnown: false }), 'Terms code missing');
  await learn();
  const open = await exceptions();
  expect(open).toMatchObject([{ recordId: RECORD, cause: 'rejected', requestId: '-' }]);
  expect(open[0]?.reason).toContain(`Our store does not know operation ${CONNECTION}:${RECORD}:1:Cedar`);
  const newest = await look((t) => t.audit.newest(CONNECTION));
  await loseThePlace();
  expect(await learn()).toBe(1);
  expect(await look((t) => t.audit.newest(CONNECTION))).toBe(newest);
  expect(await exceptions()).toEqual(open);
});

test('a request that is still open is told so, and one that a person looks at already is left to them', async () => {
  pickup.reject(await handOver('Cedar', { status: 'applying' }), 'Terms code missing');
  await learn();
  const [open] = await exceptions();
  expect(open?.reason).toMatch(
    /"Terms code missing"\. Its request is still open, and will tell Procore so\.$/,
  );
  pickup.reject(await handOver('Cedar Two', { generation: 2, status: 'parked' }), 'Name is taken');
  await learn();
  expect(await exceptions()).toEqual([open]);
  expect(await states()).toEqual(['rejected', 'rejected']);
  expect((await trail('erp/2')).at(-1)).toBe('operation.refused');
});

test('an ERP that takes an answer back leaves the record as it is and asks a person, naming both files', async () => {
  const reference = await handOver('Cedar');
  pickup.acknowledge(reference);
  await learn();
  expect((await trail('erp/1')).at(-1)).toBe('operation.taken');
  pickup.reject(reference, 'Period is closed');
  await learn();
  const [open] = await exceptions();
  expect(open?.reason).toMatch(
    /^The ERP contradicts itself: ack\/ack-1\.csv acknowledged it .*, rejected\/rejected-2\.csv rejected it .*, the last with "Period is closed"\.$/,
  );
  expect(await states()).toEqual(['confirmed']);
  expect(await findings()).toEqual([]);
  await loseThePlace();
  const before = await trail('erp/1');
  await learn();
  expect(await trail('erp/1')).toEqual(before);
});

test('an operation that a crash kept out of our store is noted as rejected with its open request, which hears it by itself', async () => {
  const reference = await handOver('Cedar', { isKnown: false });
  const [operation] = keyOf(1);
  const row = newRequest(CONNECTION, 'erp', 1, NOW);
  const plan = {
    hash: 'p',
    operations: [{ ...operation, action: 'create', changes: [] }],
  } as unknown as Plan;
  await change(async (t) => {
    await t.requests.add({ ...row, way: 'export', status: 'applying' });
    await t.plans.add({ connectionId: CONNECTION, id: row.id, page: 0 }, plan, NOW);
  });
  pickup.reject(reference, 'Terms code missing');
  await learn();
  expect(await exceptions()).toEqual([]);
  expect(await look((t) => t.plans.operations(row))).toMatchObject([
    { state: 'rejected', action: 'create', erpKey: 'WEST|V300', recordId: RECORD },
  ]);
  expect(await trail(row.id)).toEqual(['operation.refused']);
  expect((await findings()).filter((words) => words.startsWith('operation'))).toEqual([]);
});

test('a rejection that somebody takes out of our store, or writes into it, is found', async () => {
  pickup.reject(await handOver('Cedar'), 'Terms code missing');
  pickup.acknowledge(await handOver('Cedar Two', { generation: 2 }));
  await learn();
  const rows = await look((t) =>
    t.plans.erpOperations(
      CONNECTION,
      [1, 2].flatMap((generation) => keyOf(generation)),
    ),
  );
  await change((t) =>
    t.plans.putOperations(
      rows.map((row) => ({ ...row, state: row.state === 'rejected' ? 'confirmed' : 'rejected' })),
    ),
  );
  expect(await findings()).toEqual([
    `operation ${CONNECTION}:${RECORD}:2:Cedar Two: it passes for rejected by the ERP, but the log has no entry of that`,
    expect.stringMatching(
      /operation .*:1:Cedar was rejected by the ERP, but its row is gone or says otherwise/,
    ),
  ]);
});

test('two answers of one millisecond are two', async () => {
  const clock = jest.spyOn(Date.prototype, 'toISOString').mockReturnValue(NOW);
  const reference = await handOver('Cedar');
  pickup.acknowledge(reference);
  await learn();
  pickup.reject(reference, 'Period is closed');
  await learn();
  clock.mockRestore();
  expect((await exceptions()).map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^The ERP contradicts itself/) as string,
  ]);
});

test('a rejection of what was unlinked meanwhile is a note: nobody shows it as linked', async () => {
  const reference = await handOver('Cedar');
  await change(async (t) => {
    const [link] = await t.links.byErpKeys(CONNECTION, 'vendor', ['WEST|V300']);
    if (link === undefined) throw new Error('there is no link');
    await t.links.advance(CONNECTION, [{ ...link, state: 'unlinked', generation: 2 }], NOW);
  });
  pickup.reject(reference, 'Terms code missing');
  await learn();
  expect(await exceptions()).toEqual([]);
  expect((await trail('erp/1')).at(-1)).toBe('operation.refused');
  expect(await states()).toEqual(['rejected']);
});
