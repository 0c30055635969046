import * as fc from 'fast-check';
import { Secret } from '../../../src/domain/base/secret';
import { NOTICE_TOPICS } from '../../../src/domain/notify/due';
import type { ConnectionPolicy } from '../../../src/domain/request/connection-policy';
import type { RequestStatus } from '../../../src/domain/request/status';
import type { Letter } from '../../../src/notify';
import { NotSent } from '../../../src/notify';
import type { Addressee } from '../../../src/notify/teller';
import { Teller } from '../../../src/notify/teller';
import { newRequest } from '../../../src/store/new-request';
import { Store } from '../../../src/store/store';
import type { Logger } from '../../../src/telemetry/logger';
import { silentLogger } from '../../../src/telemetry/logger';

const START = Date.parse('2026-03-09T15:30:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the server does with a letter. `lost`: it takes it, and its answer does not come. `hang`: nothing is ever heard, and the daemon dies over it. */
type Server = 'takes' | 'refuses' | 'lost' | 'hang' | 'takes and hangs';

const receiver = (more: Partial<Addressee> = {}): Addressee => ({
  name: 'maria',
  person: null,
  connections: null,
  topics: NOTICE_TOPICS,
  at: { hour: 9, minute: 0 },
  timeZone: 'America/Los_Angeles',
  afterHours: 24,
  address: { kind: 'mail', to: 'maria@acme.example' },
  ...more,
});

/** A store with requests, a clock that is set by hand, a server, and daemons that tell. */
class Scene {
  nowMs = START;
  server: Server = 'takes';
  policy: ConnectionPolicy = {
    ...{
      rules: [],
      approvers: [
        { id: 'maria', procoreUserId: 1 },
        { id: 'ada', procoreUserId: 2 },
      ],
    },
    ...{ requireSecondPerson: true, openDetailHours: 24 },
  };
  readonly arrived: Letter[] = [];
  logger: Logger = silentLogger;

  private constructor(
    readonly store: Store,
    readonly receivers: readonly Addressee[],
    readonly amounts: boolean,
  ) {}

  static async open(receivers: readonly Addressee[] = [receiver()], amounts = false): Promise<Scene> {
    const store = await Store.open({ type: 'better-sqlite3', file: ':memory:' });
    const createdAt = new Date(START).toISOString();
    await store.transaction('test', null, async (t) => {
      for (const id of ['acme', 'larkspur'])
        await t.connections.add({ id, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt });
    });
    return new Scene(store, receivers, amounts);
  }

  readonly now = (): string => new Date(this.nowMs).toISOString();

  daemon(): Teller {
    const { store, now, receivers, amounts, logger } = this;
    return new Teller({
      store,
      logger,
      now,
      receivers,
      amounts,
      url: 'https://desk.acme.example',
      connections: ['acme', 'larkspur'].map((id) => ({ id, policy: this.policy })),
      policyNow: (_t, { policy }) => Promise.resolve(policy),
      grantsOf: (person) =>
        person === 'maria' || person === 'ada'
          ? [{ role: 'approver', connections: ['acme', 'larkspur'], projects: null }]
          : [],
      send: (_address, letter) => {
        if (this.server === 'refuses') return Promise.reject(new NotSent('451 4.3.0 try again'));
        if (this.server !== 'hang') this.arrived.push(letter);
        if (this.server === 'lost') return Promise.reject(new NotSent('no answer'));
        return this.server === 'takes' ? Promise.resolve('250 OK') : new Promise(() => undefined);
      },
    });
  }

  /** A request as it stands from now on; it stands there since then. */
  async stand(
    id: number,
    status: RequestStatus,
    more: { connection?: string; since?: string; requestedBy?: number } = {},
  ): Promise<void> {
    const { connection = 'acme', since = this.now(), requestedBy = null } = more;
    await this.store.transaction('test', connection, async (t) => {
      const about = {
        title: null,
        project: null,
        vendor: null,
        amount: '12400.00',
        currency: 'USD',
        place: null,
      };
      const row = {
        ...newRequest(connection, 'erp', id, since),
        status,
        since,
        about,
        subject: `Create vendor ${id}`,
        requestedBy,
      };
      if (!(await t.requests.add(row))) await t.requests.update(row, { status, since });
    });
  }

  /** A round of a daemon; one that hangs is killed, and never heard of again. */
  async round(daemon: Teller): Promise<void> {
    const work = daemon.round();
    const taken = this.arrived.length;
    const dies = this.server === 'hang' || this.server === 'takes and hangs';
    if (!dies) return work;
    // As far as it gets: the claims are written, and the letter is on its way or there.
    for (let n = 0; n < 200 && this.arrived.length === taken; n += 1) await new Promise(setImmediate);
    return undefined;
  }

  lines = (): readonly string[] => this.arrived.map(({ line }) => line);
}

const about = (n: number) => new RegExp(`vendor ${n}\\b`);

test('over any history of requests, refusals, lost answers and crashes nobody is told twice but for those, and nothing due is left untold', async () => {
  // Messages of one topic alone, of one request each: what arrived can be counted by its line.
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('waits' as const), n: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constant('looks again' as const), n: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constant('back' as const), n: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('round' as const), daemon: fc.integer({ min: 0, max: 1 }) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('both' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ what: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('server' as const),
        is: fc.constantFrom<Server>('takes', 'takes', 'refuses', 'lost', 'hang', 'takes and hangs'),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const receivers = [1, 2, 3].map((n) =>
        receiver({
          name: `maria${n}`,
          topics: ['needs_me'],
          connections: [n === 1 ? 'acme' : n === 2 ? 'larkspur' : 'third'],
        }),
      );
      const scene = await Scene.open(receivers.slice(0, 2));
      const connection = (n: number): string => (n === 1 ? 'acme' : 'larkspur');
      const daemons = [scene.daemon(), scene.daemon()];
      const since = new Map<number, string>();
      let uncertain = 0;
      for (const one of steps) {
        const before = scene.arrived.length;
        switch (one.what) {
          case 'waits':
            if (since.has(one.n)) break;
            since.set(one.n, scene.now());
            await scene.stand(one.n, 'waiting_for_finance', { connection: connection(one.n) });
            break;
          case 'looks again':
          case 'back': {
            const at = since.get(one.n);
            const status = one.what === 'back' ? 'waiting_for_finance' : 'planning';
            if (at !== undefined)
              await scene.stand(one.n, status, { connection: connection(one.n), since: at });
            break;
          }
          case 'round': {
            await scene.round(daemons[one.daemon] as Teller);
            // Another takes the place of one that died.
            if (scene.server.includes('hang')) daemons[one.daemon] = scene.daemon();
            break;
          }
          case 'both':
            if (!scene.server.includes('hang'))
              await Promise.all(daemons.map((daemon) => scene.round(daemon)));
            break;
          case 'pass':
            scene.nowMs += one.minutes * MINUTE_MS;
            break;
          case 'server':
            scene.server = one.is;
            break;
        }
        if (scene.server === 'lost' || scene.server === 'takes and hangs')
          uncertain += scene.arrived.length - before;
      }
      // All is well again, for long enough.
      scene.server = 'takes';
      for (const [n, at] of since)
        await scene.stand(n, 'waiting_for_finance', { connection: connection(n), since: at });
      for (let n = 0; n < 4; n += 1) {
        scene.nowMs += 65 * MINUTE_MS;
        await scene.round(daemons[n % 2] as Teller);
      }
      const told = scene.arrived.length;
      // One request of acme is a line of its own; two of larkspur may be one message or two.
      const lines = scene.lines();
      if (since.has(1)) expect(lines.filter((line) => about(1).test(line)).length).toBeGreaterThan(0);
      if (since.has(2) && !since.has(3)) expect(lines.some((line) => about(2).test(line))).toBe(true);
      if (since.has(2) && since.has(3))
        expect(
          lines.some((line) => line.includes('2 requests')) ||
            [2, 3].every((n) => lines.some((line) => about(n).test(line))),
        ).toBe(true);
      expect(told - uncertain).toBeLessThanOrEqual(since.size);
      const open = await scene.store.read('test', (t) => t.notices.waiting('2099-01-01T00:00:00.000Z'));
      expect(open).toEqual([]);
      await scene.store.close();
    }),
    { numRuns: 60 },
  );
});

