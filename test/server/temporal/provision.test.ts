import { Client, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal as proto } from '@temporalio/proto';
import { ProvisionError, provisionTemporal } from '../../../src/temporal/provision';
import { testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

test('a namespace and its search attributes are created once, and can be used at once', async () => {
  const namespace = uniqueName('ns');
  const lines: string[] = [];
  const first = await provisionTemporal(temporal.connection, { namespace, log: (line) => lines.push(line) });
  expect(first.map(({ outcome }) => outcome)).toEqual(Array(7).fill('created'));
  expect(lines).toContain('Temporal search attribute TiebackRecord: created');

  const client = new Client({ connection: temporal.connection, namespace });
  expect(await client.workflow.count("TiebackRecord = 'PO-1234' AND TiebackRequest = 'erp/1'")).toMatchObject(
    {
      count: 0,
    },
  );

  const second = await provisionTemporal(temporal.connection, { namespace });
  expect(second.map(({ outcome }) => outcome)).toEqual(Array(7).fill('already there'));
});

test('two processes may provision at the same time', async () => {
  const namespace = uniqueName('ns');
  const both = [1, 2].map(() => provisionTemporal(temporal.connection, { namespace }));
  for (const steps of await Promise.all(both)) expect(steps).toHaveLength(7);
});

test('a search attribute of another type is named, with what to do', async () => {
  const namespace = uniqueName('ns');
  await temporal.connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const { INDEXED_VALUE_TYPE_DOUBLE } = proto.api.enums.v1.IndexedValueType;
  await until(() =>
    temporal.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { TiebackRequest: INDEXED_VALUE_TYPE_DOUBLE },
    }),
  );
  await until(async () => {
    const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
      namespace,
    });
    if (customAttributes['TiebackRequest'] === undefined) throw new Error('not visible yet');
  });
  const attempt = provisionTemporal(temporal.connection, { namespace });
  await expect(attempt).rejects.toThrow(ProvisionError);
  await expect(attempt).rejects.toThrow(
    /TiebackRequest .* has type DOUBLE, and Tieback needs KEYWORD.*remove/,
  );
});

describe('on a server that does not let us', () => {
  const status = (code: number) =>
    Object.assign(new Error('not for you'), { code, details: '', metadata: {} });
  const refuse = (code: number) => () => Promise.reject(status(code));
  const grant = () => Promise.resolve({});
  const service = (workflowService: object, operatorService: object) =>
    ({ workflowService, operatorService }) as unknown as Connection;

  test('the command for the namespace is shown', async () => {
    const connection = service({ describeNamespace: refuse(5), registerNamespace: refuse(7) }, {});
    await expect(provisionTemporal(connection, { namespace: 'acme', retentionDays: 7 })).rejects.toThrow(
      'temporal operator namespace create --namespace acme --retention 7d',
    );
  });

  test('the commands for the search attributes are shown, unless they are there', async () => {
    const operator = { listSearchAttributes: refuse(12) };
    const known = { describeNamespace: grant, listWorkflowExecutions: grant };
    const without = service({ ...known, countWorkflowExecutions: refuse(3) }, operator);
    await expect(provisionTemporal(without, { namespace: 'acme' })).rejects.toThrow(
      'temporal operator search-attribute create --namespace acme --name TiebackRequest --type Keyword',
    );
    const complete = service({ ...known, countWorkflowExecutions: grant }, operator);
    expect(await provisionTemporal(complete, { namespace: 'acme' })).toHaveLength(7);
  });
});

/** Tries again while the server does not know the namespace yet. */
async function until(action: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await action();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
