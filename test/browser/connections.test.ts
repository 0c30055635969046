/** How the connections stand, as who administers them sees it. */
import type { Browser } from 'playwright-core';
import { launchBrowser, tokenOf, Visit } from '../support/desk-browser';
import { ADA, Office, VIC } from '../support/office';
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

test('the doctor is asked from the page, and says first what is wrong', async () => {
  const { world } = office;
  const page = await visit.open('/connections');
  await page.getByRole('article', { name: world.connectionId }).getByText('On time').waitFor();
  await page.getByText(/It was not asked since the start/).waitFor();
  await page.getByRole('button', { name: 'Examine now' }).click();
  await page.waitForTimeout(9000); process.stderr.write(await page.locator('main').innerText());
  await page.getByText(/^All \d+ findings$/).waitFor();
  const answer = await fetch(`${world.daemon.url}/api/connections/doctor`, {
    headers: { authorization: `Bearer ${await tokenOf(world, ADA)}` },
  });
  const { job } = (await answer.json()) as {
    job: { state: string; result: { summary: string[]; trouble: { detail: string }[] } };
  };
  expect(job.state).toBe('done');
  expect(job.result.summary.length).toBeLessThanOrEqual(3);
  for (const line of job.result.summary) await page.getByText(line, { exact: true }).waitFor();
  for (const { detail } of job.result.trouble) await page.getByText(detail).first().waitFor();
});

test('who only looks is not offered what only an admin may do', async () => {
  const other = await Visit.of(browser, office.world, VIC);
  const page = await other.open('/connections');
  await page.getByRole('article', { name: office.world.connectionId }).waitFor();
  expect(await page.getByRole('button', { name: 'Examine now' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  await other.close();
});
