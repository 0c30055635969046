import * as fc from 'fast-check';
import { LiveWatch } from '../../../../src/desk/live/watch';
import { MOST_CHANGES } from '../../../../src/desk/live/changes';
import { positionIn, positionText, toldTo } from '../../../../src/domain/live/topics';
import type { Position, Told } from '../../../../src/domain/live/topics';
import type { Grant } from '../../../../src/domain/people/access';
import { newRequest } from '../../../../src/store/new-request';
import { Store } from '../../../../src/store/store';

const START = Date.parse('2026-03-09T15:30:00.000Z');
const CONNECTIONS = ['acme', 'larkspur'] as const;
/** Nobody waits for the clock here: whoever wants a look asks for one. */
const NEVER_MS = 2 ** 30;

const everywhere: readonly Grant[] = [{ role: 'viewer', connections: null, projects: null }];

/** A store with two connections, a clock that is set by hand, and a watch on it, as one daemon has it. */
class Scene {
  nowMs = START;
  private constructor(
    readonly store: Store,
    readonly reading: { count: number },
  ) {}

  static async open(): Promise<Scene> {
    const reading = { count: 0 };
    const store = await Store.open(
      { type: 'better-sqlite3', file: ':memory:' },
      { wire: () => void (reading.count += 1) },
    );
    const createdAt = new Date(START).toISOString();
    await store.transaction('test', null, async (t) => {
      for (const id of CONNECTIONS)
        await t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt });
    });
    return new Scene(store, reading);
  }

  readonly now = (): string => new Date(this.nowMs).toISOString();

  watch(): LiveWatch {
    const { store, now } = this;
    return new LiveWatch({ store, now, troubled: (error) => expect(error).toBeNull(), everyMs: NEVER_MS });
  }

  /** A request that moved at a time that was taken before it is committed. */
  async move(
    connectionId: string,
    position: number,
    lateMs = 0,
    projectId: number | null = null,
  ): Promise<void> {
    const at = new Date(this.nowMs - lateMs).toISOString();
    await this.store.transaction('test', connectionId, async (t) => {
      const place = projectId === null ? null : { itemType: 'commitment', id: position, projectId };
      const about = { title: null, project: null, vendor: null, amount: null, currency: null, place };
      const row = { ...newRequest(connectionId, 'erp', position, at), about };
      if (!(await t.requests.add(row))) await t.requests.update(row, { updatedAt: at });
    });
  }

  async log(
    connectionId: string,
    action: 'link.decided' | 'conflict.opened',
    subject: string,
  ): Promise<void> {
    const about = { requestId: null, planHash: null, workflowId: null, detail: {} };
    await this.store.transaction('test', connectionId, (t) =>
      t.audit.append(connectionId, [{ at: this.now(), actor: 'maria', action, subject, ...about }]),
    );
  }
}

/** Somebody who listens, and remembers where they were. */
class Ear {
  readonly heard: Told[] = [];
  resets = 0;
  private leave: (() => void) | null = null;
  private last: string | null = null;

  constructor(private readonly grants = everywhere) {}

  async listen(watch: LiveWatch): Promise<void> {
    this.leave = await watch.join(({ changes, position }) => {
      this.last = positionText(position, this.grants);
      if (changes === 'all') this.resets += 1;
      else this.heard.push(...toldTo(this.grants, changes));
    }, this.since());
    this.last = positionText(watch.position ?? { at: '', heads: {} }, this.grants);
  }

  since(): Position | null {
    return this.last === null ? null : positionIn(this.last);
  }

  hang(): void {
    this.leave?.();
    this.leave = null;
  }
}

const told = (topic: string, connection: string, id: string) => ({ topic, connection, id });

