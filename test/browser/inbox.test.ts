/** The list that finance lives in: found, chosen and approved together, by keyboard and by mouse. */
import type { Browser } from 'playwright-core';
import { barriersOn, launchBrowser, Visit } from '../support/desk-browser';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA, vendorFields, World } from '../support/world';

let temporal: TestTemporal;
let world: World;
let browser: Browser;
let visit: Visit;
const requests: number[] = [];

const NAMES = ['Alder Roofing LLC', 'Birch Paving Inc', 'Cedar Glass Co', '662E41 Holdings'];

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal);
  browser = await launchBrowser();
  for (const [index, name] of NAMES.entries()) {
    const [vendor] = world.procore.seedVendors([
      vendorFields({
        name,
        prequalified: false,
        abbreviated_name: name.slice(0, 5).toUpperCase(),
        business_phone: String(5095552000 + index),
        address: `${index} Kelp Way`,
        email_address: `sender${index}@sender.example`,
      }),
    ]);
    if (!vendor) throw new Error('unreachable');
    const { requestId } = world.procore.exportVendor(vendor.id, {
      customFields: { vendor_type_origin_id: '1|SUB' },
    });
    requests.push(requestId);
  }
  await world.poll();
  for (const requestId of requests) await world.until(requestId, 'waiting_for_finance');
}, 90_000);
afterAll(async () => {
  await browser.close();
  await world.close();
  await temporal.close();
});
beforeEach(async () => {
  visit = await Visit.of(browser, world, MARIA);
});
afterEach(async () => {
  expect(visit.problems).toEqual([]);
  await visit.close();
});

test('a number is found exactly as it is typed, and the address keeps it', async () => {
  const page = await visit.open('/inbox');
  await page.getByRole('link', { name: 'Alder Roofing LLC' }).waitFor();
  expect(await barriersOn(page)).toEqual([]);
  await page.keyboard.press('/');
  await page.keyboard.type('662E41');
  await page.getByRole('link', { name: 'Alder Roofing LLC' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: '662E41 Holdings' }).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('662E41');
  await page.getByRole('link', { name: '662E41 Holdings' }).click();
  await page.getByRole('heading', { level: 1, name: '662E41 Holdings' }).waitFor();
  await page.goBack();
  await expect(page.getByRole('searchbox').inputValue()).resolves.toBe('662E41');
});

test('filters stand in the address, and a list with a name comes back with them', async () => {
  const page = await visit.open('/inbox?kind=vendor&warnings=false&q=Birch');
  const row = (name: string) => page.getByRole('link', { name });
  await row('Birch Paving Inc').waitFor();
  expect(await row('Alder Roofing LLC').count()).toBe(0);
  // What narrows the list is in sight.
  await page.getByLabel('Amount from').fill('much');
  await page.getByText('A number such as 12400.00').waitFor();
  await page.getByLabel('Amount from').fill('');
  await page.getByText('Saved views').click();
  await page.getByRole('textbox', { name: 'Name of this view' }).fill('Birches');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('link', { name: 'Birches' }).waitFor();
  await page.goto(`${visit.url}/inbox`);
  await row('Alder Roofing LLC').waitFor();
  await page.getByText('Saved views').click();
  expect(await barriersOn(page)).toEqual([]);
  await page.getByRole('link', { name: 'Birches' }).click();
  await row('Alder Roofing LLC').waitFor({ state: 'detached' });
  await row('Birch Paving Inc').waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    kind: 'vendor',
    warnings: 'false',
    q: 'Birch',
  });
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await row('Alder Roofing LLC').waitFor();
  await page.goto(`${visit.url}/inbox?kind=commitment`);
  await page.getByText('Nothing here has all of that.').waitFor();
});

test('rows are walked and opened by keys, and nothing is approved by a key alone', async () => {
  const page = await visit.open('/inbox');
  await page.getByRole('link', { name: 'Alder Roofing LLC' }).waitFor();
  await page.keyboard.press('a');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: NAMES[1] ?? '' }).waitFor();
  await page.keyboard.press('u');
  await page.getByRole('link', { name: 'Cedar Glass Co' }).waitFor();
});

test('a filter that hides a chosen row takes it out, and what is confirmed is approved once each', async () => {
  const page = await visit.open('/inbox');
  for (const name of ['Alder Roofing LLC', 'Birch Paving Inc', 'Cedar Glass Co'])
    await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByRole('button', { name: 'Approve 3 plans' }).waitFor();
  await page.getByRole('searchbox').fill('Alder');
  await page.getByRole('button', { name: 'Approve 1 plan' }).waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Approve 3 plans' }).click();
  const dialog = page.getByRole('dialog');
  expect(await barriersOn(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Approve 3 plans' }).dblclick();
  await dialog.getByText('3 plans approved.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('link', { name: 'Alder Roofing LLC' }).waitFor({ state: 'detached' });
  for (const requestId of requests.slice(0, 3)) {
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    const trail = await world.trail(requestId);
    expect(trail.filter(({ action }) => action === 'approval.granted')).toHaveLength(1);
  }
});

test('nothing that people look at stays in the browser when they leave', async () => {
  const page = await visit.open('/inbox');
  await page.getByRole('link', { name: '662E41 Holdings' }).waitFor();
  const stored = await page.evaluate(
    'JSON.stringify({ ...localStorage, ...sessionStorage, cookies: document.cookie })',
  );
  expect(stored).not.toMatch(/662E41|Holdings|tbk_|maria/);
});
