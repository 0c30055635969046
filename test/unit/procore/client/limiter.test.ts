import fc from 'fast-check';
import type { Permit } from '../../../../src/procore/client/limiter';
import { Limiter } from '../../../../src/procore/client/limiter';
import type { LimiterWait } from '../../../../src/procore/client/runtime';
import { runtimeOf } from '../../../../src/procore/client/runtime';
import type { LimiterSettings } from '../../../../src/procore/client/settings';
import { PROCORE_DEFAULTS } from '../../../../src/procore/client/settings';
import { failure } from '../../../support/procore/client';
import { FakeTime, settled } from '../../../support/procore/fake-time';

const CALL = { operation: 'vendors.sync', urgent: false };
const URGENT = { operation: 'requestDetail.update', urgent: true };

function limiterWith(
  time: FakeTime,
  changes: Partial<LimiterSettings> = {},
  waits: LimiterWait[] = [],
): Limiter {
  const runtime = runtimeOf({
    now: time.now,
    sleep: time.sleep,
    random: () => 0,
    onWait: (wait) => waits.push(wait),
  });
  return new Limiter({ ...PROCORE_DEFAULTS.limiter, ...changes }, runtime);
}

const answer = (status: number, headers: Record<string, string | number>) => ({
  status,
  header: (name: string): string | undefined => headers[name]?.toString(),
});

const limits = (time: FakeTime, limit: number, remaining: number, resetInSeconds: number) => ({
  'x-rate-limit-limit': limit,
  'x-rate-limit-remaining': remaining,
  'x-rate-limit-reset': time.now() / 1000 + resetInSeconds,
});

/** One call that was answered. */
async function call(
  limiter: Limiter,
  status: number,
  headers: Record<string, string | number>,
): Promise<void> {
  (await limiter.acquire(CALL)).finish(answer(status, headers));
}

/** Permits granted so far, as callers ask for them. */
function ask(limiter: Limiter, count: number, kind = CALL): Permit[] {
  const granted: Permit[] = [];
  for (let i = 0; i < count; i += 1) void limiter.acquire(kind).then((permit) => granted.push(permit));
  return granted;
}

describe('before anything is known', () => {
  test('one call goes ahead, the others follow its answer', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time, { maxConcurrent: 3 });
    const granted = ask(limiter, 5);
    await settled();
    expect(granted).toHaveLength(1);
    granted[0]?.finish(answer(200, limits(time, 25, 24, 10)));
    await settled();
    expect(granted).toHaveLength(4);
  });

  test('a call without an answer teaches nothing', async () => {
    const limiter = limiterWith(new FakeTime());
    const granted = ask(limiter, 3);
    await settled();
    granted[0]?.finish(null);
    await settled();
    expect(granted).toHaveLength(2);
  });
});