test('a hundred at once are one message; what comes in the next minutes is gathered for the next one', async () => {
  const scene = await Scene.open([receiver({ topics: ['needs_me'] })]);
  const daemon = scene.daemon();
  for (let n = 1; n <= 100; n += 1) await scene.stand(n, n % 2 === 0 ? 'parked' : 'waiting_for_finance');
  await daemon.round();
  scene.nowMs += MINUTE_MS;
  await scene.stand(101, 'waiting_for_finance');
  await daemon.round();
  expect(scene.lines()).toEqual(['acme: 100 requests need you']);
  scene.nowMs += 5 * MINUTE_MS;
  await daemon.round();
  expect(scene.lines().slice(1)).toEqual(['acme: Needs you: Create vendor 101 (ERP request 101)']);
  expect(scene.arrived.map(({ link }) => link)).toEqual([
    'https://desk.acme.example/inbox',
    'https://desk.acme.example/requests/acme/erp/101',
  ]);
  await scene.store.close();
});

test.each<[(typeof NOTICE_TOPICS)[number], number, readonly string[]]>([
  ['stuck', 0, []],
  ['stuck', 2, ['acme: Stuck: Create vendor 2 (ERP request 2)']],
  ['late', 17, []],
  ['late', 19, ['acme: 2 requests are late; their senders have been blocked for most of the time']],
  ['escalation', 23, []],
  ['escalation', 25, ['acme: 2 things are waiting for too long']],
  // It is 8:30 in Los Angeles when it begins.
  ['digest', 0, []],
  ['digest', 1, ['acme: Today 1 needs you, 1 is stuck; the oldest since 2026-03-09']],
])('%s after %i hours', async (topic, hours, lines) => {
  const scene = await Scene.open([receiver({ topics: [topic] })]);
  await scene.stand(1, 'waiting_for_finance');
  await scene.stand(2, 'busy');
  scene.nowMs += hours * HOUR_MS;
  for (let n = 0; n < 3; n += 1) await scene.daemon().round();
  expect(scene.lines()).toEqual(lines);
  await scene.store.close();
});

