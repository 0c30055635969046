import mssql from 'mssql';
import type { Fields } from '../../../src/domain/kinds/record';
import type { ErpAdapter, RecordWrite, WriteResult } from '../../../src/erp-adapters/contract/adapter';
import type { Io } from '../../../src/erp-adapters/contract/definition';
import { vistaAdapter } from '../../../src/erp-adapters/vista';
import { driverConfig } from '../../../src/sql-server/connect';
import { ledgerBatches, sqlServerOf, skippedOnSqlServer } from '../../support/mssql';
import type { Company } from '../vista-model/places';
import { onSqlServer, SERVER } from '../vista-model/places';
import { recordOf } from './record-samples';
import { kindOf } from './sample-kit';

/** The adapter of Vista on its model in T-SQL: the SQL of the engine as a server takes it. */

if (SERVER === null) skippedOnSqlServer('the adapter of Vista');
const here = SERVER === null ? describe.skip : describe;

here('Vista on SQL Server', () => {
  let company: Company;
  const calls: string[] = [];
  const record: Io = (name, call) => {
    calls.push(name);
    return call();
  };
  const open = (io?: Io): ErpAdapter => {
    if (company.settings === undefined) throw new Error('the company is not on SQL Server');
    const settings = { company: 1, sqlServer: sqlServerOf(company.settings), newJobs: { department: '10' } };
    return vistaAdapter.create({ connectionId: 'demo', settings, ...(io === undefined ? {} : { io }) });
  };
  let adapter: ErpAdapter;

  beforeAll(async () => {
    if (SERVER === null) return;
    company = await onSqlServer(SERVER);
    adapter = open(record);
    if (company.settings === undefined) return;
    const pool = await new mssql.ConnectionPool(driverConfig(company.settings)).connect();
    for (const batch of ledgerBatches(adapter.grantScript())) await pool.request().batch(batch);
    await pool.close();
  }, 60_000);
  afterAll(async () => {
    await adapter.close();
    await company.close();
  });

  test('doctor asks for the rights of the login and for hidden rows', async () => {
    const checks = new Map((await adapter.check()).map(({ name, detail }) => [name, detail]));
    expect(checks.get('security')).toMatch(/^no row of 6 tables is hidden$/);
    expect(checks.get('rights')).toMatch(/rights of the script are there|the login may not/);
  });

  let count = 0;
  const vendor = (fields: Fields, more: Partial<RecordWrite> = {}): RecordWrite => {
    count += 1;
    return {
      operationKey: `demo:vendor/${count}:1:r`,
      recordId: `vendor/${count}`,
      generation: 1,
      targetRevision: 'r',
      planHash: 'h',
      action: 'create',
      erpKey: null,
      record: recordOf({ name: `Vendor ${count}`, ...fields }),
      expected: null,
      ...more,
    };
  };
  const vendors = (of = adapter) => kindOf(of, 'vendor');
  const keyOf = (result: WriteResult | undefined): string => {
    if (result?.status !== 'written') throw new Error(JSON.stringify(result));
    return result.erpKey;
  };

  test('is well', async () => {
    const checks = await adapter.check();
    // Other engines than Microsoft's know no rights on the columns of views.
    expect(checks.filter(({ name, ok }) => !ok && name !== 'rights')).toEqual([]);
    // Before what needs OPENJSON: where that is missing, they say so.
    expect(checks.map(({ name }) => name).slice(0, 6)).toEqual([
      ...['server', 'compatibility', 'isolation', 'collation', 'read-write', 'reachable'],
    ]);
    expect(checks.find(({ name }) => name === 'collation')?.detail).toMatch(/case-sensitive/);
    expect(Math.abs(Date.parse((await adapter.now?.()) ?? '') - Date.now())).toBeLessThan(60_000);
    const schema = (await adapter.schema?.()) ?? {};
    expect(Object.values(schema).flatMap((kind) => kind?.problems ?? [])).toEqual([]);
  });

  test('every kind is read, with its rules', async () => {
    for (const kind of (await adapter.describe()).kinds) {
      const capability = kindOf(adapter, kind);
      expect(Object.keys((await capability.rules()).fields).length).toBeGreaterThanOrEqual(0);
      const keys: string[] = [];
      for await (const { records } of capability.readChanged(null, 50))
        keys.push(...records.map(({ key }) => key));
      expect((await capability.read(keys)).map(({ key }) => key).sort()).toEqual([...keys].sort());
    }
  });

  test('a record is written once, with its ledger entry, and read back', async () => {
    const operation = vendor({ name: 'Señal – 3 Ltd.', city: 'Portland' });
    const [first] = await vendors().write([operation]);
    expect(first).toMatchObject({ status: 'written', replayed: false });
    expect(await vendors().write([operation])).toMatchObject([{ status: 'written', replayed: true }]);
    expect(await adapter.ledger.find([operation.operationKey])).toMatchObject([{ erpKey: keyOf(first) }]);
    const [read] = await vendors().read([keyOf(first)]);
    expect(read?.record.fields['name']).toBe('Señal – 3 Ltd.');
    // The column keeps what its code page has; the rest would come back as question marks.
    expect(await vendors().write([vendor({ name: 'Signal 3″ Ltd.' })])).toMatchObject([
      { status: 'refused' },
    ]);
    expect(await vendors().write([{ ...operation, operationKey: 'another' }])).toMatchObject([
      { status: 'taken' },
    ]);
  });

  test('a thousand are written in six calls; one that is refused stops no other', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => vendor({ phone: `555-${index}` }));
    calls.length = 0;
    const results = await vendors().write(many);
    expect([...new Set(results.map(({ status }) => status))]).toEqual(['written']);
    expect(calls.filter((name) => name.startsWith('erp.vendor.write')).length).toBeLessThanOrEqual(7);
    const few = Array.from({ length: 4 }, (_, index) => vendor(index === 2 ? { stateCode: 'ZZ' } : {}));
    expect((await vendors().write(few)).map(({ status }) => status)).toEqual([
      ...['written', 'written', 'refused', 'written'],
    ]);
  });

  test('two workers with one operation write it once; with another of its generation, one is turned away', async () => {
    const other = open();
    try {
      const operation = vendor({});
      const both = await Promise.all([vendors().write([operation]), vendors(other).write([operation])]);
      expect(new Set(both.flat().map(keyOf)).size).toBe(1);
      const [one, two] = [vendor({}), vendor({})];
      const rivals = await Promise.all([
        vendors().write([one]),
        vendors(other).write([{ ...two, recordId: one.recordId }]),
      ]);
      expect(
        rivals
          .flat()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(['taken', 'written']);
    } finally {
      await other.close();
    }
  });

  test('a commit whose answer is lost is unknown, and the ledger tells', async () => {
    for (const when of ['before', 'after'] as const) {
      const operation = vendor({});
      const breaking = open((name, call) => {
        if (!name.endsWith('write.commit')) return call();
        if (when === 'before') throw new Error('cut');
        const answer = call();
        return (
          answer instanceof Promise ? answer.then(() => Promise.reject(new Error('cut'))) : answer
        ) as typeof answer;
      });
      await expect(vendors(breaking).write([operation])).rejects.toMatchObject({
        code: 'ERP_OUTCOME_UNKNOWN',
      });
      await breaking.close();
      expect(await adapter.ledger.find([operation.operationKey])).toHaveLength(when === 'after' ? 1 : 0);
      expect(await vendors().write([operation])).toMatchObject([
        { status: 'written', replayed: when === 'after' },
      ]);
    }
  });

  test('the ledger is never changed, in words', async () => {
    if (company.settings === undefined) return;
    const pool = await new mssql.ConnectionPool(driverConfig(company.settings)).connect();
    await expect(pool.request().query("UPDATE tieback.ledger SET erp_key = 'x'")).rejects.toThrow(
      /never changed/,
    );
    await pool.close();
  });
});
