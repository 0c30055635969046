/** A sweep of the sample ERP: what was deleted there is told, once; what is doubted, or was not read to its end, is not. */
import { TiebackError } from '../../../src/domain/base/errors';
import type { KindSwept, SweepResult } from '../../../src/domain/request/flow';
import { runSweep } from '../../../src/temporal/starter';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { World } from '../../support/world';

let temporal: TestTemporal;
let world: World;

/** What goes wrong at a call whose name begins so, after so many that went well. */
let fault: { readonly call: string; readonly error: Error; skip: number } | null = null;

const failing = <T>(name: string, call: () => T): T => {
  if (fault !== null && name.startsWith(fault.call) && fault.skip-- === 0) {
    const { error } = fault;
    fault = null;
    throw error;
  }
  return call();
};

const FIRST = 10_001;
const VENDORS = 24;

const vendor = (number: number) => ({
  Vendor: number,
  Name: `Vendor number ${number}`,
  SortName: `V${number}`,
  VendorType: 'SUB',
});

beforeAll(async () => {
  temporal = await testTemporal();
  world = await World.create(temporal, { pageSize: 3, hooks: { store: failing, erp: failing } });
  for (let number = FIRST; number < FIRST + VENDORS; number += 1) world.erp.addVendor(vendor(number));
  await world.refreshVendors();
  const [staged] = world.staged();
  const { requestId } = world.procore.importVendor(staged?.id ?? 0);
  await world.poll();
  expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
  expect((await world.links()).find(({ erpKey }) => erpKey === '1|10001')).toMatchObject({
    state: 'linked',
  });
});
afterAll(async () => {
  expect(await world.auditFindings()).toEqual([]);
  await world.close();
  await temporal.close();
});

const sweep = (): Promise<SweepResult> =>
  runSweep(world.client, world.config.temporal.taskQueue, {
    connectionId: world.connectionId,
    erpQueue: `erp-${world.connectionId}`,
  });

/** What a sweep saw of the vendors. */
async function sweepVendors(): Promise<KindSwept | undefined> {
  const { kinds, problems } = await sweep();
  expect(problems).toEqual([]);
  return kinds.find(({ kind }) => kind === 'vendor');
}

const open = async (): Promise<string[]> =>
  (await world.openExceptions()).map(({ recordId, cause }) => `${recordId} ${cause}`).sort();

/** How often the log says that an exception of this cause was opened. */
const told = (cause: string): number =>
  world
    .rows<{ detail: string }>(`SELECT detail FROM audit_entry WHERE action = 'exception.opened'`)
    .filter(({ detail }) => (JSON.parse(detail) as { cause: string }).cause === cause).length;

test('a linked record that was deleted in the ERP is told once, survives a sync, and is closed when it is back', async () => {
  expect(await sweepVendors()).toMatchObject({ linked: VENDORS, listed: VENDORS, missing: 0, missed: 0 });
  world.erp.deleteVendor(FIRST);
  expect(await sweepVendors()).toMatchObject({ missing: 1, doubted: false, opened: 1 });
  const [exception] = await world.openExceptions();
  expect(exception).toMatchObject({ recordId: 'vendor/erp:1|10001', erpKey: '1|10001', requestId: null });
  expect(exception?.reason).toMatch(
    /^Vendor 10001 Vendor number 10001 is not in the ERP any more \(1\|10001\); in Procore it is vendor\/\d+\.$/,
  );

  expect(await sweepVendors()).toMatchObject({ missing: 1, opened: 0, closed: 0 });
  expect(told('gone')).toBe(1);
  expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
  expect(await open()).toEqual(['vendor/erp:1|10001 gone']);
  expect((await world.links()).find(({ erpKey }) => erpKey === '1|10001')).toMatchObject({
    state: 'linked',
  });

  world.erp.addVendor(vendor(FIRST));
  expect(await sweepVendors()).toMatchObject({ missing: 0, opened: 0, closed: 1 });
  expect(await open()).toEqual([]);
  // Otherwise the feed would owe it.
  await world.refreshVendors();
});