describe('a window that is used up', () => {
  test('everybody waits together until the reset, then one goes first', async () => {
    const time = new FakeTime();
    const waits: LimiterWait[] = [];
    const limiter = limiterWith(time, {}, waits);
    await call(limiter, 200, limits(time, 25, 2, 8));
    const granted = ask(limiter, 10);
    await time.advance(7_999);
    expect(granted).toHaveLength(0);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toMatchObject({ waitMs: 8_000, queued: 1 });
    await time.advance(1);
    expect(granted).toHaveLength(1);
    expect(granted[0]?.waitedMs).toBe(8_000);
    granted[0]?.finish(answer(200, limits(time, 25, 24, 10)));
    await settled();
    expect(granted.length).toBe(1 + PROCORE_DEFAULTS.limiter.maxConcurrent);
  });

  test('an urgent call may use the reserve and goes first', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, 200, limits(time, 25, 2, 8));
    const normal = ask(limiter, 1);
    const urgent = ask(limiter, 3, URGENT);
    await settled();
    expect(normal).toHaveLength(0);
    expect(urgent).toHaveLength(2);
  });

  test('both windows count, whichever is reported', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time, { maxInlineWaitMs: 3_600_000 });
    await call(limiter, 200, limits(time, 600, 31, 1_800));
    await call(limiter, 200, limits(time, 25, 24, 10));
    expect(limiter.describe().remaining).toEqual({ 25: 24, 600: 30 });
    const granted = ask(limiter, 1);
    await time.advance(1_799_999);
    expect(granted).toHaveLength(0);
    await time.advance(1);
    expect(granted).toHaveLength(1);
  });

  test('calls on their way may be missing in the first report of a window', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, 200, limits(time, 25, 24, 10));
    const granted = ask(limiter, 3);
    await settled();
    granted[0]?.finish(answer(200, limits(time, 600, 40, 1_800)));
    expect(limiter.describe().remaining).toEqual({ 25: 21, 600: 38 });
  });

  test('a wait that is too long is thrown, with the time to wait', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, 200, limits(time, 600, 10, 1_200));
    const error = await failure(limiter.acquire(CALL));
    expect(error).toMatchObject({ code: 'PROCORE_THROTTLED', class: 'busy', retryAfterMs: 1_200_000 });
    expect(error.message).toBe('Procore is limiting requests (vendors.sync); next try after 1200 s');
  });

  test('after a 503 nothing is limited: Procore is not there', async () => {
    const time = new FakeTime();
    const waits: LimiterWait[] = [];
    const limiter = limiterWith(time, {}, waits);
    await call(limiter, 503, { 'retry-after': 600 });
    expect(await failure(limiter.acquire(CALL))).toMatchObject({
      code: 'PROCORE_UNAVAILABLE',
      class: 'transient',
      message: 'Procore is not available (vendors.sync: 503); next try after 600 s',
    });
    await time.advance(600_000);
    await call(limiter, 429, { 'retry-after': 600 });
    expect(await failure(limiter.acquire(CALL))).toMatchObject({ code: 'PROCORE_THROTTLED' });
  });

  test('the waits of one caller add up', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time, { maxInlineWaitMs: 15_000 });
    await call(limiter, 200, limits(time, 25, 0, 10));
    const first = ask(limiter, 1);
    const second = limiter.acquire(CALL).catch((error: unknown) => error);
    await time.advance(10_000);
    first[0]?.finish(answer(200, limits(time, 25, 0, 10)));
    expect(await second).toMatchObject({ code: 'PROCORE_THROTTLED', retryAfterMs: 10_000 });
  });
});

describe('429 and 503', () => {
  test.each([
    ['the later of both: reset', 429, { reset: 9, retry: 3 }, 9_000],
    ['the later of both: Retry-After', 429, { reset: 2, retry: 7 }, 7_000],
    ['only Retry-After for 503', 503, { reset: 3_000, retry: 5 }, 5_000],
  ])('%s', async (_, status, { reset, retry }, waitMs) => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, status, { ...limits(time, 25, 20, reset), 'retry-after': retry });
    const granted = ask(limiter, 2);
    await time.advance(waitMs - 1);
    expect(granted).toHaveLength(0);
    await time.advance(1);
    expect(granted).toHaveLength(1);
  });

  test('Retry-After may be a date', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, 503, { 'retry-after': new Date(time.now() + 4_000).toUTCString() });
    expect(limiter.describe().pausedForMs).toBe(4_000);
  });

  test('without a time it backs off, longer each time', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time, { maxInlineWaitMs: 1_000_000 });
    const pauses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await call(limiter, 429, {});
      pauses.push(limiter.describe().pausedForMs);
      await time.advance(limiter.describe().pausedForMs);
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 160_000]);
    await call(limiter, 200, {});
    await call(limiter, 429, {});
    expect(limiter.describe().pausedForMs).toBe(10_000);
  });

  test('calls refused together are one refusal', async () => {
    const time = new FakeTime();
    const limiter = limiterWith(time);
    await call(limiter, 200, {});
    const granted = ask(limiter, 4);
    await settled();
    for (const permit of granted) permit.finish(answer(429, {}));
    expect(limiter.describe().pausedForMs).toBe(10_000);
  });
});

test('a clock that is wrong by minutes does not change the wait', async () => {
  const time = new FakeTime();
  const limiter = limiterWith(time);
  const ahead = 5 * 60_000;
  const headers = limits(time, 25, 0, 4 - ahead / 1000);
  await call(limiter, 200, { ...headers, date: new Date(time.now() - ahead).toUTCString() });
  const granted = ask(limiter, 1);
  await time.advance(3_999);
  expect(granted).toHaveLength(0);
  await time.advance(1_001);
  expect(granted).toHaveLength(1);
});

