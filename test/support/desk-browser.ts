/** A person at the Finance Desk: a real browser, what they see, and what the page must never do. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { openSession } from '../../src/desk/access/sessions';
import { issueToken } from '../../src/desk/people';
import { grantsOf } from '../../src/domain/people/grants';
import { tokenFrom } from '../../src/domain/people/token';
import type { World } from './world';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function browserFile(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const files = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  const found = process.env['TIEBACK_TEST_BROWSER'] ?? files.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    'There is no Chromium or Chrome for the tests of the page: install one, or name it in TIEBACK_TEST_BROWSER.',
  );
}

export const launchBrowser = (): Promise<Browser> =>
  // As root in a container Chromium has no sandbox of its own; it loads nothing but our own page.
  chromium.launch({ executablePath: browserFile(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });

const PATIENCE_MS = 20_000;

/** Waits until the server stands as it should; fails with what was told last. */
export async function eventually<Told>(
  told: () => Promise<Told> | Told,
  holds: (told: Told) => boolean,
): Promise<Told> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const last = await told();
    if (holds(last)) return last;
    if (Date.now() > deadline) throw new Error(`It still says ${JSON.stringify(last)}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let seeds = 0;

/** Somebody who has a personal token. */
export async function tokenOf(world: World, person: string): Promise<string> {
  seeds += 1;
  const token = tokenFrom(Buffer.alloc(32, seeds));
  const { keys, connectionId } = world;
  const id = `browser${seeds}`;
  await world.store((store) =>
    issueToken(
      { store, keys, connectionIds: [connectionId], now: () => new Date().toISOString() },
      { id, person, token, expiresAt: '2099-01-01T00:00:00.000Z', by: 'uid 0 (root)' },
    ),
  );
  return token;
}

/** What the cookie of a session says. */
async function sessionOf(world: World, person: string): Promise<string> {
  const { config, keys } = world;
  seeds += 1;
  const secret = Buffer.alloc(32, seeds).toString('base64url');
  const nobody = { name: null, issuer: null, subject: null, sid: null, idToken: null };
  await world.store((open) =>
    openSession(
      {
        ...{ store: open, keys, connectionIds: config.connections.map(({ id }) => id) },
        now: () => new Date().toISOString(),
        limits: config.desk.session,
        grantsOf: (id) => grantsOf(config, id),
      },
      { ...nobody, person, way: 'passkey' },
      { id: `browser-session-${seeds}`, secret },
    ),
  );
  return secret;
}

/** A browser of one person, and everything that went wrong in it. */
export class Visit {
  readonly problems: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  static async of(
    browser: Browser,
    world: World,
    person: string,
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const authorization = `Bearer ${await tokenOf(world, person)}`;
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-US',
      timezoneId: 'America/New_York',
      extraHTTPHeaders: { authorization },
      ...options,
    });
    return new Visit(context, world.daemon.url);
  }

  /** The same with a session, as people have one: downloads carry its cookie, and it ends with a logout. */
  static async loggedIn(
    browser: Browser,
    world: World,
    person: string,
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const secret = await sessionOf(world, person);
    const visit = await Visit.withoutLogin(browser, world, options);
    const cookie = { name: '__Host-desk', value: secret, domain: 'localhost', path: '/' };
    await visit.context.addCookies([{ ...cookie, secure: true, httpOnly: true, sameSite: 'Lax' }]);
    return visit;
  }

  /** A browser that nobody is logged in with, at the address that logins are for. */
  static async withoutLogin(
    browser: Browser,
    world: World,
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-US',
      timezoneId: 'America/New_York',
      ...options,
    });
    return new Visit(context, world.daemon.url.replace('127.0.0.1', 'localhost'));
  }

  /** Opens a page; whatever the browser complains of is kept in `problems`. `script` runs before any of the page. */
  async open(path: string, { script }: { readonly script?: string } = {}): Promise<Page> {
    const page = await this.context.newPage();
    if (script !== undefined) await page.addInitScript(script);
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
    await page.goto(`${this.url}${path}`);
    return page;
  }

  /** Follows a link to a file; its name and what is in it. */
  async download(link: Locator): Promise<{ readonly name: string; readonly content: Buffer }> {
    const page = link.page();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps people with disabilities from using a page, a line each (WCAG 2.2 AA, by axe-core). */
export async function barriersOn(page: Page): Promise<readonly string[]> {
  // Not by a script element: the page's own policy forbids that, too.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}
