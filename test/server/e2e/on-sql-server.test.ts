/** Whole installations whose store is on SQL Server, where there is one. */
import type { Daemon } from '../../../src/daemon';
import { startDaemon } from '../../../src/daemon';
import { silentLogger } from '../../../src/telemetry/logger';
import type { FreshDatabase } from '../../support/mssql';
import { freshDatabase, skippedOnSqlServer, testServer } from '../../support/mssql';
import { PayrollWeeks } from '../../support/payroll-weeks';
import type { TestTemporal } from '../../support/temporal';
import { testTemporal } from '../../support/temporal';
import { vendorFields, World } from '../../support/world';

const server = testServer();
if (server === null) skippedOnSqlServer('whole installations');

(server === null ? describe.skip : describe)('a store on SQL Server', () => {
  let temporal: TestTemporal;
  let database: FreshDatabase;
  let world: World;
  let second: Daemon | null = null;

  beforeAll(async () => {
    temporal = await testTemporal();
  }, 60_000);
  afterAll(() => temporal.close());
  beforeEach(async () => {
    if (server === null) return;
    database = await freshDatabase(server);
    world = await World.create(temporal, { store: database.settings, seedErp: true });
  }, 60_000);
  afterEach(async () => {
    await second?.stop();
    second = null;
    await world.close();
    await database.drop();
  }, 60_000);

  let counter = 0;
  function exportVendor(prequalified: boolean): { name: string; requestId: number } {
    counter += 1;
    const name = `Server Builders ${counter}`;
    const unique = {
      name,
      abbreviated_name: `SERV${counter}`,
      email_address: `ap${counter}@server.example`,
      business_phone: `20655${30000 + counter}`,
    };
    const [vendor] = world.procore.seedVendors([vendorFields({ ...unique, prequalified })]);
    const { requestId } = world.procore.exportVendor(vendor?.id ?? 0, {
      customFields: { vendor_type_origin_id: '1|SUB' },
    });
    return { name, requestId };
  }
  const written = (name: string): number =>
    world.erp.vendors().filter((vendor) => vendor.Name === name).length;

  test('an export by rule, one by finance and a sync of all vendors go their way', async () => {
    const byRule = exportVendor(true);
    const byFinance = exportVendor(false);
    await world.poll();
    expect(await world.result(byRule.requestId)).toMatchObject({ status: 'applied' });
    await world.until(byFinance.requestId, 'waiting_for_finance');
    await world.approve(byFinance.requestId);
    expect(await world.result(byFinance.requestId)).toMatchObject({ status: 'applied' });
    expect([written(byRule.name), written(byFinance.name)]).toEqual([1, 1]);
    expect(await world.refreshVendors()).toMatchObject({ status: 'applied' });
    expect(await world.auditFindings()).toEqual([]);
  }, 120_000);

  test('a pay period is written once, and corrected after it was posted', async () => {
    const weeks = await PayrollWeeks.on(world);
    const card = weeks.enter(501, '8.00');
    weeks.cutOff();
    await weeks.look();
    await weeks.approve(weeks.period);
    await weeks.untilRests(weeks.period, /waits to be posted/);
    weeks.postAndClose();
    await weeks.look();
    await world.until(weeks.period, 'applied');
    weeks.edit(card, '8.50');
    await weeks.look();
    await weeks.approve(weeks.later);
    await weeks.untilRests(weeks.later, /waits to be posted|gathers/);
    expect(weeks.hours()).toEqual(['501 -8.00', '501 8.00', '501 8.50']);
    expect(await world.auditFindings()).toEqual([]);
  }, 120_000);

  test('two daemons on one store write each of many exports once, and the audit log is whole', async () => {
    second = await startDaemon(world.config, silentLogger, { shutdown: { graceMs: 2000, forceMs: 4000 } });
    const exports = Array.from({ length: 20 }, () => exportVendor(true));
    await Promise.all([world.poll(), world.poll()]);
    for (const { requestId } of exports)
      expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    expect(exports.map(({ name }) => written(name))).toEqual(exports.map(() => 1));
    expect(await world.auditFindings()).toEqual([]);
  }, 180_000);

  test('a linked vendor follows either side, a conflict is settled, and a run that finds both equal writes nothing', async () => {
    const number = world.erp.addVendor({
      Name: 'Bluestem Ironworks LLC',
      SortName: 'BLUESTEM',
      VendorType: 'SUB',
    });
    const read = (): Promise<unknown> => world.reconcile();
    await read();
    const staged = world.staged().find(({ origin_id }) => origin_id === `vendor|1|${number}`);
    const { requestId, vendorId } = world.procore.importVendor(staged?.id ?? 0);
    await world.poll();
    expect(await world.result(requestId)).toMatchObject({ status: 'applied' });
    await read();

    world.erp.changeVendor(number, { City: 'Tacoma' });
    await read();
    expect(world.procore.record('vendor', vendorId)).toMatchObject({ city: 'Tacoma' });

    world.erp.changeVendor(number, { Phone: '206-555-0177' });
    world.procore.editRecord('vendor', vendorId, { business_phone: '206-555-0199' });
    await read();
    const conflicts = () => world.read((t) => t.conflicts.open(world.connectionId));
    expect(await conflicts()).toMatchObject([
      { field: 'phone', procore: '206-555-0199', erp: '206-555-0177' },
    ]);
    world.procore.editRecord('vendor', vendorId, { business_phone: '206-555-0177' });
    await read();
    expect(await conflicts()).toEqual([]);

    for (const full of [false, true]) {
      world.procore.clearLog();
      expect(await world.reconcile('vendor', full)).toMatchObject({
        moved: { erp: 0, procore: 0 },
        requests: [],
      });
      expect(world.writes()).toEqual([]);
    }
    expect(await world.auditFindings()).toEqual([]);
  }, 120_000);
});
