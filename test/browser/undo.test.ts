/** Who thinks better of an approval takes it back before anything is written: of one request, also after a reload, and of many together or each. */
import { eventually } from '../support/desk-browser';
import { deskTests } from '../support/desk-tests';
import { Office } from '../support/office';
import { MARIA, POLICY } from '../support/world';

const HOUR_S = 3600;
const desk = deskTests((temporal) => Office.create(temporal, { policy: { ...POLICY, undoSeconds: HOUR_S } }));

const decisions = async (requestId: number): Promise<readonly string[]> =>
  (await desk.place.world.trail(requestId))
    .filter(({ action }) => ['approval.granted', 'approval.withdrawn'].includes(action))
    .map(({ action, actor }) => `${action} ${actor}`);

const UNDONE = [`approval.granted ${MARIA}`, `approval.withdrawn ${MARIA}`];
const written = (name: string): boolean => desk.place.world.erp.vendors().some(({ Name }) => Name === name);

test('one approval is undone from its page, which was opened anew, and it asks again', async () => {
  const { world } = desk.place;
  const request = await desk.place.waiting('Alder Roofing LLC');
  const page = await desk.visit.open(`/requests/${world.connectionId}/erp/${request}`);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, write it' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await page.reload();
  await page.getByText(/Until then it can be undone/).waitFor();
  expect(written('Alder Roofing LLC')).toBe(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await world.until(request, 'waiting_for_finance');
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  expect(await decisions(request)).toEqual(UNDONE);
  expect(written('Alder Roofing LLC')).toBe(false);
}, 60_000);

test('of several that were approved together one is undone, then all of the others, from the notice on the list', async () => {
  const { world } = desk.place;
  const names = ['Birch Paving Inc', 'Cedar Glass Co', 'Dogwood Glass'];
  const requests: number[] = [];
  for (const name of names) requests.push(await desk.place.waiting(name));
  const [birch = 0, cedar = 0, dogwood = 0] = requests;
  const page = await desk.visit.open('/inbox');
  for (const name of names) await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByRole('button', { name: 'Approve 3 plans' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Approve 3 plans' }).click();
  await dialog.getByText('3 plans approved.').waitFor();
  await dialog.getByRole('button', { name: 'Undo the approval of Birch Paving Inc' }).click();
  await dialog.getByText('undone: it asks again').waitFor();
  await world.until(birch, 'waiting_for_finance');
  for (const request of [cedar, dogwood])
    await eventually(
      () => world.request(request),
      ({ status }) => status === 'applying',
    );
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('3 plans approved. 1 approval undone.').waitFor();
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await page.getByText('3 plans approved. 3 approvals undone.').waitFor();
  for (const [index, request] of requests.entries()) {
    await world.until(request, 'waiting_for_finance');
    expect(await decisions(request)).toEqual(UNDONE);
    expect(written(names[index] ?? '')).toBe(false);
  }
  // They are there again, and are not chosen.
  const again = page.getByRole('checkbox', { name: 'Choose Cedar Glass Co' });
  const news = page.getByRole('button', { name: 'Something changed: show it' });
  await again.or(news).first().waitFor();
  if (await news.isVisible()) await news.click();
  await again.waitFor();
  expect(await again.isChecked()).toBe(false);
  expect(await page.getByRole('button', { name: /^Undo/ }).count()).toBe(0);
}, 90_000);
