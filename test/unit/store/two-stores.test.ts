/** Two stores on one database, as two daemons have them: each finding of a race has a test that made it happen. */
import { setImmediate as othersTurn } from 'node:timers/promises';
import { verifyAudit } from '../../../src/desk/audit/verify';
import type { AuditEntry } from '../../../src/domain/audit/chain';
import type { RecordLink } from '../../../src/domain/kinds/record-link';
import type { RequestStatus } from '../../../src/domain/request/status';
import { newRequest } from '../../../src/store/new-request';
import type { Repositories } from '../../../src/store/repositories';
import type { Store } from '../../../src/store/store';
import { onEachStore } from '../../support/stores';

const NOW = '2026-03-09T15:22:41.108Z';
const acme = { id: 'acme', companyId: 4264807, erpAdapter: 'sample', erpCompany: '1', createdAt: NOW };
const ref = (position: number) => ({ connectionId: 'acme', id: `erp/${position}` });

const entry = (subject: string): AuditEntry => ({
  at: NOW,
  actor: 'tieback',
  action: 'intake.ignored',
  subject,
  requestId: null,
  planHash: null,
  workflowId: null,
  detail: {},
});

const link = (generation: number, more: Partial<RecordLink> = {}): RecordLink => ({
  kind: 'vendor',
  erpKey: '1|10442',
  procoreId: 98127745,
  state: 'linked',
  generation,
  procore: null,
  erp: null,
  erpRevision: null,
  projectId: null,
  ...more,
});

/** A point that others wait for. */
function gate(): { readonly reached: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { reached, open };
}

