import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { reconcileSchedules } from '../../../src/temporal/schedules';
import { openSqlite } from '../../../src/sqlite';
import { newNamespace, testTemporal, uniqueName } from '../../support/temporal';
import type { TestTemporal } from '../../support/temporal';
import type { Result } from './seed';
import { Desk } from './seed';

let temporal: TestTemporal;
let desk: Desk;
/** Without connections a daemon wants no schedules: it needs a namespace to itself. */
let namespace: string;
beforeAll(async () => {
  temporal = await testTemporal();
  namespace = await newNamespace(temporal);
});
afterAll(() => temporal.close());
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.remove());

/** A daemon started from the command line, with a keyboard of our own. */
function startDaemon(
  config: Record<string, unknown>,
  args: readonly string[] = [],
): {
  readonly signals: EventEmitter;
  readonly exits: number[];
  readonly ended: Promise<Result>;
  /** The log so far. */
  said(): string;
  until(pattern: RegExp): Promise<RegExpExecArray | null>;
} {
  desk.configure([], { http: { port: 0 }, log: { format: 'json' }, ...config });
  const signals = new EventEmitter();
  const exits: number[] = [];
  let said = '';
  const stderr = { write: (text: string) => (said += text) };
  const ended = desk.tieback(['daemon', ...args], { signals, stderr, exit: (code) => void exits.push(code) });
  const until = async (pattern: RegExp): Promise<RegExpExecArray | null> => {
    while (!pattern.test(said)) await new Promise((resolve) => setTimeout(resolve, 20));
    return pattern.exec(said);
  };
  return {
    signals,
    exits,
    said: () => said,
    ended: ended.then((result) => ({ ...result, err: said })),
    until,
  };
}

test('says where it is, stops in order on a signal, and at once on a second one', async () => {
  const { address } = temporal;
  const taskQueue = uniqueName('tieback');
  const daemon = startDaemon({ temporal: { address, namespace, taskQueue, webUi: 'http://127.0.0.1:8233' } });
  await daemon.until(/"Workers run"/);
  daemon.signals.emit('SIGTERM');
  daemon.signals.emit('SIGINT');
  const { code, out, err } = await daemon.ended;
  expect(code).toBe(0);
  expect(daemon.exits).toEqual([130]);
  expect(out).toMatch(/^Tieback\n {2}HTTP +http:\/\/127.0.0.1:\d+\n {2}Connections +none: add one/);
  expect(out).toMatch(new RegExp(`Temporal +${address}, namespace ${namespace}\\n {2}Web UI +http`));
  expect(out).toMatch(/Finishing what is in hand/);
  expect(err).toMatch(/"Stopped"/);
  expect(daemon.signals.listenerCount('SIGINT')).toBe(0);
}, 60_000);

test('waits for a namespace that is not there, says what to do, and can be stopped', async () => {
  const daemon = startDaemon({ temporal: { address: temporal.address, namespace: uniqueName('nowhere') } });
  await daemon.until(/run `tieback provision`/);
  daemon.signals.emit('SIGTERM');
  expect(await daemon.ended).toMatchObject({ code: 0 });
}, 60_000);