test('whatever happens between looks, and however often the line is lost, everything is heard', async () => {
  const connection = fc.constantFrom(...CONNECTIONS);
  const step = fc.oneof(
    fc.record({
      what: fc.constant('move' as const),
      connection,
      n: fc.integer({ min: 1, max: 4 }),
      lateMs: fc.integer({ min: 0, max: 20_000 }),
    }),
    fc.record({ what: fc.constant('log' as const), connection, n: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ what: fc.constant('look' as const) }),
    fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({ what: fc.constant('hang' as const) }),
    /** Comes again, at another daemon. */
    fc.record({ what: fc.constant('listen' as const), daemon: fc.integer({ min: 0, max: 1 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const scene = await Scene.open();
      const daemons = [scene.watch(), scene.watch()];
      const ear = new Ear();
      await ear.listen(daemons[0] as LiveWatch);
      let listens = true;
      for (const one of [...steps, { what: 'listen', daemon: 1 } as const, { what: 'look' } as const]) {
        switch (one.what) {
          case 'move':
            scene.nowMs += 1;
            await scene.move(one.connection, one.n, one.lateMs);
            break;
          case 'log':
            await scene.log(one.connection, 'link.decided', `vendor/${one.n}`);
            break;
          case 'look':
            for (const daemon of daemons) await daemon.look();
            break;
          case 'pass':
            // A watch looks every second; whoever is away for minutes is another test.
            if (listens) for (const daemon of daemons) await daemon.look();
            scene.nowMs += one.ms;
            break;
          case 'hang':
            ear.hang();
            listens = false;
            break;
          case 'listen':
            ear.hang();
            await ear.listen(daemons[one.daemon] as LiveWatch);
            listens = true;
            break;
        }
      }
      const done = steps.flatMap((one) =>
        one.what === 'move'
          ? [told('request', one.connection, `erp/${one.n}`)]
          : one.what === 'log'
            ? [told('link', one.connection, `vendor/${one.n}`)]
            : [],
      );
      if (ear.resets === 0) expect(ear.heard).toEqual(expect.arrayContaining(done));
      // Away for no longer than a quarter of an hour, nobody starts anew.
      const awayMs = steps.reduce((ms, one) => ms + (one.what === 'pass' ? one.ms : 0), 0);
      if (awayMs < 15 * 60_000) expect(ear.resets).toBe(0);
      ear.hang();
      await scene.store.close();
    }),
    { numRuns: 30 },
  );
});

test('each move is told once to who stays', async () => {
  const scene = await Scene.open();
  const watch = scene.watch();
  const ear = new Ear();
  await ear.listen(watch);
  for (let n = 1; n <= 3; n += 1) {
    scene.nowMs += 1_000;
    await scene.move('acme', n);
    await watch.look();
    await watch.look();
  }
  expect(ear.heard).toEqual([1, 2, 3].map((n) => told('request', 'acme', `erp/${n}`)));
  ear.hang();
  await scene.store.close();
});

test('nobody is told of connections or projects that are not theirs', async () => {
  const scene = await Scene.open();
  const watch = scene.watch();
  const ofProject = new Ear([{ role: 'approver', connections: ['acme'], projects: [7] }]);
  const ofAcme = new Ear([{ role: 'viewer', connections: ['acme'], projects: null }]);
  const ofAuditor = new Ear([{ role: 'auditor', connections: null, projects: null }]);
  await ofAuditor.listen(watch);
  await ofProject.listen(watch);
  await ofAcme.listen(watch);
  scene.nowMs += 1_000;
  await scene.move('acme', 1, 0, 7);
  await scene.move('acme', 2, 0, 8);
  await scene.move('acme', 3);
  await scene.move('larkspur', 4, 0, 7);
  await scene.log('acme', 'conflict.opened', 'vendor/12#name');
  await watch.look();
  expect(ofProject.heard).toEqual([
    told('request', 'acme', 'erp/1'),
    // Whose record it is, nobody said: that something changed is all they hear. The log is not for them.
    { topic: 'conflict', connection: 'acme', id: null },
  ]);
  expect(new Set(ofAcme.heard.map(({ connection }) => connection))).toEqual(new Set(['acme']));
  expect(ofAcme.heard).toContainEqual(told('conflict', 'acme', 'vendor/12#name'));
  expect(ofAcme.since()?.heads).toEqual({ acme: 1 });
  expect(ofAcme.heard.some(({ topic }) => topic === 'audit')).toBe(false);
  expect(ofAuditor.heard).toContainEqual({ topic: 'audit', connection: 'acme', id: null });
  ofAuditor.hang();
  ofProject.hang();
  ofAcme.hang();
  await scene.store.close();
});

test('who was away for too long, whose store was put back, or who missed thousands reads everything again', async () => {
  const scene = await Scene.open();
  const watch = scene.watch();
  const at = (ms: number, acme = 0): Position => ({ at: new Date(ms).toISOString(), heads: { acme } });
  const resetsFrom = async (since: Position): Promise<number> => {
    let resets = 0;
    const leave = await watch.join(({ changes }) => {
      if (changes === 'all') resets += 1;
    }, since);
    leave();
    return resets;
  };
  expect(await resetsFrom(at(START - 14 * 60_000))).toBe(0);
  expect(await resetsFrom(at(START - 16 * 60_000))).toBe(1);
  expect(await resetsFrom(at(START, 5))).toBe(1);
  await scene.store.transaction('test', 'acme', async (t) => {
    const many = Array.from({ length: MOST_CHANGES + 1 }, (_, n) =>
      newRequest('acme', 'erp', n + 1, scene.now()),
    );
    t.requests.addAll(many, [], []);
  });
  expect(await resetsFrom(at(START))).toBe(1);
  await scene.store.close();
});

test('the store is asked only while somebody listens, and once for all who do', async () => {
  const scene = await Scene.open();
  const watch = scene.watch();
  const asked = async (work: () => Promise<unknown>): Promise<number> => {
    const before = scene.reading.count;
    await work();
    return scene.reading.count - before;
  };
  const ears = [new Ear(), new Ear(), new Ear()];
  for (const ear of ears) await ear.listen(watch);
  const withThree = await asked(() => watch.look());
  for (const ear of ears.slice(1)) ear.hang();
  expect(await asked(() => watch.look())).toBe(withThree);
  expect(withThree).toBeGreaterThan(0);
  expect(withThree).toBeLessThanOrEqual(3);
  ears[0]?.hang();
  expect(watch.position).toBeNull();
  await scene.store.close();
});
