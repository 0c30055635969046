/** What the tests of a page share: servers and a browser for the file, one person's visit for each test. */
import type { Browser } from 'playwright-core';
import { launchBrowser, Visit } from './desk-browser';
import { Office } from './office';
import type { TestTemporal } from './temporal';
import { testTemporal } from './temporal';
import type { World } from './world';
import { MARIA } from './world';

const PATIENCE_MS = 120_000;

/** What a test works with; before the first test of its file there is nothing of it. */
export interface DeskTests<Place> {
  /** The servers, and what was made on them. */
  readonly place: Place;
  readonly browser: Browser;
  /** A new one for each test. */
  readonly visit: Visit;
}

/** Who comes, and how. */
export interface DeskTestOptions {
  readonly person?: string;
  /** `session`: as people log in, and not by a token. */
  readonly by?: 'token' | 'session';
  /** Problems that a test brings about on purpose; no other may be left when it ends. */
  readonly expected?: RegExp;
}

/** Begins the servers with what `create` makes, and a browser; each test has a visit, in which nothing may have gone wrong when it ends. */
export function deskTests<Place extends Office | World>(
  create: (temporal: TestTemporal) => Promise<Place>,
  { person = MARIA, by = 'token', expected = /^$/ }: DeskTestOptions = {},
): DeskTests<Place> {
  const desk = {} as { place: Place; browser: Browser; visit: Visit };
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await testTemporal();
    desk.place = await create(temporal);
    desk.browser = await launchBrowser();
  }, PATIENCE_MS);
  afterAll(async () => {
    await desk.browser.close();
    await desk.place.close();
    await temporal.close();
  });
  beforeEach(async () => {
    const { place, browser } = desk;
    const world = worldOf(place);
    desk.visit = await (by === 'token'
      ? Visit.of(browser, world, person)
      : Visit.loggedIn(browser, world, person));
  });
  afterEach(async () => {
    const problems = desk.visit.problems.filter((text) => !expected.test(text));
    await desk.visit.close();
    expect(problems).toEqual([]);
  });
  return desk;
}

const worldOf = (place: Office | World): World => (place instanceof Office ? place.world : place);
