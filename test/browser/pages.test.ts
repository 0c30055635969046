/** Every page as people see it: in both themes, on a phone and on a large screen, readable by everybody, and leaving nothing behind in the browser. */
import { mkdirSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { get } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { CONTENT_SECURITY_POLICY } from '../../src/http/access/headers';
import { barriersOn, launchBrowser, Visit } from '../support/desk-browser';
import type { OrdinaryDay } from '../support/office';
import { ADA, Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA } from '../support/world';

/** For people to look at; nothing is compared with them. */
const SHOTS = join(__dirname, '..', '..', '.cache', 'screenshots');

let temporal: TestTemporal;
let office: Office;
let day: OrdinaryDay;
let browser: Browser;
const visits: Record<string, Visit> = {};

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  day = await office.ordinaryDay();
  browser = await launchBrowser();
  for (const person of [MARIA, ADA]) visits[person] = await Visit.of(browser, office.world, person);
  visits['nobody'] = await Visit.of(browser, office.world, MARIA, { extraHTTPHeaders: {} });
  mkdirSync(SHOTS, { recursive: true });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await office.close();
  await temporal.close();
});

interface Look {
  readonly heading: RegExp;
  readonly path: () => string | Promise<string>;
  readonly person?: string;
  /** What must be there before anybody looks. */
  readonly until?: (page: Page) => Promise<unknown>;
}

const request = (name: number | string, source = 'erp'): string =>
  `/requests/${office.world.connectionId}/${source}/${name}`;
const seen = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor();

/** The record page of a vendor has an id of its own. */
async function recordPath(): Promise<string> {
  const link = (await office.world.links()).find(({ procoreId }) => procoreId === day.vendor);
  return `/records/${office.world.connectionId}/vendor/${link?.id ?? ''}`;
}

const PAGES: Readonly<Record<string, Look>> = {
  'inbox-needs-me': { heading: /Inbox/, path: () => '/inbox', until: seen('PO-1234 Ducts and dampers') },
  'inbox-waiting': { heading: /Inbox/, path: () => '/inbox?stage=waiting', until: seen(/Footings/) },
  'inbox-stuck': { heading: /Inbox/, path: () => '/inbox?stage=stuck', until: seen(/Pacific Formwork/) },
  'inbox-done': { heading: /Inbox/, path: () => '/inbox?stage=done', until: seen('Quickfix Handyman') },
  'inbox-nothing': { heading: /Inbox/, path: () => '/inbox?q=nobody', until: seen(/Nothing here has/) },
  request: { heading: /PO-1234/, path: () => request(day.order), until: seen('Contract date') },
  'request-warned': { heading: /Tidewater/, path: () => request(day.twin), until: seen('Sort name') },
  'request-parked': { heading: /Pacific Formwork/, path: () => request(day.parked), until: seen('History') },
  'request-done': { heading: /Cobalt/, path: () => request(day.byRule), until: seen('What was written') },
  'request-payroll': {
    heading: /payroll/i,
    path: () => request(day.weeks.period.replace('payroll/', ''), 'payroll'),
    until: seen('What will be written'),
  },
  stuck: { heading: /Stuck/, path: () => '/stuck', until: seen(/Without a partner/) },
  records: { heading: /Records/, path: () => '/records?q=cobalt', until: seen('1|10011') },
  record: { heading: /Cobalt/, path: recordPath, until: seen('Every write') },
  payroll: { heading: /Payroll/, path: () => '/payroll', until: seen('Under way') },
  period: {
    heading: /Payroll of group 1/,
    path: () => `/payroll/${office.world.connectionId}/${day.weeks.period.replace('payroll/', '')}`,
    until: seen('By employee (2)'),
  },
  connections: {
    heading: /Connections/,
    path: () => '/connections',
    person: ADA,
    until: seen('Examine now'),
  },
  rules: { heading: /Rules/, path: () => '/rules', person: ADA, until: seen('Propose a change') },
  audit: { heading: /Audit/, path: () => '/audit', until: seen(/anchored/) },
  login: { heading: /Finance Desk/, path: () => '/login', person: 'nobody', until: seen(/passkey/) },
  'not-found': { heading: /no such page/, path: () => '/nowhere' },
};

/** What the browser says of the policy, from the first script on. */
const LISTEN = `window.violations = []; addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  window.violations.push(violatedDirective + ' ' + blockedURI));`;

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 780 },
  { width: 2560, height: 1440 },
] as const;

test.each(Object.entries(PAGES))(
  '%s',
  async (name, { heading, path, person = MARIA, until }) => {
    const visit = visits[person];
    if (visit === undefined) throw new Error('unreachable');
    visit.problems.splice(0);
    const page = await visit.open(await path(), { script: LISTEN });
    await page.getByRole('heading', { level: 1, name: heading }).waitFor({ state: 'attached' });
    await until?.(page);
    const found: Record<string, unknown> = {};
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const beyond = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (beyond !== 0) found[`${colorScheme} ${size.width}: wider by`] = beyond;
        if (size.width === 2560) continue;
        await page.screenshot({
          path: join(SHOTS, `${name}-${colorScheme}-${size.width}.png`),
          fullPage: true,
        });
      }
      await page.setViewportSize(SIZES[0]);
      const barriers = await barriersOn(page);
      if (barriers.length > 0) found[`${colorScheme} barriers`] = barriers;
    }
    const violations = await page.evaluate('window.violations');
    const stored = await page.evaluate(
      'JSON.stringify({ ...localStorage, ...sessionStorage, cookies: document.cookie })',
    );
    expect({ found, violations, problems: visit.problems }).toEqual({
      found: {},
      violations: [],
      problems: [],
    });
    expect(stored).not.toMatch(/tbk_|acme|Cobalt|12400|12,400|Quimby/);
    await page.close();
  },
  60_000,
);

