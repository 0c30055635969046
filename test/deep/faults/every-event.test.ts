/**
 * The process dies once in every event of the dictionary: the whole story is told several times, and in each scene the crash comes at a
 * point drawn from a seed, before or after an I/O call. However it comes, the scene must end as if nothing had been.
 */
import { ANY, resultOf } from '../../support/world';
import type { Stage } from '../../support/story';
import { story } from '../../support/story';
import { POLICY } from '../../support/world';
import type { CrashMode } from './crash-world';
import { CrashWorld } from './crash-world';
import { InProcessEngine } from './engine';
import { checkChain } from './invariants';

const TELLINGS = Number(process.env['CRASH_TELLINGS'] ?? 6);
const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const EVERYTHING = { ...POLICY, rules: [{ name: 'everything', decision: 'approve' as const, when: ANY }] };

const tried: string[] = [];

afterAll(() => {
  process.stdout.write(`\nCrash points tried over all events: ${tried.length} (CRASH_SEED=${SEED})\n`);
});

/** A small generator (mulberry32): the same seed gives the same crash points. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A scene that hangs must say which one it was. */
async function inTime<T>(result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('not closed after a minute')), 60_000);
  });
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}

/** Tells the story; `crashAt` says where each scene breaks. Answers how many I/O calls each scene took. */
async function tell(crashAt: (scene: number) => readonly [at: number, mode: CrashMode]): Promise<number[]> {
  const world = new CrashWorld(new InProcessEngine(), 1000, { policy: EVERYTHING, seedErp: true });
  await world.start();
  try {
    await world.tie();
    const stage: Stage = {
      procore: world.procore,
      erp: world.erp,
      links: () => world.look((store) => store.read('look.links', (t) => t.links.all(world.connectionId))),
    };
    const calls: number[] = [];
    for (const [index, scene] of story(stage).entries()) {
      const raised = [scene.act()].flat();
      const [at, mode] = crashAt(index);
      world.arm(at, mode);
      try {
        await world.poll();
        for (const { requestId } of raised) {
          const handle = world.handle(requestId);
          const result = await inTime(resultOf(handle));
          expect(`${result.status}: ${result.summary}`).toMatch(scene.says);
          expect(result.status).toBe(scene.status ?? 'applied');
          const requests = world.procore.state().companies[0]?.requests ?? [];
          const details = requests.find(({ id }) => id === requestId)?.details ?? [];
          const statuses = details.map(({ status }) => status);
          expect(statuses).toEqual(
            scene.details ?? statuses.map(() => (scene.status === 'failed' ? 'failed' : 'success')),
          );
        }
        await scene.then?.();
      } catch (error) {
        const where = `${scene.events.join(', ')} (${scene.when}): crash ${mode} call ${at} (${world.callNames.at(at - 1) ?? 'none'})`;
        throw new Error(`${where}, CRASH_SEED=${SEED}: ${(error as Error).message}`, { cause: error });
      }
      if (world.crashed) tried.push(`${scene.events.join(',')} ${mode} ${world.callNames[at - 1] ?? ''}`);
      calls.push(world.callNames.length);
    }
    await checkChain(world);
    return calls;
  } finally {
    await world.stop();
  }
}

let calls: number[] = [];

test('without a crash, to count the calls of every scene', async () => {
  calls = await tell(() => [Infinity, 'before']);
  expect(Math.min(...calls)).toBeGreaterThan(3);
}, 300_000);

test.each(Array.from({ length: TELLINGS }, (_, index) => index))(
  'telling %#: a crash in every scene',
  async (telling) => {
    const draw = random(SEED + telling);
    const before = tried.length;
    await tell((scene) => [
      1 + Math.floor(draw() * (calls[scene] ?? 1)),
      telling % 2 === 0 ? 'before' : 'after',
    ]);
    // A scene may take one call less than when it was counted; nearly all must have been broken.
    expect(tried.length - before).toBeGreaterThan(calls.length * 0.8);
  },
  300_000,
);
