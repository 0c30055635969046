/** What somebody says is said of what they saw when they began, whatever moves under their hand meanwhile; and what they typed stays. */
import type { Page, Request } from 'playwright-core';
import { Visit } from '../support/desk-browser';
import { deskTests } from '../support/desk-tests';
import { ADA, BEA, Office } from '../support/office';

/** Answers of the server that these tests ask for, and a stream that they cut. */
const desk = deskTests((temporal) => Office.create(temporal), { expected: /\b409\b|ERR_FAILED/ });

const MOVED = 'The plan has changed since you began. Nothing was sent.';

const pathOf = (requestId: number): string => `/requests/${desk.place.world.connectionId}/erp/${requestId}`;

/** Every decision that the page sends. */
function sentFrom(page: Page): Record<string, unknown>[] {
  const sent: Record<string, unknown>[] = [];
  page.on('request', (request: Request) => {
    if (request.method() === 'POST' && request.url().includes('/api/decisions'))
      sent.push(request.postDataJSON() as Record<string, unknown>);
  });
  return sent;
}

async function approvals(requestId: number): Promise<number> {
  const trail = await desk.place.world.trail(requestId);
  return trail.filter(({ action }) => action.startsWith('approval.') && action !== 'approval.asked').length;
}

const planOf = async (requestId: number): Promise<string> => {
  const { connectionId } = desk.place.world;
  const plan = await desk.place.world.store((store) =>
    store.read('test.plan', (t) => t.plans.all({ connectionId, id: `erp/${requestId}` })),
  );
  return plan.at(-1)?.hash ?? '';
};

/** Somebody else corrects it; the plan is another one then. */
async function move(requestId: number, city: string): Promise<void> {
  const { world } = desk.place;
  const before = await planOf(requestId);
  await world.correct(requestId, { city });
  await world.until(requestId, 'waiting_for_finance');
  expect(await planOf(requestId)).not.toBe(before);
}

const QUESTIONS = [
  ['approve', { open: 'Approve', say: 'Yes, write it', box: /Comment/ }],
  ['reject', { open: 'Reject', say: 'Reject', box: /Why, for the sender/ }],
  ['correct', { open: 'Correct', say: 'Correct 1 value', box: /Comment/ }],
] as const;

test.each(QUESTIONS)(
  'to %s a plan that moves under the open dialog says so, sends nothing, and keeps what was typed',
  async (answer, { open, say, box }) => {
    const request = await desk.place.waiting(`Larch ${answer} Inc`, { city: 'Yakima' });
    const page = await desk.visit.open(pathOf(request));
    const sent = sentFrom(page);
    await page.getByRole('img', { name: 'Live' }).waitFor();
    await page.getByRole('button', { name: open, exact: true }).click();
    const dialog = page.getByRole('dialog');
    if (answer === 'correct') await dialog.getByLabel('E-mail').fill('ap@larch.example');
    await dialog.getByLabel(box).fill('as we agreed');
    expect(await dialog.getByRole('button', { name: say, exact: true }).isEnabled()).toBe(true);
    await move(request, 'Wenatchee');
    await dialog.getByText(MOVED).waitFor();
    const button = dialog.getByRole('button', { name: say, exact: true });
    expect(await button.isEnabled()).toBe(false);
    await dialog.getByLabel(box).press('Control+Enter');
    await page.evaluate("document.querySelector('dialog form').requestSubmit()");
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    // Who has looked at the new plan goes on with what they had typed.
    await page.getByRole('button', { name: 'I have looked at the new plan' }).click();
    await page.getByRole('button', { name: open, exact: true }).click();
    await expect(dialog.getByLabel(box).inputValue()).resolves.toBe('as we agreed');
    expect(sent).toEqual([]);
    expect(await approvals(request)).toBe(0);
  },
  60_000,
);

test('a page that was not told of another plan sends the one it shows, and is refused', async () => {
  const request = await desk.place.waiting('Quiet Masonry', { city: 'Yakima' });
  const seen = await planOf(request);
  await desk.visit.context.route('**/api/events*', (route) => route.abort());
  const page = await desk.visit.open(pathOf(request));
  const sent = sentFrom(page);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/Comment/).fill('checked with Ruth');
  await move(request, 'Wenatchee');
  await dialog.getByRole('button', { name: 'Yes, write it' }).click();
  await dialog.getByText(MOVED).waitFor();
  await expect(dialog.getByLabel(/Comment/).inputValue()).resolves.toBe('checked with Ruth');
  expect(sent.map(({ plan }) => plan)).toEqual([seen]);
  expect(await approvals(request)).toBe(0);
}, 60_000);