test('whatever is answered carries the policy of the page, and says nothing of where somebody came from', async () => {
  const { url } = office.world.daemon;
  const index = await (await fetch(url)).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(index)?.[1] ?? '';
  for (const path of ['/', '/nowhere', script, '/api/me', '/api/nothing', '/auth/state', '/health']) {
    const { headers } = await fetch(`${url}${path}`);
    expect({ path, ...Object.fromEntries(headers) }).toMatchObject({
      path,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  }
});

/** Bytes as they travel: people on a site trailer's line wait for them. */
const LIMIT = 250_000;

test('a file comes as the browser takes it, and is the same file', async () => {
  const { url } = office.world.daemon;
  const index = await (await fetch(url)).text();
  for (const pattern of [/src="(\/assets\/[^"]+\.js)"/, /href="(\/assets\/index-[^"]+\.css)"/]) {
    const path = pattern.exec(index)?.[1] ?? '';
    const got = async (encoding: string) => {
      const { status, headers, content } = await raw(`${url}${path}`, encoding);
      const { vary, etag, 'content-type': type, 'content-encoding': sent = 'identity' } = headers;
      return { status, sent, type, vary, etag, content };
    };
    const plain = await got('identity');
    const brotli = await got('gzip, deflate, br');
    const gzip = await got('gzip');
    for (const [answer, sent] of [
      [plain, 'identity'],
      [brotli, 'br'],
      [gzip, 'gzip'],
    ] as const)
      expect(answer).toMatchObject({ status: 200, sent, type: plain.type, vary: 'accept-encoding' });
    expect(plain.type).toMatch(path.endsWith('.js') ? /^(text|application)\/javascript/ : /^text\/css/);
    expect(new Set([plain.etag, brotli.etag, gzip.etag]).size).toBe(3);
    expect(brotliDecompressSync(brotli.content).equals(plain.content)).toBe(true);
    expect(gunzipSync(gzip.content).equals(plain.content)).toBe(true);
  }
});

/** What comes over the line, not unpacked. */
const raw = (
  url: string,
  encoding: string,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; content: Buffer }> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': encoding } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, content: Buffer.concat(pieces) }),
      );
    }).on('error', reject);
  });

test('the scripts of the inbox are small', async () => {
  // Somebody who comes for the first time has nothing of it yet.
  const visit = await Visit.of(browser, office.world, MARIA);
  const page = await visit.context.newPage();
  // As the browser counts what came to it.
  const devtools = await visit.context.newCDPSession(page);
  await devtools.send('Network.enable');
  const scripts = new Map<string, { readonly encoding: string; bytes: number }>();
  devtools.on('Network.responseReceived', ({ requestId, type, response }) => {
    const encoding = response.headers['content-encoding'] ?? response.headers['Content-Encoding'] ?? '';
    if (type === 'Script') scripts.set(requestId, { encoding, bytes: 0 });
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const script = scripts.get(requestId);
    if (script !== undefined) script.bytes = encodedDataLength;
  });
  await page.goto(`${office.world.daemon.url}/inbox`);
  await page.getByText('PO-1234 Ducts and dampers').waitFor();
  await page.waitForLoadState('load');
  const told = [...scripts.values()];
  const bytes = told.reduce((sum, script) => sum + script.bytes, 0);
  expect(told.length).toBeGreaterThan(1);
  // What fits into a packet goes as it is.
  expect(told.filter(({ encoding, bytes: size }) => encoding !== 'br' && size > 2_500)).toEqual([]);
  process.stderr.write(`The scripts of the inbox are ${bytes} bytes on the line.\n`);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(LIMIT);
  await visit.close();
});

test('on paper it is black on white, whatever the theme, and long tables repeat their heads', async () => {
  const visit = visits[MARIA];
  if (visit === undefined) throw new Error('unreachable');
  const page = await visit.open(request(day.order));
  await page.getByText('Contract date').waitFor();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.waitForFunction("document.documentElement.dataset.mantineColorScheme === 'dark'");
  const paper = await page.evaluate(`(() => {
    const style = (element) => getComputedStyle(element);
    return {
      scheme: document.documentElement.dataset.mantineColorScheme,
      ground: style(document.body).backgroundColor,
      ink: style(document.body).color,
      heads: [...document.querySelectorAll('thead')].map((head) => style(head).display),
      bar: style(document.querySelector('header')).display,
      buttons: [...document.querySelectorAll('button')].filter((button) => button.offsetParent !== null).length,
    };
  })()`);
  expect(paper).toMatchObject({
    scheme: 'dark',
    ground: 'rgb(255, 255, 255)',
    ink: 'rgb(0, 0, 0)',
    bar: 'none',
    buttons: 0,
  });
  expect(new Set((paper as { heads: string[] }).heads)).toEqual(new Set(['table-header-group']));
  await page.close();
});
