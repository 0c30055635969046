/**
 * Temporal in the test's own process: no server, no network, no waiting. The workflow bundle runs in the SDK's own sandbox, so conditions,
 * timers, updates, signals and failures are the SDK's; what stands here is the server with its core: histories, tasks, retries and timers.
 *
 * ```ts
 * const temporal = new InProcessTemporal({ codePath, queues: { tieback: activities.main, 'erp-acme': activities.erp } });
 * await temporal.client.workflow.execute('intake', { workflowId, taskQueue: 'tieback', args: [input] });
 * temporal.kill();   // the worker's process is gone
 * temporal.revive(); // another one has started
 * await temporal.close();
 * ```
 *
 * **A kill, as modelled here.** The history stays: commands and results of finished workflow tasks, signals, fired timers, accepted updates.
 * All workflows in memory are thrown away; the next task of each builds it again by replay, and fails the test when a replay says
 * anything that the history does not. The workflow task in hand is lost with all its local activities, also those that were through, and
 * is done again. Attempts of activities that were in hand are never heard of again; when the server would notice (heartbeat, else
 * start-to-close timeout), the next attempt starts. Updates that were not accepted yet are handed out again.
 *
 * **Not modelled.** The server's own trouble; two workers at a time; the workflow task heartbeat that saves finished local activities of a
 * task that takes longer than ten seconds; what of an attempt goes on after the kill (who kills has to see to it: see `CrashWorld`);
 * cancellation; child workflows; Nexus. What is not modelled is an error that says so, never silently ignored. How deep replay looks into
 * histories of older releases is for test/replay, with the real core.
 *
 * **Time** is the real clock plus what was skipped. Retries never wait. Timers of workflows are skipped to when nothing else is left to do,
 * but only while somebody waits for a result: a request that waits for finance must not expire while a test is about to approve it.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Payload, TypedSearchAttributes } from '@temporalio/common';
import {
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/common';
import {
  decodeSearchAttributes,
  encodeUnifiedSearchAttributes,
} from '@temporalio/common/lib/converter/payload-search-attributes';
import type { coresdk } from '@temporalio/proto';
import type { ActivityFunctions, Order } from './attempts';
import { attempt, judge, lost } from './attempts';
import { fromFailure, fromPayload, toMs, toPayloads, toTime } from './payloads';
import type { End, Surroundings } from './run';
import { Run } from './run';
import type { Command, Job } from './sandbox';
import { Sandbox } from './sandbox';

export interface InProcessOptions {
  /** The workflow bundle. */
  readonly codePath: string;
  /** The activities that are registered on each task queue. */
  readonly queues: Readonly<Record<string, ActivityFunctions>>;
  /** Events after which a workflow is told to continue as new. Default: 4,096, as the server has it. */
  readonly suggestContinueAsNewAfter?: number;
}

interface StartOptions {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args?: readonly unknown[];
  readonly workflowIdReusePolicy?: string;
  readonly workflowIdConflictPolicy?: string;
  readonly typedSearchAttributes?: TypedSearchAttributes;
}

type Named = string | { readonly name: string };

/** Something that happens at a time of its own. */
interface Later {
  readonly due: number;
  /** A worker remembers it, or the server does; of the server's, timers of workflows wait for somebody who waits for a result. */
  readonly kept: 'by the worker' | 'by the server' | 'as a timer';
  /** Timers, by run and number. */
  readonly key?: string;
  readonly act: () => void;
}

/** So often may time be skipped while nothing ends: an hourly look for a year. */
const MOST_SKIPS = 9000;

export class InProcessTemporal {
  /** The SDK's client, as far as it goes: `start`, `execute`; of a handle `result`, `signal`, `executeUpdate`, `query`, `terminate`. */
  readonly client: Client;
  private readonly sandbox: Sandbox;
  /** The latest run of each workflow. */
  private readonly runs = new Map<string, Run>();
  private later: Later[] = [];
  /** Activities that the worker has in hand. */
  private readonly inHand = new Map<Order, Run>();
  /** What keeps time from being skipped: activations and attempts. */
  private running = 0;
  /** Those who wait for a result. */
  private waiters = 0;
  private skippedMs = 0;
  private skips = 0;
  /** Counts the lives of the worker: nobody listens to what a dead one still says. */
  private life = 0;
  private alive = true;
  private turning = false;
  private clock: NodeJS.Timeout | null = null;

