/** What somebody typed is theirs until it is taken: a server that refuses or does not answer takes nothing of it away. */
import type { Locator, Page } from 'playwright-core';
import { deskTests } from '../support/desk-tests';
import { Office } from '../support/office';

const desk = deskTests((temporal) => Office.create(temporal), { expected: /\b(409|503)\b|ERR_/ });

const open = async (requestId: number): Promise<Page> => {
  const page = await desk.visit.open(`/requests/${desk.place.world.connectionId}/erp/${requestId}`);
  await page.getByRole('img', { name: 'Live' }).waitFor();
  return page;
};

/** How the server fails, once; then it answers again. */
const FAILS = {
  'does not answer': (page: Page, path: string) =>
    page.route(path, (route) => route.abort('connectionreset'), { times: 1 }),
  refuses: (page: Page, path: string) =>
    page.route(
      path,
      (route) =>
        route.fulfill({
          status: 409,
          json: { error: { code: 'BUSY', message: 'This goes only later.', hint: null } },
        }),
      { times: 1 },
    ),
} as const;
const SAID: Readonly<Record<keyof typeof FAILS, RegExp>> = {
  'does not answer': /does not answer/,
  refuses: /This goes only later/,
};

const hows = Object.keys(FAILS) as (keyof typeof FAILS)[];

describe.each(hows)('where the server %s', (how) => {
  /** Says it twice: the first time in vain. */
  async function twice(page: Page, path: string, box: Locator, button: Locator): Promise<void> {
    await box.fill('typed with care');
    await FAILS[how](page, path);
    await button.click();
    await page.getByText(SAID[how]).first().waitFor();
    await expect(box.inputValue()).resolves.toBe('typed with care');
    await button.click();
  }

  test('a reason to reject stays', async () => {
    const request = await desk.place.waiting(`Kestrel ${how} Inc`);
    const page = await open(request);
    await page.getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Reject' });
    await twice(page, '**/api/decisions', dialog.getByLabel(/Why, for the sender/), button);
    await dialog.waitFor({ state: 'detached' });
    expect(await desk.place.world.result(request)).toMatchObject({
      status: 'rejected',
      summary: expect.stringContaining('typed with care') as string,
    });
  });

  test('a correction and its comment stay', async () => {
    const request = await desk.place.waiting(`Osprey ${how} Inc`);
    const page = await open(request);
    await page.getByRole('button', { name: 'Correct' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('City').fill('Spokane');
    const button = dialog.getByRole('button', { name: 'Correct 1 value' });
    await twice(page, '**/api/decisions', dialog.getByLabel(/Comment/), button);
    await page.getByRole('row', { name: 'City Spokane', exact: true }).waitFor();
    expect((await desk.place.world.request(request)).corrections).toEqual({ city: 'Spokane' });
  });

  test('a comment, and why something is held, stay', async () => {
    const request = await desk.place.waiting(`Heron ${how} Inc`);
    const page = await open(request);
    const about = page.getByRole('region', { name: 'Who looks after it' });
    await about.getByRole('button', { name: 'Comment' }).click();
    const what = about.getByLabel('What whoever looks next should know');
    await twice(page, '**/attention', what, about.getByRole('button', { name: 'Comment' }).last());
    await page.getByText(/commented.*typed with care/).waitFor();
    await about.getByRole('button', { name: 'Hold' }).click();
    await twice(
      page,
      '**/attention',
      about.getByLabel('Why it must wait'),
      about.getByRole('button', { name: 'Hold' }).last(),
    );
    await page.getByText(/^Held by/).waitFor();
  });

  test('a comment on several stays', async () => {
    await desk.place.waiting(`Plover ${how} Inc`);
    const page = await desk.visit.open(`/inbox?q=Plover`);
    await page.getByRole('checkbox', { name: `Choose Plover ${how} Inc` }).check();
    await page.getByRole('button', { name: 'Approve 1 plan' }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Approve 1 plan' });
    await twice(page, '**/api/decisions/bulk', dialog.getByLabel(/Comment/), button);
    await dialog.getByText('1 plan approved.').waitFor();
  });
});
