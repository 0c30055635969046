/** Temporal in the test's process is Temporal: the same workflows, on it and on the real server, come to the same. */
import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { TiebackStatus } from '../../../src/temporal/search-attributes';
import { buildWorkflowBundle } from '../../../src/temporal/bundle';
import { InProcessTemporal } from '../../support/in-process-temporal';
import type { SampleActivities } from '../../support/in-process-temporal/sample-workflows';
import { testTemporal, uniqueName, type TestTemporal } from '../../support/temporal';

let temporal: TestTemporal;
let bundle: { readonly codePath: string };

beforeAll(async () => {
  temporal = await testTemporal();
  bundle = await buildWorkflowBundle({
    workflowsPath: require.resolve('../../support/in-process-temporal/sample-workflows'),
    outDir: '.cache/test-bundles',
  });
});
afterAll(() => temporal.close());

/** Activities that count; `calls` is what they were asked. */
function sampleActivities(calls: string[] = []): SampleActivities {
  const tried = new Map<string, number>();
  return {
    try: async ({ name, failures, nonRetryable }) => {
      const times = (tried.get(name) ?? 0) + 1;
      tried.set(name, times);
      calls.push(`try ${name}`);
      if (times > failures) return `${name} at try ${times}`;
      const message = `${name} failed ${times}`;
      throw ApplicationFailure.create({
        message,
        type: 'Tried',
        nonRetryable: nonRetryable ?? false,
        details: [{ times }],
      });
    },
    note: async (text) => {
      calls.push(`note ${text}`);
      return { noted: text.toUpperCase(), nothing: undefined } as { noted: string };
    },
  };
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError)) return error;
  const { name, message, type, details, nonRetryable } = error.cause as ApplicationFailure;
  return { kind: error.name, name, message, type, details, nonRetryable };
};

/** Everything that is compared, as people who use the client see it. */
async function tour(client: Client, taskQueue: string): Promise<unknown> {
  const id = uniqueName('tour');
  const options = (name: string, args: unknown[] = []) => ({ workflowId: `${id}/${name}`, taskQueue, args });
  const errands: unknown = await client.workflow.execute('errands', options('errands'));

  const counter = await client.workflow.start('counter', options('counter'));
  const again = await failureOf(client.workflow.start('counter', options('counter')));
  const same = await client.workflow.start('counter', {
    ...options('counter'),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  const refused = await failureOf(counter.executeUpdate('decide', { args: ['no thanks'] }));
  // The handler's first wait ends by itself; the next one is for us.
  while ((await counter.query('state')) !== '1 so far')
    await new Promise((resolve) => setTimeout(resolve, 20));
  const knocked: unknown = await client.workflow.execute('knock', options('knock', [counter.workflowId]));
  await counter.signal('nudge', 'a friend');
  const broken = await failureOf(counter.executeUpdate('decide', { args: ['broken'] }));
  const { typedSearchAttributes, searchAttributes } = await counter.describe();
  const status: unknown = typedSearchAttributes?.get(TiebackStatus) ?? searchAttributes['TiebackStatus'];
  const taken: unknown = await counter.executeUpdate('decide', { args: ['done'] });
  const counted: unknown = await same.result();
  const after = (await failureOf(counter.executeUpdate('decide', { args: ['late'] }))) as Error;

  const nobody: unknown = await client.workflow.execute('knock', options('nobody', [uniqueName('nobody')]));
  const down: unknown = await client.workflow.execute('countdown', options('countdown', [3]));
  const gaveUp = await failureOf(client.workflow.execute('giveUp', options('giveUp')));
  const endless = await client.workflow.start('counter', options('endless'));
  await endless.terminate('enough');
  const terminated = await failureOf(endless.result());
  return {
    errands,
    again: (again as Error).name,
    refused,
    knocked,
    broken,
    status: [status].flat(),
    taken,
    counted,
    after: after.name,
    nobody,
    down,
    gaveUp,
    terminated,
  };
}

test('the same small workflows come to the same on the real server and in this process', async () => {
  const taskQueue = uniqueName('tour');
  const realCalls: string[] = [];
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: sampleActivities(realCalls),
  });
  const real = await worker.runUntil(tour(temporal.client, taskQueue));

  const calls: string[] = [];
  const here = new InProcessTemporal({
    codePath: bundle.codePath,
    queues: { [taskQueue]: { ...sampleActivities(calls) } },
  });
  try {
    expect(await tour(here.client, taskQueue)).toEqual(real);
    expect(calls.sort()).toEqual(realCalls.sort());
  } finally {
    await here.close();
  }
}, 60_000);

describe('a worker that is killed in this process', () => {
  /** Runs a workflow and kills its worker at the nth call of an activity, before or after the effect. */
  async function killed(type: string, at: number, when: 'before' | 'after') {
    const calls: string[] = [];
    const activities = sampleActivities(calls);
    let count = 0;
    const kills = async <T>(effect: () => Promise<T>): Promise<T> => {
      const fatal = (count += 1) === at;
      const die = (): Promise<never> => {
        temporal.kill();
        setImmediate(() => temporal.revive());
        return new Promise(() => undefined);
      };
      if (fatal && when === 'before') return die();
      const result = await effect();
      return fatal ? die() : result;
    };
    const temporal = new InProcessTemporal({
      codePath: bundle.codePath,
      queues: {
        main: {
          try: (tries: Parameters<SampleActivities['try']>[0]) => kills(() => activities.try(tries)),
          note: (text: string) => kills(() => activities.note(text)),
        },
      },
    });
    try {
      const options = { workflowId: 'w', taskQueue: 'main' };
      const result: unknown = await temporal.client.workflow.execute(type, options);
      return { result, calls, reached: count >= at };
    } finally {
      await temporal.close();
    }
  }

  test.each(['before', 'after'] as const)('%s any call comes to the same result by replay', async (when) => {
    const { result: expected } = await killed('orders', Infinity, when);
    for (let at = 1; ; at += 1) {
      const { result, reached } = await killed('orders', at, when);
      expect([at, result]).toEqual([at, expected]);
      if (!reached) break;
    }
  });

  test('loses the local activities of its workflow task, and no other', async () => {
    // Calls: local a, local b (one task), activity c, local d.
    const { calls } = await killed('orders', 2, 'after');
    expect(calls).toEqual(['note a', 'note b', 'note a', 'note b', 'note c', 'note d']);
    const { calls: later } = await killed('orders', 4, 'before');
    expect(later).toEqual(['note a', 'note b', 'note c', 'note d']);
  });

  test('is found out when its workflow code says something else on replay', async () => {
    await expect(killed('restless', 2, 'after')).rejects.toThrow(/is not deterministic/);
  });
});
