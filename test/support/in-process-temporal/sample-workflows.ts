/** Small workflows that use everything that ours use, to compare Temporal in the test's process with the real one. */
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { TimeoutFailure } from '@temporalio/workflow';
import { TiebackStatus } from '../../../src/temporal/search-attributes';

export interface Tries {
  readonly name: string;
  /** Fails so often, then answers. */
  readonly failures: number;
  readonly nonRetryable?: boolean;
}

export interface SampleActivities {
  try(tries: Tries): Promise<string>;
  note(text: string): Promise<{ readonly noted: string; readonly nothing?: string }>;
}

const retry = { initialInterval: '10 milliseconds', backoffCoefficient: 1 } as const;
const act = proxyActivities<SampleActivities>({ startToCloseTimeout: '5 seconds', retry });
const few = proxyActivities<SampleActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { ...retry, maximumAttempts: 2 },
});
const picky = proxyActivities<SampleActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { ...retry, nonRetryableErrorTypes: ['Tried'] },
});
const short = proxyActivities<SampleActivities>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '1 second',
  retry: { initialInterval: '2 seconds' },
});
const local = proxyLocalActivities<SampleActivities>({ startToCloseTimeout: '5 seconds', retry });
const localPatient = proxyLocalActivities<SampleActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '300 milliseconds' },
  localRetryThreshold: '200 milliseconds',
});
const localFew = proxyLocalActivities<SampleActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { ...retry, maximumAttempts: 2 },
});

/** The failures behind a failure. */
function causes(error: Error): unknown {
  if (!(error.cause instanceof Error)) return null;
  const { type, details } = error.cause as ApplicationFailure;
  const { timeoutType } = error.cause as TimeoutFailure;
  return {
    name: error.cause.name,
    message: error.cause.message,
    type,
    details,
    timeoutType,
    cause: causes(error.cause),
  };
}

/** What a workflow sees of a step that failed. */
async function seen(step: Promise<unknown>): Promise<unknown> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) return { bare: causes({ cause: error } as Error) };
    return {
      type: error.activityType,
      retryState: error.retryState,
      cause: causes(error),
    };
  }
}

/** Retries, in every way. */
export async function errands(): Promise<unknown> {
  return {
    once: await seen(act.try({ name: 'once', failures: 0 })),
    thrice: await seen(act.try({ name: 'thrice', failures: 2 })),
    never: await seen(act.try({ name: 'never', failures: 9, nonRetryable: true })),
    few: await seen(few.try({ name: 'few', failures: 9 })),
    picky: await seen(picky.try({ name: 'picky', failures: 9 })),
    short: await seen(short.try({ name: 'short', failures: 9 })),
    local: await seen(local.try({ name: 'local', failures: 2 })),
    localPatient: await seen(localPatient.try({ name: 'localPatient', failures: 1 })),
    localFew: await seen(localFew.try({ name: 'localFew', failures: 9 })),
    localNever: await seen(local.try({ name: 'localNever', failures: 9, nonRetryable: true })),
    noted: await local.note('plain'),
    together: await Promise.all([
      act.note('a'),
      local.note('b'),
      act.try({ name: 'together', failures: 1 }),
      local.note('c'),
    ]),
  };
}

export const decide = defineUpdate<string, [string]>('decide');
export const nudge = defineSignal<[string]>('nudge');
export const state = defineQuery<string>('state');

/** Updates, signals, queries, search attributes, details, and waiting with and without an end. */
export async function counter(): Promise<unknown> {
  const log: string[] = [];
  let open = true;
  setHandler(
    decide,
    async (answer: string) => {
      const { noted } = await local.note(answer);
      log.push(`decided ${noted}`);
      if (answer === 'broken') throw ApplicationFailure.nonRetryable('it broke', 'Broken', { why: 'test' });
      if (answer === 'done') open = false;
      return `taken: ${noted}`;
    },
    {
      validator: (answer: string) => {
        if (answer.startsWith('no'))
          throw ApplicationFailure.create({ type: 'Refused', message: `not ${answer}` });
      },
    },
  );
  setHandler(nudge, (by) => void log.push(`nudged by ${by}`));
  setHandler(state, () => `${log.length} so far`);
  upsertSearchAttributes([{ key: TiebackStatus, value: 'parked' }]);
  setCurrentDetails('waiting');
  const inTime = await condition(() => log.length > 0, '50 milliseconds');
  log.push(inTime ? 'in time' : 'too late');
  await condition(() => !open);
  await condition(allHandlersFinished);
  return { log, patched: patched('sample'), different: uuid4() !== uuid4() };
}

export async function countdown(left: number, runs = 1): Promise<unknown> {
  await sleep('1 millisecond');
  if (left > 0) await continueAsNew<typeof countdown>(left - 1, runs + 1);
  return { runs, continued: workflowInfo().continuedFromExecutionRunId !== undefined };
}

export async function knock(workflowId: string): Promise<unknown> {
  const knocking = getExternalWorkflowHandle(workflowId).signal(nudge, 'a neighbour');
  return await knocking.then(
    () => 'heard',
    () => 'nobody there',
  );
}

export async function giveUp(): Promise<void> {
  await act.note('before');
  throw ApplicationFailure.create({ message: 'no more', type: 'GaveUp', nonRetryable: true, details: [1] });
}

/** Not deterministic: what it asks for depends on the clock of the machine. */
export async function restless(): Promise<string> {
  await act.note(`at ${workflowInfo().unsafe.now()}`);
  await act.note('kill me now');
  return 'done';
}

/** Two local activities in one task, an activity, and one more local activity. */
export async function orders(): Promise<string> {
  const a = await local.note('a');
  const b = await local.note('b');
  await sleep('1 hour');
  const c = await act.note('c');
  const d = await local.note('d');
  return [a, b, c, d].map(({ noted }) => noted).join('');
}
