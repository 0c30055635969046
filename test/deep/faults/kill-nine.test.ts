/**
 * On the real server, with a real kill: the daemon runs in a process of its own and is killed with SIGKILL in the middle of one request of each
 * way; another daemon takes over. All other points are tried in the test's own process: see crash-points.ts. The kill comes in scenes that
 * raise one request; of an export, after the ERP committed and before we noted it: the server notices within seconds that such a step is lost.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene, Stage } from '../../support/story';
import { story } from '../../support/story';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { ANY, World } from '../../support/world';

/** Where the daemon dies: the event whose scene it is, the call, before or after it. */
const KILLS: Readonly<Record<string, readonly [way: string, call: string, when: 'before' | 'after']>> = {
  create_vendor: ['export', 'store.export.written', 'before'],
  sync_vendors: ['sync', 'store.sync.plan', 'after'],
  create_vendor_in_procore: ['links', 'store.links.plan', 'before'],
  create_job_in_procore: ['refresh', 'store.refresh.plan', 'before'],
  unlink_commitment: ['release', 'store.request.open', 'after'],
  create_commitment_in_procore: ['notice', 'store.links.plan', 'after'],
  sync_metadata: ['metadata', 'store.request.open', 'before'],
};

let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  temporal = await testTemporal();
  const rules = [{ name: 'everything', decision: 'approve' as const, when: ANY }];
  world = await World.create(temporal, { policy: { rules }, seedErp: true });
  await world.tie();
}, 300_000);
afterAll(async () => {
  await world.close();
  await temporal.close();
});

/** Runs a daemon that will die, and waits until it is dead. */
async function untilKilled(call: string, when: string, work: () => void): Promise<void> {
  const file = join(world.folder, 'killable.json');
  writeFileSync(file, JSON.stringify(world.config));
  const support = join(__dirname, '..', '..', 'support');
  const args = ['-r', join(support, 'run-typescript.js'), join(support, 'killable-daemon.ts')];
  const child = spawn(process.execPath, [...args, file, temporal.bundle.codePath, call, when], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const dead = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  try {
    let said = '';
    const working = new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString();
        if (said.includes('working\n')) resolve();
      });
    });
    await Promise.race([working, dead]);
    work();
    const late = new Promise<never>((_, reject) => {
      const tell = (): void => reject(new Error(`the daemon never came to ${call}; it came to:\n${said}`));
      setTimeout(tell, 45_000).unref();
    });
    expect(await Promise.race([dead, late])).toEqual([null, 'SIGKILL']);
  } finally {
    child.kill('SIGKILL');
  }
}

/** The result; after ninety seconds, where the request stands instead. */
async function inTime(requestId: number): ReturnType<World['result']> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const tell = async (): Promise<void> => {
      const { status, reason } = await world.request(requestId);
      reject(new Error(`request ${requestId} is still ${status} (${reason ?? ''})`));
    };
    timer = setTimeout(() => void tell().catch(reject), 90_000);
  });
  return Promise.race([world.result(requestId), late]).finally(() => clearTimeout(timer));
}

async function play(scene: Scene): Promise<void> {
  const raised = [scene.act()].flat();
  const [, call, when] = pending.get(scene.events[0] ?? '') ?? [];
  if (call !== undefined && when !== undefined) {
    await world.daemon.stop();
    // This look is lost with the daemon, or comes again when nobody needs it: the next daemon starts what is stored.
    const killed = untilKilled(call, when, () => void world.poll().catch(() => undefined));
    await killed.finally(() => world.start());
  } else {
    await world.poll();
  }
  for (const { requestId } of raised) {
    const { status, summary } = await inTime(requestId);
    expect(`${status}: ${summary}`).toMatch(scene.says);
    expect(status).toBe(scene.status ?? 'applied');
  }
  await scene.then?.();
  process.stdout.write(`${call === undefined ? 'played' : 'killed'}: ${scene.when}\n`);
}

const pending = new Map(Object.entries(KILLS));

test('a daemon that is killed in any way of working leaves nothing undone and nothing twice', async () => {
  const stage: Stage = { procore: world.procore, erp: world.erp, links: () => world.links() };
  const scenes = story(stage);
  for (const scene of scenes) {
    const [event = ''] = scene.events;
    // Scenes build on those before; the last one stands for itself.
    if (pending.size === 1 && !pending.has(event)) continue;
    await play(scene).catch((error: unknown) => {
      throw new Error(`${event} (${KILLS[event]?.join(', ') ?? 'not killed'}): ${(error as Error).message}`, {
        cause: error,
      });
    });
    pending.delete(event);
  }
  expect([...pending.keys()]).toEqual([]);
  expect(world.procore.violations()).toEqual([]);
  expect(await world.auditFindings()).toEqual([]);
}, 600_000);
