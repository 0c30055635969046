/** What goes wrong in pages like this one: two people at once, seven tabs, rows under the cursor, a daemon that goes away. */
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser, Visit } from '../support/desk-browser';
import { KIM, Office } from '../support/office';
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
  await visit.close();
});

const pathOf = (requestId: number): string => `/requests/${office.world.connectionId}/erp/${requestId}`;
const granted = async (requestId: number): Promise<string[]> =>
  (await office.world.trail(requestId))
    .filter(({ action }) => action === 'approval.granted')
    .map(({ actor }) => actor);

test('clicks that everyday things take', async () => {
  let clicks = 0;
  const click = async (what: Locator): Promise<void> => {
    clicks += 1;
    await what.click();
  };
  const counted = (): number => {
    const made = clicks;
    clicks = 0;
    return made;
  };
  const one = await office.waiting('Alder Roofing LLC');
  const page = await visit.open(pathOf(one));
  await click(page.getByRole('button', { name: 'Approve', exact: true }));
  await click(page.getByRole('button', { name: 'Yes, write it' }));
  expect(await office.world.result(one)).toMatchObject({ status: 'applied' });
  expect(counted()).toBe(2);

  const nine: number[] = [];
  for (let index = 0; index < 9; index += 1)
    nine.push(office.send(office.company(`Plain ${'ABCDEFGHI'[index] ?? ''}${index} Builders`)));
  await office.world.poll();
  for (const request of nine) await office.world.until(request, 'waiting_for_finance');
  await page.goto(`${visit.url}/inbox`);
  await page.getByRole('link', { name: 'Plain I8 Builders' }).waitFor();
  await click(page.getByRole('checkbox', { name: 'Choose all that have no warning' }));
  await click(page.getByRole('button', { name: 'Approve 9 plans' }));
  await click(page.getByRole('dialog').getByRole('button', { name: 'Approve 9 plans' }));
  for (const request of nine) expect(await office.world.result(request)).toMatchObject({ status: 'applied' });
  expect(counted()).toBe(3);
  await page.getByText('9 plans approved.').waitFor();

  const stuck = office.send(
    office.company('Pacific Formwork and Concrete Placement Partnership of Washington and Oregon'),
  );
  await office.world.poll();
  await office.world.until(stuck, 'parked');
  await page.goto(`${visit.url}/inbox`);
  await click(page.getByRole('link', { name: 'Stuck', exact: true }));
  await page
    .getByText(/76 characters long; the ERP takes 60/)
    .first()
    .waitFor();
  expect(counted()).toBe(1);

  await office.waiting('Tern Concrete Inc');
  await page.goto(`${visit.url}/inbox`);
  await page.getByRole('link', { name: 'Tern Concrete Inc' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('Tern');
  await page.waitForURL(/q=Tern/);
  await click(page.getByRole('link', { name: 'Tern Concrete Inc' }));
  await page.getByRole('heading', { level: 1, name: 'Tern Concrete Inc' }).waitFor();
  expect(counted()).toBe(1);
  expect(visit.problems).toEqual([]);
}, 90_000);

test('two approvers at once decide once, and who was second is told', async () => {
  const request = await office.waiting('Birch Paving Inc');
  const kim = await Visit.of(browser, office.world, KIM);
  const pages = [await visit.open(pathOf(request)), await kim.open(pathOf(request))];
  for (const page of pages) {
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, write it' }).waitFor();
  }
  // The second may be told before the click arrives: then the button is off.
  await Promise.all(
    pages.map((page) =>
      page
        .getByRole('button', { name: 'Yes, write it' })
        .click({ timeout: 5_000 })
        .catch(() => undefined),
    ),
  );
  expect(await office.world.result(request)).toMatchObject({ status: 'applied' });
  expect(await granted(request)).toHaveLength(1);
  // Both see how it ended, whoever it was.
  for (const page of pages) await page.getByText('What was written').waitFor();
  await kim.close();
});

test('after an approval the list, its counts and the request agree', async () => {
  const request = await office.waiting('Cedar Glass Co');
  const page = await visit.open('/inbox');
  const count = async (stage: string): Promise<number> => {
    const text = await page.getByRole('button', { name: new RegExp(`^${stage} \\d`) }).innerText();
    return Number(/\d+/.exec(text)?.[0]);
  };
  await page.getByRole('link', { name: 'Cedar Glass Co' }).waitFor();
  const [mine, done] = [await count('Needs me'), await count('Done')];
  await page.getByRole('link', { name: 'Cedar Glass Co' }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await page.keyboard.press('a');
  await page.getByRole('button', { name: 'Yes, write it' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('What was written').waitFor();
  expect(await office.world.result(request)).toMatchObject({ status: 'applied' });
  await page.keyboard.press('u');
  await page.getByRole('button', { name: `Needs me ${mine - 1}` }).waitFor();
  await page.getByRole('button', { name: `Done ${done + 1}` }).waitFor();
  await page.getByRole('link', { name: 'Cedar Glass Co' }).waitFor({ state: 'detached' });
  expect(visit.problems).toEqual([]);
});

test('rows do not move under the cursor: what is new is told, and comes when it is asked for', async () => {
  await office.waiting('Dogwood Glass');
  const page = await visit.open('/inbox?sort=age&direction=desc');
  await page.getByRole('link', { name: 'Dogwood Glass' }).waitFor();
  await page.getByRole('img', { name: 'Live' }).waitFor();
  const rows = (): Promise<string[]> => page.locator('tbody a').allInnerTexts();
  const before = await rows();
  await office.waiting('Elm Drywall');
  const news = page.getByRole('button', { name: 'Something changed: show it' });
  await news.waitFor();
  expect(await rows()).toEqual(before);
  await news.click();
  await page.getByRole('link', { name: 'Elm Drywall' }).waitFor();
  expect(visit.problems).toEqual([]);
});

test('seven tabs are all live, on one stream', async () => {
  const request = await office.waiting('Fir Masonry', { city: 'Yakima' });
  const pages: Page[] = [];
  for (let tab = 0; tab < 7; tab += 1) pages.push(await visit.open(pathOf(request)));
  for (const page of pages) {
    await page.getByRole('row', { name: 'City Yakima', exact: true }).waitFor();
    await page.getByRole('img', { name: 'Live' }).waitFor();
  }
  await office.world.correct(request, { city: 'Wenatchee' });
  for (const page of pages)
    await page
      .getByText(/Wenatchee/)
      .first()
      .waitFor();
  expect(visit.problems).toEqual([]);
}, 60_000);

test('back brings the filter with it, and moments are in the zone of the browser', async () => {
  const request = await office.waiting('Grove Electric');
  const page = await visit.open('/inbox?vendor=&q=Grove');
  await page.getByRole('link', { name: 'Grove Electric' }).click();
  await page.getByRole('heading', { level: 1, name: 'Grove Electric' }).waitFor();
  const { receivedAt } = await office.world.request(request);
  const [date = '', time = ''] = new Date(receivedAt)
    .toLocaleString('sv', { timeZone: 'America/New_York' })
    .split(' ');
  await page
    .getByText(`${date} ${time.slice(0, 5)}`)
    .first()
    .waitFor();
  await page.goBack();
  await expect(page.getByRole('searchbox').inputValue()).resolves.toBe('Grove');
  expect(new URL(page.url()).searchParams.get('q')).toBe('Grove');
});

test('a daemon that goes away under an open page is told, and so is that it is back', async () => {
  const { world } = office;
  const page = await visit.open('/inbox');
  await page.getByRole('img', { name: 'Live' }).waitFor();
  const port = Number(new URL(world.daemon.url).port);
  await world.daemon.stop();
  await page.getByText(/Not connected: what you see may be old/).waitFor({ timeout: 20_000 });
  world.config = { ...world.config, http: { ...world.config.http, port } };
  await world.start();
  await page.getByRole('img', { name: 'Live' }).waitFor({ timeout: 30_000 });
  await page.getByText(/Not connected/).waitFor({ state: 'detached' });
}, 90_000);