  constructor(private readonly options: InProcessOptions) {
    const names = Object.values(options.queues).flatMap((activities) => Object.keys(activities));
    this.sandbox = new Sandbox(options.codePath, new Set(names));
    this.client = this.asClient();
  }

  /** Now, for the workflows; for activities, when their clock asks here too. */
  now(): number {
    return Date.now() + this.skippedMs;
  }

  /** The process of the worker dies. */
  kill(): void {
    this.alive = false;
    this.life += 1;
    this.running = 0;
    for (const run of this.runs.values()) run.forget();
    this.later = this.later.filter(({ kept }) => kept !== 'by the worker');
    for (const [order, run] of this.inHand) {
      this.later.push({
        due: order.startedAt + order.lostAfterMs,
        kept: 'by the server',
        act: () => this.tryAgain(run, order, lost()),
      });
    }
    this.inHand.clear();
  }

  /** Another worker starts. */
  revive(): void {
    this.alive = true;
    this.poke();
  }

  async close(): Promise<void> {
    this.alive = false;
    this.life += 1;
    if (this.clock) clearTimeout(this.clock);
    for (const run of this.runs.values()) run.forget();
    await this.sandbox.close();
  }

  private asClient(): Client {
    const getHandle = (workflowId: string) => ({
      workflowId,
      result: () => this.result(workflowId),
      signal: async (signal: Named, ...args: unknown[]) => this.signal(workflowId, nameOf(signal), args),
      executeUpdate: (update: Named, { args = [] }: { args?: unknown[] } = {}) =>
        this.update(workflowId, nameOf(update), args),
      query: (query: Named, ...args: unknown[]) => this.query(workflowId, nameOf(query), args),
      terminate: async (reason = '') => this.latest(workflowId).finish({ kind: 'terminated', reason }),
      describe: async () => ({ searchAttributes: this.latest(workflowId).searchAttributes }),
    });
    const start = async (type: Named, options: StartOptions) => {
      this.start(nameOf(type), options);
      return getHandle(options.workflowId);
    };
    const execute = async (type: Named, options: StartOptions) => (await start(type, options)).result();
    return { workflow: { start, execute, getHandle } } as unknown as Client;
  }

  private start(type: string, options: StartOptions): void {
    const { workflowId } = options;
    const before = this.runs.get(workflowId);
    if (before && !mayStart(before, options)) {
      if (before.end === null && options.workflowIdConflictPolicy === 'USE_EXISTING') return;
      throw new WorkflowExecutionAlreadyStartedError('Workflow execution already started', workflowId, type);
    }
    before?.finish({ kind: 'terminated', reason: 'another run was started' });
    this.open(type, workflowId, options.taskQueue, toPayloads(options.args), {
      searchAttributes: {
        indexedFields: encodeUnifiedSearchAttributes(undefined, options.typedSearchAttributes ?? []),
      },
    });
  }

  private open(
    type: string,
    workflowId: string,
    taskQueue: string,
    args: readonly Payload[],
    more: coresdk.workflow_activation.IInitializeWorkflow,
  ): Run {
    const runId = randomUUID();
    const start = {
      workflowType: type,
      workflowId,
      arguments: [...args],
      firstExecutionRunId: runId,
      attempt: 1,
      workflowTaskTimeout: toTime(10_000),
      startTime: toTime(this.now()),
      ...more,
    };
    const suggest = this.options.suggestContinueAsNewAfter ?? 4096;
    const run = new Run(workflowId, runId, type, taskQueue, start, this.surroundings, suggest);
    Object.assign(run.searchAttributes, decodeSearchAttributes(more.searchAttributes?.indexedFields));
    this.runs.set(workflowId, run);
    this.poke();
    return run;
  }

  private async result(workflowId: string): Promise<unknown> {
    this.waiters += 1;
    this.skips = 0;
    this.poke();
    try {
      for (let run = this.latest(workflowId); ;) {
        const end = await run.ended;
        if (end.kind !== 'continued') return resultOf(end);
        run = end.next;
      }
    } finally {
      this.waiters -= 1;
    }
  }

  private signal(workflowId: string, signalName: string, args: readonly unknown[]): void {
    const run = this.latest(workflowId);
    if (run.end !== null) throw notFound(workflowId);
    this.tell(run, { signalWorkflow: { signalName, input: toPayloads(args), identity: 'in-process' } });
  }