onEachStore('two stores on one database', (world) => {
  let one: Store;
  let other: Store;
  beforeEach(async () => {
    one = await world.open({ lockWaitMs: 30_000 });
    other = await world.open({ lockWaitMs: 30_000 });
    await one.transaction('seed', 'acme', async (t) => {
      await t.connections.add(acme);
      await t.requests.add(newRequest('acme', 'erp', 7, NOW));
    });
  });

  /**
   * The first is inside its transaction, with what it read, when the second begins: it goes on as soon as the second has committed, or waits for it.
   */
  async function beside<A, B>(
    first: (t: Repositories) => Promise<A>,
    read: (t: Repositories) => Promise<unknown>,
    second: (t: Repositories) => Promise<B>,
  ): Promise<readonly [PromiseSettledResult<A>, PromiseSettledResult<B>]> {
    const inside = gate();
    const slow = one.transaction('first', 'acme', async (t) => {
      await read(t);
      inside.open();
      // The second has every chance to come between: its statements are sent before this goes on.
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return first(t);
    });
    await inside.reached;
    return Promise.allSettled([slow, other.transaction('second', 'acme', second)]);
  }

  test('S2: the late writer of an older generation does not win over a newer one', async () => {
    await one.transaction('link', 'acme', (t) => t.links.advance('acme', [link(3)], NOW));
    const [late, early] = await beside(
      (t) => t.links.advance('acme', [link(5, { erp: { fields: { name: 'five' }, lines: [] } })], NOW),
      (t) => t.links.all('acme'),
      (t) => t.links.advance('acme', [link(4)], NOW),
    );
    expect(late).toMatchObject({ value: [{ generation: 5 }] });
    // It waited, read 5, and knows that it was too late.
    expect(early).toMatchObject({ value: [] });
    expect(await other.read('read', (t) => t.links.all('acme'))).toMatchObject([{ generation: 5 }]);
  });

  test('S4: two daemons that count the requests of one source give out each number once', async () => {
    const add = (t: Repositories): Promise<number> =>
      t.requests.nextPosition('acme', 'open').then(async (position) => {
        await t.requests.add(newRequest('acme', 'open', position, NOW));
        return position;
      });
    const drawn = await beside(add, (t) => t.requests.nextPosition('acme', 'open'), add);
    expect(drawn).toMatchObject([{ value: 1 }, { value: 2 }]);
  });

  test('S5: a checkpoint that moved on does not come back', async () => {
    const move = (from: string | null, to: string) => (t: Repositories) =>
      t.checkpoints.move('acme', 'vendor', { from, to }, NOW);
    await one.transaction('move', 'acme', move(null, '100'));
    await beside(move('100', '200'), (t) => t.checkpoints.get('acme', 'vendor'), move('100', '150'));
    await one.transaction('move', 'acme', move('200', '300'));
    await other.transaction('move', 'acme', move('100', '150'));
    const where = await one.read('read', (t) => t.checkpoints.get('acme', 'vendor'));
    expect(where).toMatchObject({ cursor: '300', position: 3 });
  });

  test('S6: two attempts do not close one request, as applied and as failed', async () => {
    const close = (status: RequestStatus) => async (t: Repositories) =>
      t.requests.setStatus(await t.requests.get(ref(7)), status, status, NOW);
    await one.transaction('plan', 'acme', close('planning'));
    const ends = await beside(close('failed'), (t) => t.requests.get(ref(7)), close('rejected'));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await one.read('read', (t) => t.requests.get(ref(7)))).toMatchObject({ status: 'failed' });
  });

  test('S6: one that read the request before its transaction is refused, and nothing of it happens', async () => {
    const before = await other.read('read', (t) => t.requests.get(ref(7)));
    await one.transaction('plan', 'acme', async (t) =>
      t.requests.setStatus(await t.requests.get(ref(7)), 'planning', null, NOW),
    );
    const late = other.transaction('late', 'acme', async (t) => {
      await t.audit.append('acme', [entry('late')]);
      await t.requests.setStatus(before, 'parked', 'too late', NOW);
    });
    await expect(late).rejects.toThrow('is not "received" any more');
    expect(await one.read('read', (t) => t.requests.get(ref(7)))).toMatchObject({ status: 'planning' });
    expect(await one.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 0 });
  });

  test('S7: of two requests that come to wait for each other, one sees the circle', async () => {
    await one.transaction('seed', 'acme', (t) => t.requests.add(newRequest('acme', 'erp', 8, NOW)));
    const hold = (n: number, by: number) => async (t: Repositories) => {
      const isCircle = (await t.waits.ofRequest(ref(by))).some(({ recordId }) => recordId === ref(n).id);
      await t.waits.begin(ref(n), [{ recordId: ref(by).id, reason: 'waits', hint: null }], NOW);
      return isCircle;
    };
    const seen = await beside(hold(7, 8), (t) => t.waits.ofRequest(ref(8)), hold(8, 7));
    expect(seen).toMatchObject([{ value: false }, { value: true }]);
  });

  test('S7: one ERP record has one open exception, whoever reports it', async () => {
    const report = (recordId: string) => (t: Repositories) =>
      t.exceptions.open([
        {
          connectionId: 'acme',
          requestId: 'erp/7',
          recordId,
          cause: 'data',
          reason: recordId,
          hint: null,
          erpKey: '1|10442',
          openedAt: NOW,
        },
      ]);
    await beside(report('vendor/1'), (t) => t.exceptions.listOpen('acme'), report('vendor/2'));
    const open = await one.read('read', (t) => t.exceptions.listOpen('acme'));
    expect(open.map(({ recordId }) => recordId)).toEqual(['vendor/2']);
  });

  test('S8: many writers of two connections, in either order, neither stand still nor lose a link', async () => {
    await one.transaction('seed', 'birch', (t) => t.connections.add({ ...acme, id: 'birch' }));
    const write = (store: Store, about: readonly string[], n: number): Promise<void> =>
      store.transaction('both', about, async (t) => {
        for (const id of about) await t.audit.append(id, [entry(`${n}`)]);
      });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        write(n % 2 === 0 ? one : other, n % 3 === 0 ? ['acme', 'birch'] : ['birch', 'acme'], n),
      ),
    );
    for (const connectionId of ['acme', 'birch'])
      expect(await verifyAudit(one, { connectionId, ledger: 'not asked' })).toMatchObject({
        findings: [],
        links: 20,
      });
  });

  test('S8: what is logged about a connection that the transaction is not about is refused', async () => {
    const past = one.transaction('past', null, (t) => t.audit.append('acme', [entry('past')]));
    await expect(past).rejects.toThrow('not about connection "acme"');
  });

  test('S1: a check of the audit log beside a writer finds no tampering', async () => {
    const append = (n: number): Promise<void> =>
      other.transaction('append', 'acme', async (t) => {
        const about = { requestId: 'erp/7', planHash: 'a'.repeat(64) };
        await t.audit.append('acme', [{ ...entry(`${n}`), ...about, action: 'plan.built' }]);
      });
    for (let n = 0; n < 5; n += 1) await append(n);
    let isOver = false;
    const writing = (async () => {
      // A writer that never gives anybody else a turn is none that there is: each of its writes comes from a call of its own.
      for (let n = 0; !isOver; n += 1) {
        await append(n);
        await othersTurn();
      }
    })();
    const sealed: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const { findings } = await verifyAudit(one, { connectionId: 'acme', ledger: 'not asked' });
      expect(findings).toEqual([]);
      const trusted = await one.read('read', (t) => t.audit.sealed(ref(7), { planHash: 'a'.repeat(64) }));
      sealed.push(trusted.length);
    }
    isOver = true;
    await writing;
    // All that was there was vouched for, and it grew.
    expect(sealed).toEqual([...sealed].sort((a, b) => a - b));
    expect(sealed[0]).toBeGreaterThanOrEqual(5);
    expect(sealed.at(-1)).toBeGreaterThan(sealed[0] ?? 0);
  });

  test('a transaction that the database undid is run again as a whole, and only so often', async () => {
    let failures = 2;
    const victim = await world.open({
      wire: (what) => {
        if (!/INSERT INTO .audit_link/.test(what) || failures === 0) return;
        failures -= 1;
        throw Object.assign(new Error('chosen as the deadlock victim'), { number: 1205 });
      },
    });
    let runs = 0;
    const work = async (t: Repositories): Promise<void> => {
      runs += 1;
      await t.requests.add(newRequest('acme', 'erp', 9, NOW));
      await t.audit.append('acme', [entry('again')]);
    };
    await victim.transaction('victim', 'acme', work);
    expect(runs).toBe(3);
    expect(await one.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 1 });
    failures = Infinity;
    await expect(victim.transaction('victim', 'acme', work)).rejects.toThrow('deadlock victim');
    expect(runs).toBe(3 + 6);
    expect(await one.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 1 });
  });

  test('S16: an error that stands before the last one counts too', async () => {
    let failures = 1;
    const victim = await world.open({
      wire: () => {
        if (failures === 0) return;
        failures -= 1;
        const before = Object.assign(new Error('the victim of a deadlock'), { number: 1205 });
        throw Object.assign(new Error('ended in the trigger'), { number: 3609, precedingErrors: [before] });
      },
    });
    await victim.transaction('victim', 'acme', (t) => t.audit.append('acme', [entry('again')]));
    expect(await one.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 1 });
  });

  test('a commit whose answer was lost is not repeated: what happened is not known', async () => {
    const lost = await world.open({
      wire: (what) => {
        if (what === 'COMMIT') throw Object.assign(new Error('socket hang up'), { code: 'ESOCKET' });
      },
    });
    let runs = 0;
    const work = lost.transaction('lost', 'acme', async (t) => {
      runs += 1;
      await t.requests.get(ref(7));
      await t.audit.append('acme', [entry('lost')]);
    });
    await expect(work).rejects.toMatchObject({ code: 'ESOCKET' });
    expect(runs).toBe(1);
  });

  test('S9: a transaction that takes too long is given up, and nothing of it happens', async () => {
    const hasty = await world.open({ transactionMs: 0 });
    const slow = hasty.transaction('slow', 'acme', (t) => t.audit.append('acme', [entry('slow')]));
    await expect(slow).rejects.toMatchObject({ code: 'STORE_SLOW', class: 'transient' });
    expect(await one.read('read', (t) => t.audit.head('acme'))).toMatchObject({ seq: 0 });
  });

  test('S3: keys that differ in case only are two records', async () => {
    const both = [link(1, { erpKey: '1|ab-1', procoreId: 1 }), link(1, { erpKey: '1|AB-1', procoreId: 2 })];
    await one.transaction('link', 'acme', (t) => t.links.advance('acme', both, NOW));
    const found = await other.read('read', (t) => t.links.byErpKeys('acme', 'vendor', ['1|AB-1']));
    expect(found).toMatchObject([{ erpKey: '1|AB-1', procoreId: 2 }]);
  });

  test('S3: a key with a blank at its end is refused: the database would take it for the one without', async () => {
    const blank = one.transaction('link', 'acme', (t) =>
      t.links.advance('acme', [link(1, { erpKey: '1|AB ' })], NOW),
    );
    await expect(blank).rejects.toMatchObject({
      code: 'STORE_UNFIT',
      message: 'Our store cannot keep the erp key of a record link: it ends with a blank ("1|AB ").',
    });
  });

  test('S10: lengths are counted as the columns count, in UTF-16 units', async () => {
    const name = (text: string) =>
      one.transaction('name', 'acme', (t) => t.requests.update(ref(7), { eventName: text }));
    await name('\u{1F3D7}'.repeat(100));
    await expect(name('\u{1F3D7}'.repeat(101))).rejects.toMatchObject({
      code: 'STORE_UNFIT',
      message: expect.stringContaining('it has 202 characters and 200 are the most') as string,
    });
  });

  test('S11: thousands of keys are one question', async () => {
    const links = Array.from({ length: 3_000 }, (_, n) => link(1, { erpKey: `1|${n}`, procoreId: n + 1 }));
    await one.transaction('links', 'acme', (t) => t.links.advance('acme', links, NOW));
    const keys = links.map(({ erpKey }) => erpKey);
    expect(await other.read('read', (t) => t.links.byErpKeys('acme', 'vendor', keys))).toHaveLength(3_000);
  });

  test('S15: an instant without milliseconds does not break the chain', async () => {
    await one.transaction('log', 'acme', (t) =>
      t.audit.append('acme', [{ ...entry('whole second'), at: '2026-03-09T15:22:41Z' }]),
    );
    const { findings } = await verifyAudit(other, { connectionId: 'acme', ledger: 'not asked' });
    expect(findings).toEqual([]);
  });
});