test('amounts are named only where that is wanted; of payroll and of people nothing is', async () => {
  const said: string[] = [];
  for (const amounts of [false, true]) {
    const scene = await Scene.open([receiver({ topics: ['needs_me', 'stuck'] })], amounts);
    await scene.stand(1, 'waiting_for_finance');
    await scene.store.transaction('test', 'larkspur', async (t) => {
      const about = {
        title: 'Ana Ruiz',
        project: null,
        vendor: null,
        amount: '981.20',
        currency: 'USD',
        place: null,
      };
      const period = newRequest('larkspur', 'payroll', 0, scene.now(), '1-W-2026-11-21');
      await t.requests.add({
        ...period,
        status: 'held',
        since: '2026-03-09T01:00:00.000Z',
        subject: 'Ana Ruiz',
        about,
      });
      await t.exceptions.open([
        {
          ...{
            connectionId: 'larkspur',
            recordId: 'person/Ana Ruiz',
            cause: 'data',
            reason: 'Ana Ruiz, 123-45-6789',
          },
          ...{ hint: null, erpKey: null, requestId: period.id, openedAt: scene.now() },
        },
      ]);
    });
    await scene.daemon().round();
    said.push(...[...scene.lines()].sort());
    await scene.store.close();
  }
  expect(said).toEqual([
    'acme: Needs you: Create vendor 1 (ERP request 1)',
    'larkspur: 2 things are stuck',
    'acme: Needs you: Create vendor 1 (ERP request 1), 12,400.00 USD',
    'larkspur: 2 things are stuck',
  ]);
});