  private async update(workflowId: string, name: string, args: readonly unknown[]): Promise<unknown> {
    const run = this.latest(workflowId);
    if (run.end !== null) throw notFound(workflowId);
    const id = randomUUID();
    const job: Job = {
      doUpdate: {
        id,
        protocolInstanceId: id,
        name,
        input: toPayloads(args),
        meta: { identity: 'in-process', updateId: id },
        runValidator: true,
      },
    };
    const answer = new Promise<coresdk.workflow_commands.IUpdateResponse>((resolve) => {
      run.admitted.push({ id, job, resolve });
    });
    this.poke();
    const ended = run.ended.then((end): never => {
      if (end.kind === 'broken') throw end.error;
      throw new WorkflowUpdateFailedError('the workflow ended before the update', notFound(workflowId));
    });
    const { completed, rejected } = await Promise.race([answer, ended]);
    if (rejected) throw new WorkflowUpdateFailedError('Workflow Update failed', fromFailure(rejected));
    return fromPayload(completed);
  }

  private async query(workflowId: string, queryType: string, args: readonly unknown[]): Promise<unknown> {
    const queryWorkflow = { queryId: randomUUID(), queryType, arguments: toPayloads(args) };
    const { succeeded, failed } = await this.latest(workflowId).query({ queryWorkflow });
    if (failed) throw fromFailure(failed);
    return fromPayload(succeeded?.response);
  }

  private latest(workflowId: string): Run {
    const run = this.runs.get(workflowId);
    if (!run) throw notFound(workflowId);
    return run;
  }

  private tell(run: Run, job: Job): void {
    run.waiting.push(job);
    this.poke();
  }

  private readonly surroundings: Surroundings = {
    sandbox: { create: (...args) => this.sandbox.create(...args) },
    now: () => this.now(),
    busy: (work) => this.busy(work),
    local: (run, command, done) => this.runLocal(run, orderOf(run, command, this.now()), this.now(), done),
    commit: (run, commands) => this.commit(run, commands),
    again: () => this.poke(),
  };

  private async busy<T>(work: () => Promise<T>): Promise<T> {
    const life = this.life;
    this.running += 1;
    try {
      return await work();
    } finally {
      if (life === this.life) this.running -= 1;
      this.poke();
    }
  }

  /** What a finished workflow task asks for, in the order in which it was asked. */
  private commit(run: Run, commands: readonly Command[]): void {
    for (const command of commands) {
      const apply = COMMANDS[command.variant ?? ''];
      if (!apply) {
        const error = new Error(`Temporal in the test's process does not know "${command.variant}" yet`);
        run.finish({ kind: 'broken', error });
        return;
      }
      apply(command, run, this.server);
    }
    this.poke();
  }

  private readonly server: Server = {
    activity: (run, order) => this.runActivity(run, order),
    timer: (run, seq, ms) => {
      const act = (): void => this.tell(run, { fireTimer: { seq } });
      this.later.push({ due: this.now() + ms, kept: 'as a timer', key: `${run.runId}/${seq}`, act });
    },
    cancelTimer: (run, seq) => {
      this.later = this.later.filter(({ key }) => key !== `${run.runId}/${seq}`);
    },
    signal: (run, { seq, workflowExecution, signalName, args }) => {
      const to = this.runs.get(workflowExecution?.workflowId ?? '');
      if (to && to.end === null)
        this.tell(to, {
          signalWorkflow: { signalName: signalName ?? '', input: args ?? [], identity: 'in-process' },
        });
      const failure = { message: 'unable to signal external workflow because it was not found' };
      const found = to && to.end === null ? {} : { failure };
      this.tell(run, { resolveSignalExternalWorkflow: { seq: seq ?? 0, ...found } });
    },
    continueAsNew: (run, command) =>
      this.open(
        command.workflowType || run.type,
        run.workflowId,
        command.taskQueue || run.taskQueue,
        command.arguments ?? [],
        {
          continuedFromExecutionRunId: run.runId,
          ...(command.searchAttributes ? { searchAttributes: command.searchAttributes } : {}),
        },
      ),
    now: () => this.now(),
  };

  private runActivity(run: Run, order: Order): void {
    if (run.end !== null) return;
    if (!this.alive) {
      this.later.push({ due: this.now(), kept: 'by the server', act: () => this.runActivity(run, order) });
      return;
    }
    const life = this.life;
    order.startedAt = this.now();
    this.inHand.set(order, run);
    void this.busy(() => this.attempt(order)).then((outcome) => {
      if (life !== this.life) return;
      this.inHand.delete(order);
      if (outcome.kind === 'failed') this.tryAgain(run, order, outcome.failure);
      else this.tell(run, resolved(order, { completed: { result: outcome.result } }));
    });
  }

