import { Client, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal as proto } from '@temporalio/proto';
import { ProvisionError, provisionTemporal } from '../../../src/temporal/provision';
import { SEARCH_ATTRIBUTES } from '../../../src/temporal/search-attributes';
import { reconcileSchedules } from '../../../src/temporal/schedules';
import { newNamespace, testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

test('a namespace and its search attributes are created once, and can be used at once', async () => {
  const namespace = uniqueName('ns');
  const lines: string[] = [];
  const first = await provisionTemporal(temporal.connection, { namespace, log: (line) => lines.push(line) });
  expect(first.map(({ outcome }) => outcome)).toEqual(Array(SEARCH_ATTRIBUTES.length + 1).fill('created'));
  expect(lines).toContain('Temporal search attribute TiebackRecord: created');

  const client = new Client({ connection: temporal.connection, namespace });
  expect(await client.workflow.count("TiebackRecord = 'PO-1234' AND TiebackRequest = 'erp/1'")).toMatchObject(
    {
      count: 0,
    },
  );

  const second = await provisionTemporal(temporal.connection, { namespace });
  expect(second.map(({ outcome }) => outcome)).toEqual(
    Array(SEARCH_ATTRIBUTES.length + 1).fill('already there'),
  );
});

test('two processes may provision at the same time', async () => {
  const namespace = uniqueName('ns');
  const both = [1, 2].map(() => provisionTemporal(temporal.connection, { namespace }));
  for (const steps of await Promise.all(both)) expect(steps).toHaveLength(SEARCH_ATTRIBUTES.length + 1);
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
    expect(await provisionTemporal(complete, { namespace: 'acme' })).toHaveLength(
      SEARCH_ATTRIBUTES.length + 1,
    );
  });
});

describe('on a server whose parts learn one after the other', () => {
  /** The real server, which does not know our attributes yet the first times it is asked to do something. */
  function lagging(
    call: 'countWorkflowExecutions' | 'createSchedule' | 'listSchedules',
    times: number,
    words: string,
    code = 3,
  ): Connection {
    let left = times;
    const { workflowService } = temporal.connection;
    const slow = new Proxy(workflowService, {
      get: (service, name) => {
        const value: unknown = Reflect.get(service, name);
        if (name !== call) return typeof value === 'function' ? (value.bind(service) as unknown) : value;
        return async (...args: unknown[]): Promise<unknown> => {
          left -= 1;
          if (left < 0) return (value as (...given: unknown[]) => Promise<unknown>).apply(service, args);
          const text = `${code} STATUS: ${words}`;
          throw Object.assign(new Error(text), { code, details: words, metadata: { get: () => [] } });
        };
      },
    });
    return Object.create(temporal.connection, { workflowService: { value: slow } }) as Connection;
  }
  const UNKNOWN = 'invalid query: column name "TiebackRecord" is not a valid search attribute';

  test('it is waited for attributes that are listed but not known', async () => {
    const said: string[] = [];
    const connection = lagging('countWorkflowExecutions', 3, UNKNOWN);
    const options = { namespace: uniqueName('ns'), say: (message: string) => said.push(message) };
    expect(await provisionTemporal(connection, options)).toHaveLength(SEARCH_ATTRIBUTES.length + 1);
    expect(said).toEqual(['Waiting until the search attributes can be used in queries ...']);
    // A run that was cut off is repeated, and waits as well.
    expect(await provisionTemporal(lagging('countWorkflowExecutions', 1, UNKNOWN), options)).toHaveLength(
      SEARCH_ATTRIBUTES.length + 1,
    );
    expect(said).toHaveLength(2);
  });

  test('not without end: it is told what does not work, in the words of the server', async () => {
    const connection = lagging('countWorkflowExecutions', Infinity, UNKNOWN);
    const options = { namespace: await newNamespace(temporal), timeoutMs: 300 };
    await expect(provisionTemporal(connection, options)).rejects.toThrow(
      /still not so that the search attributes can be used in queries \(invalid query: .*TiebackRecord.*Run the command again later/,
    );
  });

  const schedules = (connection: Connection, words: string[], limitMs: number) => {
    const client = new Client({ connection, namespace: temporal.namespace });
    const prefix = `${uniqueName('intake')}/`;
    const spec = {
      id: `${prefix}a`,
      everyMs: 3_600_000,
      workflowType: 'x',
      workflowId: 'x',
      taskQueue: prefix,
    };
    const catchUp = { limitMs, say: (message: string) => words.push(message) };
    return reconcileSchedules(client, { prefixes: [prefix], installation: 'ours', catchUp }, [spec]);
  };
  const NO_MAPPING = 'Namespace x has no mapping defined for search attribute TiebackInstallation';

  test('a schedule is made as soon as they are known to the part that makes it', async () => {
    const said: string[] = [];
    const { created } = await schedules(lagging('createSchedule', 3, NO_MAPPING), said, 30_000);
    expect(created).toHaveLength(1);
    expect(said).toEqual([expect.stringMatching(/^Waiting until a schedule can be made \(intake-/)]);
  });

  test('schedules are listed as soon as the namespace is known to the part that lists them', async () => {
    const said: string[] = [];
    const { created } = await schedules(
      lagging('listSchedules', 2, 'Namespace x is not found.', 5),
      said,
      30_000,
    );
    expect(created).toHaveLength(1);
    expect(said).toEqual(['Waiting until schedules can be listed ...']);
  });

  test('another error is told at once', async () => {
    const attempt = schedules(lagging('createSchedule', 1, 'Invalid jitter'), [], 30_000);
    await expect(attempt).rejects.toThrow('Failed to create schedule');
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