test('who cannot be told for a day is given up, and the log says so without the address', async () => {
  const errors: unknown[] = [];
  const url = 'https://hooks.example/services/T0/B0/very-secret-path';
  const scene = await Scene.open([
    receiver({ topics: ['needs_me'], address: { kind: 'slack', url: new Secret(url) } }),
  ]);
  scene.logger = { ...silentLogger, error: (message, fields) => void errors.push([message, fields]) };
  const daemon = scene.daemon();
  scene.server = 'refuses';
  await scene.stand(1, 'waiting_for_finance');
  for (let n = 0; n < 30; n += 1) {
    await daemon.round();
    scene.nowMs += 65 * MINUTE_MS;
  }
  scene.server = 'takes';
  await daemon.round();
  expect(scene.arrived).toEqual([]);
  expect(errors).toEqual([
    [
      'Somebody could not be told for a day, and will not be',
      { receiver: 'maria', topic: 'needs_me', reason: '451 4.3.0 try again' },
    ],
  ]);
  expect(JSON.stringify(errors)).not.toContain('very-secret-path');
  await scene.store.close();
});

test('whom a deadline names is told once when it is over, also after a restart, and again only when it waits anew', async () => {
  const scene = await Scene.open([
    receiver({ topics: ['digest'], at: { hour: 23, minute: 59 } }),
    receiver({ name: 'office', topics: ['digest'], at: { hour: 23, minute: 59 } }),
    receiver({ name: 'boss', person: 'ada', topics: ['digest'], at: { hour: 23, minute: 59 } }),
  ]);
  scene.policy = {
    ...scene.policy,
    deadlines: [
      { afterHours: 2, tell: { channel: 'office' } },
      { afterHours: 4, tell: { person: 'ada' } },
    ],
  };
  await scene.stand(1, 'waiting_for_finance');
  await scene.stand(2, 'parked');
  const after = async (hours: number): Promise<readonly string[]> => {
    const before = scene.lines().length;
    scene.nowMs = START + hours * HOUR_MS;
    await scene.daemon().round();
    await scene.daemon().round();
    return scene.lines().slice(before);
  };
  const OVER = 'acme: Overdue: Create vendor 1 (ERP request 1) still waits for finance';
  expect(await after(1.9)).toEqual([]);
  expect(await after(2)).toEqual([OVER]);
  expect(await after(3)).toEqual([]);
  expect(await after(4)).toEqual([OVER]);
  await scene.stand(1, 'planning');
  expect(await after(5)).toEqual([]);
  await scene.stand(1, 'waiting_for_finance');
  expect(await after(6)).toEqual([]);
  expect(await after(7)).toEqual([OVER]);
  const told = await scene.store.read('test', (t) => t.notices.begun());
  expect(told.map(({ receiver: name, topic }) => `${name} ${topic}`).sort()).toEqual([
    'boss overdue',
    'office overdue',
    'office overdue',
  ]);
  await scene.store.close();
});

test('a person is told of what their inbox says needs them: not of what they sent, nor of what they may not decide', async () => {
  const scene = await Scene.open([
    receiver({ person: 'maria', topics: ['needs_me'] }),
    receiver({ name: 'ben', person: 'ben', topics: ['needs_me'] }),
    receiver({ name: 'office', topics: ['needs_me'] }),
  ]);
  await scene.stand(1, 'waiting_for_finance', { requestedBy: 1 });
  await scene.stand(2, 'waiting_for_finance', { requestedBy: 7 });
  await scene.daemon().round();
  const told = await scene.store.read('test', (t) => t.notices.begun());
  expect(told.map(({ receiver: name, about }) => `${name} ${about.split('@')[0] ?? ''}`).sort()).toEqual([
    'maria acme/erp/2',
    'office acme/erp/1',
    'office acme/erp/2',
  ]);
  await scene.store.close();
});

test('what was handed on needs whom it was handed to', async () => {
  const scene = await Scene.open([receiver({ name: 'ben', person: 'ben', topics: ['needs_me'] })]);
  const today = new Date(START).toISOString().slice(0, 10);
  scene.policy = {
    ...scene.policy,
    delegations: [{ from: 'maria', to: 'ben', begin: today, end: today, procoreUserId: 3 }],
  };
  await scene.stand(1, 'waiting_for_finance', { requestedBy: 7 });
  await scene.daemon().round();
  expect(scene.lines()).toEqual(['acme: Needs you: Create vendor 1 (ERP request 1)']);
  await scene.store.close();
});
