/** Any number leads to its record, and a record to everything that was done with it. */
import type { Browser } from 'playwright-core';
import { barriersOn, launchBrowser, Visit } from '../support/desk-browser';
import { Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA } from '../support/world';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;
let order: number;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
  const { world } = office;
  await office.openJob();
  const vendor = office.company('Cobalt Mechanical LLC', { prequalified: true });
  const linked = office.send(vendor);
  await world.poll();
  await world.result(linked);
  order = office.commit(vendor, 'PO-1234', 'Ducts and dampers', '12400.00');
  await world.poll();
  await world.until(order, 'waiting_for_finance');
  await world.approve(order);
  await world.result(order);
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

test('a purchase order is found by its number, with both sides and its evidence as a ZIP', async () => {
  const page = await visit.open('/records');
  await page.getByRole('searchbox').fill('PO-1234');
  await page.waitForURL(/q=PO-1234/);
  const requested = page.getByRole('region', { name: 'Requests' });
  await requested.getByRole('link', { name: 'PO-1234 Ducts and dampers' }).waitFor();
  await page.getByRole('searchbox').fill('Ducts');
  await page.waitForURL(/q=Ducts/);
  await page
    .getByRole('region', { name: 'Records' })
    .getByRole('link', { name: /PO-1234/ })
    .click();
  await page.getByRole('heading', { level: 1, name: /PO-1234/ }).waitFor();
  await page
    .getByRole('region', { name: 'Both sides' })
    .getByRole('row', { name: /Amount 12,400\.00 12,400\.00/ })
    .waitFor();
  // A business date is what it says, wherever the browser stands.
  await page.getByRole('row', { name: 'Accounting date 2026-07-31 2026-07-31 2026-07-31' }).waitFor();
  const requests = page.getByRole('region', { name: 'Requests' });
  await requests.getByRole('link', { name: /PO-1234/ }).waitFor();
  const { name, content } = await visit.download(page.getByRole('link', { name: 'Evidence (ZIP)' }));
  expect(name).toMatch(/\.zip$/);
  expect(content.subarray(0, 2).toString()).toBe('PK');
  // Names of the files stand in it as they are.
  expect(content.toString('latin1')).toMatch(/audit/);
});

test('a request shows what its records depend on, and leads there', async () => {
  const page = await visit.open(`/requests/${office.world.connectionId}/erp/${order}`);
  const depends = page.getByRole('region', { name: 'Depends on' });
  await depends
    .getByRole('listitem')
    .filter({ hasText: 'Cobalt Mechanical LLC' })
    .getByText('linked')
    .waitFor();
  await depends.getByRole('link', { name: /Cobalt Mechanical LLC/ }).click();
  await page.getByRole('heading', { level: 1, name: /Cobalt Mechanical LLC/ }).waitFor();
  await page.getByRole('heading', { name: 'Both sides' }).waitFor();
});

test('two records that are not one are unlinked with a reason, and put together again', async () => {
  const { world } = office;
  const page = await visit.open('/records?q=cobalt');
  await page
    .getByRole('region', { name: 'Records' })
    .getByRole('link', { name: /Cobalt Mechanical/ })
    .click();
  await page.getByText('Vendors · linked').waitFor();
  const linked = async () =>
    (await world.links()).find(({ kind, state }) => kind === 'vendor' && state === 'linked');
  const before = await linked();
  await page.getByRole('button', { name: 'Unlink' }).click();
  const dialog = page.getByRole('dialog');
  expect(await barriersOn(page)).toEqual([]);
  await expect(dialog.getByRole('button', { name: 'Unlink' }).isDisabled()).resolves.toBe(true);
  await dialog.getByRole('textbox', { name: /Why/ }).fill('linked by mistake');
  await dialog.getByRole('button', { name: 'Unlink' }).click();
  await page.getByText('Vendors · unlinked').waitFor();
  expect(await barriersOn(page)).toEqual([]);
  await page.getByRole('button', { name: 'Link to a record of Procore' }).click();
  await dialog.getByRole('textbox', { name: 'Procore id' }).fill('PO-1');
  await dialog.getByText(/whole number/).waitFor();
  await dialog.getByRole('textbox', { name: 'Procore id' }).fill('1');
  await dialog.getByRole('textbox', { name: /Why/ }).fill('it was no mistake');
  await dialog.getByRole('button', { name: 'Link to a record of Procore' }).click();
  // What was refused stays, with what was typed.
  await dialog.getByRole('alert').waitFor();
  await expect(dialog.getByRole('textbox', { name: /Why/ }).inputValue()).resolves.toBe('it was no mistake');
  // What was taken apart is read again.
  await world.reconcile();
  await dialog.getByRole('textbox', { name: 'Procore id' }).fill(String(before?.procoreId));
  await dialog.getByRole('button', { name: 'Link to a record of Procore' }).click();
  await page.getByText('Vendors · linked').waitFor();
  await expect(linked()).resolves.toMatchObject({ erpKey: before?.erpKey, procoreId: before?.procoreId });
});