test('a table that was emptied is one exception, closed when it is full again', async () => {
  world.erp.db.exec('CREATE TABLE kept AS SELECT * FROM APVM; DELETE FROM APVM');
  expect(await sweepVendors()).toMatchObject({ listed: 0, missing: VENDORS, doubted: true, opened: 1 });
  expect(await sweepVendors()).toMatchObject({ opened: 0 });
  const [exception] = await world.openExceptions();
  expect(await open()).toEqual(['vendor/all doubted']);
  expect(exception?.reason).toBe(
    'The ERP listed none at all: 24 of 24 linked vendors are missing at once (1|10001, 1|10002, 1|10003, 1|10004, 1|10005, 1|10006, ' +
      '1|10007, 1|10008, 1|10009, 1|10010, and 14 more).',
  );
  world.erp.db.exec('INSERT INTO APVM SELECT * FROM kept; DROP TABLE kept');
  expect(await sweepVendors()).toMatchObject({ missing: 0, closed: 1 });
  expect(await open()).toEqual([]);
  await world.refreshVendors();
});

test('an ERP that fails in the middle concludes nothing; one that fails for a moment is asked again', async () => {
  world.erp.deleteVendor(FIRST + 1);
  fault = { call: 'erp.vendor.keys', error: new TiebackError('ERP_CONFIG', { reason: 'no right' }), skip: 2 };
  const { kinds, problems } = await sweep();
  expect(problems).toMatchObject([
    { kind: 'vendor', problem: expect.stringContaining('no right') as string },
  ]);
  expect(kinds.length).toBeGreaterThan(3);
  expect(kinds.map(({ kind }) => kind)).not.toContain('vendor');
  expect(await open()).toEqual([]);

  fault = {
    call: 'erp.vendor.keys',
    error: new TiebackError('ERP_UNREACHABLE', { reason: 'reset' }),
    skip: 2,
  };
  expect(await sweepVendors()).toMatchObject({ missing: 1, opened: 1 });
  world.erp.addVendor(vendor(FIRST + 1));
  await sweep();
  await world.refreshVendors();
});

test('a store that is lost between two pages: the repetition doubles nothing', async () => {
  const before = told('gone');
  for (const more of [2, 3, 4, 5]) world.erp.deleteVendor(FIRST + more);
  fault = { call: 'store.sweep.gone', error: new Error('the store is gone'), skip: 1 };
  expect(await sweepVendors()).toMatchObject({ missing: 4, doubted: false, opened: 1 });
  expect(fault).toBeNull();
  expect(await open()).toHaveLength(4);
  expect(told('gone') - before).toBe(4);
  for (const more of [2, 3, 4, 5]) world.erp.addVendor(vendor(FIRST + more));
  expect(await sweepVendors()).toMatchObject({ closed: 4 });
  await world.refreshVendors();
});

test('a change that the feed does not tell is handed to the next sync, which carries and closes it', async () => {
  world.erp.changeVendor(FIRST + 6, { City: 'Tacoma' });
  world.erp.db.prepare('UPDATE APVM SET RowVer = 1 WHERE Vendor = ?').run(FIRST + 6);
  // What the feed will tell is none.
  world.erp.changeVendor(FIRST + 7, { City: 'Yakima' });
  expect(await sweepVendors()).toMatchObject({ missing: 0, missed: 1, opened: 1 });
  expect(await sweepVendors()).toMatchObject({ missed: 1, opened: 0 });
  expect(await open()).toEqual(['vendor/erp:1|10007 missed']);
  expect(await world.refreshVendors()).toMatchObject({ summary: '2 vendors brought up to date.' });
  expect(await open()).toEqual([]);
  expect(world.staged().find(({ origin_id }) => origin_id === 'vendor|1|10007')).toMatchObject({
    data: { city: 'Tacoma' },
  });
  expect(await sweepVendors()).toMatchObject({ missed: 0 });
});
