import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taxIdHash } from '../../src/domain/reconcile/match';
import type { ErpAdapter } from '../../src/erp-adapters/contract/adapter';
import { genericSqlAdapter } from '../../src/erp-adapters/generic-sql';
import { acceptSchema, guardedErp, lookAtSchemas, schemaStates } from '../../src/guarded-erp';
import { openSqlite } from '../../src/sqlite';
import { Store } from '../../src/store/store';
import { BRICKYARD, createBrickyard } from '../support/brickyard';
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

/** What a daemon that starts says of an ERP: `<kind>: <reason>`. */
async function toldAtStart(erp: Pick<ErpAdapter, 'schema'>): Promise<readonly string[]> {
  const told: string[] = [];
  await lookAtSchemas(new Map([[CONNECTION, { erp }]]), store, {
    warn: (_message, fields = {}) => told.push(`${String(fields['kind'])}: ${String(fields['reason'])}`),
  });
  return told;
}

describe('an ERP by configuration alone', () => {
  let open: ErpAdapter | undefined;
  /** The example with some of its texts replaced. */
  function withDefinition(replaced: Readonly<Record<string, string>>): ErpAdapter {
    const definition = join(folder, 'acme.yaml');
    let text = readFileSync(BRICKYARD, 'utf8');
    for (const [from, to] of Object.entries(replaced)) {
      expect(text).toContain(from);
      text = text.replace(from, to);
    }
    writeFileSync(definition, text);
    const file = join(folder, 'company.db');
    open = genericSqlAdapter.create({ connectionId: CONNECTION, settings: { definition, file } });
    return guardedErp(open, { store, connectionId: CONNECTION });
  }
  beforeEach(() => createBrickyard(join(folder, 'company.db')).close());
  afterEach(() => open?.close());

  test('a misspelled column and a table that is not there stop their kinds at the start, with file, line, key, table and column', async () => {
    const erp = withDefinition({
      'name: trade_name': 'name: tradename',
      'table: job_phase': 'table: job_phases',
    });
    const file = join(folder, 'acme.yaml');
    const told = (await toldAtStart(erp)).join('\n');
    expect(told).toMatch(/^vendor: vendors wait\. /m);
    expect(told).toContain(
      `${file}:16: kinds.vendor.fields.name: there is no column supplier.tradename; did you mean "trade_name"?`,
    );
    expect(told).toMatch(/^project: projects wait\. /m);
    expect(told).toMatch(
      /acme\.yaml:\d+: kinds\.project\.lines\.cost_code\.table: there is no table or view job_phases/,
    );
    // Said once each, and of no other kind.
    expect(told.match(/tradename/g)).toHaveLength(1);
    expect(told.match(/job_phases/g)).toHaveLength(1);
    expect(told.split('\n')).toHaveLength(2);

    for (const kind of ['vendor', 'project'] as const) {
      await expect(kindOf(erp, kind).read(['10|2000'])).rejects.toMatchObject({ code: 'ERP_SCHEMA' });
      await expect(kindOf(erp, kind).write([])).rejects.toMatchObject({ code: 'ERP_SCHEMA' });
    }
    expect(await kindOf(erp, 'line_item_type').read(['10|1'])).toHaveLength(1);
    expect(await kindOf(erp, 'commitment').read(['10|1'])).toHaveLength(1);
  });

  test('a procedure that is not there stops what it makes', async () => {
    const told = await toldAtStart(withDefinition({ 'procedure: new_order': 'procedure: add_order' }));
    expect(told).toEqual([
      expect.stringMatching(/^commitment: .*there is no procedure add_order, or we may not call it$/),
    ]);
  });

  test('a definition that fits says nothing', async () => {
    expect(await toldAtStart(withDefinition({}))).toEqual([]);
  });
});

test('a daemon starts although its ERP cannot be asked, and says so', async () => {
  const away = { schema: () => Promise.reject(new Error('no route to host')) };
  expect(await toldAtStart(away)).toEqual(['undefined: no route to host']);
});

test('tax ids are read behind the same look, where the adapter reads them', async () => {
  const hash = taxIdHash();
  company.accounting.db.prepare("UPDATE APVM SET TaxId = '91-2345678' WHERE Vendor = 10001").run();
  const guarded = (): ErpAdapter =>
    guardedErp(company.open({ taxIds: true }), { store, connectionId: CONNECTION });
  const read = () => kindOf(guarded(), 'vendor').taxIdHashes?.(['1|10001'], hash);
  expect(await read()).toEqual(new Map([['1|10001', hash('91-2345678')]]));
  expect(kindOf(opened(), 'vendor')).not.toHaveProperty('taxIdHashes');
  company.accounting.runScript(
    "CREATE TRIGGER upgraded BEFORE INSERT ON APVM BEGIN SELECT RAISE(IGNORE) WHERE NEW.Name = 'x'; END",
  );
  await expect(read()).rejects.toMatchObject({ code: 'ERP_SCHEMA' });
});
