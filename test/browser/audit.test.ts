/** The log: whether it holds, what it says, and all of it for a third party. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openSqlite } from '../../src/sqlite';
import { launchBrowser, Visit } from '../support/desk-browser';
import { Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA } from '../support/world';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
  await office.world.approve(await office.waiting('Alder Roofing LLC'));
}, 90_000);
afterAll(async () => {
  await browser.close();
  await office.close();
  await temporal.close();
});
beforeEach(async () => {
  visit = await Visit.loggedIn(browser, office.world, MARIA);
});
afterEach(async () => {
  expect(visit.problems).toEqual([]);
  await visit.close();
});

test('it is searched and exported, and what was changed past Tieback is found', async () => {
  const { world } = office;
  const page = await visit.open('/audit');
  const check = page.getByRole('button', { name: 'Check log and tables' });
  await check.click();
  await page.getByText(/^It holds: \d+ entries about 1 request\.$/).waitFor();
  await page.getByText(/Compared with 1 entry of the ERP's ledger/).waitFor();
  await page.getByRole('searchbox').fill(MARIA);
  await page.getByText(/maria@acme\.example approved ERP request/).waitFor();
  await page.getByText(/The rule .* asked finance/).waitFor({ state: 'detached' });
  const lines = await visit.download(page.getByRole('link', { name: 'Export as JSON lines' }));
  const entries = lines.content.toString('utf8').trim().split('\n');
  expect(entries.length).toBeGreaterThan(5);
  for (const line of entries) expect(() => JSON.parse(line) as unknown).not.toThrow();
  const sheet = await visit.download(page.getByRole('link', { name: 'as CSV' }));
  expect(sheet.content.toString('utf8')).toContain('approval.granted');

  const db = openSqlite(join(world.folder, 'tieback.db'));
  db.prepare("UPDATE audit_entry SET actor = 'mallory' WHERE action = 'approval.granted'").run();
  db.close();
  await check.click();
  await page
    .getByRole('alert')
    .getByText(/something was changed past Tieback/)
    .waitFor();
});