test('a nonsensical reset time does not stop the client for longer than an hour', async () => {
  const time = new FakeTime();
  const limiter = limiterWith(time);
  await call(limiter, 200, limits(time, 25, 0, 10_000_000));
  expect(await failure(limiter.acquire(CALL))).toMatchObject({ retryAfterMs: 3_600_000 });
});

test('answers that overtake each other are of one window, also where its reset is over an hour away', async () => {
  const time = new FakeTime();
  const limiter = limiterWith(time, { maxInlineWaitMs: Number.POSITIVE_INFINITY });
  const anHour = limits(time, 4, 3, 3_601);
  await call(limiter, 200, anHour);
  const granted = ask(limiter, 2, URGENT);
  await time.advance(1);
  granted[1]?.finish(answer(200, { ...anHour, 'x-rate-limit-remaining': 1 }));
  await time.advance(1);
  granted[0]?.finish(answer(200, { ...anHour, 'x-rate-limit-remaining': 2 }));
  expect(limiter.describe().remaining).toEqual({ 4: 1 });
});

/** Two fixed windows, reported as Procore does: whichever is closer to being hit. */
class Windows {
  refused = 0;
  private readonly windows: { size: number; lengthMs: number; startedAt: number; used: number }[];

  constructor(
    private readonly time: FakeTime,
    spike: number,
    hourly: number,
  ) {
    const startedAt = time.now();
    this.windows = [
      { size: spike, lengthMs: 10_000, startedAt, used: 0 },
      { size: hourly, lengthMs: 3_600_000, startedAt, used: 0 },
    ];
  }

  take(): ReturnType<typeof answer> {
    const now = this.time.now();
    for (const window of this.windows) {
      if (now < window.startedAt + window.lengthMs) continue;
      Object.assign(window, { startedAt: now, used: 0 });
    }
    const full = this.windows.some(({ used, size }) => used >= size);
    if (full) this.refused += 1;
    else for (const window of this.windows) window.used += 1;
    const [nearest] = [...this.windows].sort(
      (a, b) => a.size - a.used - (b.size - b.used) || b.lengthMs - a.lengthMs,
    );
    if (nearest === undefined) throw new Error('no window');
    return answer(full ? 429 : 200, {
      'x-rate-limit-limit': nearest.size,
      'x-rate-limit-remaining': nearest.size - nearest.used,
      'x-rate-limit-reset': Math.ceil((nearest.startedAt + nearest.lengthMs) / 1000),
    });
  }
}

test('it never sends more than the headers allow, and everybody gets a turn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        spike: fc.integer({ min: 1, max: 30 }),
        hourly: fc.integer({ min: 4, max: 90 }),
        maxConcurrent: fc.integer({ min: 1, max: 12 }),
        calls: fc.array(
          fc.record({
            startMs: fc.integer({ min: 0, max: 30_000 }),
            thereMs: fc.integer({ min: 0, max: 3_000 }),
            backMs: fc.integer({ min: 0, max: 3_000 }),
            urgent: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
      }),
      async ({ spike, hourly, maxConcurrent, calls }) => {
        const time = new FakeTime(Date.UTC(2026, 2, 9) + 137);
        const windows = new Windows(time, spike, hourly);
        const limiter = limiterWith(time, { maxConcurrent, maxInlineWaitMs: Number.POSITIVE_INFINITY });
        let done = 0;
        const callers = calls.map(async ({ startMs, thereMs, backMs, urgent }) => {
          await time.sleep(startMs);
          const permit = await limiter.acquire({ operation: 'any', urgent });
          await time.sleep(thereMs);
          const reply = windows.take();
          await time.sleep(backMs);
          permit.finish(reply);
          done += 1;
        });
        await time.runOut();
        await Promise.all(callers);
        expect(windows.refused).toBe(0);
        expect(done).toBe(calls.length);
        expect(limiter.describe()).toMatchObject({ inFlight: 0, queued: 0 });
      },
    ),
    { numRuns: 1000 },
  );
});
