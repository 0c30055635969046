/** How a person likes to see things, kept where they see them: the time zone, and the place in a list they come back to. */
import { barriersOn } from '../support/desk-browser';
import { deskTests } from '../support/desk-tests';
import { Office } from '../support/office';

/** Of the connection; the browser is in New York. */
const ZONE = 'Etc/UTC';
const desk = deskTests(async (temporal) => {
  const office = await Office.create(temporal);
  for (const name of ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Grove', 'Hazel'])
    office.send(office.company(`${name} Paving Inc`));
  await office.world.poll();
  return office;
});

/** `2026-11-30 14:05` there. */
const momentIn = (zone: string, iso: string): string =>
  new Date(iso).toLocaleString('sv', { timeZone: zone }).slice(0, 16);

test('all times follow the zone that somebody chooses, at once, and after a reload', async () => {
  const { world } = desk.place;
  const request = await desk.place.waiting('Kestrel Electric');
  const { receivedAt } = await world.request(request);
  const page = await desk.visit.open(`/requests/${world.connectionId}/erp/${request}`);
  const told = (zone: string) => page.getByText(momentIn(zone, receivedAt)).first().waitFor();
  const menu = page.getByRole('button', { name: /^You/ });
  await told('America/New_York');
  await page.getByRole('button', { name: 'Comment' }).click();
  const typed = page.getByLabel('What whoever looks next should know');
  await typed.fill('half a sentence');
  await menu.click();
  expect(await barriersOn(page)).toEqual([]);
  expect(
    await page
      .getByRole('menuitemradio', { name: /As this computer: America\/New_York/ })
      .getAttribute('aria-checked'),
  ).toBe('true');
  await page.getByRole('menuitemradio', { name: ZONE }).click();
  await told(ZONE);
  await expect(typed.inputValue()).resolves.toBe('half a sentence');
  await page.reload();
  await told(ZONE);
  await menu.click();
  await page.getByRole('menuitem', { name: 'Another time zone' }).click();
  await page.getByRole('dialog', { name: 'Time zone' }).getByRole('combobox').fill('Tokyo');
  await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
  await told('Asia/Tokyo');
  await menu.click();
  await page.getByRole('menuitemradio', { name: /As this computer/ }).click();
  await told('America/New_York');
  await expect(page.evaluate('localStorage.getItem("desk-zone")')).resolves.toBeNull();
}, 60_000);

test('who comes back from a request is where they were in the list', async () => {
  const page = await desk.visit.open('/inbox?sort=number&direction=asc');
  await page.setViewportSize({ width: 1024, height: 260 });
  const last = page.getByRole('link', { name: 'Hazel Paving Inc' });
  await last.waitFor();
  await last.scrollIntoViewIfNeeded();
  const place = (): Promise<number> => page.evaluate('window.scrollY');
  const before = await place();
  expect(before).toBeGreaterThan(100);
  for (const back of [() => page.keyboard.press('u'), () => page.goBack()]) {
    await last.click();
    await page.getByRole('heading', { level: 1, name: 'Hazel Paving Inc' }).waitFor();
    await page.getByText('History').waitFor();
    expect(await place()).toBe(0);
    await back();
    await last.waitFor();
    await page.waitForFunction(`window.scrollY === ${before}`);
  }
});
