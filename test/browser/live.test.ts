/** Tabs of a browser on a real daemon: changes reach all of them through one stream, whichever is closed or put away and whenever the daemon is away. */
import type { BrowserContext, Page } from 'playwright-core';
import { deskTests } from '../support/desk-tests';
import { Office } from '../support/office';

/** A daemon that is away, and streams that were closed. */
const desk = deskTests((temporal) => Office.create(temporal), { expected: /net::ERR_/ });

/** As web/src/texts/en.ts has them. */
const WORDS = {
  waiting: 'Needs approval',
  done: 'Done',
  on: 'Live',
  off: 'Not connected: what you see may be old. Trying again.',
} as const;

function streamsOf(context: BrowserContext): string[] {
  const streams: string[] = [];
  context.on('request', (request) => {
    if (request.url().includes('/api/events')) streams.push(request.url());
  });
  return streams;
}

test('both tabs hear of a change through one stream; the other takes over; a lost line is said and found again', async () => {
  const { place, visit } = desk;
  const { world } = place;
  const [first, second, third] = [
    await place.waiting('Cobalt Works'),
    await place.waiting('Harborline Works'),
    await place.waiting('Meridian Works'),
  ];
  const { context } = visit;
  const streams = streamsOf(context);
  const leader = await open(first);
  await shows(leader, WORDS.waiting);
  // Whoever comes first has the stream: the other comes when it is there.
  await leader.getByRole('img', { name: WORDS.on }).waitFor();
  const other = await open(first);
  await shows(other, WORDS.waiting);
  await world.approve(first);
  await Promise.all([leader, other].map((page) => shows(page, WORDS.done)));
  expect(streams).toHaveLength(1);

  const next = await open(second);
  await shows(next, WORDS.waiting);
  const taken = context.waitForEvent('request', (request) => request.url().includes('/api/events'));
  await leader.close();
  await taken;
  await world.approve(second);
  await shows(next, WORDS.done);
  expect(streams).toHaveLength(2);
  expect(streams[1]).toContain('after=');

  await open(third).then((page) => page.close());
  const last = await open(third);
  await shows(last, WORDS.waiting);
  // The daemon that comes again listens where it did.
  const port = Number(new URL(world.daemon.url).port);
  world.config = { ...world.config, http: { ...world.config.http, port } };
  await world.daemon.stop();
  await Promise.all([next, last].map((page) => page.getByText(WORDS.off).waitFor({ timeout: 30_000 })));
  await world.start();
  await world.approve(third);
  await shows(last, WORDS.done);
  await last.getByRole('img', { name: WORDS.on }).waitFor();
  expect(await last.getByText(WORDS.off).count()).toBe(0);
}, 120_000);

test('a page that the browser puts away gives the stream to another, and hears what it missed when it is back', async () => {
  const { place, visit } = desk;
  const [first, second] = [await place.waiting('Alder Works'), await place.waiting('Birch Works')];
  const { context } = visit;
  const streams = streamsOf(context);
  const leader = await open(first);
  await leader.getByRole('img', { name: WORDS.on }).waitFor();
  await leader.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
  await leader.getByRole('img', { name: WORDS.on }).waitFor({ state: 'detached' });
  const other = await open(second);
  await other.getByRole('img', { name: WORDS.on }).waitFor();
  expect(streams).toHaveLength(2);
  await place.world.approve(first);
  await place.world.approve(second);
  await shows(other, WORDS.done);
  await shows(leader, WORDS.waiting);
  // The other one is gone, too, with what it heard.
  await other.close();
  await leader.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
  await shows(leader, WORDS.done);
  await leader.getByRole('img', { name: WORDS.on }).waitFor();
  expect(streams).toHaveLength(3);
  expect(streams[2]).toContain('after=');
}, 60_000);

const open = (requestId: number): Promise<Page> =>
  desk.visit.open(`/requests/${desk.place.world.connectionId}/erp/${requestId}`);

/** Where the request stands: a sign and a word. */
const shows = (page: Page, status: string): Promise<void> =>
  page
    .getByText(new RegExp(`^\\W?${status}$`))
    .first()
    .waitFor({ timeout: 30_000 });
