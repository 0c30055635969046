import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CanonicalRecord } from '../../../src/domain/kinds/record';
import type { RecordWrite } from '../../../src/erp-adapters/contract/adapter';
import { brickyardKit, createBrickyard } from '../../support/brickyard';
import { kindOf } from './sample-kit';

const folder = mkdtempSync(join(tmpdir(), 'tieback-brickyard-'));
afterAll(() => rmSync(folder, { recursive: true }));

const creating = (kind: string, index: number): Omit<RecordWrite, 'record'> => ({
  operationKey: `demo:${kind}/${index}:1`,
  recordId: `${kind}/${index}`,
  generation: 1,
  targetRevision: 'r',
  planHash: 'p',
  action: 'create',
  erpKey: null,
  expected: null,
});

/** A company whose database keeps no number of an order unique; its triggers are gone with the table. */
function careless(): string {
  const file = join(folder, 'careless.db');
  const office = createBrickyard(file);
  const row = office.prepare("SELECT sql FROM sqlite_schema WHERE name = 'sub_order'").get();
  const { sql } = row as { readonly sql: string };
  office.exec('PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON');
  office.exec(sql.replace('sub_order', 'orders_2').replace(', UNIQUE (company_id, order_no)', ''));
  office.exec('INSERT INTO orders_2 SELECT * FROM sub_order; DROP TABLE sub_order');
  office.exec('ALTER TABLE orders_2 RENAME TO sub_order');
  office.close();
  return file;
}

test('an order whose number somebody else took meanwhile is refused, also where the database would take it', async () => {
  const kit = brickyardKit(careless());
  const orders = kindOf(kit.open(), 'commitment');
  const record = (await kit.samples?.commitment?.sample('O-9')) as CanonicalRecord;
  const operation = (index: number): RecordWrite => ({ ...creating('commitment', index), record });
  const [first, second] = await orders.write([operation(1), operation(2)]);
  expect([first?.status, second?.status]).toEqual(['written', 'refused']);
  expect(second).toMatchObject({
    error: { message: expect.stringMatching(/another order has the same/) as string },
  });
  expect((await orders.write([operation(3)]))[0]?.status).toBe('refused');
  expect(await orders.findSame(record)).toMatchObject([{ record: { lines: [{ number: '1' }] } }]);
});

test('the last number of a range is given out, and none behind it', async () => {
  const file = join(folder, 'full.db');
  const office = createBrickyard(file);
  office.exec('UPDATE numbers SET next_supplier = 1007, last_supplier = 1008');
  office.close();
  const vendors = kindOf(brickyardKit(file).open(), 'vendor');
  const operations = [1, 2, 3].map((index) => ({
    ...creating('vendor', index),
    record: { fields: { name: `Supplier ${index}`, sortName: `N${index}`, isActive: true }, lines: [] },
  }));
  const results = await vendors.write(operations);
  expect(results).toMatchObject([
    { status: 'written', erpKey: '10|1007' },
    { status: 'written', erpKey: '10|1008' },
    {
      status: 'refused',
      error: { message: expect.stringMatching(/no vendor number up to 1008 is free/) as string },
    },
  ]);
});