  private tryAgain(run: Run, order: Order, failure: Parameters<typeof judge>[1]): void {
    const verdict = judge(order, failure, this.now());
    if (verdict.kind === 'over') {
      this.tell(run, resolved(order, { failed: { failure: verdict.failure } }));
      return;
    }
    order.attempt += 1;
    this.later.push({
      due: this.now() + verdict.afterMs,
      kept: 'by the server',
      act: () => this.runActivity(run, order),
    });
    this.poke();
  }

  /** A local activity is tried again in the worker, inside its workflow task; when that would take long, the workflow waits with a timer. */
  private runLocal(run: Run, order: Order, firstAt: number, done: (job: Job) => void): void {
    const life = this.life;
    void this.busy(() => this.attempt(order)).then((outcome) => {
      if (life !== this.life) return;
      if (outcome.kind === 'completed')
        return done(resolved(order, { completed: { result: outcome.result } }));
      const verdict = judge(order, outcome.failure, this.now());
      if (verdict.kind === 'over') return done(resolved(order, { failed: { failure: verdict.failure } }));
      if (verdict.afterMs > order.localRetryThresholdMs) {
        const backoffDuration = toTime(verdict.afterMs);
        const originalScheduleTime = toTime(firstAt);
        return done(
          resolved(order, { backoff: { attempt: order.attempt + 1, backoffDuration, originalScheduleTime } }),
        );
      }
      order.attempt += 1;
      this.later.push({
        due: this.now() + verdict.afterMs,
        kept: 'by the worker',
        act: () => this.runLocal(run, order, firstAt, done),
      });
      this.poke();
    });
  }

  private attempt(order: Order): ReturnType<typeof attempt> {
    return attempt(order, this.options.queues[order.taskQueue] ?? {});
  }

  private poke(): void {
    if (this.turning || !this.alive) return;
    this.turning = true;
    setImmediate(() => {
      this.turning = false;
      this.turn();
    });
  }

  /** Hands out what there is to do; when nobody does anything any more, lets time pass. */
  private turn(): void {
    if (!this.alive) return;
    for (const run of this.runs.values()) if (run.ready) void run.work();
    this.fire(this.now());
    if (this.running > 0 || [...this.runs.values()].some((run) => run.ready)) return;
    const [next] = this.later
      .filter(({ kept }) => kept !== 'as a timer' || this.waiters > 0)
      .sort((a, b) => a.due - b.due);
    if (next) {
      if ((this.skips += 1) > MOST_SKIPS) return this.breakAll();
      this.skippedMs += Math.max(0, next.due - this.now());
      this.fire(next.due);
      return;
    }
    this.waitForTimer();
  }

  private fire(until: number): void {
    const due = this.later.filter((one) => one.due <= until);
    if (due.length === 0) return;
    this.later = this.later.filter((one) => one.due > until);
    due.sort((a, b) => a.due - b.due).forEach(({ act }) => act());
    this.poke();
  }

  /** Nobody waits for a result: a timer takes its time. */
  private waitForTimer(): void {
    if (this.clock) clearTimeout(this.clock);
    const due = Math.min(...this.later.map((one) => one.due));
    if (!Number.isFinite(due)) return;
    this.clock = setTimeout(() => this.poke(), Math.min(Math.max(0, due - this.now()), 60_000));
    this.clock.unref();
  }

  private breakAll(): void {
    const days = Math.round(this.skippedMs / 86_400_000);
    for (const run of this.runs.values()) {
      const error = new Error(
        `${run.workflowId} has not ended after ${days} days in which nothing but timers happened`,
      );
      run.finish({ kind: 'broken', error });
    }
  }
}

/** What commands may ask of the server. */
interface Server {
  activity(run: Run, order: Order): void;
  timer(run: Run, seq: number, ms: number): void;
  cancelTimer(run: Run, seq: number): void;
  signal(run: Run, command: coresdk.workflow_commands.ISignalExternalWorkflowExecution): void;
  continueAsNew(run: Run, command: coresdk.workflow_commands.IContinueAsNewWorkflowExecution): Run;
  now(): number;
}

type Apply = (command: Command, run: Run, server: Server) => void;
const done: Apply = () => undefined;

