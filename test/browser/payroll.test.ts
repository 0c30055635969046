/** A week of payroll: read by employee and by job, decided, tied out. Then a record, found by its number, with all its evidence. */
import type { Browser } from 'playwright-core';
import { eventually, launchBrowser, Visit } from '../support/desk-browser';
import { Office } from '../support/office';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import type { PayrollWeeks } from '../support/payroll-weeks';
import { MARIA } from '../support/world';

let temporal: TestTemporal;
let office: Office;
let browser: Browser;
let visit: Visit;
let weeks: PayrollWeeks;

beforeAll(async () => {
  temporal = await testTemporal();
  office = await Office.create(temporal);
  browser = await launchBrowser();
  weeks = await office.payroll();
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

test('the clerk reads the period by employee and by job, approves it, and ties it out', async () => {
  const page = await visit.open('/payroll');
  await page
    .getByRole('link', { name: new RegExp(`to ${weeks.end}`) })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: /Payroll of group 1/ }).waitFor();
  const employees = page.getByRole('region', { name: 'By employee (2)' });
  await employees.getByRole('row', { name: 'Ada Quimby (501) 8.00 0.00 0.00 0.00 8.00 0.00' }).waitFor();
  const jobs = page.getByRole('region', { name: 'By job (1)' });
  await jobs.getByRole('row', { name: '1024-001 Harbor View 15.50' }).waitFor();
  // Keys of the ERP are nothing that a clerk reads.
  await expect(page.locator('main').innerText()).resolves.not.toContain('1|');
  await page.getByRole('link', { name: 'Decide about it' }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, write it' }).click();
  await eventually(
    () => weeks.hours(),
    (hours) => hours.length === 2,
  );
  expect(weeks.hours()).toEqual(['501 8.00', '502 7.50']);
  const granted = (await office.world.trail(weeks.period)).filter(
    ({ action }) => action === 'approval.granted',
  );
  expect(granted).toMatchObject([{ actor: MARIA }]);
  await page.goto(`${visit.url}/payroll`);
  const tieOut = await visit.download(page.getByRole('link', { name: /Tie-out of group 1.*CSV/ }).first());
  expect(tieOut.name).toMatch(/^tie-out-1-.*\.csv$/);
  const paper = await visit.download(page.getByRole('link', { name: /Tie-out of group 1.*PDF/ }).first());
  expect(paper.content.subarray(0, 5).toString()).toBe('%PDF-');
});
