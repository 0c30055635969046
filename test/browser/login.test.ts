/** Who comes in: with a passkey of an invitation, by themselves in a demo; and what stays when a session is over. */
import type { Browser, Page } from 'playwright-core';
import { invite } from '../../src/desk/access/passkeys';
import { launchBrowser, Visit } from '../support/desk-browser';
import { Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA } from '../support/world';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
}, 90_000);
afterAll(async () => {
  await browser.close();
  await office.close();
  await temporal.close();
});

/** What IT sends to somebody, once. */
async function invitation(person: string): Promise<string> {
  const { keys, connectionId } = office.world;
  const secret = Buffer.alloc(32, 77).toString('base64url');
  await office.world.store((store) =>
    invite(
      { store, keys, connectionIds: [connectionId], now: () => new Date().toISOString() },
      { id: 'invited', secret, person, by: 'uid 0 (root)' },
    ),
  );
  return secret;
}

/** A device that asks for a finger, and is shown the right one. */
async function withFinger(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

const leave = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: `You: ${MARIA}` }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
};

test('an invitation makes one passkey, which lets in; a logout ends every tab, and the passkey lets in again', async () => {
  const visit = await Visit.withoutLogin(browser, office.world);
  const page = await visit.open('/login');
  await withFinger(page);
  await page.goto(`${visit.url}/login#invitation=${await invitation(MARIA)}`);
  await page.reload();
  await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
  await page.waitForURL(/\/inbox/);
  await page.getByText('Nothing waits for you.').waitFor();
  const [cookie, ...others] = await visit.context.cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ name: '__Host-desk', httpOnly: true, secure: true, sameSite: 'Lax' });

  const other = await visit.open('/records');
  await other.getByRole('heading', { level: 1, name: 'Records' }).waitFor();
  await leave(page);
  await page.waitForURL(/\/login/);
  expect(await visit.context.cookies()).toEqual([]);
  await other.getByText('You are not logged in any more.', { exact: false }).waitFor();

  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.waitForURL(/\/inbox/);
  await other.getByRole('button', { name: 'I am logged in again' }).click();
  await other.getByText('You are not logged in any more.', { exact: false }).waitFor({ state: 'detached' });
  // Used once, it lets nobody in any more.
  await page.goto(`${visit.url}/login#invitation=${Buffer.alloc(32, 77).toString('base64url')}`);
  await page.reload();
  await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
  await page.getByText('This invitation was used or taken back.').waitFor();
  await visit.close();
});

test('a session that ends while somebody corrects takes nothing from them', async () => {
  const requestId = await office.waiting('Alder Roofing LLC', { city: 'Olympia' });
  const visit = await Visit.loggedIn(browser, office.world, MARIA);
  const page = await visit.open(`/requests/${office.world.connectionId}/erp/${requestId}`);
  await page.getByRole('button', { name: 'Correct' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('City').fill('Wenatchee');
  const tab = await visit.open('/records');
  await leave(tab);
  await tab.waitForURL(/\/login/);
  await dialog.getByRole('button', { name: 'Correct 1 value' }).click();
  await dialog.getByRole('link', { name: 'Log in in a new tab' }).waitFor();
  await expect(dialog.getByLabel('City').inputValue()).resolves.toBe('Wenatchee');
  expect((await office.world.request(requestId)).corrections).toBeNull();

  const again = await Visit.loggedIn(browser, office.world, MARIA);
  await visit.context.addCookies(await again.context.cookies());
  await dialog.getByRole('button', { name: 'Correct 1 value' }).click();
  await page.getByRole('row', { name: 'City Wenatchee', exact: true }).waitFor();
  expect((await office.world.request(requestId)).corrections).toEqual({ city: 'Wenatchee' });
  await again.close();
  await visit.close();
});

test('who comes from a link to a page is brought there after the login, and never to another site', async () => {
  const visit = await Visit.withoutLogin(browser, office.world);
  const page = await visit.open('/records?q=662E41');
  await page.waitForURL(/\/login\?returnTo=/);
  expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/records?q=662E41');
  const known = await Visit.loggedIn(browser, office.world, MARIA);
  const hers = await known.open('/login?returnTo=%2F%2Fevil.example');
  await expect(hers.getByRole('link', { name: 'Go on' }).getAttribute('href')).resolves.toBe('/inbox');
  await known.close();
  await visit.close();
});

test('a demo lets everybody in by itself, and says so', async () => {
  const { world } = office;
  world.config = { ...world.config, desk: { ...world.config.desk, loginAs: MARIA } };
  await world.restart({});
  const visit = await Visit.withoutLogin(browser, world);
  const page = await visit.open('/inbox');
  await page
    .getByText(`This is a demonstration: whoever opens this page is ${MARIA}`, { exact: false })
    .waitFor();
  await page.getByRole('link', { name: 'Alder Roofing LLC' }).waitFor();
  await visit.close();
});
