import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { testTemporal, uniqueName } from '../../support/temporal';
import type { TestTemporal } from '../../support/temporal';
import type { Result } from './seed';
import { Desk } from './seed';

let temporal: TestTemporal;
let desk: Desk;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.remove());

/** A daemon started from the command line, with a keyboard of our own. */
function startDaemon(config: Record<string, unknown>): {
  readonly signals: EventEmitter;
  readonly exits: number[];
  readonly ended: Promise<Result>;
  until(pattern: RegExp): Promise<void>;
} {
  desk.configure([], { http: { port: 0 }, log: { format: 'json' }, ...config });
  const signals = new EventEmitter();
  const exits: number[] = [];
  let said = '';
  const stderr = { write: (text: string) => (said += text) };
  const ended = desk.tieback(['daemon'], { signals, stderr, exit: (code) => void exits.push(code) });
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(said)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { signals, exits, ended: ended.then((result) => ({ ...result, err: said })), until };
}

test('says where it is, stops in order on a signal, and at once on a second one', async () => {
  const { address, namespace } = temporal;
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

test('a port that is taken is told as such', async () => {
  const other = createServer();
  await new Promise<void>((done) => void other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  const { address, namespace } = temporal;
  const daemon = startDaemon({ http: { port }, temporal: { address, namespace } });
  const { code, err } = await daemon.ended;
  other.close();
  expect(code).toBe(1);
  expect(err).toMatch(
    new RegExp(`Something listens on 127.0.0.1:${port} already.\\nIs another daemon running`),
  );
}, 60_000);
