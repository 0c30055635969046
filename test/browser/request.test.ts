/** One request on the page: it is decided once, by who has seen what is decided. */
import type { Browser, Page } from 'playwright-core';
import { barriersOn, launchBrowser, Visit } from '../support/desk-browser';
import type { TestTemporal } from '../support/temporal';
import { testTemporal } from '../support/temporal';
import { MARIA, vendorFields, World } from '../support/world';

let temporal: TestTemporal;
let world: World;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { seedErp: true });
  browser = await launchBrowser();
}, 60_000);
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

let made = 100;

/** A vendor whose plan waits for finance, without a warning by itself. */
async function waiting(fields: { readonly name: string; readonly city?: string }): Promise<number> {
  const abbreviated = fields.name.replace(/[^A-Za-z]/g, '').toUpperCase();
  const [vendor] = world.procore.seedVendors([
    vendorFields({
      prequalified: false,
      abbreviated_name: abbreviated.slice(0, 15),
      business_phone: String(5095551000 + (made += 1)),
      address: `${made} Kelp Way`,
      email_address: `${abbreviated.toLowerCase()}@sender.example`,
      ...fields,
    }),
  ]);
  if (!vendor) throw new Error('unreachable');
  const { requestId } = world.procore.exportVendor(vendor.id, {
    customFields: { vendor_type_origin_id: '1|SUB' },
  });
  await world.poll();
  await world.until(requestId, 'waiting_for_finance');
  return requestId;
}

const open = (requestId: number): Promise<Page> =>
  visit.open(`/requests/${world.connectionId}/erp/${requestId}`);

const approvals = async (requestId: number): Promise<number> =>
  (await world.trail(requestId)).filter(({ action }) => action === 'approval.granted').length;

test('the plan is shown field by field, and a click together with the key decides once', async () => {
  const requestId = await waiting({ name: 'Tidewater Roofing LLC', city: 'Olympia' });
  const page = await open(requestId);
  await page.getByRole('heading', { name: 'Tidewater Roofing LLC', level: 1 }).waitFor();
  await expect(page.getByRole('row', { name: 'City Olympia', exact: true }).count()).resolves.toBe(1);
  expect(await barriersOn(page)).toEqual([]);
  await page.keyboard.press('a');
  const yes = page.getByRole('button', { name: 'Yes, write it' });
  await yes.waitFor();
  await Promise.all([
    yes.dblclick({ noWaitAfter: true }).catch(() => undefined),
    page.keyboard.press('Enter').catch(() => undefined),
  ]);
  await page.getByText('Decided').waitFor();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect(await approvals(requestId)).toBe(1);
});

test('keys do nothing while somebody types, and a rejection wants words', async () => {
  const requestId = await waiting({ name: 'Keystone Fencing Co' });
  const page = await open(requestId);
  await page.getByRole('button', { name: 'Reject' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Reject' }).isEnabled()).toBe(false);
  await dialog.getByRole('textbox').pressSequentially('a bar, r a');
  await expect(dialog.getByRole('textbox').inputValue()).resolves.toBe('a bar, r a');
  expect(await page.getByText('Approve this plan?').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Reject' }).click();
  expect(await world.result(requestId)).toMatchObject({
    status: 'rejected',
    summary: `Rejected by ${MARIA}: a bar, r a`,
  });
  expect(await approvals(requestId)).toBe(0);
});

test('every warning is ticked by itself before anything can be approved', async () => {
  const requestId = await waiting({ name: 'Tidewater Roofing L.L.C.', city: 'Olympia' });
  const page = await open(requestId);
  const approve = page.getByRole('button', { name: /^Approve/ });
  await page
    .getByText(/Possible duplicate/)
    .first()
    .waitFor();
  expect(await approve.isEnabled()).toBe(false);
  await page.keyboard.press('a');
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await page.getByRole('region', { name: /Tidewater/ }).count()).toBeGreaterThan(0);
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  expect(await approve.isEnabled()).toBe(true);
});

test('a plan that moved since it was opened says so, shows the difference, and is not approved before it was looked at', async () => {
  const requestId = await waiting({ name: 'Larch Painting Inc', city: 'Yakima' });
  const page = await open(requestId);
  await page.getByRole('row', { name: 'City Yakima', exact: true }).waitFor();
  // Somebody else corrects it meanwhile.
  await world.correct(requestId, { city: 'Wenatchee' });
  await world.until(requestId, 'waiting_for_finance');
  // Told live: nobody has to ask for an approval to learn of it.
  const notice = page.getByRole('alert').filter({ hasText: 'The plan has changed' });
  await notice.waitFor();
  await expect(notice.getByText(/City/).textContent()).resolves.toMatch(/Yakima.*Wenatchee/);
  const approve = page.getByRole('button', { name: 'Approve', exact: true });
  expect(await approve.isEnabled()).toBe(false);
  await notice.getByRole('button', { name: 'I have looked at the new plan' }).click();
  expect(await approve.isEnabled()).toBe(true);
  expect(await approvals(requestId)).toBe(0);
  visit.problems.splice(0, visit.problems.length, ...visit.problems.filter((text) => !/409/.test(text)));
});

test('a correction is entered on the page and becomes a new plan', async () => {
  const requestId = await waiting({ name: 'Mesa Tile Works' });
  const page = await open(requestId);
  await page.getByRole('button', { name: 'Correct' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('City').fill('Spokane');
  expect(await barriersOn(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Correct 1 value' }).click();
  await page.getByRole('row', { name: 'City Spokane', exact: true }).waitFor();
  expect((await world.request(requestId)).corrections).toEqual({ city: 'Spokane' });
});
