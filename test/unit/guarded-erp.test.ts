import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErpAdapter } from '../../src/erp-adapters/contract/adapter';
import { acceptSchema, guardedErp, schemaStates } from '../../src/guarded-erp';
import { openSqlite } from '../../src/sqlite';
import { Store } from '../../src/store/store';
import type { SampleCompany } from './erp-adapters/sample-kit';
import { kindOf, sampleCompany } from './erp-adapters/sample-kit';

const CONNECTION = 'demo';
const AT = '2026-11-30T06:00:00.000Z';

let company: SampleCompany;
let folder: string;
let store: Store;
beforeEach(async () => {
  company = sampleCompany();
  folder = mkdtempSync(join(tmpdir(), 'tieback-guard-'));
  store = await Store.open({ type: 'better-sqlite3', file: join(folder, 'store.db') });
  await register();
});
afterEach(async () => {
  await store.close();
  company.remove();
  rmSync(folder, { recursive: true });
});

const register = (): Promise<boolean> =>
  store.transaction('register', CONNECTION, (t) =>
    t.connections.add({ id: CONNECTION, companyId: 1, erpAdapter: 'sample', erpCompany: '1', createdAt: AT }),
  );

/** As a daemon that starts: nothing is remembered but what is in the store. */
const opened = (): ErpAdapter => guardedErp(company.open(), { store, connectionId: CONNECTION });

const readVendors = async (): Promise<number> => (await kindOf(opened(), 'vendor').read(['1|10001'])).length;

test('what is there at the first look is taken as it is, once, and the audit log says so', async () => {
  expect(await readVendors()).toBe(1);
  expect(await readVendors()).toBe(1);
  const states = await schemaStates(store, CONNECTION, company.open());
  expect(states.every(({ accepted, moved }) => accepted !== null && moved.length === 0)).toBe(true);
  expect(await store.read('newest', (t) => t.audit.newest(CONNECTION))).toBe(1);
});

test('an upgrade stops the kinds it touches and no others, says what moved, and goes on when a person has looked', async () => {
  await readVendors();
  company.accounting.runScript('ALTER TABLE APVM ADD COLUMN Grade VARCHAR(4) NOT NULL DEFAULT "A"');
  expect(await readVendors()).toBe(1);
  company.accounting.runScript(
    "CREATE TRIGGER upgraded BEFORE INSERT ON APVM BEGIN SELECT RAISE(IGNORE) WHERE NEW.Name = 'x'; END",
  );
  await expect(readVendors()).rejects.toMatchObject({
    code: 'ERP_SCHEMA',
    class: 'config',
    message: expect.stringMatching(/vendors wait\. APVM \(triggers\) is .*upgraded.*; it was /) as string,
  });
  expect(await kindOf(opened(), 'line_item_type').read(['1|1'])).toHaveLength(1);

  const moved = (await schemaStates(store, CONNECTION, company.open())).filter(
    ({ moved }) => moved.length > 0,
  );
  expect(moved.map(({ kind }) => kind)).toEqual(['vendor']);
  await acceptSchema(store, CONNECTION, moved, {
    by: 'maria@acme.example',
    comment: 'upgrade of Saturday',
    at: AT,
  });
  expect(await readVendors()).toBe(1);
});

test('what is missing is named, and is not accepted by itself', async () => {
  company.accounting.runScript('ALTER TABLE APVM RENAME COLUMN Fax TO Telefax');
  await expect(readVendors()).rejects.toMatchObject({
    code: 'ERP_SCHEMA',
    message: expect.stringContaining('there is no column APVM.Fax') as string,
  });
  const [vendor] = await schemaStates(store, CONNECTION, company.open());
  expect(vendor).toMatchObject({ kind: 'vendor', accepted: null });
  company.accounting.runScript('ALTER TABLE APVM RENAME COLUMN Telefax TO Fax');
  expect(await readVendors()).toBe(1);
});

test('a row of the log that somebody changed accepts nothing', async () => {
  await readVendors();
  company.accounting.runScript('ALTER TABLE APVM RENAME COLUMN Fax TO Telefax');
  company.accounting.runScript('ALTER TABLE APVM ADD COLUMN Fax VARCHAR(99)');
  await expect(readVendors()).rejects.toMatchObject({ code: 'ERP_SCHEMA' });
  const db = openSqlite(join(folder, 'store.db'));
  db.prepare("UPDATE audit_entry SET detail = replace(detail, 'varchar(20)', 'varchar(99)')").run();
  db.close();
  const [vendor] = await schemaStates(store, CONNECTION, company.open());
  expect(vendor).toMatchObject({ kind: 'vendor', accepted: null });
});

test('what stands before an adapter passes on what the ERP decides later', async () => {
  const cursor = '7 0';
  const erp: ErpAdapter = {
    ...company.open(),
    outcomes: async () => Promise.resolve({ outcomes: [], cursor }),
  };
  const guarded = guardedErp(erp, { store, connectionId: CONNECTION });
  expect(guarded).not.toBe(erp);
  expect(await guarded.outcomes?.(null, 10)).toEqual({ outcomes: [], cursor });
});