const COMMANDS: Readonly<Record<string, Apply>> = {
  // Run inside the workflow task.
  scheduleLocalActivity: done,
  setPatchMarker: done,
  modifyWorkflowProperties: done,
  scheduleActivity: ({ scheduleActivity }, run, server) =>
    server.activity(run, orderOf(run, scheduleActivity ?? {}, server.now())),
  startTimer: ({ startTimer }, run, server) =>
    server.timer(run, startTimer?.seq ?? 0, toMs(startTimer?.startToFireTimeout) ?? 0),
  cancelTimer: ({ cancelTimer }, run, server) => server.cancelTimer(run, cancelTimer?.seq ?? 0),
  signalExternalWorkflowExecution: ({ signalExternalWorkflowExecution }, run, server) =>
    server.signal(run, signalExternalWorkflowExecution ?? {}),
  upsertWorkflowSearchAttributes: ({ upsertWorkflowSearchAttributes }, run) => {
    const fields = upsertWorkflowSearchAttributes?.searchAttributes?.indexedFields;
    Object.assign(
      run.searchAttributes,
      decodeSearchAttributes(fields as Record<string, Payload> | undefined),
    );
  },
  updateResponse: ({ updateResponse }, run) => {
    if (!updateResponse || updateResponse.accepted) return;
    run.accepted.get(updateResponse.protocolInstanceId ?? '')?.resolve(updateResponse);
  },
  completeWorkflowExecution: ({ completeWorkflowExecution }, run) =>
    run.finish({ kind: 'completed', command: completeWorkflowExecution ?? {} }),
  failWorkflowExecution: ({ failWorkflowExecution }, run) =>
    run.finish({ kind: 'failed', failure: failWorkflowExecution?.failure ?? {} }),
  continueAsNewWorkflowExecution: ({ continueAsNewWorkflowExecution }, run, server) =>
    run.finish({ kind: 'continued', next: server.continueAsNew(run, continueAsNewWorkflowExecution ?? {}) }),
};

type AnyOrder = coresdk.workflow_commands.IScheduleActivity &
  coresdk.workflow_commands.IScheduleLocalActivity;

function orderOf(run: Run, command: AnyOrder, now: number): Order {
  const isLocal = !command.taskQueue;
  const startToClose = toMs(command.startToCloseTimeout);
  const scheduleToClose = toMs(command.scheduleToCloseTimeout);
  const limits = [toMs(command.heartbeatTimeout), startToClose, scheduleToClose];
  return {
    seq: command.seq ?? 0,
    id: command.activityId ?? '',
    type: command.activityType ?? '',
    taskQueue: command.taskQueue || run.taskQueue,
    args: command.arguments ?? [],
    isLocal,
    policy: command.retryPolicy ?? {},
    scheduledAt: now,
    scheduleToCloseMs: scheduleToClose,
    lostAfterMs: Math.min(...limits.map((limit) => limit || Infinity)),
    localRetryThresholdMs: toMs(command.localRetryThreshold) ?? 60_000,
    workflow: { workflowId: run.workflowId, runId: run.runId, type: run.type },
    attempt: command.attempt || 1,
    startedAt: now,
    heartbeat: undefined,
  };
}

const resolved = ({ seq, isLocal }: Order, result: coresdk.activity_result.IActivityResolution): Job => ({
  resolveActivity: { seq, isLocal, result },
});

function resultOf(end: End): unknown {
  switch (end.kind) {
    case 'completed':
      return fromPayload(end.command.result);
    case 'failed':
      throw new WorkflowFailedError(
        'Workflow execution failed',
        fromFailure(end.failure ?? {}),
        'NON_RETRYABLE_FAILURE',
      );
    case 'terminated':
      throw new WorkflowFailedError(
        'Workflow execution terminated',
        new TerminatedFailure(end.reason),
        'NON_RETRYABLE_FAILURE',
      );
    case 'broken':
      throw end.error;
    case 'continued':
      throw new Error('unreachable');
  }
}

function mayStart({ end }: Run, { workflowIdConflictPolicy, workflowIdReusePolicy }: StartOptions): boolean {
  if (end === null) return workflowIdConflictPolicy === 'TERMINATE_EXISTING';
  if (workflowIdReusePolicy === 'REJECT_DUPLICATE') return false;
  return workflowIdReusePolicy !== 'ALLOW_DUPLICATE_FAILED_ONLY' || end.kind !== 'completed';
}

const nameOf = (named: Named): string => (typeof named === 'string' ? named : named.name);

const notFound = (workflowId: string): WorkflowNotFoundError =>
  new WorkflowNotFoundError('workflow not found, or it is over', workflowId, undefined);
