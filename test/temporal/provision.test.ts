import { Client } from '@temporalio/client';
import { provisionTemporal } from '../../src/temporal/provision';
import { testTemporal, uniqueName, type TestTemporal } from '../support/temporal';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

test('a namespace and its search attributes are created once, and can be used at once', async () => {
  const namespace = uniqueName('ns');
  const lines: string[] = [];
  const first = await provisionTemporal(temporal.connection, { namespace, log: (line) => lines.push(line) });
  expect(first.map(({ outcome }) => outcome)).toEqual(Array(6).fill('created'));
  expect(lines).toContain('Temporal search attribute TiebackRecord: created');

  const client = new Client({ connection: temporal.connection, namespace });
  expect(await client.workflow.count("TiebackRecord = 'PO-1234' AND TiebackRequestId > 1")).toMatchObject({
    count: 0,
  });

  const second = await provisionTemporal(temporal.connection, { namespace });
  expect(second.map(({ outcome }) => outcome)).toEqual(Array(6).fill('already there'));
});