test('a row that was chosen and has another plan by now is not chosen any more', async () => {
  const [one, other] = [
    await desk.place.waiting('Moving Glass', { city: 'Yakima' }),
    await desk.place.waiting('Standing Glass', { city: 'Yakima' }),
  ];
  const page = await desk.visit.open('/inbox?q=Glass');
  await page.getByRole('img', { name: 'Live' }).waitFor();
  for (const name of ['Moving Glass', 'Standing Glass'])
    await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByRole('button', { name: 'Approve 2 plans' }).waitFor();
  await move(one, 'Wenatchee');
  await desk.place.waiting('Late Glass', { city: 'Yakima' });
  await page.getByRole('button', { name: 'Something changed: show it' }).click();
  await page.getByRole('button', { name: 'Approve 1 plan' }).waitFor();
  expect(await page.getByRole('checkbox', { name: 'Choose Moving Glass' }).isChecked()).toBe(false);
  expect(await page.getByRole('checkbox', { name: 'Choose Standing Glass' }).isChecked()).toBe(true);
  expect([await approvals(one), await approvals(other)]).toEqual([0, 0]);
}, 60_000);

test('a field that both sides changed, and changed again under the open dialog, is not settled unseen', async () => {
  const { world } = desk.place;
  const vendor = desk.place.company('Cobalt Mechanical LLC', { prequalified: true });
  const linked = desk.place.send(vendor);
  await world.poll();
  await world.result(linked);
  await desk.place.conflict(vendor, 'Cobalt Mechanical LLC');
  const page = await desk.visit.open('/stuck');
  await page.getByRole('img', { name: 'Live' }).waitFor();
  const conflict = page.getByRole('article', { name: /Cobalt Mechanical LLC Phone/ });
  await conflict.getByRole('radio', { name: /The ERP gets/ }).check();
  await page.getByRole('button', { name: 'Settle 1 field' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settle 1 field?' });
  await dialog.getByLabel(/Comment/).fill('theirs is newer');
  world.procore.editRecord('vendor', vendor, { business_phone: '206-555-0111' });
  await world.reconcile();
  await dialog.getByText(/A value has changed since you began/).waitFor();
  expect(await dialog.getByRole('button', { name: 'Settle 1 field' }).isEnabled()).toBe(false);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await conflict.getByRole('radio', { name: /The ERP gets/ }).isChecked()).toBe(false);
  await conflict.getByRole('radio', { name: /The ERP gets/ }).check();
  await page.getByRole('button', { name: 'Settle 1 field' }).click();
  await dialog.getByText(/206-555-0111/).waitFor();
  await expect(dialog.getByLabel(/Comment/).inputValue()).resolves.toBe('theirs is newer');
  expect(world.rows("SELECT 1 FROM audit_entry WHERE action = 'conflict.decided'")).toEqual([]);
}, 60_000);

test('rules that came into force while somebody types others are not taken back unseen', async () => {
  const { world } = desk.place;
  const [ada, bea] = [
    await Visit.of(desk.browser, world, ADA),
    await Visit.of(desk.browser, world, BEA),
  ] as const;
  const hers = await bea.open('/rules');
  await hers.getByRole('button', { name: 'Propose a change' }).click();
  const other = await ada.open('/rules');
  await other.getByRole('button', { name: 'Propose a change' }).click();
  const body = (page: Page) => page.getByLabel(/The rules, as the configuration writes them/);
  await body(other).fill(JSON.stringify({ rules: [], requireSecondPerson: true }));
  await other.getByLabel('Why (needed to propose it)').fill('Everything is asked');
  await other.getByRole('button', { name: 'Propose', exact: true }).click();
  await other.getByRole('heading', { name: 'Proposed version 1' }).waitFor();
  await hers.getByLabel('Why (needed to propose it)').fill('As it was');
  await hers.getByRole('button', { name: 'Approve this change' }).click();
  await hers.getByText(/Version 1 came into force since you began/).waitFor();
  const propose = hers.getByRole('button', { name: 'Propose', exact: true });
  expect(await propose.isEnabled()).toBe(false);
  await hers.getByRole('button', { name: 'I have compared them: propose mine' }).click();
  expect(await propose.isEnabled()).toBe(true);
  await expect(hers.getByLabel('Why (needed to propose it)').inputValue()).resolves.toBe('As it was');
  expect([...ada.problems, ...bea.problems]).toEqual([]);
  await Promise.all([ada.close(), bea.close()]);
}, 60_000);
