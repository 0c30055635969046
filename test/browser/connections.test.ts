/** How the connections stand, as who administers them sees it. */
import type { Browser } from 'playwright-core';
import { launchBrowser, Visit } from '../support/desk-browser';
import { ADA, Office, VIC } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';

const EVERY = { everySeconds: 86_400, freshSeconds: 86_400 };
const RECONCILE = { kinds: { vendor: EVERY }, ownership: {} };

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal, { reconcile: RECONCILE });
  browser = await launchBrowser();
}, 90_000);
afterAll(async () => {
  await browser.close();
  await office.close();
  await temporal.close();
});
beforeEach(async () => {
  visit = await Visit.of(browser, office.world, ADA);
});
afterEach(async () => {
  expect(visit.problems).toEqual([]);
  await visit.close();
});

test('the doctor is asked from the page, and what keeps him from it is said', async () => {
  const page = await visit.open('/connections');
  await page.getByRole('article', { name: office.world.connectionId }).getByText('On time').first().waitFor();
  await page.getByText(/It was not asked since the start/).waitFor();
  await page.getByRole('button', { name: 'Examine now' }).click();
  // The configuration of these tests is no file: what keeps the doctor from his work is said, and he may be asked again.
  await page.getByText(/The doctor did not come to an end/).waitFor();
  expect(await page.getByRole('button', { name: 'Examine now' }).isEnabled()).toBe(true);
});

test('who only looks is not offered what only an admin may do', async () => {
  const other = await Visit.of(browser, office.world, VIC);
  const page = await other.open('/connections');
  await page.getByRole('article', { name: office.world.connectionId }).waitFor();
  expect(await page.getByRole('button', { name: 'Examine now' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  await other.close();
});

test('a schedule is paused with a reason, and goes on when somebody says so', async () => {
  const page = await visit.open('/connections');
  const row = page.getByRole('region', { name: /^Reconciles of/ }).getByRole('row', { name: /Vendor/i });
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByLabel('Why').fill('The ERP moves house');
  await row.getByRole('button', { name: 'Pause' }).last().click();
  await row.getByText(new RegExp(`Paused by ${ADA}.*The ERP moves house`)).waitFor();
  const said = (): unknown[] =>
    office.world.rows(
      "SELECT action, actor FROM audit_entry WHERE action IN ('reconcile.paused', 'reconcile.resumed') ORDER BY at",
    );
  expect(said()).toEqual([{ action: 'reconcile.paused', actor: ADA }]);
  await row.getByRole('button', { name: 'Resume' }).click();
  await row.getByRole('button', { name: 'Pause' }).waitFor();
  expect(said()).toHaveLength(2);
});
