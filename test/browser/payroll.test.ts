/** A week of payroll: read by employee and by job, decided, tied out. Then a record, found by its number, with all its evidence. */
import type { Browser } from 'playwright-core';
import { barriersOn, eventually, launchBrowser, Visit } from '../support/desk-browser';
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
  const tieOut = await visit.download(page.getByRole('link', { name: /CSV, tie-out of group 1/ }).first());
  expect(tieOut.name).toMatch(/^tie-out-1-.*\.csv$/);
  const paper = await visit.download(page.getByRole('link', { name: /PDF, tie-out of group 1/ }).first());
  expect(paper.content.subarray(0, 5).toString()).toBe('%PDF-');
});

test('who is who is looked at, accepted by its evidence, and taken back', async () => {
  const { world } = office;
  const cleo = weeks.join(503, 'Cleo', 'Marmalade');
  weeks.join(504, 'D.', 'Penny');
  const page = await visit.open('/payroll');
  await page.getByRole('button', { name: 'Look at both sides' }).click();
  const suggested = page.getByRole('region', { name: 'Suggested (1)' });
  await suggested
    .getByRole('row', { name: new RegExp(`Cleo Marmalade \\(${cleo}\\) Cleo Marmalade \\(503\\)`) })
    .waitFor();
  expect(await barriersOn(page)).toEqual([]);
  await suggested.getByRole('button').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click();
  const accepted = page.getByRole('region', { name: 'Accepted here (1)' });
  await accepted.getByRole('row', { name: /Cleo Marmalade.*counts; Procore is told next/ }).waitFor();
  const known = () => world.read((t) => t.payrollPeople.accepted(world.connectionId));
  await expect(known()).resolves.toMatchObject([{ personId: cleo, state: 'to_write', decidedBy: MARIA }]);
  // Nobody is suggested for D. Penny: the clerk knows.
  await page.getByRole('button', { name: 'Who is it? D. Penny' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Employee in the ERP' }).fill('Dov');
  await dialog.getByRole('option', { name: /Dov Pennywhistle/ }).click();
  await dialog.getByRole('button', { name: 'Accept' }).click();
  const two = page.getByRole('region', { name: 'Accepted here (2)' });
  await two.getByRole('row', { name: /D. Penny.*Dov Pennywhistle \(504\)/ }).waitFor();
  await two.getByRole('button', { name: /Take back: Cleo/ }).click();
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await two.getByRole('row', { name: /Cleo Marmalade.*taken back/ }).waitFor();
  await expect(known()).resolves.toEqual([
    expect.objectContaining({ personId: cleo, state: 'to_undo' }),
    expect.objectContaining({ employeeNumber: '504', state: 'to_write' }),
  ]);
});

test('what a pay period asks is answered beside the question', async () => {
  const row = weeks.addByHand(501, '2.00', 2);
  weeks.enter(501, '2.00', 2);
  office.world.skipMinutes(10 * 1440);
  await weeks.look();
  await weeks.untilTold(new RegExp(`row ${row} adopt`));
  // What is signed is signed by the clock of Temporal.
  office.world.skipMinutes(-10 * 1440);
  const page = await visit.open(
    `/payroll/${office.world.connectionId}/${weeks.later.replace('payroll/', '')}`,
  );
  const question = page.getByRole('region', { name: 'Questions (1)' });
  await expect(question.innerText()).resolves.toContain(
    '"Adopt" counts it as paid for these entries, "Ignore"',
  );
  expect(await barriersOn(page)).toEqual([]);
  await question.getByRole('button', { name: `Adopt: row ${row}` }).click();
  const dialog = page.getByRole('dialog');
  expect(await barriersOn(page)).toEqual([]);
  await dialog.getByRole('textbox', { name: 'Comment' }).fill('Mary paid it by hand');
  await dialog.getByRole('button', { name: 'Adopt' }).click();
  await dialog.waitFor({ state: 'detached' });
  await question.waitFor({ state: 'detached' });
  const trail = await office.world.trail(weeks.later);
  expect(trail.find(({ actor }) => actor === MARIA)?.detail).toMatchObject({
    comment: 'Mary paid it by hand',
  });
  expect(weeks.hours()).toEqual(['501 2.00', '501 8.00', '502 7.50']);
});
