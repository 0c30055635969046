/** Two tabs of a browser on a real daemon: changes reach both, through one stream, whichever tab is closed and whenever the daemon is away. */
import { existsSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { issueToken } from '../../../src/desk/people';
import { tokenFrom } from '../../../src/domain/people/token';
import { builtPages } from '../../../src/http/pages';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { MARIA, vendorFields, World } from '../../support/world';

const CHROMIUM = '/usr/bin/chromium';
const missing = [CHROMIUM, builtPages()].filter((path) => !existsSync(path));
if (missing.length > 0)
  process.stderr.write(`live.test.ts: skipped, because ${missing.join(' and ')} is missing\n`);

/** As web/src/texts/en.ts has them. */
const WORDS = {
  waiting: 'Needs approval',
  done: 'Done',
  on: 'Live',
  off: 'Not connected: what you see may be old. Trying again.',
} as const;

let temporal: TestTemporal;
let world: World;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  world = await World.create(temporal);
});
afterEach(() => world.close());

async function waiting(n: number): Promise<number> {
  const [vendor] = world.procore.seedVendors([
    vendorFields({
      ...{ name: `${['Cobalt', 'Harborline', 'Meridian'][n - 1]} Works`, abbreviated_name: `WORKS${n}` },
      // Nothing in common: each is approved as it is.
      ...{ prequalified: false, email_address: null, business_phone: null, address: `${n}00 Kelp Way` },
    }),
  ]);
  const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

async function tokenOfMaria(): Promise<string> {
  const token = tokenFrom(Buffer.alloc(32, 9));
  await world.store((store) =>
    issueToken(
      { store, keys: world.keys, connectionIds: [world.connectionId], now: () => new Date().toISOString() },
      { id: 't', person: MARIA, token, expiresAt: '2099-01-01T00:00:00.000Z', by: 'uid 0 (root)' },
    ),
  );
  return token;
}

(missing.length > 0 ? test.skip : test)(
  'both tabs hear of a change through one stream; the other takes over; a lost line is said and found again',
  async () => {
    const [first, second, third] = [await waiting(1), await waiting(2), await waiting(3)];
    // The daemon that comes again listens where it did.
    world.config = {
      ...world.config,
      http: { ...world.config.http, port: Number(new URL(world.daemon.url).port) },
    };
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const context = await browser.newContext({
        extraHTTPHeaders: { authorization: `Bearer ${await tokenOfMaria()}` },
      });
      const streams: string[] = [];
      context.on('request', (request) => {
        if (request.url().includes('/api/events')) streams.push(request.url());
      });
      const leader = await open(context, first);
      const other = await open(context, first);
      await shows(leader, WORDS.waiting);
      await shows(other, WORDS.waiting);
      await leader.getByRole('img', { name: WORDS.on }).waitFor();
      await world.approve(first);
      await Promise.all([leader, other].map((page) => shows(page, WORDS.done)));
      expect(streams).toHaveLength(1);

      const next = await open(context, second);
      await shows(next, WORDS.waiting);
      const taken = context.waitForEvent('request', (request) => request.url().includes('/api/events'));
      await leader.close();
      await taken;
      await world.approve(second);
      await shows(next, WORDS.done);
      expect(streams).toHaveLength(2);
      expect(streams[1]).toContain('after=');

      await open(context, third).then((page) => page.close());
      const last = await open(context, third);
      await shows(last, WORDS.waiting);
      await world.daemon.stop();
      await Promise.all([next, last].map((page) => page.getByText(WORDS.off).waitFor()));
      await world.start();
      await world.approve(third);
      await shows(last, WORDS.done);
      await last.getByRole('img', { name: WORDS.on }).waitFor();
      expect(await last.getByText(WORDS.off).count()).toBe(0);
    } finally {
      await browser.close();
    }
  },
  120_000,
);

async function open(context: BrowserContext, requestId: number): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${world.daemon.url}/requests/${world.connectionId}/erp/${requestId}`);
  return page;
}

/** Where the request stands: a sign and a word. */
const shows = (page: Page, status: string): Promise<void> =>
  page
    .getByText(new RegExp(`^\\W?${status}$`))
    .first()
    .waitFor({ timeout: 20_000 });