test.each([[[]], [['--queues', 'procore-main']]])(
  'beside another installation a daemon (%j) does nothing but answer, until it may take its place',
  async (args) => {
    const own = await newNamespace(temporal);
    const client = new Client({ connection: temporal.connection, namespace: own });
    await reconcileSchedules(client, { prefixes: ['intake/'], installation: 'the other one' }, [
      { id: 'intake/acme', everyMs: 3_600_000, workflowType: 'intake', workflowId: 'x', taskQueue: 'nobody' },
    ]);
    const listed = async (): Promise<number> => {
      let count = 0;
      for await (const { scheduleId } of client.schedule.list()) count += scheduleId.length > 0 ? 1 : 0;
      return count;
    };
    while ((await listed()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));

    const daemon = startDaemon({ temporal: { address: temporal.address, namespace: own } }, args);
    await daemon.until(/"Another installation of Tieback works in the Temporal namespace/);
    const [, url = ''] = (await daemon.until(/"url":"([^"]+)"/)) ?? [];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(
      /intake\/acme \(the other one\).*stop its daemons and run `tieback provision --take-over`/,
    );
    expect(daemon.said()).not.toMatch(/"Workers run"/);

    const { out } = await desk.tieback(['provision', 'temporal', '--take-over']);
    expect(out).toMatch(/schedule +intake\/acme +deleted/);
    await daemon.until(/"Workers run"/);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    daemon.signals.emit('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0 });
  },
  60_000,
);

describe('/ready', () => {
  interface Answer {
    readonly status: number;
    /** Details of what is not well, by name. */
    readonly bad: Readonly<Record<string, string>>;
  }
  const ask = async (url: string, path = '/ready'): Promise<Answer> => {
    const answer = await fetch(url + path);
    const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
    const bad = checks.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]);
    return { status: answer.status, bad: Object.fromEntries(bad) as Answer['bad'] };
  };
  const until = async (url: string, holds: (answer: Answer) => boolean): Promise<Answer> => {
    for (;;) {
      const answer = await ask(url);
      if (holds(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const connections = (file: string): Record<string, unknown> => ({
    acme: { procore: { app: 'main', companyId: 4264807 }, erp: { adapter: 'sample', settings: { file } } },
  });

  test('tells of schedules and of a namespace that are gone, while /health is well', async () => {
    const own = await newNamespace(temporal);
    const daemon = startDaemon({
      temporal: { address: temporal.address, namespace: own },
      connections: connections(join(desk.folder, 'erp.db')),
    });
    await daemon.until(/"Workers run"/);
    const [, url = ''] = (await daemon.until(/"url":"([^"]+)"/)) ?? [];
    await until(url, ({ status }) => status === 200);

    const client = new Client({ connection: temporal.connection, namespace: own });
    await client.schedule.getHandle('intake/acme').delete();
    const without = await until(url, ({ status }) => status === 503);
    expect(without.bad).toEqual({
      schedules: 'Temporal has no schedule intake/acme: run `tieback provision temporal`',
    });

    await temporal.connection.operatorService.deleteNamespace({ namespace: own });
    const nowhere = await until(url, ({ bad }) => bad['temporal'] !== undefined);
    expect(nowhere.bad['temporal']).toBe(
      `Temporal has no namespace "${own}": run \`tieback provision\`, then restart the daemon`,
    );
    daemon.signals.emit('SIGTERM');
    await daemon.ended;
  }, 60_000);

  test('tells of a store that another program has locked; /health answers meanwhile', async () => {
    const { address } = temporal;
    const daemon = startDaemon({ temporal: { address, namespace, taskQueue: uniqueName('tieback') } });
    await daemon.until(/"Workers run"/);
    const [, url = ''] = (await daemon.until(/"url":"([^"]+)"/)) ?? [];
    await until(url, ({ status }) => status === 200);
    const other = openSqlite(desk.storeFile);
    other.exec('BEGIN IMMEDIATE');
    const locked = ask(url);
    expect(await ask(url, '/health')).toEqual({ status: 200, bad: {} });
    expect(await locked).toEqual({ status: 503, bad: { store: 'no answer within 1.5 s' } });
    other.exec('ROLLBACK');
    other.close();
    await until(url, ({ status }) => status === 200);
    daemon.signals.emit('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0 });
  }, 60_000);
});

test('a store file that is removed is told by /health and /ready at once', async () => {
  const { address } = temporal;
  const daemon = startDaemon({
    temporal: { address, namespace, taskQueue: uniqueName('tieback') },
  });
  const [, url = ''] = (await daemon.until(/"url":"([^"]+)"/)) ?? [];
  await daemon.until(/"Workers run"/);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  rmSync(desk.storeFile);
  for (const path of ['/health', '/ready']) {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/tieback\.db\. Nothing is written any more/);
  }
  daemon.signals.emit('SIGTERM');
  expect(await daemon.ended).toMatchObject({ code: 0 });
}, 60_000);

test('a port that is taken is told as such', async () => {
  const other = createServer();
  await new Promise<void>((done) => void other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  const { address } = temporal;
  const daemon = startDaemon({ http: { port }, temporal: { address, namespace } });
  const { code, err } = await daemon.ended;
  other.close();
  expect(code).toBe(1);
  expect(err).toMatch(
    new RegExp(`Something listens on 127.0.0.1:${port} already.\\nIs another daemon running`),
  );
}, 60_000);

test('polls the queues it is told to, and says which', async () => {
  const { address } = temporal;
  const taskQueue = uniqueName('tieback');
  const daemon = startDaemon({ temporal: { address, namespace, taskQueue } }, [
    '--queues',
    ` ${taskQueue},`,
    '--queues',
    'procore-main',
    '--port',
    '0',
  ]);
  await daemon.until(/"Workers run"/);
  daemon.signals.emit('SIGTERM');
  const { code, out, err } = await daemon.ended;
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`Queues +${taskQueue}, procore-main\n`));
  expect(err).toContain(`"queues":["${taskQueue}","procore-main"]`);
}, 60_000);

test('the doctor names a queue that no daemon serves while others work, and the daemon when it is gone', async () => {
  const taskQueue = uniqueName('tieback');
  const own = await newNamespace(temporal);
  const config = { temporal: { address: temporal.address, namespace: own, taskQueue } };
  const daemon = startDaemon(config, ['--queues', taskQueue]);
  await daemon.until(/"Workers run"/);
  const polled = async (
    seconds = 0,
  ): Promise<readonly { name: string; status: string; detail: string; hint: string | null }[]> => {
    const now = (): Date => new Date(Date.now() + seconds * 1000);
    const { out } = await desk.tieback(['doctor', '--json'], { now });
    const { areas } = JSON.parse(out) as { areas: { findings: Awaited<ReturnType<typeof polled>> }[] };
    return areas.flatMap(({ findings }) => findings).filter(({ name }) => /^(queue|daemon)/.test(name));
  };
  // It tells of itself again when its workers run.
  let found = await polled();
  while (found.some(({ status }) => status === 'warning')) found = await polled();
  const dead = await polled(46);
  expect(found).toMatchObject([
    { name: `daemon ${hostname()} (process ${process.pid})`, status: 'ok' },
    { name: `queue ${taskQueue}`, status: 'ok' },
    {
      name: 'queue procore-main',
      status: 'failed',
      hint: expect.stringMatching(/^Start `tieback daemon --queues procore-main`/) as unknown,
    },
  ]);
  // Temporal lists the pollers for minutes; our store knows better.
  expect(dead).toMatchObject([
    { name: 'daemon', status: 'failed', detail: expect.stringMatching(/was heard of last at/) as unknown },
  ]);
  daemon.signals.emit('SIGTERM');
  expect(await daemon.ended).toMatchObject({ code: 0 });
  expect(await polled()).toMatchObject([
    { name: 'daemon', status: 'failed', detail: expect.stringMatching(/was stopped at/) as unknown },
  ]);
}, 60_000);

test.each([
  [['--queues', 'erp-larkspru'], 'There is no task queue "erp-larkspru".'],
  [['--queues', ','], 'No task queue is named.'],
])('%j is refused, with the queues there are', async (args, message) => {
  const { code, out, err } = await startDaemon({}, args).ended;
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(`${message} Task queues of this configuration: tieback, procore-main.`);
});

test('a port that is none is refused', async () => {
  const { code, err } = await startDaemon({}, ['--port', '65536']).ended;
  expect(code).toBe(2);
  expect(err).toMatch('"65536" is not a port (0 to 65535).');
});
