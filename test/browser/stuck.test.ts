/** What does not go on: put right where it lives and tried again, and what both sides changed, settled by a person who saw what it does. */
import type { Browser } from 'playwright-core';
import { eventually, launchBrowser, Visit } from '../support/desk-browser';
import { Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA } from '../support/world';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;
let tooLong: number;
let request: number;
let vendor: number;
let alike: number;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
  const { world } = office;
  tooLong = office.company('Pacific Formwork and Concrete Placement Partnership of Washington and Oregon');
  request = office.send(tooLong);
  await world.poll();
  await world.until(request, 'parked');
  vendor = office.company('Cobalt Mechanical LLC', { prequalified: true });
  const linked = office.send(vendor);
  await world.poll();
  await world.result(linked);
  // The ERP has it, and nobody has tied the two.
  alike = office.company('Tidewater Pump & Well', {
    business_phone: '503-555-0140',
    email_address: 'service@tidewaterpump.example',
  });
  await office.conflict(vendor, 'Cobalt Mechanical LLC');
}, 90_000);
afterAll(async () => {
  await browser.close();
  await office.close();
  await temporal.close();
});
beforeEach(async () => {
  visit = await Visit.of(browser, office.world, MARIA);
});
afterEach(async () => {
  expect(visit.problems).toEqual([]);
  await visit.close();
});

test('a group says why it is stuck and what helps, and is tried again together', async () => {
  const page = await visit.open('/inbox');
  // One click tells why.
  await page.getByRole('link', { name: 'Stuck', exact: true }).click();
  const group = page.getByRole('article').filter({ hasText: 'person must correct something' });
  await group.getByText(/76 characters long; the ERP takes 60/).waitFor();
  await page.getByText('Correct the value with "Correct", or reject the request.').waitFor();
  await group.getByRole('button', { name: 'Try 1 request again' }).click();
  // It was tried, and it is still wrong: that is said, and nothing else happened.
  await page.getByText('1 request told to try again.').waitFor();
  await office.world.until(request, 'parked');
  await page
    .getByRole('link', { name: /Pacific Formwork/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Correct' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Name/).fill('Pacific Formwork');
  await dialog.getByLabel('E-mail').fill('ap@pacific.example');
  await dialog.getByRole('button', { name: 'Correct 2 values' }).click();
  await office.world.until(request, 'waiting_for_finance');
  await page.getByRole('link', { name: 'Stuck', exact: true }).click();
  await page.getByText('Every request goes on by itself or waits for a decision.').waitFor();
});

test('a field that both sides changed is settled by a choice whose effect was shown first', async () => {
  const { world } = office;
  const page = await visit.open('/stuck');
  const conflict = page.getByRole('article', { name: /Cobalt Mechanical LLC Phone/ });
  await conflict.getByRole('radio', { name: /Procore gets/ }).waitFor();
  expect(await page.getByRole('button', { name: 'Settle', exact: true }).isEnabled()).toBe(false);
  await conflict.getByRole('radio', { name: /The ERP gets/ }).check();
  await page.getByRole('button', { name: 'Settle 1 field' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settle 1 field?' });
  await dialog.getByText(/The ERP gets "206-555-0199" in place of "206-555-0177"/).waitFor();
  const phone = (): unknown =>
    world.erp.vendors().find(({ Name }) => Name === 'Cobalt Mechanical LLC')?.Phone;
  expect(phone()).toBe('206-555-0177');
  await dialog.getByRole('button', { name: 'Settle 1 field' }).click();
  await dialog.waitFor({ state: 'detached' });
  await conflict.waitFor({ state: 'detached' });
  await eventually(phone, (now) => now === '206-555-0199');
  const decided = world.rows<{ actor: string }>(
    "SELECT actor FROM audit_entry WHERE action = 'conflict.decided'",
  );
  expect(decided).toEqual([{ actor: MARIA }]);
});

test('two records that are one are tied by who has seen both sides', async () => {
  const { world } = office;
  const page = await visit.open('/stuck');
  const pair = page.getByRole('article', { name: /Tidewater Pump & Well Tidewater Pump & Well/ });
  await pair.getByRole('row', { name: /name Tidewater Pump & Well Tidewater Pump & Well/i }).waitFor();
  await pair.getByRole('button', { name: 'They are one' }).click();
  await pair.waitFor({ state: 'detached' });
  const links = (await world.links()).filter(({ procoreId }) => procoreId === alike);
  expect(links).toEqual([expect.objectContaining({ state: 'linked', erpKey: '1|10040' })]);
  const decided = world.rows<{ actor: string }>(
    "SELECT actor FROM audit_entry WHERE action = 'link.decided'",
  );
  expect(decided).toEqual([{ actor: MARIA }]);
});
