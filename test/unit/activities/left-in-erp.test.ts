import { leftOf, toldOfLeft } from '../../../src/activities/request/left-in-erp';
import { TiebackError } from '../../../src/domain/base/errors';
import type { Plan } from '../../../src/domain/plan/plan';
import type { OperationLedger } from '../../../src/erp-adapters/contract/adapter';
import { newRequest } from '../../../src/store/new-request';
import { Store } from '../../../src/store/store';
import type { ConnectionParts } from '../../../src/activities';
import { recordOf } from '../erp-adapters/record-samples';
import { kindOf, sampleCompany } from '../erp-adapters/sample-kit';

const NOW = '2026-03-09T15:30:00.000Z';
const CONNECTION = 'demo';
const KEY = 'demo:vendor/7:1:r';

/** A request whose plan was decided on; our store never heard what became of its write. */
async function told(
  decision: 'approved' | 'rejected',
  isWritten: boolean,
  find?: OperationLedger['find'],
): Promise<readonly string[]> {
  const company = sampleCompany();
  const erp = company.open();
  const store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
  try {
    const row = newRequest(CONNECTION, 'erp', 1, NOW);
    const of = { connectionId: CONNECTION, requestId: row.id, planHash: 'p' };
    const operation = { side: 'erp', operationKey: KEY, recordId: 'vendor/7', action: 'create', changes: [] };
    await store.transaction('test', CONNECTION, async (t) => {
      await t.connections.add({
        ...{ id: CONNECTION, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW },
      });
      await t.requests.add({ ...row, way: 'export', status: 'parked' });
      const plan = { hash: 'p', operations: [operation] } as unknown as Plan;
      await t.plans.add({ connectionId: CONNECTION, id: row.id, page: 0 }, plan, NOW);
      await t.plans.decide({ ...of, decision, decidedBy: 'dana', comment: '', channel: 'cli', at: NOW });
    });
    if (isWritten) {
      const results = await kindOf(erp, 'vendor').write([
        {
          ...{ operationKey: KEY, recordId: 'vendor/7', generation: 1, targetRevision: 'r', planHash: 'p' },
          ...{ action: 'create', erpKey: null, expected: null },
          record: recordOf({ name: 'Left 7', sortName: 'LEFT7' }),
        },
      ]);
      expect(results).toMatchObject([{ status: 'written' }]);
    }
    const left = await store.read('test', (t) => leftOf(t, { connectionId: CONNECTION, id: row.id }));
    const ledger = find === undefined ? erp.ledger : { ...erp.ledger, find };
    return await toldOfLeft({ erp: { ledger } } as unknown as ConnectionParts, left);
  } finally {
    await store.close();
    company.remove();
  }
}

test('what was written and never heard of is told from the ledger of the ERP, when its request is given up', async () => {
  expect(await told('approved', true)).toEqual([
    expect.stringMatching(/^In the ERP already, and not linked in Procore: vendor\/7 as 1\|\d+\.$/) as string,
  ]);
});

test('where the ERP cannot be asked, nobody is told that it does not have it', async () => {
  const away = (): Promise<never> =>
    Promise.reject(new TiebackError('ERP_CONFIG', { reason: 'login failed for TIEBACK' }));
  expect(await told('approved', true, away)).toEqual([
    expect.stringMatching(
      /^It was approved, and whether .* login failed for TIEBACK\): look there/,
    ) as string,
  ]);
});

test('what was never approved, or never written, is no matter', async () => {
  expect(await told('approved', false)).toEqual([]);
  expect(await told('rejected', false, () => Promise.reject(new Error('nobody asks')))).toEqual([]);
});
