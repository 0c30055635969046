/** A rule is changed by two: one tries and proposes it, another one approves it. */
import type { Browser } from 'playwright-core';
import { launchBrowser, Visit } from '../support/desk-browser';
import { ADA, BEA, Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
  await office.waiting('Alder Roofing LLC');
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

test('a change is tried on what was planned, proposed, and comes into force when another admin approves it', async () => {
  const { world } = office;
  const page = await visit.open('/rules');
  await page.getByText('as configured').waitFor();
  await page.getByRole('button', { name: 'Propose a change' }).click();
  const body = page.getByLabel(/The rules, as the configuration writes them/);
  await body.fill(
    JSON.stringify({
      rules: [{ name: 'all-vendors', decision: 'approve', when: { events: ['create_vendor'] } }],
      requireSecondPerson: true,
    }),
  );
  await page.getByRole('button', { name: 'Try on the last month' }).click();
  await page.getByText(/1 plan since .*: 1 would have been decided otherwise/).waitFor();
  await page.getByText(/approved by rule/).waitFor();
  const propose = page.getByRole('button', { name: 'Propose', exact: true });
  expect(await propose.isEnabled()).toBe(false);
  await page.getByLabel('Why (needed to propose it)').fill('Vendors are checked before they are sent');
  await propose.click();
  await page.getByRole('heading', { name: 'Proposed version 1' }).waitFor();
  await page.getByText('Another admin has to approve it.').waitFor();
  expect(await page.getByRole('button', { name: 'Approve this change' }).count()).toBe(0);
  // Nothing is different before that.
  const still = office.send(office.company('Birch Paving Inc'));
  await world.poll();
  await world.until(still, 'waiting_for_finance');

  const bea = await Visit.of(browser, world, BEA);
  const hers = await bea.open('/rules');
  await hers.getByRole('button', { name: 'Approve this change' }).click();
  await hers.getByText('version 1', { exact: true }).waitFor();
  const request = office.send(office.company('Cedar Glass Co'));
  await world.poll();
  expect(await world.result(request)).toMatchObject({ status: 'applied' });
  const trail = await world.trail(request);
  expect(trail.find(({ action }) => action === 'approval.granted')?.actor).toBe('rule:all-vendors');
  expect(bea.problems).toEqual([]);
  await bea.close();
});
